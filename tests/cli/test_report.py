"""The report: what it counts, what it leaves out, and that nothing from outside can bend its Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tui_monitor.cli.report import markdown, plain, summarized

PARIS = ZoneInfo("Europe/Paris")
BOARD = {"title": "Shop", "services": [{"id": "api", "name": "API"}, {"id": "web", "name": "Web"}]}
STATS = {
    "at": "2026-01-08T00:00:00Z",
    "since": "2026-01-01T00:00:00Z",
    "incidents": {
        "total": 2, "active": 1, "resolved": 1, "mean_time_to_acknowledge": 250.0, "mean_time_to_resolve": None,
    },
    "uptime": {"api": 1.0, "web": 0.99},
    "downtime": {"api": 0.0, "web": 5400.0},
}  # fmt: skip


def event(kind: str, by: str = "engine") -> dict[str, Any]:
    return {"kind": kind, "by": by}


def told(state: str, error: str = "", destination: str = "ops") -> dict[str, Any]:
    kept = {"id": "d1", "destination": destination, "state": state, "attempts": 3}
    return {**kept, "error": error, "reason": "routes[0]"}


def incident(id_: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "service": "web",
        "title": "503, expected 200",
        "severity": "major",
        "state": "resolved",
        "started_at": "2026-01-02T00:00:00Z",
        "acknowledged_at": None,
        "resolved_at": "2026-01-02T01:00:00Z",
        "resolved_by": "engine",
        "duration": 3600.0,
        "timeline": [event("opened"), event("resolved")],
        "told": [],
        **more,
    }


def summed(*incidents: dict[str, Any]) -> dict[str, Any]:
    return summarized(STATS, incidents, BOARD, "Europe/Paris")


def written(*incidents: dict[str, Any]) -> list[str]:
    return list(markdown(summed(*incidents), PARIS))


def row_of(lines: list[str], word: str) -> list[str]:
    (line,) = [line for line in lines if word in line and line.startswith("|")]
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def test_it_says_which_span_in_the_zone_of_the_board() -> None:
    lines = written()
    assert lines[0] == "# Shop: report"
    assert lines[2] == "From 2026-01-01 01:00:00 CET to 2026-01-08 01:00:00 CET, 7 d 0 h."


def test_it_counts_and_says_where_there_was_nothing_to_measure() -> None:
    lines = written()
    assert "- incidents: 2, of which 1 resolved and 1 open" in lines
    assert "- mean time to acknowledge: 4 m 10 s" in lines
    assert "- mean time to resolve: nothing to measure" in lines


def test_services_come_with_the_worst_first_and_their_time_down() -> None:
    assert [one["id"] for one in summed()["services"]] == ["web", "api"]
    lines = written()
    assert row_of(lines, "Web") == ["Web", "99.00 %", "1 h 30 m"]
    assert row_of(lines, "API") == ["API", "100.00 %", "never"]


def test_a_service_that_nobody_looked_at_comes_last_and_is_not_called_well() -> None:
    stats = {**STATS, "uptime": {"api": None, "web": 1.0}, "downtime": {"api": 0.0, "web": 0.0}}
    data = summarized(stats, [], BOARD, "UTC")
    assert [one["id"] for one in data["services"]] == ["web", "api"]
    assert row_of(list(markdown(data, PARIS)), "API") == ["API", "no looks", ""]


def test_an_engine_that_does_not_count_time_down_is_no_crash() -> None:
    stats = {key: value for key, value in STATS.items() if key != "downtime"}
    data = summarized(stats, [], BOARD, "UTC")
    assert [one["downtime"] for one in data["services"]] == [None, None]
    assert row_of(list(markdown(data, PARIS)), "Web") == ["Web", "99.00 %", ""]


def test_an_incident_is_a_row_with_who_took_it_and_who_ended_it() -> None:
    timeline = [
        event("opened"),
        event("acknowledged", "ann"),
        event("acknowledged", "ben"),
        event("force-resolved", "ben"),
    ]
    lines = written(incident("aa", timeline=timeline, resolved_by="ben"))
    began, lasted, severity, service, what, taken, ended = row_of(lines, "503")
    assert (began, lasted, severity) == ("2026-01-02 01:00:00 CET", "1 h 00 m", "major")
    assert (service, what, taken, ended) == ("Web", "503, expected 200", "ann", "ben")


@pytest.mark.parametrize(
    ("by", "said"), [("engine", "recovered"), ("vendor", "recovered, says the vendor"), ("ann", "ann"), ("", "")]
)
def test_what_nobody_ended_by_hand_recovered(by: str, said: str) -> None:
    assert f"|  | {said} |" in next(line for line in written(incident("aa", resolved_by=by)) if "503" in line)


def test_what_is_open_says_so() -> None:
    lines = written(incident("aa", state="open", resolved_at=None, resolved_by=""))
    assert row_of(lines, "503")[1] == "1 h 00 m, still open"


def test_incidents_stand_as_they_began_and_the_longest_are_named_again() -> None:
    rows = [incident(f"i{n}", started_at=f"2026-01-0{9 - n}T00:00:00Z", duration=float(n * 60)) for n in range(2, 9)]
    data = summed(*rows)
    assert [one["id"] for one in data["incidents"]] == ["i8", "i7", "i6", "i5", "i4", "i3", "i2"]
    assert data["longest"] == ["i8", "i7", "i6", "i5", "i4"]
    assert "1. 8 m: Web, 503, expected 200 (i8, 2026-01-01 01:00:00 CET)" in written(*rows)


def test_rehearsals_are_left_out_of_everything() -> None:
    rehearsed = incident("zz", rehearsal=True, told=[told("given-up", "500")], timeline=[event("flapping")])
    data = summed(rehearsed)
    assert (data["incidents"], data["longest"], data["flapping"], data["failed"]) == ([], [], [], [])
    assert "There was no incident." in written(rehearsed)


def test_what_flapped_most_comes_first() -> None:
    restless = [event("opened"), event("flapping"), event("calmed"), event("flapping")]
    data = summed(incident("aa", service="api", timeline=[event("flapping")]), incident("bb", timeline=restless))
    assert [(one["name"], one["times"]) for one in data["flapping"]] == [("Web", 2), ("API", 1)]
    assert "## Most flapping" not in written()


@pytest.mark.parametrize(
    ("row", "failed"),
    [
        (told("told"), False),
        (told("told", "an old error"), False),
        (told("owed"), False),
        (told("sending", "500"), False),
        (told("owed", "500"), True),
        (told("given-up", "500"), True),
        (told("dropped"), True),
        (told("held"), True),
    ],
)
def test_deliveries_that_did_not_arrive_are_named_with_the_reason(row: dict[str, Any], failed: bool) -> None:
    rows = summed(incident("aa", told=[row]))["failed"]
    assert [(one["destination"], one["incident"]) for one in rows] == [("ops", "aa")] * failed
    lines = written(incident("aa", told=[row]))
    assert ("Everything arrived, or is on its way." in lines) is not failed


def test_a_service_that_is_gone_from_the_config_is_named_by_its_id() -> None:
    assert row_of(written(incident("aa", service="old-api")), "503")[3] == "old-api"


# -- nothing bends it -----------------------------------------------------------------------------------------------

NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- --><b>x</b>",
    "[click](javascript:alert(1))",
    "![x](http://a/b.png)",
    "a | b | c",
    "`code` ``x``",
    "**bold** __bold__ *em* _em_ ~~gone~~",
    "# heading",
    "a\n## heading\n\n| x |",
    "&lt;b&gt; &amp; &#60;",
    "\\| \\",
    "<http://a.example>",
    "[ref]: http://a",
    "- [ ] task",
    "$x$",
    "\x1b[31mred\u202e",
]

RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HARMLESS = {"text", "softbreak", "text_special"}


def inner(lines: list[str]) -> Iterator[Any]:
    for token in RENDERER.parse("\n".join(lines)):
        assert not token.type.startswith("html")
        yield from token.children or ()


def shown(lines: list[str]) -> str:
    return " ".join(one.content for one in inner(lines))


def everywhere(text: str) -> list[str]:
    """A report in which this text stands wherever a text from outside can stand."""
    board = {"title": text, "services": [{"id": "web", "name": text}]}
    timeline = [event("acknowledged", text), event("flapping")]
    one = incident("aa", title=text, timeline=timeline, resolved_by=text, told=[told("given-up", text, text)])
    stats = {**STATS, "uptime": {"web": 0.5}}
    return list(markdown(summarized(stats, [one], board, "UTC"), PARIS))


@pytest.mark.parametrize("text", NASTY)
def test_text_from_outside_is_neither_markup_nor_html(text: str) -> None:
    assert {one.type for one in inner(everywhere(text))} <= HARMLESS


@pytest.mark.parametrize("text", [one for one in NASTY if one.isprintable()])
def test_text_from_outside_reads_as_it_is(text: str) -> None:
    words = "".join(one.content for one in inner([f"x {plain(text)}"]))
    assert words == f"x {' '.join(text.split())}"


@pytest.mark.parametrize("text", NASTY)
def test_the_last_column_of_each_table_holds_what_belongs_there(text: str) -> None:
    tokens = RENDERER.parse("\n".join(everywhere(text)))
    ends = [n for n, token in enumerate(tokens) if token.type == "tr_close" and tokens[n - 3].type == "td_open"]
    last = ["".join(one.content for one in tokens[n - 2].children) for n in ends]
    words = "".join(one.content for one in inner([f"x {plain(text)}"]))[2:]
    assert last == ["1 h 30 m", words, words]


@given(text=st.text(max_size=80))
def test_no_text_breaks_out_of_its_line_or_its_column(text: str) -> None:
    lines = everywhere(text)
    assert {one.type for one in inner(lines)} <= HARMLESS
    tokens = [token.type for token in RENDERER.parse("\n".join(lines))]
    assert tokens.count("table_open") == 3
    assert tokens.count("heading_open") == 6
    assert tokens.count("td_open") == 3 + 7 + 5
