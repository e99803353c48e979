"""`vendors`: which names a config may use, found by any word of them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.program import COMMAND, PATIENCE, Setting
from tui_monitor.cli import main
from tui_monitor.config.catalogue import catalogue

KEYS = ["key", "title", "aliases", "category", "kind", "address", "options", "about"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a config nor a terminal is there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)


def test_all_are_listed_without_a_config_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vendors"]) == 0
    out, err = capsys.readouterr()
    heading, *lines = out.splitlines()
    assert heading.split() == ["VENDOR", "TITLE", "CATEGORY", "CHECK", "ADDRESS", "NOTE"]
    assert [line.split()[0] for line in lines] == list(catalogue())
    assert err == ""


def test_a_search_lists_what_fits_and_where_its_page_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vendors", "Google", "Cloud"]) == 0
    (line,) = capsys.readouterr().out.splitlines()[1:]
    assert line.split()[:6] == ["gcp", "Google", "Cloud", "cloud", "google_cloud", "https://status.cloud.google.com"]


def test_what_is_not_there_is_a_sentence_and_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vendors", "nobody\x1b[31m", "at all"]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("tui-monitor: no vendor is known by 'nobody [31m at all': statuspage, feed or json_status")
    assert main(["vendors", "githubb"]) == 1
    assert "no vendor is known by 'githubb'; did you mean 'github'? Otherwise statuspage," in capsys.readouterr().err
    assert main(["vendors", "nobody", "--json"]) == 1
    assert capsys.readouterr() == ("[]\n", "")


def test_scripts_get_every_word_of_an_entry(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vendors", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["key"] for row in rows] == list(catalogue())
    assert all(list(row) == KEYS for row in rows)
    (aws,) = [row for row in rows if row["key"] == "aws"]
    assert aws["address"] == "https://health.aws.amazon.com/health/status"
    assert aws["options"] == {"url": "https://health.aws.amazon.com/public/currentevents"}


def test_a_narrow_terminal_keeps_names_and_checks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["vendors", "github"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["github", "GitHub", "statuspage"]


def test_the_program_itself_lists_them(tmp_path: Path) -> None:
    shown = subprocess.run(
        [*COMMAND, "vendors", "packages"], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE
    )
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "pypi" in shown.stdout


def test_a_config_that_names_vendors_is_validated_by_the_checks_that_they_stand_for(tmp_path: Path) -> None:
    setting = Setting(tmp_path / "own", "services: [{vendor: github}, {vendor: gitlab}]")
    said = setting.here("validate")
    assert said.code == 0
    assert [line.split(" every")[0] for line in said.out.splitlines()] == ["GitHub: statuspage", "GitLab: status_io"]
    assert [row["kind"] for row in setting.ask("validate")["services"]] == ["statuspage", "status_io"]


def test_a_name_that_is_none_is_told_with_its_line_and_the_command(tmp_path: Path) -> None:
    setting = Setting(tmp_path / "own", "services:\n  - vendor: gihub\n")
    said = setting.here("validate")
    assert said.code == 2
    told = "there is no vendor 'gihub'; did you mean 'github'? tui-monitor vendors lists all that are known"
    assert said.err == f"{setting.config}:2:13: services[0].vendor: {told}\n"


INCIDENT = {"id": "i1", "name": "Slow jobs", "status": "investigating", "impact": "major", "incident_updates": []}


class Page(BaseHTTPRequestHandler):
    """A page that is spelt as those of Statuspage are, with one incident."""

    def do_GET(self) -> None:
        parts = [{"id": "a", "name": "Actions", "status": "partial_outage"}]
        status = {"indicator": "minor", "description": "Partly slow"}
        page = {"status": status, "components": parts, "incidents": [INCIDENT], "scheduled_maintenances": []}
        body = json.dumps(page).encode()
        self.send_response(200 if self.path == "/api/v2/summary.json" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def test_a_vendor_is_looked_at_like_any_service(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        setting = Setting(tmp_path / "own", f"services: [{{vendor: {{name: github, url: '{address}'}}}}]")
        said = setting.here("check", "GitHub", "--json")
        server.shutdown()
        thread.join()
    assert said.code == 1
    (row,) = json.loads(said.out)
    assert (row["id"], row["name"], row["status"]) == ("github", "GitHub", "partial")
    assert [(one["ref"], one["title"]) for one in row["incidents"]] == [("i1", "Slow jobs")]
