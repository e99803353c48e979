"""Silences, planned work, rehearsals, reports and signs of life against a running engine, as people type them."""

from __future__ import annotations

import getpass
import json
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import COMMAND, PATIENCE, Running, Said, Setting, Site, free_port
from tui_monitor.core.model import Kind

CONFIG = """
board: {{title: Shop board, timezone: Asia/Kolkata}}
engine: {{settle: 0s}}
defaults: {{every: 300ms, timeout: 2s, down_after: 1, up_after: 1, retry_after: 50ms}}
services:
  - {{name: Shop, group: Own, tags: [prod], http: {{url: "{site}"}}}}
  - {{name: Gone, tags: [prod, old], depends_on: [Shop], tcp: {{host: 127.0.0.1, port: {gone}}}}}
  - {{name: Backup, heartbeat: {{period: 1h}}}}
destinations:
  hook: {{webhook: {{url: "{hook}"}}}}
routes: [{{to: [hook], group_wait: 0s}}]
maintenance:
  - {{groups: [Own], cron: "0 3 * * SUN", lasts: 2h, reason: backups}}
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[tuple[Setting, Running]]:
    folder: Path = tmp_path_factory.mktemp("quiet")
    setting = Setting(folder, CONFIG.format(site=site.url, hook=site.url, gone=free_port()))
    with setting.start() as engine:
        engine.until_open()
        setting.until(lambda board: board["incidents"] and board["counts"]["operational"])
        yield setting, engine
        engine.end()


@pytest.fixture
def running(engine: tuple[Setting, Running]) -> Setting:
    return engine[0]


def data(running: Setting, *words: str) -> dict[str, Any]:
    said = running.here(*words, "--json")
    assert said.code == 0, said.err
    found: dict[str, Any] = json.loads(said.out)["data"]
    return found


def service(running: Setting, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in running.ask("status")["services"] if one["id"] == name)
    return found


def refused(said: Said) -> str:
    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    return said.err.removeprefix("tui-monitor: ").strip()


# -- silences -------------------------------------------------------------------------------------------------------


def test_a_silence_is_made_listed_shown_and_lifted(running: Setting) -> None:
    assert running.here("silence").err == "Nothing is silenced.\n"
    made = data(running, "silence", "tag:old", "--for", "90m", "-m", "deploy of [bold]4.2[/]")
    for listed in (running.here("silence").out, running.here("silence", "list").out):
        for word in (made["id"], getpass.getuser(), "[bold]4.2[/]", "1 h "):
            assert word in listed
    (row,) = running.ask("silence")
    assert row.keys() == {"id", "target", "services", "by", "reason", "since", "until"}
    assert (row["services"], row["until"]) == (["gone"], made["until"])
    assert service(running, "gone")["silenced"] is True
    assert "silenced" in running.here("status").out
    lifted = running.here("unsilence", made["id"][:5])
    assert (lifted.code, lifted.err) == (0, "")
    assert running.ask("silence") == []
    assert service(running, "gone")["silenced"] is False


def test_whoever_silences_is_taken_from_the_kernel(running: Setting) -> None:
    made = data(running, "silence", "Gone", "--for", "1h", "-m", "x")
    assert running.ask("silence")[0]["by"] == getpass.getuser()
    running.here("unsilence", made["id"])


def test_a_silence_of_nothing_is_refused_in_one_sentence(running: Setting) -> None:
    assert "did you mean" in refused(running.here("silence", "shpo", "--for", "1h", "-m", "x"))
    assert "no silence has an id" in refused(running.here("unsilence", "zzzz"))
    assert "is not between" in refused(running.here("silence", "Shop", "--for", "20000d", "-m", "x"))


# -- planned work ---------------------------------------------------------------------------------------------------


def test_planned_work_is_read_in_the_zone_of_the_board_and_called_off(running: Setting) -> None:
    made = data(running, "maintenance", "start", "Shop", "--for", "2h", "--at", "tomorrow 03:00", "-m", "new disks")
    begins = datetime.fromisoformat(made["since"])
    assert (begins.hour, begins.minute) == (21, 30)  # of UTC: three o'clock in Kolkata
    assert timedelta(0) < begins - datetime.now(UTC) < timedelta(hours=28)
    listed = running.here("maintenance").out
    assert running.here("maintenance", "list").out == listed
    assert "03:00:00 IST" in next(line for line in listed.splitlines() if made["id"] in line)
    assert "backups" in listed
    (mine,) = [row for row in running.ask("maintenance") if row["source"] == "command"]
    assert mine.keys() >= {"id", "target", "services", "by", "reason", "since", "until", "active", "source", "cron"}
    assert (mine["active"], mine["services"], mine["by"]) == (False, ["shop"], getpass.getuser())
    assert running.here("maintenance", "end", made["id"][:6]).code == 0
    assert [row["source"] for row in running.ask("maintenance")] == ["config"]


def test_work_that_begins_now_is_shown_as_such_until_it_is_ended(running: Setting) -> None:
    made = data(running, "maintenance", "start", "group:Own", "--for", "2h", "-m", "new disks")
    assert service(running, "shop")["status"] == "maintenance"
    assert service(running, "shop")["maintenance"] == made["until"]
    assert running.here("maintenance", "end", made["id"]).code == 0
    running.until(lambda board: board["counts"]["maintenance"] == 0)


@pytest.mark.parametrize(
    ("at", "said"), [("soon", "is not a moment"), ("2020-01-01T00:00Z", "is past"), ("25:00", "there is no time")]
)
def test_work_that_could_not_begin_then_is_bad_usage(running: Setting, at: str, said: str) -> None:
    asked = running.here("maintenance", "start", "Shop", "--for", "2h", "--at", at, "-m", "x")
    assert (asked.code, asked.out) == (2, "")
    assert said in asked.err
    assert asked.err.startswith("tui-monitor: --at: ")


def test_work_of_the_config_is_not_ended_by_a_command(running: Setting) -> None:
    (planned,) = running.ask("maintenance")
    assert "config" in refused(running.here("maintenance", "end", planned["id"]))
    assert running.ask("maintenance") == [planned]


# -- what depends on another ----------------------------------------------------------------------------------------


def test_what_depends_on_something_down_is_marked_and_says_on_what(running: Setting, site: Site) -> None:
    site.status = 500
    board = running.until(lambda board: any(one["suppressed_by"] for one in board["services"]))
    gone = next(one for one in board["services"] if one["id"] == "gone")
    assert gone["suppressed_by"] == "shop"
    said = running.here("status").out
    assert "suppressed" in said
    assert gone["quiet"] in said
    site.status = 200
    running.until(lambda board: not any(one["suppressed_by"] for one in board["services"]))


# -- rehearsals -----------------------------------------------------------------------------------------------------


def test_test_mode_is_switched_and_stands_above_everything(running: Setting) -> None:
    assert running.here("test-mode").out == "test mode is off\n"
    assert running.here("test-mode", "on").code == 0
    assert running.here("test-mode").out == "test mode is on\n"
    assert running.ask("test-mode") == {"test_mode": True}
    assert running.here("status").out.splitlines()[0] == "TEST MODE"
    assert running.here("test-mode", "off").code == 0
    assert "TEST MODE" not in running.here("status").out


def test_a_rehearsal_is_told_as_a_test_and_leaves_nothing(running: Setting, site: Site) -> None:
    assert running.here("simulate").err == "Nothing is simulated.\n"
    before = running.ask("stats")["incidents"]["total"]
    assert running.here("simulate", "Shop", "major").code == 0
    running.until(lambda board: any(one["rehearsal"] for one in board["incidents"]))
    (row,) = running.ask("simulate")
    lasts = datetime.fromisoformat(row["until"]) - datetime.now(UTC)
    assert timedelta(minutes=1) < lasts <= timedelta(minutes=2)
    assert "shop" in running.here("simulate").out
    assert "simulated" in running.here("status").out
    assert "rehearsal" in running.here("incidents").out
    assert running.here("simulate", "shop", "off").code == 0
    running.until(lambda board: not any(one["rehearsal"] for one in board["incidents"]) and not board["deliveries"])
    assert running.ask("simulate") == []
    assert running.ask("stats")["incidents"]["total"] == before
    told = [
        json.dumps(body)
        for body in site.bodies
        if '"rehearsal": true' in json.dumps(body) or "[TEST]" in json.dumps(body)
    ]
    assert told


def test_a_rehearsal_of_nothing_is_refused_in_one_sentence(running: Setting) -> None:
    assert "no service is called" in refused(running.here("simulate", "nobody", "major"))
    assert "there is no rehearsal" in refused(running.here("simulate", "Backup", "off"))
    assert "real incident" in refused(running.here("simulate", "Gone", "operational"))


# -- signs of life --------------------------------------------------------------------------------------------------


def is_backup(status: str, text: str = "") -> Any:
    return lambda board: [
        one
        for one in board["services"]
        if (one["id"], one["status"]) == ("backup", status) and text in one["message"]
    ]


def test_a_job_reports_by_its_exit_code(running: Setting) -> None:
    assert running.here("ping", "Backup").code == 0
    running.until(is_backup("operational"))
    assert running.here("ping", "backup", "--start").code == 0
    assert data(running, "ping", "backup", "--code", "3", "-m", "disk full")["kind"] == "fail"
    running.until(is_backup("major", "disk full"))
    assert running.here("ping", "backup", "--code", "0").code == 0
    running.until(is_backup("operational"))
    assert running.here("ping", "backup", "--fail").code == 0
    running.until(is_backup("major"))
    assert running.here("ping", "backup").code == 0
    assert "takes no signs of life" in refused(running.here("ping", "Shop"))
    assert "no service is called" in refused(running.here("ping", "nobody"))


def piped(running: Setting, text: bytes) -> subprocess.CompletedProcess[bytes]:
    words = [*COMMAND, "ping", "Backup", "--fail", "-m", "-", "-c", str(running.config)]
    return subprocess.run(words, env=running.variables, input=text, capture_output=True, timeout=PATIENCE)


def test_what_a_job_says_on_stdin_is_sent_with_its_end_kept(running: Setting) -> None:
    done = piped(
        running, b"first\n" + b"x" * 200_000 + "\nthe disk is full é \x1b[31m\xff\n".encode("utf-8", "replace")
    )
    assert (done.returncode, done.stderr) == (0, b"The last 5,000 characters of the text are sent.\n")
    running.until(is_backup("major", "the disk is full é [31m"))
    assert piped(running, b"").returncode == 0
    assert running.here("ping", "Backup", "-m", "y" * 9000).code == 0
    running.until(is_backup("operational"))


def test_a_job_learns_that_nobody_heard_it(tmp_path: Path, site: Site) -> None:
    alone = Setting(tmp_path / "alone", CONFIG.format(site=site.url, hook=site.url, gone=1))
    said = alone.here("ping", "Backup")
    alone = "tui-monitor: no engine runs on this state: start one with tui-monitor --no-tui\n"
    assert (said.code, said.out, said.err) == (3, "", alone)


def test_a_ping_starts_quickly_for_it_runs_in_every_job() -> None:
    heavy = "{'httpx', 'pydantic', 'starlette', 'uvicorn', 'yaml', 'rich', 'sqlite3', 'ctypes'}"
    program = "import sys, tui_monitor.cli as c, tui_monitor.cli.pinging, tui_monitor.control.client\n"
    program += f"c.main(['ping', 'x', '-c', '/dev/null/x']); print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([COMMAND[0], "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert found.stdout.strip() == "[]"


# -- the report -----------------------------------------------------------------------------------------------------


def test_a_report_tells_of_the_span_in_the_zone_of_the_board(running: Setting, tmp_path: Path) -> None:
    said = running.here("report", "--since", "1h")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == "# Shop board: report"
    assert lines[2].endswith("IST, 1 h 00 m.")
    assert any(line.startswith("| Gone | 0.00 % |") for line in lines)
    assert any("the connection was refused" in line for line in lines if line.startswith("| 20"))
    written = running.here("report", "--since", "1h", "-o", str(tmp_path / "r.md"))
    assert (written.code, written.out, written.err) == (0, "", f"The report is in {tmp_path / 'r.md'}.\n")
    assert (tmp_path / "r.md").read_text("utf-8").splitlines()[0] == "# Shop board: report"
    found = running.ask("report", "--since", "1h")
    assert found["timezone"] == "Asia/Kolkata"
    assert len(found["incidents"]) == found["counts"]["total"]
    assert found["services"][0].keys() == {"id", "name", "uptime", "downtime"}
    assert found["services"][0]["downtime"] > 0
    assert running.here("report", "--json", "-o", str(tmp_path / "r.json")).code == 0
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["title"] == "Shop board"


def test_a_report_that_cannot_be_written_is_refused_in_one_sentence(running: Setting, tmp_path: Path) -> None:
    said = refused(running.here("report", "-o", str(tmp_path)))
    assert said == f"the report cannot be written to {tmp_path}: Is a directory"


# -- another config, and the end ------------------------------------------------------------------------------------


def test_a_config_is_read_anew_on_request_and_the_difference_is_said(running: Setting) -> None:
    before = running.config.read_text("utf-8")
    running.config.write_text(before.replace("name: Backup", "name: Nightly backup, id: backup"), encoding="utf-8")
    said = running.here("reload")
    assert said.code == 0
    assert said.out.count("\n") == 1
    assert service(running, "backup")["name"] == "Nightly backup"
    running.config.write_text(before.replace("tcp:", "tpc:"), encoding="utf-8")
    assert "the old one stays" in refused(running.here("reload"))
    assert service(running, "gone")["name"] == "Gone"
    running.config.write_text(before, encoding="utf-8")
    assert running.here("reload", "--json").code == 0


def test_what_was_said_about_being_quiet_outlives_the_engine_and_is_read_without_it(
    engine: tuple[Setting, Running],
) -> None:
    """The last: from here on it is another engine, or none."""
    running, process = engine
    made = data(running, "silence", "all", "--for", "2h", "-m", "move")
    assert running.here("test-mode", "on").code == 0
    process.process.send_signal(signal.SIGKILL)
    process.process.wait(PATIENCE)
    said = running.here("silence")
    assert made["id"] in said.out
    assert said.err == "No engine runs on this state; from the store.\n"
    assert running.here("test-mode").out == "test mode is on\n"
    assert [row["source"] for row in json.loads(running.here("maintenance", "--json").out)] == ["config"]
    assert running.here("report").out.startswith("# Shop board: report")
    for words in (("silence", "Shop", "--for", "1h", "-m", "x"), ("reload",), ("simulate", "Shop", "off")):
        assert running.here(*words).code == 3
    assert running.here("maintenance", "start", "Shop", "--for", "1h", "--at", "22:00", "-m", "x").code == 3


def test_the_kinds_of_events_that_these_leave_have_names_for_people() -> None:
    assert {"silenced", "unsilenced", "maintenance", "test-mode", "simulated", "reloaded"} <= {
        kind.value for kind in Kind
    }


JOB = """
engine: {settle: 0s}
services:
  - {name: Backup, heartbeat: {period: 1d}}
"""


def test_a_look_from_the_command_line_knows_the_last_sign_of_life(tmp_path: Path) -> None:
    setting = Setting(tmp_path, JOB)
    assert setting.here("check").code == 1, "nobody has heard of it yet"
    with setting.start() as engine:
        engine.until_open()
        assert setting.here("ping", "Backup").code == 0
        assert engine.end()[0] == 0
    said = setting.here("check", "--json")
    assert (said.code, json.loads(said.out)[0]["status"]) == (0, "operational")
