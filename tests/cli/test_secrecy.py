"""What only the config's owner may know reaches no outside place and no log, whichever way it got into the config."""

from __future__ import annotations

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
