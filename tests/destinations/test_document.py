"""The shapes that destinations share: bounded, and honest about what they leave out."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.destinations.small import changed, message, opened
from tui_monitor.destinations.craft.document import LONGEST, document_of, listed, shorten, text_of


def test_a_document_is_bounded_and_says_how_many_incidents_it_leaves_out() -> None:
    told = message([opened("n" * 10_000, n, title="t" * 10_000) for n in range(500)])
    document = document_of(told)
    assert len(json.dumps(document)) < LONGEST + 20_000
    assert 100 < len(document["incidents"]) < 500
    assert len(document["incidents"]) + document["omitted"] == 500
    assert document["text"].splitlines()[-1].startswith("and ")


def test_five_hundred_ordinary_incidents_fit_whole() -> None:
    document = document_of(message([opened(f"service {n}", n) for n in range(500)]))
    assert document["omitted"] == 0


def test_an_incident_has_the_names_of_the_command_line() -> None:
    (plain,) = document_of(message(changed(by="ann")))["incidents"]
    promised = {"id", "service", "title", "status", "severity", "state", "by", "vendor_ref", "started_at"}
    promised |= {"acknowledged_at", "resolved_at", "resolved_by", "duration", "timeline"}
    assert promised <= set(plain)
    assert {"at", "kind", "by", "text"} <= set(plain["timeline"][0])
    assert plain["revision"] == plain["timeline"][0]["n"] == 2


@given(st.lists(st.text(max_size=50), max_size=80), st.integers(30, 400), st.integers(1, 30))
def test_a_list_is_whole_or_says_how_many_are_missing(parts: list[str], limit: int, most: int) -> None:
    text = listed(parts, limit, most, "\n")
    assert len(text) <= limit
    cut = ["\n".join([*parts[:kept], f"and {len(parts) - kept} more"]) for kept in range(1, len(parts))]
    assert text in ("\n".join(parts), *cut, f"{len(parts)} in all")


@given(st.one_of(st.text(), st.text(alphabet="a \n")), st.integers(2, 50))
def test_a_shortened_text_is_one_line_and_shows_that_it_was_cut(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert len(short.splitlines()) <= 1
    assert short == shorten(text, 10_000) or short.endswith("…")


def test_a_long_gap_hides_no_cut() -> None:
    assert shorten("a" + " " * 100 + "b", 10) == "a…"
    assert shorten("a" + " " * 100, 10) == "a"


def test_the_text_of_a_message_has_a_line_for_each_incident() -> None:
    assert text_of(message([opened("one", 1), opened("two", 2)])).splitlines() == [
        "one is major: it answered 500",
        "two is major: it answered 500",
    ]
