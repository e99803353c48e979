"""The desk: what a start puts right, what people may ask, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.small import NOON, READINGS
from tests.core.world import Looker, World, incident
from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import BOARD, Kind, Observation, State
from tui_monitor.core.ports import Command
from tui_monitor.engine.requests import carry_out


def test_a_vendors_incident_ends_when_nobody_reads_the_vendors_page_any_more():
    made = World()
    made.see("hub", "2")
    made.write()
    own = [replace(service, check=Looker()) for service in made.plan.services]
    made.plan = replace(made.plan, services=tuple(own))
    made.crash()
    assert made.desk.open_incidents() == []
    assert made.desk.beliefs["hub"].vendor == ()


def test_an_open_incident_survives_any_number_of_restarts():
    made = World()
    made.see("api", "dd")
    made.write()
    name = incident(made)
    for _ in range(3):
        made.crash()
        assert incident(made) == name
    made.see("api", "u")
    assert made.desk.incidents[name].state is State.RESOLVED


def test_half_a_count_survives_a_restart_too():
    made = World()
    made.see("api", "d")
    made.write()
    made.crash()
    made.see("api", "d")
    assert made.desk.open_incidents()


def test_a_look_at_what_is_not_watched_changes_nothing():
    made = World()
    assert not made.desk.observe(Observation("ghost", NOON, 0.1, READINGS["d"]), NOON)
    assert not made.desk.take().observations


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [("note", " ", "needs a text"), ("note", "\x1b", "needs a text")],
)
def test_what_says_nothing_is_refused(name: str, text: str, word: str):
    made = World()
    made.see("api", "dd")
    with pytest.raises(Rejected, match=word):
        carry_out(made.desk, Command(name, incident(made), text, "ada"), made.now, "UTC")


def test_a_beginning_that_two_incidents_share_is_refused_and_names_them():
    made = World()
    made.see("api", "dd")
    first = incident(made)
    twin = replace(made.desk.incidents[first], id=first[:-1] + ("0" if first[-1] != "0" else "1"))
    made.desk.incidents[twin.id] = twin
    with pytest.raises(Rejected, match="could be any of") as refused:
        made.ask("ack", first[:4])
    assert first in str(refused.value) and twin.id in str(refused.value)
    made.ask("ack", first.upper())
    assert made.desk.incidents[first].state is State.ACKNOWLEDGED


def test_what_people_write_is_cleaned_and_who_they_are_too():
    made = World()
    made.see("api", "dd")
    carry_out(made.desk, Command("note", incident(made), "two\nlines \x1b[31m", "ev\u202eil"), made.now, "UTC")
    event = made.desk.timelines[incident(made)][-1]
    assert (event.kind, event.by, event.text) == (Kind.NOTED, "ev il", "two\nlines [31m")


def test_events_of_the_board_are_numbered_over_restarts():
    made = World()
    for _ in range(3):
        made.desk.tell_board(Kind.STARTED, "watching", made.now)
        made.write()
        made.crash()
    numbers = [event.n for event in made.disk.all("event") if event.subject == BOARD]
    assert numbers == [1, 2, 3]


def test_the_newest_incident_is_named_first():
    made = World()
    made.see("api", "dd")
    made.see("web", "dd")
    assert [one.service for one in made.desk.open_incidents()] == ["web", "api"]
