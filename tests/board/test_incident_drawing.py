"""The page of an incident as text: everything is there, whatever the width and whatever was written."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.board.stage import T0, incident
from tests.board.vendors import its_incident, suspects
from tui_monitor.board.draw.incident import Sight, incident_rows, incident_text
from tui_monitor.board.glyphs import ASCII, UNICODE
from tui_monitor.board.ink import plain, texts, width_of
from tui_monitor.core.model import Event, Kind, Owing, Told
from tui_monitor.core.status import Status

NOW = T0 + timedelta(minutes=5)
READABLE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp", "Mn", "Me")), max_size=400
)


def happened(
    kind: Kind, text: str = "", *, n: int = 2, after: float = 0.0, by: str = "engine", **other: Any
) -> Event:
    made = {"service": "checkout-api", "status": Status.MAJOR, **other}
    return Event("8f2a1c9d", n, kind, T0 + timedelta(seconds=after), by, text, **made)


OPENED = happened(Kind.OPENED, "503, expected 200-204", n=1)
ACKNOWLEDGED = happened(Kind.ACKNOWLEDGED, "rolling back", n=3, after=60, by="mia")


def told(destination: str, state: Owing = Owing.TOLD, **other: Any) -> Told:
    made: dict[str, Any] = {"reason": "route 1: severity >=degraded", **other}
    if state is Owing.TOLD:
        made = {"told_at": T0, "said": "opened", "attempts": 1, **made}
    return Told(destination, "8f2a1c9d", state, **made)


def page(view: dict[str, Any], width: int = 80, *, ascii: bool = False) -> str:
    return texts(incident_rows(view, Sight(width, UTC, NOW, ASCII if ascii else UNICODE)))


def one(*events: Event, rows: tuple[Told, ...] = (), **other: Any) -> dict[str, Any]:
    named = {"name": "Checkout API", **other}
    return incident("8f2a1c9d", "checkout-api", events=(OPENED, *events), told=rows, **named)


def test_the_head_says_what_it_is_and_how_long_it_lasts() -> None:
    lines = page(one(flapping=True, quiet="suppressed by Edge router, which is major")).splitlines()
    assert lines[0].startswith(" ✖ Checkout API  major") and lines[0].endswith(" 8f2a1c9d")
    assert lines[1:8] == [
        "   503, expected 200-204",
        "",
        " state     open, flapping",
        " started   2026-11-20 11:48:00 UTC",
        " lasts     17m",
        " quiet     ⊘ suppressed by Edge router, which is major",
        "",
    ]


def test_what_is_over_says_when_and_by_whom_and_lasts_no_longer() -> None:
    ended = {"state": "resolved", "status": "operational", "resolved_at": T0.isoformat(), "resolved_by": "engine"}
    text = page({**one(), **ended})
    assert " ended     2026-11-20 12:00:00 UTC by engine" in text
    assert " lasted    12m" in text
    assert " at worst  major" in text


def test_who_is_on_it_stands_with_the_state() -> None:
    taken = {"state": "acknowledged", "by": "mia", "acknowledged_at": (T0 + timedelta(minutes=1)).isoformat()}
    assert " state     acknowledged by mia, 4m ago" in page({**one(ACKNOWLEDGED), **taken})


def test_a_rehearsal_is_called_one() -> None:
    assert " state     open, rehearsal" in page(one(rehearsal=True))


def test_notes_stand_at_the_top_and_in_the_timeline_too() -> None:
    text = page(one(ACKNOWLEDGED, happened(Kind.NOTED, "second", n=4, after=90, by="tom")))
    notes, story = text.split("What happened")
    assert notes.index("tom: second") < notes.index("mia: rolling back")
    assert " 12:01:00 ✖ acknowledged by mia: rolling back" in story.splitlines()


def test_a_line_break_in_a_note_stays_one() -> None:
    text = page(one(happened(Kind.NOTED, "first line\n\nsecond line", by="mia")))
    assert " 12:00:00 ✖ note by mia: first line\n            second line" in text


def test_an_update_says_whom_it_was_for() -> None:
    update = happened(Kind.UPDATED, "back at noon", by="mia", to=("chat", "mail"))
    assert "updated by mia to chat, mail: back at noon" in page(one(update))


def test_who_was_told_stands_with_its_link_and_its_tries() -> None:
    row = told("tickets", url="https://tickets.example/812", ref="812", attempts=3)
    text = page(one(rows=(row,)))
    assert " tickets    opened 12:00:00, 5m ago, after 3 tries, as 812\n   https://tickets.example/812" in text


def test_what_is_owed_says_when_it_is_tried_next_and_what_was_wrong() -> None:
    row = told("pager", Owing.OWED, due_at=NOW + timedelta(seconds=42), attempts=2, error="no answer within 10 s")
    text = page(one(rows=(row,)))
    assert " pager      owed, tried in 42s, 2 tries so far\n   no answer within 10 s" in text


def test_what_was_given_up_stands_there_until_somebody_decides() -> None:
    assert "given up: send it again or drop it" in page(one(rows=(told("pager", Owing.GIVEN_UP, error="403"),)))


def test_what_waits_says_since_when() -> None:
    rows = (told("pager", Owing.GIVEN_UP, since=T0, error="403"), told("mail", Owing.OWED, since=T0))
    text = page(one(rows=rows))
    assert " pager      given up, owed for 5m: send it again or drop it\n   403" in text
    assert " mail       owed for 5m, when something allows it" in text


def test_of_what_was_told_and_is_owed_a_change_the_tries_stand_with_the_change() -> None:
    known = {"said": "opened", "told_at": T0, "url": "https://tickets.example/812", "attempts": 4}
    text = page(one(rows=(told("tickets", Owing.OWED, due_at=NOW, error="503", **known),)))
    assert " tickets    opened 12:00:00, 5m ago\n   https://tickets.example/812" in text
    assert " tickets    owed, tried now, 4 tries so far\n   503" in text


def test_what_was_dropped_after_it_was_told_says_what_it_refused_last() -> None:
    row = told("tickets", Owing.DROPPED, said="opened", told_at=T0, error="403 [/red] forbidden")
    assert "   and no more: route 1: severity >=degraded\n   403 [/red] forbidden" in page(one(rows=(row,)))


def test_the_clipboard_says_of_each_place_how_far_it_is() -> None:
    known = {"said": "opened", "told_at": T0, "ref": "812"}
    rows = (
        told("a", Owing.OWED, attempts=2, error="503\nbusy", **known),
        told("b", Owing.GIVEN_UP, attempts=1, error="403"),
    )
    assert incident_text(one(rows=rows), UTC, NOW).splitlines()[-2:] == [
        "a: opened 2026-11-20 12:00:00 UTC 812, owed after 2 tries: 503 busy",
        "b: given up after 1 try: 403",
    ]


def test_who_is_not_told_stands_with_the_reason() -> None:
    why = [
        {"destination": "chat", "told": True, "reason": "route 1: severity >=degraded"},
        {"destination": "oncall", "told": False, "reason": "route 3 does not apply: the service is not critical"},
    ]
    text = page(one(rows=(told("chat"),), why=why)).split("Who is not told, and why")[1]
    assert " oncall     route 3 does not apply: the service is not critical" in text
    assert "chat" not in text


def test_where_nobody_was_told_it_says_so() -> None:
    assert "Who was told ─" in page(one()) and " nobody" in page(one()).splitlines()


def test_on_a_wide_screen_who_was_told_stands_beside_the_timeline() -> None:
    line = next(row for row in page(one(rows=(told("chat"),)), 160).splitlines() if "What happened" in row)
    assert "Who was told" in line


def test_an_incident_of_the_store_that_knows_no_reasons_is_drawn() -> None:
    view = one(rows=(told("chat"),))
    del view["why"], view["quiet"], view["name"]
    assert "checkout-api" in page(view)


def test_without_unicode_the_page_is_ascii() -> None:
    assert page(one(ACKNOWLEDGED, rows=(told("chat"),), quiet="silenced"), 160, ascii=True).isascii()


def test_the_clipboard_gets_the_whole_story_as_plain_text() -> None:
    why = [{"destination": "oncall", "told": False, "reason": "the service is not critical"}]
    view = one(ACKNOWLEDGED, rows=(told("tickets", url="https://tickets.example/812"),), why=why)
    assert incident_text(view, UTC, NOW).splitlines() == [
        "Checkout API: major, open (8f2a1c9d)",
        "503, expected 200-204",
        "started 2026-11-20 11:48:00 UTC, lasts 17m",
        "2026-11-20 12:00:00 UTC opened: 503, expected 200-204",
        "2026-11-20 12:01:00 UTC acknowledged by mia: rolling back",
        "tickets: opened 2026-11-20 12:00:00 UTC https://tickets.example/812",
        "oncall: not told, the service is not critical",
    ]


def test_a_vendors_incident_stands_with_its_words_what_it_affects_and_every_update_once() -> None:
    concerned = [{"service": "shop", "name": "Shop", "incident": "aaaa1111"}]
    text = page(its_incident(concerns=concerned))
    lines = text.splitlines()
    assert " says      identified, major" in lines
    assert " affects   Inbox, Outbox" in lines
    assert " link      https://status.example.org/x1" in lines
    assert " concerns  Shop  incident aaaa1111" in lines
    at = lines.index(next(one for one in lines if one.startswith(" What the vendor writes ")))
    assert lines[at + 1 : at + 4] == [
        " 11:51:00 investigating: Mail may take an hour.",
        " 11:56:00 identified: We know",
        "   why",
    ]
    assert text.count("We know") == 1, "the timeline says when, and not all of it again"
    assert " 11:56:00 · updated" in lines


def test_what_may_be_behind_it_stands_with_what_else_the_vendors_say() -> None:
    rows = incident_rows(one(suspects=suspects()), Sight(80, UTC, NOW, UNICODE))
    shown = {row.key: plain(row.line) for row in rows if row.key}
    assert shown == {
        "incident:bbbb2222": " suspect   ◑ Mail co: Mail is slow, partial",
        "service:cloud": " upstream  ● Cloud co says that all is well",
        "service:pay": " upstream  ? Pay co cannot be read",
        "service:dns": " upstream  ◇ Names co speaks of maintenance: New racks",
    }


def test_a_suspect_of_which_nothing_more_is_known_is_named_all_the_same() -> None:
    bare = {**suspects()[0], "title": "", "status": "unknown"}
    assert " suspect   ? Mail co: severity unknown" in page(one(suspects=[bare]))


def test_of_thousands_that_are_affected_only_some_are_named() -> None:
    many = [f"part {number}" for number in range(3000)]
    ours = [{"service": "s", "name": f"Own {number}", "incident": f"i{number}"} for number in range(100)]
    text = page(its_incident(components=many, concerns=ours))
    assert "part 39 and 2,960 more" in " ".join(text.split())
    assert "and 60 more" in text
    assert len(text.splitlines()) < 80


def test_the_clipboard_gets_what_the_vendors_say_too() -> None:
    told = its_incident(concerns=[{"service": "shop", "name": "Shop", "incident": "aaaa1111"}])
    text = incident_text({**told, "suspects": suspects()[:2]}, UTC, NOW)
    assert text.splitlines()[3:] == [
        "the vendor says: identified, major",
        "affects Inbox, Outbox",
        "https://status.example.org/x1",
        "suspect: Mail co: Mail is slow, partial https://status.example.org/x1",
        "Cloud co says that all is well",
        "concerns Shop",
        "2026-11-20 11:51:00 UTC investigating: Mail may take an hour.",
        "2026-11-20 11:56:00 UTC identified: We know",
        "why",
        "2026-11-20 11:51:00 UTC opened: Mail is slow",
        "2026-11-20 11:56:00 UTC updated",
        "2026-11-20 11:57:00 UTC note by ada: not for strangers",
    ]


@given(READABLE, READABLE, st.sampled_from(list(Kind)), st.sampled_from([20, 40, 60, 80, 119, 120, 160]))
def test_no_line_is_wider_than_the_page(text: str, other: str, kind: Kind, width: int) -> None:
    rows = (told("日本語" * 9, url=other, ref=other), told("b", Owing.GIVEN_UP, error=text, reason=other))
    view = one(happened(kind, text, by=other[:20]), rows=rows, title=text, quiet=other, url=other, name=text)
    for row in incident_rows(view, Sight(width, UTC, NOW, UNICODE)):
        assert width_of(row.line) <= width
        assert "\n" not in plain(row.line)


@given(READABLE, st.sampled_from([Kind.NOTED, Kind.UPDATED, Kind.OPENED, Kind.FLAPPING]), st.integers(20, 119))
def test_nothing_that_was_written_is_lost(text: str, kind: Kind, width: int) -> None:
    rows = incident_rows(one(happened(kind, text, by="mia")), Sight(width, UTC, NOW, UNICODE))
    shown = "".join("".join(plain(row.line).split()) for row in rows)
    assert "".join(text.split()) in shown


def test_ten_thousand_characters_are_all_there() -> None:
    words = [f"word{number}" for number in range(1200)]
    shown = page(one(happened(Kind.NOTED, " ".join(words), by="mia")), 40).split("What happened")[1].split()
    assert [word for word in shown if word.startswith("word")] == words
