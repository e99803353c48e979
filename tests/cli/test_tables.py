"""Tables as people see them: on a narrow terminal, in a pipe, with and without colours."""

from __future__ import annotations

import os
import pty
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from tests.cli.program import COMMAND, PATIENCE, Setting
from tui_monitor.cli import tables
from tui_monitor.cli.paper import draw, words
from tui_monitor.cli.words import share, statistics_lines
from tui_monitor.core import views
from tui_monitor.core.model import Belief, Incident, Service
from tui_monitor.core.status import Status

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def row(name: str, status: str = "operational", message: str = "", failing: str | None = None) -> dict:
    return {
        "name": name,
        "status": status,
        "since": "2026-01-01T23:00:00Z",
        "latency": 0.042,
        "uptime": {"24h": 0.99999},
        "incident": None,
        "message": message,
        "failing": failing,
        "flapping": False,
    }


def drawn(capsys: pytest.CaptureFixture[str], *things: object) -> list[str]:
    draw(*things)
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("width", [10, 30, 50, 80, 200])
def test_no_line_is_wider_than_the_terminal_and_every_name_is_there(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    names = [f"n{number}" for number in range(5)]
    lines = drawn(capsys, tables.services({"services": [row(name, message="word " * 30) for name in names]}, NOW))
    assert max(cell_len(line) for line in lines) <= width
    if width >= 30:
        assert all(any(name in line for line in lines) for name in names)


def test_a_pipe_gets_one_line_for_each_service_however_long(capsys: pytest.CaptureFixture[str]) -> None:
    lines = drawn(capsys, tables.services({"services": [row("A", message="word " * 100), row("B")]}, NOW))
    assert len(lines) == 3
    assert lines[1].count("word") == 100
    assert all(line == line.rstrip() for line in lines)


def test_the_worst_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        row(status, status) for status in ("operational", "unknown", "major", "maintenance", "partial", "degraded")
    ]
    lines = drawn(capsys, tables.services({"services": rows}, NOW))
    assert [line.split()[1] for line in lines[1:]] == list(tables.WORST_FIRST)


def test_what_is_being_made_sure_of_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    lines = drawn(capsys, tables.services({"services": [row("A", message="503", failing="2/3")]}, NOW))
    assert lines[1].endswith("failing 2/3: 503")


ILL = Incident("7f3a", "api", "own:x", "503", Status.MAJOR, Status.MAJOR, NOW - timedelta(hours=1))


@pytest.mark.parametrize("width", [30, 80, 200])
@pytest.mark.parametrize("flapping", [True, False])
def test_flapping_is_a_word_at_every_width(
    flapping: bool, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    incident = replace(ILL, flapping=flapping)
    belief = Belief("api", Status.MAJOR, NOW, incident=incident)
    seen = views.incident_view(incident, (), (), NOW)
    board = {"services": [views.service_view(Service("api", "API"), belief, None)]}
    for shown in ([tables.services(board, NOW)], [tables.incidents([seen], UTC)], tables.incident(seen, UTC)):
        assert any("flapping" in line for line in drawn(capsys, *shown)) is flapping


@pytest.mark.parametrize("width", [60, 80, 200])
def test_what_one_needs_to_act_on_an_incident_is_shown_before_what_is_only_good_to_know(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    ill = {**row("API", "major", "the connection was refused " * 3), "incident": "7f3a2b1c"}
    lines = drawn(capsys, tables.services({"services": [ill]}, NOW))
    assert "7f3a2b1c" in lines[1]
    assert ("42 ms" in lines[1]) is (width == 200)


@pytest.mark.parametrize(
    "text", ["[/red]", "[bold]x", "[link=javascript:x]y[/link]", ":warning:", "\\[x]", "[@click=q]"]
)
def test_text_from_outside_is_never_markup(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert drawn(capsys, words(text)) == [text]


@pytest.mark.parametrize("text", ["a\x1b[2Jb", "a\x9b2Jb", "a\x07b", "a\u202eb", "a\rb", "a\nb"])
def test_text_from_outside_cannot_paint(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = drawn(capsys, words(text))
    assert line.isprintable()


def test_an_uptime_that_is_not_whole_is_never_rounded_up_to_it() -> None:
    assert [share(value) for value in (1.0, 0.999999, 0.5, 0.0, None)] == [
        "100.00 %", "99.99 %", "50.00 %", "0.00 %", "no looks",
    ]  # fmt: skip


def test_statistics_say_where_there_was_nothing_to_measure() -> None:
    means = {"mean_time_to_acknowledge": None, "mean_time_to_resolve": 90.0}
    found = list(
        statistics_lines(
            {
                "since": "2026-01-01T00:00:00Z",
                "incidents": {"total": 2, "active": 1, "resolved": 1, **means},
                "uptime": {"a": 0.5, "longer": None},
            },
            UTC,
        )
    )
    assert "  mean time to acknowledge nothing to measure" in found
    assert "  mean time to resolve     1 m 30 s" in found
    assert found[-2:] == ["  uptime  a       50.00 %", "  uptime  longer  no looks"]


def test_looks_are_counted_since_the_start_of_the_engine_whatever_was_asked() -> None:
    counted = {"total": 0, "active": 0, "resolved": 0, "mean_time_to_acknowledge": None, "mean_time_to_resolve": None}
    asked = {"since": "2026-01-01T00:00:00Z", "incidents": counted, "uptime": {}, "engine": {"looks": 7}}
    assert "  looks made               7 since the engine started" in list(statistics_lines(asked, UTC))


def on_a_terminal(setting: Setting, **environ: str) -> bytes:
    ours, theirs = pty.openpty()
    setting.environ = {"TERM": "xterm-256color", "COLUMNS": "80", **environ}
    with subprocess.Popen(
        [*COMMAND, "check", "-c", str(setting.config)], stdout=theirs, env=setting.variables
    ) as done:
        os.close(theirs)
        seen = b""
        try:
            while part := os.read(ours, 4096):
                seen += part
        except OSError:  # how Linux says that the other side of a terminal is closed
            pass
        done.wait(PATIENCE)
    os.close(ours)
    return seen


def test_a_terminal_gets_colours_unless_somebody_wants_none(setting: Setting) -> None:
    assert b"\x1b[32m" in on_a_terminal(setting)
    plain = on_a_terminal(setting, NO_COLOR="1")
    assert "● operational".encode() in plain
    assert b"\x1b[3" not in plain
    assert b"\x1b" not in on_a_terminal(setting, TERM="dumb")
