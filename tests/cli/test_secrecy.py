"""What only the config's owner may know reaches no outside place and no log, whichever way it got into the config."""

from __future__ import annotations

import socketserver
import threading
from pathlib import Path

from tests.cli.program import Setting, Site

TOKEN = "tok-hunter22hunter22"
CONFIG = """
engine: {{settle: 0s, log_level: debug}}
defaults: {{every: 300ms, timeout: 2s, down_after: 1, retry_after: 50ms}}
messages: {{opened: "{{name}} at {{url}}: {{message}}"}}
services: [{{name: Shop, http: {{url: "{site}in/${{TOK}}/health?k=${{TOK}}"}}}}]
destinations:
  hook: {{webhook: {{url: "{hook}"}}}}
  files: {{json_files: {{path: told}}}}
  journal: {{log: {{path: told.log}}}}
routes: [{{to: [hook, files, journal], group_wait: 0s}}]
"""


def everyone_was_told(board: dict) -> bool:
    return any(
        len(one["told"]) == 3 and all(row["state"] == "told" for row in one["told"]) for one in board["incidents"]
    )


def test_a_token_in_the_path_of_a_service_is_told_to_nobody(tmp_path: Path, site: Site) -> None:
    ill = Site()
    ill.status = 503
    setting = Setting(tmp_path / "own", CONFIG.format(site=ill.url, hook=site.url), {"TOK": TOKEN})
    with setting.start() as engine:
        engine.until_open()
        setting.until(everyone_was_told)
        shown = setting.here("status").out + setting.here("incidents", "show", setting.ask("incidents")[0]["id"]).out
        code, last, _ = engine.end()
    ill.close()
    files = {path.name: path.read_bytes() for path in setting.folder.rglob("*") if path.is_file()}
    assert code == 0
    assert site.bodies[0]["incidents"][0]["url"] == ill.url.rstrip("/")
    assert f"Shop at {ill.url.rstrip('/')}: 503" in files["told.log"].decode()
    assert any(name.endswith(".json") for name in files)
    assert TOKEN not in repr(site.bodies) + shown + last + engine.narration
    assert [name for name, data in files.items() if TOKEN.encode() in data] == []


REPEATED = """
engine: {{settle: 0s, log_level: debug}}
defaults: {{every: 300ms, timeout: 2s, down_after: 1, retry_after: 50ms}}
services: [{{name: Shop, tcp: {{host: 127.0.0.1, port: {port}, send: "${{TOK}}", expect: never}}}}]
destinations:
  hook: {{webhook: {{url: "{hook}"}}}}
  files: {{json_files: {{path: told}}}}
  journal: {{log: {{path: told.log}}}}
routes: [{{to: [hook, files, journal], group_wait: 0s}}]
"""


class Parrot(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.sendall(b"you said " + self.request.recv(1000))


def test_a_token_that_the_other_side_repeats_is_told_to_nobody(tmp_path: Path, site: Site) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Parrot) as parrot:
        threading.Thread(target=parrot.serve_forever).start()
        config = REPEATED.format(port=parrot.server_address[1], hook=site.url)
        setting = Setting(tmp_path / "own", config, {"TOK": TOKEN})
        looked = setting.here("check").out
        with setting.start() as engine:
            engine.until_open()
            setting.until(everyone_was_told)
            shown = setting.here("status").out + setting.here("status", "--json").out
            shown += setting.here("incidents", "--json").out
            _, last, _ = engine.end()
        parrot.shutdown()
    files = {path.name: path.read_bytes() for path in setting.folder.rglob("*") if path.is_file()}
    assert "it said you said ***" in files["told.log"].decode()
    assert "it said you said ***" in looked
    assert TOKEN not in repr(site.bodies) + looked + shown + last + engine.narration
    assert [name for name, data in files.items() if TOKEN.encode() in data] == []
