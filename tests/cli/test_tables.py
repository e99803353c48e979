"""Tables as people see them: on a narrow terminal, in a pipe, with and without colours."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from tests.cli.program import COMMAND, PATIENCE, Setting
from tui_monitor.cli import tables
from tui_monitor.cli.paper import draw, words
from tui_monitor.cli.words import failing_lines, share, statistics_lines
from tui_monitor.core import views
from tui_monitor.core.model import Belief, Incident, Observation, Owing, Reading, Service, Told, VendorUpdate
from tui_monitor.core.quiet import Silence
from tui_monitor.core.status import Status
from tui_monitor.core.window import Scope, Window

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


@pytest.mark.parametrize(
    ("width", "shown"), [(50, set()), (60, {"INCIDENT"}), (80, {"INCIDENT"}), (90, {"INCIDENT", "24H"})]
)
def test_a_narrow_terminal_keeps_what_is_needed_to_act(
    width: int, shown: set[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    head = drawn(capsys, tables.services({"services": [row("A")]}, NOW))[0].split()
    assert set(head) & {"INCIDENT", "24H", "LATENCY"} == shown
    assert head[-1] == "MESSAGE"


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


def test_an_incident_is_listed_under_what_people_call_its_service(capsys: pytest.CaptureFixture[str]) -> None:
    seen = views.incident_view(ILL, (), (), NOW, "Checkout API")
    for shown in ([tables.incidents([seen], UTC)], tables.incident(seen, UTC)):
        assert any("Checkout API" in line for line in drawn(capsys, *shown))


def test_a_rehearsal_is_never_shown_as_an_outage(capsys: pytest.CaptureFixture[str]) -> None:
    seen = views.incident_view(replace(ILL, rehearsal=True), (), (), NOW)
    for shown in ([tables.incidents([seen], UTC)], tables.incident(seen, UTC)):
        assert any("open, rehearsal" in line for line in drawn(capsys, *shown))


def test_an_incident_says_what_keeps_it_quiet_also_where_everybody_was_told_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen = views.incident_view(ILL, (), (Told("hook", ILL.id, Owing.TOLD, said="opened", told_at=NOW),), NOW)
    assert not any(line.startswith("quiet") for line in drawn(capsys, *tables.incident(seen, UTC)))
    seen["quiet"] = "silenced by ann until 12:00: moving house"
    assert "quiet     silenced by ann until 12:00: moving house" in drawn(capsys, *tables.incident(seen, UTC))


def test_what_is_over_is_not_called_coming_or_about_to_end(capsys: pytest.CaptureFixture[str]) -> None:
    window = Window("w", "all services", reason="long past")
    board = drawn(capsys, tables.windows([views.window_view(window, None, (), NOW)], NOW, UTC))
    assert board[1].split()[:2] == ["w", "over"]
    ends = [NOW - timedelta(seconds=5), NOW + timedelta(seconds=5)]
    rows = [views.silence_view(Silence("s", "t", Scope(), NOW, until, "ann"), ()) for until in ends]
    assert [line.split()[3] for line in drawn(capsys, tables.silences(rows, NOW, UTC))[1:]] == ["over", "5"]


def test_an_incident_says_who_is_not_told_of_it_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    told = Told("hook", ILL.id, Owing.TOLD, said="opened", told_at=NOW)
    seen = views.incident_view(ILL, (), (told,), NOW)
    quiet = {"told": False, "reason": "suppressed by Web"}
    seen["why"] = [{"destination": "log", **quiet}, {"destination": "hook", **quiet}]
    lines = drawn(capsys, *tables.incident(seen, UTC))
    assert lines[lines.index("Who is not told") :] == [
        "Who is not told", "DESTINATION WHY", "log         suppressed by Web",
    ]  # fmt: skip
    seen["why"] = [{"destination": "log", "told": True, "reason": "route 1"}]
    assert "Who is not told" not in drawn(capsys, *tables.incident(seen, UTC))


OPENED = {"said": "opened", "told_at": NOW}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            Told("hook", ILL.id, Owing.TOLD, url="https://t.example/812", ref="812", attempts=3, **OPENED),
            ["hook", "told", "opened", "3", "2026-01-02", "00:00:00", "UTC", "https://t.example/812"],
        ),
        (
            Told("hook", ILL.id, Owing.TOLD, ref="812", attempts=1, reason="route 1", **OPENED),
            ["hook", "told", "opened", "1", "2026-01-02", "00:00:00", "UTC", "812", "route", "1"],
        ),
        (
            Told("hook", ILL.id, due_at=NOW + timedelta(seconds=9), attempts=2, error="503", ref="812", **OPENED),
            ["hook", "owed", "opened", "2", "2026-01-02", "00:00:09", "UTC", "812", "503"],
        ),
        (
            Told("hook", ILL.id, Owing.GIVEN_UP, attempts=1, error="403 [/red]", since=NOW, reason="route 1"),
            ["hook", "given-up", "1", "2026-01-02", "00:00:00", "UTC", "403", "[/red]"],
        ),
    ],
)
def test_who_was_told_stands_with_its_state_link_tries_time_and_last_error(
    row: Told, said: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = drawn(capsys, *tables.incident(views.incident_view(ILL, (), (row,), NOW), UTC))
    assert lines[-2].split() == ["ID", "DESTINATION", "STATE", "TOLD", "TRIES", "WHEN", "LINK", "WHY"]
    assert lines[-1].split()[1:] == said
    monkeypatch.setenv("COLUMNS", "80")
    narrow = drawn(capsys, *tables.incident(views.incident_view(ILL, (), (row,), NOW), UTC))
    assert max(map(cell_len, narrow)) <= 80
    assert all(any(part in line for line in narrow) for part in (row.url or row.ref, row.error or row.reason))


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


def test_each_place_that_fails_is_a_sentence_and_the_well_are_none() -> None:
    idle = {"since": None, "error": "", "owed": 0, "waiting": 0}
    well = {"name": "ops", "kind": "slack", "state": "well", **idle}
    lost = {"name": "num\x1b[2Jbers", "kind": "sql", "state": "failing", **idle, "error": "away\x07 [/red]"}
    late = {**lost, "name": "ops", "since": views.moment(NOW - timedelta(minutes=12)), "owed": 3, "waiting": 1}
    assert list(failing_lines([well, lost, late], NOW)) == [
        "Failing: num [2Jbers (sql): away [/red]",
        "Failing: ops (sql) for 12 m, 3 owed, 1 look waits: away [/red]",
    ]


def test_statistics_say_where_there_was_nothing_to_measure() -> None:
    means = {"mean_time_to_acknowledge": None, "mean_time_to_resolve": 90.0}
    found = list(
        statistics_lines(
            {
                "since": "2026-01-01T00:00:00Z",
                "incidents": {"total": 2, "active": 1, "resolved": 1, **means},
                "names": {"a": "A shop", "gone": "Gone"},
                "uptime": {"a": 0.5, "longer": None},
            },
            UTC,
        )
    )
    assert "  mean time to acknowledge nothing to measure" in found
    assert "  mean time to resolve     1 m 30 s" in found
    assert found[-2:] == ["  uptime  A shop  50.00 %", "  uptime  longer  no looks"]


def test_looks_are_counted_since_the_start_of_the_engine_whatever_was_asked() -> None:
    counted = {"total": 0, "active": 0, "resolved": 0, "mean_time_to_acknowledge": None, "mean_time_to_resolve": None}
    asked = {"since": "2026-01-01T00:00:00Z", "incidents": counted, "uptime": {}, "engine": {"looks": 7}}
    assert "  looks made               7 since the engine started" in list(statistics_lines(asked, UTC))


MARKED = {
    "flapping": {"flapping": True},
    "silenced": {"silenced": True},
    "suppressed": {"suppressed_by": "router"},
    "simulated": {"simulated": True},
    "in maintenance": {"maintenance": "2026-01-02T01:00:00Z"},
}


@pytest.mark.parametrize("width", [30, 80, 200])
@pytest.mark.parametrize("mark", MARKED)
def test_why_people_are_not_told_of_a_service_is_a_word_at_every_width(
    mark: str, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    board = {"services": [{**row("API", "major", "503 " * 20), **MARKED[mark]}, row("Web")]}
    lines = drawn(capsys, tables.services(board, NOW))
    assert " ".join(lines).count(mark.split()[-1]) == 1
    assert max(map(cell_len, lines)) <= width
    assert any("API" in line for line in lines)


def test_every_mark_at_once_leaves_room_for_the_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    all_marks = {key: value for mark in MARKED.values() for key, value in mark.items()}
    quiet = {"quiet": "suppressed by Router, which is major"}
    board = {"services": [{**row("Checkout API", "major", "503"), "incident": "7f3a2b1c", **all_marks, **quiet}]}
    lines = drawn(capsys, tables.services(board, NOW))
    assert max(map(cell_len, lines)) <= 80
    assert len(lines) <= 10
    assert "Checkout API" in lines[1]
    assert "7f3a2b1c" in lines[1]


def test_a_service_in_maintenance_is_not_called_so_twice() -> None:
    in_work = {**row("API", "maintenance"), **MARKED["in maintenance"]}
    assert tables.status_now(in_work).plain.count("maintenance") == 1


def test_the_reason_for_telling_nobody_stands_beside_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    quiet = {"quiet": "silenced by ann: deploy [bold]"}
    rows = [{**row("A", "major", "503"), **quiet}, {**row("B", message="200"), **quiet}]
    lines = drawn(capsys, tables.services({"services": rows}, NOW))
    assert lines[1].endswith("503 (silenced by ann: deploy [bold])")
    assert lines[2].endswith("200")


COUNTED = {"counts": {"major": 1, "operational": 3}}


@pytest.mark.parametrize(
    ("board", "said"),
    [
        (COUNTED, ["1 major, 3 operational"]),
        ({**COUNTED, "test_mode": False, "cut_off": None}, ["1 major, 3 operational"]),
        ({**COUNTED, "test_mode": True, "cut_off": None}, ["TEST MODE", "1 major, 3 operational"]),
        (
            {**COUNTED, "test_mode": True, "cut_off": "2026-01-02T03:04:05Z"},
            ["TEST MODE, CUT OFF from the network since 2026-01-02 03:04:05 UTC", "1 major, 3 operational"],
        ),
    ],
)
def test_what_colours_everything_stands_above_the_counts(
    board: dict, said: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert drawn(capsys, *tables.heading(board, UTC)) == said


def silence(**more: object) -> dict:
    kept = {"id": "s1a2b3c4", "target": "group:Own", "services": ["a", "b"], "by": "ann", "reason": "deploy of 4.2"}
    return {**kept, "since": "2026-01-01T23:00:00Z", "until": "2026-01-02T02:00:00Z", **more}


def window(**more: object) -> dict:
    return {**silence(id="m1a2b3c4", active=True, source="command", cron=""), **more}


@pytest.mark.parametrize("width", [30, 80, 200])
def test_lists_of_what_is_quiet_fit_and_say_what_it_takes_to_end_it(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    simulated = {"service": "api", "status": "major", "by": "ann", "until": "2026-01-02T00:02:00Z"}
    long = {"target": "Checkout API of the shop", "reason": "word " * 30}
    for shown, id_ in (
        (tables.silences([silence(), silence(**long)], NOW, UTC), "s1a2b3c4"),
        (tables.windows([window(), window(**long)], NOW, UTC), "m1a2b3c4"),
        (tables.simulations([simulated], NOW, UTC), "api"),
    ):
        lines = drawn(capsys, shown)
        assert max(map(cell_len, lines)) <= width
        assert any(id_ in line for line in lines)


def test_a_silence_says_how_long_it_goes_on_and_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    (line,) = drawn(capsys, tables.silences([silence()], NOW, UTC))[1:]
    assert " ".join(line.split()) == "s1a2b3c4 group:Own 2 2 h 00 m ann deploy of 4.2"


def test_planned_work_is_listed_with_what_runs_first_and_says_when_and_how_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    soon = window(id="soon", active=False, since="2026-01-01T20:00:00Z")
    later = window(id="later", active=False, since="2026-01-05T20:00:00Z", until="2026-01-05T20:30:00Z")
    never = window(id="never", active=False, since=None, until=None)
    rows = [never, later, soon, window(id="now"), {**never, "id": "nor that"}]
    lines = drawn(capsys, tables.windows(rows, NOW, UTC))[1:]
    assert [line.split()[0] for line in lines] == ["now", "soon", "later", "never", "nor"]
    assert " ".join(lines[2].split()) == "later coming group:Own 2026-01-05 20:00:00 UTC 30 m deploy of 4.2"


def test_planned_work_of_the_config_names_its_cron(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [window(source="config", by="", cron="0 3 * * SUN"), window()]
    by_config, by_ann = drawn(capsys, tables.windows(rows, NOW, UTC))[1:]
    assert "config, 0 3 * * SUN" in by_config
    assert " ann " in by_ann


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


def test_what_cannot_be_read_says_how_old_what_is_known_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    unread = Observation("hub", NOW, 0.1, Reading(Status.UNKNOWN, "its page answered 503"))
    standing = views.Standing(read_at=NOW - timedelta(minutes=12))
    row = views.service_view(Service("hub", "GitHub"), Belief("hub", Status.OPERATIONAL), unread, (), standing)
    lines = drawn(capsys, tables.services({"services": [row]}, NOW))
    assert any("its page answered 503; last read 12 m ago" in line for line in lines)
    wordless = replace(unread, reading=Reading(Status.UNKNOWN))  # as a store without an engine has it
    row = views.service_view(Service("hub", "GitHub"), Belief("hub", Status.OPERATIONAL), wordless, (), standing)
    (line,) = [one for one in drawn(capsys, tables.services({"services": [row]}, NOW)) if "last read" in one]
    assert ";" not in line
    broken = Incident("i", "hub", "vendor:1", "no builds", Status.MAJOR, Status.MAJOR, NOW, vendor_ref="1")
    belief = Belief("hub", Status.MAJOR, vendor=(broken,))  # which stands while its page is away
    row = views.service_view(Service("hub", "GitHub"), belief, unread, (), standing)
    lines = drawn(capsys, tables.services({"services": [{**row, "vendor": True}]}, NOW))
    assert any("major" in line and "its page answered 503; last read 12 m ago" in line for line in lines)


def test_what_a_vendor_has_written_is_shown_oldest_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    written = (VendorUpdate("we look", NOW, "investigating"), VendorUpdate("it is\n<b>a fox</b>", None, "identified"))
    seen = replace(ILL, vendor_ref="v1", words="identified, minor", components=("Labels", "Mail"), updates=written)
    lines = drawn(capsys, *tables.incident(views.incident_view(seen, (), (), NOW), UTC))
    text = "\n".join(lines)
    assert re.search(r"in its words +identified, minor", text)
    assert re.search(r"concerns +Labels, Mail", text)
    first, second = (next(n for n, line in enumerate(lines) if one in line) for one in ("we look", "<b>a fox</b>"))
    assert "2026-01-02 00:00:00 UTC" in lines[first]
    assert first < second
