"""The first minutes: a config to begin with, and configs of other monitors, made, tried and run as people would."""

from __future__ import annotations

import io
import json
import os
import socket
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Said, Setting, free_port
from tui_monitor.cli import main

LEAST = "services: [{name: A, url: http://a.example/}]\n"
"""The least that the ASL monitor takes."""


@dataclass
class Town:
    """A web server whose pages say what they are told to: `/NUMBER` answers with that status."""

    pages: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    heard: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        town = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                status, body = town.pages.get(path) or (int(path.strip("/") or 200), b"ok")
                if path == "/private" and self.headers["X-Probe"] != "yes":
                    status = 401
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                town.posts.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                town.heard.set()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def town() -> Iterator[Town]:
    made = Town()
    yield made
    made.close()


Call = Callable[..., Said]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Call:
    """The program, called in a folder of its own."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def said(*words: str) -> Said:
        capfdbinary.readouterr()
        hook = sys.excepthook
        try:
            code = main(list(words))
        finally:
            sys.excepthook = hook
        out, err = capfdbinary.readouterr()
        return Said(code, out.decode(), err.decode())

    return said


def kept(name: str = "config.yaml") -> Path:
    return Path(name)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def seen(call: Call, config: str) -> dict[str, tuple[str, str]]:
    """Status and message of each service, looked at once."""
    said = call("check", "--json", "-c", config)
    return {row["name"]: (row["status"], row["message"]) for row in json.loads(said.out)}


# -- init -----------------------------------------------------------------------------------------------------------


def test_a_starter_is_right_and_well_at_once_and_three_steps_are_told(call: Call):
    said = call("init")
    assert (said.code, said.out) == (0, "")
    steps = said.err.splitlines()
    assert steps[0] == "config.yaml is written: it watches this machine, and you can run it as it is."
    assert [step[:2] for step in steps[1:]] == ["1.", "2.", "3."]
    assert mode_of(kept()) == 0o600
    assert call("validate").code == 0
    checked = call("check")
    assert checked.code == 0, checked
    assert "Disk" in checked.out


def test_a_starter_goes_where_it_is_told_to(call: Call, monkeypatch: pytest.MonkeyPatch):
    assert call("init", "mine.yaml").code == 0
    assert call("-c", "other one.yaml", "init").err.count("-c 'other one.yaml'") == 3
    assert call("init", "-c", "same.yaml", "same.yaml").code == 0
    monkeypatch.setenv("TUI_MONITOR_CONFIG", "named.yaml")
    assert call("init").code == 0
    texts = {kept(name).read_text() for name in ("mine.yaml", "other one.yaml", "same.yaml", "named.yaml")}
    assert len(texts) == 1
    assert call("init", "-c", "a.yaml", "b.yaml").code == 2
    assert not kept("a.yaml").exists()


def test_nothing_is_written_over_unless_that_is_wanted(call: Call):
    kept().write_text("mine")
    kept().chmod(0o644)
    said = call("init")
    assert (said.code, said.out) == (1, "")
    assert (
        said.err
        == "tui-monitor: config.yaml is there already, and stays as it is: name another file, or say --force\n"
    )
    assert kept().read_text() == "mine"
    assert call("init", "--force").code == 0
    assert "services:" in kept().read_text()
    assert mode_of(kept()) == 0o600
    assert os.listdir() == ["config.yaml"]


@pytest.mark.parametrize("target", ["folder", "folder/none/config.yaml", "broken"])
def test_a_place_that_cannot_be_written_is_told_in_one_sentence(call: Call, target: str):
    kept("folder").mkdir()
    kept("broken").symlink_to("nowhere")
    said = call("init", target)
    assert said.code == 1
    assert said.err.startswith(f"tui-monitor: {target} ")
    assert said.err.count("\n") == 1
    assert not kept("nowhere").exists()


def test_a_starter_may_be_printed_and_then_nothing_is_written(call: Call):
    said = call("init", "-")
    assert (said.code, said.err, kept().exists()) == (0, "", False)
    assert json.loads(call("init", "-", "--json").out) == {"file": None, "config": said.out}
    assert not kept().exists()
    kept().write_text(said.out)
    assert call("validate").code == 0


def test_a_starter_for_scripts_is_one_document(call: Call):
    document = json.loads(call("init", "--json").out)
    assert document == {"file": "config.yaml", "config": kept().read_text()}


# -- import: words and files ----------------------------------------------------------------------------------------


def test_an_import_prints_the_config_and_tells_beside_it_what_is_missing(call: Call):
    kept("asl.yaml").write_text(LEAST + "paging: {channel: '#a'}\n")
    said = call("import", "asl", "asl.yaml")
    assert said.code == 0
    assert said.out.startswith("# Made by tui-monitor from asl.yaml")
    assert said.err.splitlines()[0] == "asl.yaml:2: paging ({channel: #a}): the ASL monitor has no such option"
    assert "1 thing could not be carried over as written" in said.err
    assert os.listdir() == ["asl.yaml"]


def test_an_import_is_written_with_its_next_steps_and_never_over_anything(call: Call):
    kept("asl.yaml").write_text(LEAST)
    said = call("import", "asl", "asl.yaml", "-o", "config.yaml")
    assert (said.code, said.out) == (0, "")
    assert "Everything was carried over." in said.err
    assert "3. Run it: tui-monitor, which shows the board; with --no-tui it runs without one." in said.err
    assert call("validate").code == 0
    before = kept().read_text()
    again = call("import", "asl", "asl.yaml", "-o", "config.yaml")
    assert (again.code, kept().read_text()) == (1, before)
    kept().write_text("mine")
    assert call("import", "asl", "asl.yaml", "-c", "config.yaml", "--force").code == 0
    assert kept().read_text() == before


def test_what_holds_secrets_is_for_its_owner_alone(call: Call):
    kept("plain.yaml").write_text(LEAST)
    kept("secret.yaml").write_text(LEAST.replace("http://", "http://me:pass@"))
    kept("one").write_text("old")
    kept("one").chmod(0o644)
    before = os.umask(0o022)
    try:
        call("import", "asl", "plain.yaml", "-o", "plain")
        call("import", "asl", "secret.yaml", "-o", "secret")
        call("import", "asl", "secret.yaml", "-o", "one", "--force")
    finally:
        os.umask(before)
    assert [mode_of(kept(name)) for name in ("plain", "secret", "one")] == [0o644, 0o600, 0o600]


def test_an_import_for_scripts_is_one_document(call: Call):
    kept("asl.yaml").write_text(LEAST + "extra: 1\n")
    document = json.loads(call("import", "asl", "asl.yaml", "--json").out)
    assert document.keys() == {"file", "config", "services", "destinations", "needs", "left"}
    assert (document["file"], document["services"], document["needs"]) == (None, 1, [])
    assert document["left"] == [
        {"file": "asl.yaml", "line": 2, "path": "extra", "text": "the ASL monitor has no such option"}
    ]
    written = json.loads(call("import", "asl", "asl.yaml", "--json", "-o", "out.yaml").out)
    assert written["file"] == "out.yaml"
    assert kept("out.yaml").read_text() == written["config"] == document["config"]


def test_a_source_may_come_in_on_stdin(call: Call, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LEAST.encode() + b"extra: 1\n")))
    said = call("import", "asl", "-", "-o", "-")
    assert (said.code, said.err.splitlines()[0]) == (0, "stdin:2: extra (1): the ASL monitor has no such option")
    assert "name: A" in said.out


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("gatsu", "x"), 2, "tui-monitor: there is no format 'gatsu'; did you mean gatus?"),
        (("nagios", "x"), 2, "tui-monitor: there is no format 'nagios'; there are cachet-url-monitor, asl, server-"),
        (("asl",), 2, "tui-monitor: the following arguments are required: SOURCE"),
        (("asl", "none.yaml"), 2, "none.yaml: cannot be read: no such file or directory"),
        (("asl", "."), 2, ".: this is a folder: name the config file in it"),
        (("asl", "bad\0name"), 2, "bad name: cannot be read: there can be no such file"),
        (("asl", "tab.yaml"), 2, "tab.yaml:2:1: not YAML: a tab is used to indent; YAML wants blanks"),
        (("asl", "empty.yaml"), 2, "empty.yaml:1:1: is empty"),
        (("gatus", "none-left.yaml"), 2, "none-left.yaml: there is nothing in it that could be looked at here"),
        (("asl", "asl.yaml", "-o", "a", "-c", "b"), 2, "tui-monitor: two files are named, a and b: name one"),
        (("asl", "asl.yaml", "-o", "asl.yaml"), 1, "tui-monitor: asl.yaml is there already"),
        (("asl", "asl.yaml", "-o", "none/x"), 1, "tui-monitor: none/x cannot be written: no such file or directory"),
    ],
)  # fmt: skip
def test_whatever_cannot_be_is_told_in_sentences(call: Call, words: tuple[str, ...], code: int, sentence: str):
    kept("asl.yaml").write_text(LEAST)
    kept("tab.yaml").write_text("services:\n\t- a\n")
    kept("empty.yaml").write_text("")
    kept("none-left.yaml").write_text("endpoints: [{name: A, url: 'udp://a.example:1'}]")
    said = call("import", *words)
    assert (said.code, said.out) == (code, "")
    assert said.err.startswith(sentence)
    assert "Traceback" not in said.err


def test_an_import_is_utf_8_whatever_the_terminal_is_set_to(tmp_path: Path):
    setting = Setting(tmp_path, "", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"})
    (tmp_path / "asl.yaml").write_text("services: [{name: Bücher ☃, url: http://a.example}]", encoding="utf-8")
    said = setting.call("import", "asl", "asl.yaml", config=False)
    assert said.returncode == 0, said.stderr
    assert "name: Bücher ☃" in said.stdout


# -- import: from another monitor to looks that mean the same -------------------------------------------------------


def imported(call: Call, form: str, source: str, *words: str) -> str:
    """Import a source as people do; the text of the config, which `validate` takes."""
    kept("theirs.yaml").write_text(source)
    said = call("import", form, "theirs.yaml", "-o", "config.yaml", *words)
    assert said.code == 0, said.err
    checked = call("validate")
    assert checked.code == 0, checked.err
    return kept().read_text()


def test_from_cachet_url_monitor(call: Call, town: Town):
    town.pages["/page"] = (200, b"a\n<main>b")
    town.pages["/late"] = (200, b"not ok")
    town.pages["/private"] = (200, b"in")
    rows = {
        "last of the range": ("/205", "{type: HTTP_STATUS, status_range: 200-206, incident: MAJOR}"),
        "end of the range": ("/206", "{type: HTTP_STATUS, status_range: 200-206, incident: MAJOR}"),
        "one alone": ("/204", "{type: HTTP_STATUS, status_range: 204}"),
        "one beside": ("/205", "{type: HTTP_STATUS, status_range: 204}"),
        "any status": ("/503", "{type: LATENCY, threshold: 20}"),
        "too slow": ("/200", "{type: LATENCY, threshold: 0.000001}"),
        "found": ("/page", "{type: REGEX, regex: '.*<main>'}"),
        "not at the beginning": ("/late", "{type: REGEX, regex: 'ok'}"),
    }
    endpoints = "".join(
        f"  - {{name: {name}, url: '{town.url}{path}', timeout: 5, frequency: 30, expectation: [{one}]}}\n"
        for name, (path, one) in rows.items()
    )
    endpoints += (
        f"  - {{name: with a header, url: '{town.url}/private', header: {{X-Probe: 'yes'}}, timeout: 5, expectation: "
        "[{type: HTTP_STATUS, status_range: 200-300}]}\n"
        f"  - {{name: nobody there, url: 'http://127.0.0.1:{free_port()}/', timeout: 5, expectation: "
        "[{type: HTTP_STATUS, status_range: 200-300, incident: MAJOR}]}\n"
    )
    imported(
        call, "cachet-url-monitor", f"endpoints:\n{endpoints}cachet: {{api_url: 'http://a.example', token: t}}\n"
    )
    assert {name: status for name, (status, _) in seen(call, "config.yaml").items()} == {
        "last of the range": "operational",
        "end of the range": "major",
        "one alone": "operational",
        "one beside": "partial",
        "any status": "operational",
        "too slow": "degraded",
        "found": "operational",
        "not at the beginning": "partial",
        "with a header": "operational",
        "nobody there": "partial",
    }


def test_webhooks_of_cachet_url_monitor_are_called_as_they_were(call: Call, town: Town, tmp_path: Path):
    source = f"""\
endpoints:
  - name: Shop & Co
    url: "{town.url}/503"
    timeout: 5
    frequency: 30
    action: [CREATE_INCIDENT]
    expectation: [{{type: HTTP_STATUS, status_range: 200-300, incident: MAJOR}}]
webhooks:
  - {{url: "{town.url}/push/{{title}}?token=t", params: {{title: "{{title}}", text: "{{message}}", priority: 5}}}}
messages: {{incident_outage: "{{name}} is gone"}}
"""
    text = imported(call, "cachet-url-monitor", source)
    setting = Setting(
        tmp_path / "run", text.replace("to: [webhook]", "to: [webhook], group_wait: 0s") + "engine: {settle: 0s}\n"
    )
    with setting.start() as engine:
        assert town.heard.wait(60), engine.narration
        engine.end()
    (path, headers, body), *_ = town.posts
    assert path == (
        "/push/Shop%20%26%20Co%20is%20gone?token=t&title=Shop%20%26%20Co%20is%20gone&text=503%2C%20expected%20200-299"
        "&priority=5"
    )
    assert body == b""
    assert "content-type" not in headers


def test_from_asl(call: Call, town: Town):
    source = f"""\
services:
  - {{name: as expected, url: "{town.url}/204", method: GET, expected_status: 204, timeout: 5, critical: false}}
  - {{name: another one, url: "{town.url}/205", method: GET, expected_status: 204, timeout: 5}}
  - {{name: usual, url: "{town.url}/200"}}
monitoring: {{check_interval: 20, failure_threshold: 2, default_timeout: 10}}
logging: {{level: INFO, file: logs/monitoring.log, incidents_dir: incidents}}
"""
    imported(call, "asl", source)
    assert {name: status for name, (status, _) in seen(call, "config.yaml").items()} == {
        "as expected": "operational",
        "another one": "major",
        "usual": "operational",
    }
    found = {one["name"]: one for one in json.loads(call("validate", "--json").out)["services"]}
    assert found["usual"]["every"] == 20.0


def test_from_server_status_check_until_the_chat_hears_of_it(call: Call, town: Town, tmp_path: Path):
    now = datetime.now(UTC)
    fresh, stale = (json.dumps({"computed_time": (now - timedelta(minutes=age)).isoformat()}) for age in (14, 16))
    town.pages |= {"/fresh": (200, fresh.encode()), "/stale": (200, stale.encode())}
    source = f"""\
servers:
  NEW: {{name: NEW, adress: "{town.url}/fresh", notification: true, notification_treshold: 15, msg_interval: 5}}
  OLD: {{name: OLD, adress: "{town.url}/stale", notification: true, notification_treshold: 15, msg_interval: 5}}
credentials:
  ROCKETCHAT: {{webhook: "{town.url}/hooks/a/b", headers: {{content-type: application/json, X-From: monitor}}}}
main: {{checkup_interval: 60}}
"""
    text = imported(call, "server-status-check", source)
    found = seen(call, "config.yaml")
    assert {name: status for name, (status, _) in found.items()} == {"NEW": "operational", "OLD": "major"}
    assert "over 15 m" in found["OLD"][1]
    at_once = text.replace("remind_every: 5m", "remind_every: 5m, group_wait: 0s")
    assert at_once != text
    setting = Setting(tmp_path / "run", f"{at_once}engine: {{settle: 0s}}\n")
    with setting.start() as engine:
        assert town.heard.wait(60), engine.narration
        engine.end()
    (path, headers, body), *_ = town.posts
    assert path == "/hooks/a/b"
    assert (headers["content-type"], headers["x-from"]) == ("application/json", "monitor")
    assert json.loads(body).keys() == {"text", "attachments"}
    assert "OLD is major" in json.loads(body)["text"]


def test_from_gatus(call: Call, town: Town, monkeypatch: pytest.MonkeyPatch):
    town.pages |= {"/json": (200, b'{"status": "UP", "data": [{"id": 1}]}'), "/text": (200, b"<h1>It works</h1>")}
    with socket.create_server(("127.0.0.1", 0)) as listening:
        endpoints: dict[str, tuple[str, list[str]]] = {
            "equal": ("/200", ["[STATUS] == 200"]),
            "below": ("/299", ["[STATUS] < 300"]),
            "not below": ("/300", ["[STATUS] < 300"]),
            "any of": ("/429", ["[STATUS] == any(200, 429)"]),
            "none of": ("/404", ["[STATUS] == any(200, 429)"]),
            "json": (
                "/json",
                ["[STATUS] == 200", "[BODY].status == UP", "[BODY].data[0].id == 1", "len([BODY].data) < 2"],
            ),
            "other json": ("/json", ["[BODY].status == DOWN"]),
            "pattern": ("/text", ["[BODY] == pat(*<h1>It works</h1>*)"]),
            "other pattern": ("/text", ["[BODY] == pat(*it works*)"]),
            "slow": ("/200", ["[RESPONSE_TIME] < 20000"]),
        }
        rows: list[dict[str, Any]] = [
            {"name": name, "group": "pages", "url": f"http://127.0.0.1:${{PORT}}{path}", "conditions": conditions}
            for name, (path, conditions) in endpoints.items()
        ]
        port = listening.getsockname()[1]
        rows.append({"name": "port", "url": f"tcp://127.0.0.1:{port}", "conditions": ["[CONNECTED] == true"]})
        rows.append({"name": "shut", "url": f"tcp://127.0.0.1:{free_port()}", "conditions": ["[CONNECTED] == true"]})
        monkeypatch.setenv("PORT", str(town.port))
        imported(call, "gatus", json.dumps({"endpoints": rows}))
        found = {name: status for name, (status, _) in seen(call, "config.yaml").items()}
    assert found == {
        "equal": "operational",
        "below": "operational",
        "not below": "major",
        "any of": "operational",
        "none of": "major",
        "json": "operational",
        "other json": "major",
        "pattern": "operational",
        "other pattern": "major",
        "slow": "operational",
        "port": "operational",
        "shut": "major",
    }


def test_variables_that_are_missing_are_named_and_a_file_beside_the_config_gives_them(call: Call, town: Town):
    kept("theirs.yaml").write_text(
        f"endpoints: [{{name: A, url: 'http://127.0.0.1:{town.port}/${{PAGE}}', conditions: ['[STATUS] == 204']}}]"
    )
    said = call("import", "gatus", "theirs.yaml", "-o", "config.yaml")
    assert said.code == 0
    assert "It needs variables that are not set: PAGE." in said.err
    assert call("validate").code == 2
    kept(".env").write_text("PAGE=204\n")
    assert call("check").code == 0
