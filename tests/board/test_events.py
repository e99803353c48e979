"""The log of what happens: in words, cut to the pane, each event with a key of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.board.stage import T0, incident, row
from tui_monitor.board.draw.event import MOST_SHOWN, event_rows, incident_of
from tui_monitor.board.glyphs import ASCII, UNICODE
from tui_monitor.board.ink import Row, plain, texts, width_of
from tui_monitor.board.state import Board
from tui_monitor.core.model import Event, Kind
from tui_monitor.core.status import Status
from tui_monitor.core.views import event_view

ROW = row("Checkout API", "major")
BOARD = Board(services={"checkout-api": ROW}, incidents={"8f2a1c9d": incident("8f2a1c9d", "checkout-api")})


def event(kind: Kind, text: str = "", *, n: int = 1, after: float = 0.0, **other: Any) -> dict[str, Any]:
    """An event of the incident of the checkout, so many seconds later."""
    made = {"by": "engine", "service": "checkout-api", "status": Status.MAJOR, "subject": "8f2a1c9d", **other}
    at = T0 + timedelta(seconds=after)
    return event_view(Event(n=n, kind=kind, at=at, text=text, **made))


def of_board(kind: Kind, text: str, *, n: int = 1, by: str = "engine", after: float = 0.0) -> dict[str, Any]:
    return event(kind, text, n=n, by=by, after=after, service="", status=None, subject="board")


def drawn(*events: dict[str, Any], width: int = 80, ascii: bool = False, now: datetime = T0) -> list[Row]:
    return event_rows(events, BOARD, width, UTC, now, ASCII if ascii else UNICODE)


def test_an_incident_is_told_from_its_beginning_to_its_end() -> None:
    rows = drawn(
        event(Kind.OPENED, "503, expected 200-204"),
        event(Kind.WORSENED, "the connection was refused", n=2, after=60),
        event(Kind.ACKNOWLEDGED, "rolling back", n=3, after=120, by="mia"),
        event(Kind.RESOLVED, "well again", n=4, after=720, status=Status.OPERATIONAL),
    )
    assert texts(rows).splitlines() == [
        "12:00:00 ✖ Checkout API opened: 503, expected 200-204",
        "12:01:00 ✖ Checkout API worse, now major: the connection was refused",
        "12:02:00 ✖ Checkout API acknowledged by mia: rolling back",
        "12:12:00 ● Checkout API resolved after 12m: well again",
    ]


def test_a_suspect_points_elsewhere_and_is_said_in_the_words_of_the_engine() -> None:
    rows = drawn(event(Kind.SUSPECTED, "suspect: GitHub (Incident with Actions, partial)"))
    assert texts(rows) == "12:00:00 → Checkout API suspect: GitHub (Incident with Actions, partial)"
    assert drawn(event(Kind.SUSPECTED, "suspect: GitHub"), ascii=True)[0].line[1][0] == ">"


def test_a_narrow_pane_breaks_the_line_and_begins_the_next_one_further_in() -> None:
    rows = drawn(event(Kind.OPENED, "503, expected 200-204"), width=34)
    assert texts(rows).splitlines() == ["12:00 ✖ Checkout API opened: 503,", "        expected 200-204"]
    assert [bool(one.key) for one in rows] == [True, False]


def test_a_long_text_is_cut_to_three_lines_and_says_that_there_is_more() -> None:
    rows = drawn(event(Kind.UPDATED, "word " * 2000, by="mia"), width=40)
    assert len(rows) == 3
    assert plain(rows[-1].line).endswith("…")


def test_a_delivery_is_muted_and_takes_one_line() -> None:
    told = of_board(Kind.TOLD, "Slack told: Checkout API is major: 503, expected 200-204", by="Slack")
    rows = drawn(told, width=40)
    assert texts(rows) == "12:00 → Slack told: Checkout API is maj…"
    assert {style for _, style in rows[0].line} == {"muted"}


def test_who_was_told_the_same_at_once_stands_in_one_line() -> None:
    rows = drawn(
        of_board(Kind.TOLD, "log told: Web is major", by="log"),
        of_board(Kind.TOLD, "chat told: Mail is major", by="chat", n=2),
        of_board(Kind.TOLD, "chat told: Web is major", by="chat", n=3),
        event(Kind.NOTED, "hm", by="mia"),
        of_board(Kind.TOLD, "late told: Web is major", by="late", n=4),
    )
    assert texts(rows).splitlines() == [
        "12:00:00 → log, chat told: Web is major",
        "12:00:00 → chat told: Mail is major",
        "12:00:00 ✖ Checkout API note by mia: hm",
        "12:00:00 → late told: Web is major",
    ]
    assert [one.key for one in rows] == ["board.1", "board.2", "8f2a1c9d.1", "board.4"]


def test_a_delivery_that_was_given_up_is_not_overlooked() -> None:
    rows = drawn(of_board(Kind.GAVE_UP, "gave up telling tickets: Mail relay is major", by="tickets"))
    assert texts(rows) == "12:00:00 ✗ gave up telling tickets: Mail relay is major"
    assert rows[0].line[-1][1] == "bad"


def test_what_somebody_does_to_the_board_names_them() -> None:
    rows = drawn(of_board(Kind.SILENCED, "Newsletter: silenced until 17:19", by="mia"))
    assert texts(rows) == "12:00:00 ⊘ Newsletter: silenced until 17:19 (mia)"


def test_what_was_pushed_by_hand_names_its_author_once() -> None:
    rows = drawn(of_board(Kind.PUSHED, "Web: update sent to chat by mia", by="mia"))
    assert texts(rows) == "12:00:00 → Web: update sent to chat by mia"


def test_every_event_has_a_key_of_its_own_that_names_its_incident() -> None:
    noted, started = event(Kind.NOTED, "hm", n=2, by="mia"), of_board(Kind.STARTED, "watching")
    rows = drawn(event(Kind.OPENED, "503"), noted, started)
    assert len({one.key for one in rows}) == 3
    assert [incident_of(one.key) for one in rows] == ["8f2a1c9d", "8f2a1c9d", ""]


def test_a_line_stands_between_two_days() -> None:
    rows = drawn(event(Kind.OPENED, "503", after=-86400.0), event(Kind.NOTED, "hm", n=2, by="mia"), width=30)
    assert [plain(one.line)[:17] for one in rows if one.key or "─" in plain(one.line)] == [
        "── Thu 2026-11-19",
        "12:00 ✖ Checkout ",
        "── Fri 2026-11-20",
        "12:00 ✖ Checkout ",
    ]


def test_of_a_day_that_is_today_no_line_is_made() -> None:
    assert len(drawn(event(Kind.OPENED, "503"))) == 1


def test_a_service_that_nobody_watches_any_more_keeps_its_id() -> None:
    gone = event(Kind.RESOLVED, "no longer watched", service="old-one", subject="zzzzzzzz", by="config")
    assert "old-one resolved: no longer watched" in texts(drawn(gone))


def test_only_the_newest_events_are_drawn() -> None:
    many = [event(Kind.NOTED, "x", n=n, by="mia") for n in range(MOST_SHOWN + 50)]
    rows = drawn(*many)
    assert len(rows) == MOST_SHOWN
    assert rows[-1].key == f"8f2a1c9d.{MOST_SHOWN + 49}"


def test_without_unicode_every_sign_of_ours_is_ascii() -> None:
    rows = drawn(
        event(Kind.OPENED, "503", after=-86400.0),
        of_board(Kind.TOLD, "a told: b " * 20, by="a"),
        of_board(Kind.MAINTENANCE, "w", n=2),
        width=40,
        ascii=True,
    )
    assert texts(rows).replace("…", "~").isascii()


@given(
    st.lists(
        st.builds(
            event,
            st.sampled_from(list(Kind)),
            st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp")), max_size=300),
            n=st.integers(1, 99),
            by=st.sampled_from(["engine", "mia", "日本語の人"]),
            service=st.sampled_from(["", "checkout-api", "x" * 60]),
            status=st.sampled_from([None, *Status]),
        ),
        max_size=5,
    ),
    st.integers(10, 130),
)
def test_no_line_of_the_log_is_wider_than_its_pane(events: list[dict[str, Any]], width: int) -> None:
    for one in drawn(*events, width=width):
        assert width_of(one.line) <= width
        assert "\n" not in plain(one.line)
