"""The told rule where people and the config come in: what is asked by hand, who is reminded, who is left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.core.world import ASK_FIRST, PLAIN, Ear, World, deliver, delivery_of, heard, incident, plan_of, row, world
from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import Owing
from tui_monitor.core.plan import Condition, Plan, Route
from tui_monitor.core.status import Status

# -- people ---------------------------------------------------------------------------------------------------------


def test_what_is_acknowledged_before_its_first_word_is_not_told_to_who_wants_only_what_is_not():
    made = world(Route(("picky",), unless="acknowledged", group_wait=30.0))
    made.see("api", "gg")
    made.turn()
    made.ask("ack", incident(made))
    made.turn(60)
    assert made.sending == {}
    assert row(made, "picky").state is Owing.DROPPED
    assert "acknowledged by ada" in row(made, "picky").reason


def test_what_was_withdrawn_is_told_after_all_when_another_route_wants_it():
    made = World()
    made.turn(60)
    made.see("api", "gg")
    made.ask("ack", incident(made))
    made.see("api", "dd")
    made.quiet()
    assert heard(made, "picky") == ["opened:1"]


def test_an_escalation_comes_when_nobody_has_acknowledged_in_time():
    made = world(Route(("late",), after=300.0, unless="acknowledged", group_wait=0.0))
    made.see("api", "dd")
    made.turn(290)
    assert made.sending == {}
    made.turn(20)
    assert list(made.sending) == ["late"]


@pytest.mark.parametrize("ask", ["ack", "resolve"])
def test_an_escalation_does_not_come_when_somebody_was_in_time(ask: str):
    made = world(Route(("late",), after=300.0, unless="acknowledged", group_wait=0.0))
    made.see("api", "dd")
    made.ask(ask, incident(made))
    made.turn(1000)
    assert made.sending == {}


REMINDING = Route(("asked",), group_wait=0.0, remind_every=600.0)


def test_a_reminder_comes_each_time_it_is_due_while_nobody_has_acknowledged():
    made = world(REMINDING)
    made.see("api", "dd")
    for _ in range(3):
        deliver(made, "asked", 601)
    made.ask("ack", incident(made))
    deliver(made, "asked")
    made.turn(5000)
    assert heard(made, "asked") == ["opened:1", "reminder:1", "reminder:1", "changed:1"]
    assert made.sending == {}


@pytest.mark.parametrize("ask", ["ack", "resolve"])
def test_a_reminder_that_waits_is_overtaken_by_what_people_do(ask: str):
    made = world(replace(REMINDING, to=("brief",)))
    made.see("api", "dd")
    deliver(made, "brief")
    made.turn(601)
    made.refuse("brief", retry=True)
    made.ask(ask, incident(made))
    made.quiet()
    assert heard(made, "brief") == ["opened:1"] + (["resolved:1"] if ask == "resolve" else [])


def test_a_request_that_could_not_be_written_down_calls_no_reminder_off():
    made = world(REMINDING)
    made.see("api", "dd")
    deliver(made, "asked")
    made.ask_in_vain("ack", incident(made))
    made.turn(601)
    assert list(made.sending) == ["asked"]


def test_nobody_is_reminded_of_what_flaps():
    made = world(REMINDING)
    made.see("api", "ddu" * 2 + "dd")
    made.quiet()
    assert made.desk.open_incidents()[0].flapping
    made.turn(1000)
    assert made.sending == {}


def test_what_becomes_severe_while_it_flaps_is_told_to_whoever_waits_for_that():
    """Silence while it flaps is for those who know of it already."""
    made = world(Route(("plain",)), Route(("asked",), Condition(">=", Status.MAJOR), group_wait=0.0))
    made.see("api", "ggu" * 2 + "gg")
    made.quiet()
    assert made.desk.open_incidents()[0].flapping
    assert heard(made, "asked") == []
    before = heard(made, "plain")
    made.see("api", "dd")
    made.quiet()
    assert heard(made, "asked") == ["opened:1"]
    assert heard(made, "plain") == before


def test_a_reminder_that_another_route_begins_later_begins():
    made = world(ASK_FIRST, replace(REMINDING, after=900.0))
    made.see("api", "dd")
    deliver(made, "asked")
    made.turn(900)
    made.turn(590)
    assert made.sending == {}
    deliver(made, "asked", 20)
    assert heard(made, "asked") == ["opened:1", "reminder:1"]


def test_what_is_dropped_by_hand_before_its_first_word_stays_untold():
    made = world(PLAIN)
    made.see("api", "dd")
    made.ask("drop", delivery_of(row(made, "plain")))
    made.see("api", "u")
    made.turn(1000)
    assert made.sending == {}


@pytest.mark.parametrize("trouble", ["disk", "refusal"])
def test_a_doubt_outlasts_another_message_that_was_never_taken(trouble: str):
    """The opening may have arrived before the crash, whatever became of the next word about it."""
    made = world(PLAIN)
    made.see("api", "dd")
    made.turn(20)
    made.arrive("plain")
    made.crash()
    made.ask("ack", incident(made))
    made.turn(disk_full=trouble == "disk")
    if trouble == "refusal":
        made.refuse("plain", retry=True)
    made.ask("drop", delivery_of(row(made, "plain")))
    made.see("api", "u")
    made.quiet()
    assert heard(made, "plain") == ["opened:1", "resolved:1"]


def test_what_was_told_and_then_dropped_is_told_its_end():
    made = world(PLAIN)
    made.see("api", "gg")
    deliver(made, "plain", 20)
    made.see("api", "dd")
    made.ask("drop", delivery_of(row(made, "plain")))
    made.see("api", "u")
    made.quiet()
    assert heard(made, "plain") == ["opened:1", "resolved:1"]


REFUSED: list[tuple[str, Callable[[World], None], str]] = [
    ("drop", lambda made: deliver(made, "asked"), "nothing is owed"),
    ("retry", lambda made: deliver(made, "asked"), "has been told"),
    ("drop", lambda made: made.turn(), "just now"),
    ("retry", lambda made: made.turn(), "just now"),
]


@pytest.mark.parametrize(("ask", "first", "word"), REFUSED)
def test_what_makes_no_sense_by_hand_is_refused(ask: str, first: Callable[[World], None], word: str):
    made = world()
    made.see("api", "dd")
    first(made)
    with pytest.raises(Rejected, match=word):
        made.ask(ask, delivery_of(row(made, "asked")))


def test_an_id_that_names_nothing_or_too_much_is_refused():
    made = world()
    with pytest.raises(Rejected, match="no delivery has an id"):
        made.ask("retry", "zzz")
    with pytest.raises(Rejected, match="no open incident has an id"):
        made.ask("ack", "")


# -- the config changes ---------------------------------------------------------------------------------------------


def reborn(made: World, plan: Plan) -> None:
    """The same disk and the same places under another config."""
    ears = {place.name: place.plugin for place in made.plan.places}
    places = tuple(replace(place, plugin=ears.get(place.name, Ear())) for place in plan.places)
    made.plan = replace(plan, places=places)
    made.crash()
    made.turn(60)


def test_a_place_that_is_new_hears_of_what_is_open_already():
    made = world(PLAIN)
    made.see("api", "dd")
    made.quiet()
    reborn(made, plan_of((PLAIN, ASK_FIRST)))
    made.quiet()
    assert heard(made, "asked") == ["opened:1"]
    assert heard(made, "plain") == ["opened:1"]


def test_a_service_that_is_gone_ends_its_incident_and_one_that_is_back_starts_anew():
    made = world()
    made.see("api", "dd")
    made.quiet()
    everything = made.plan
    reborn(made, replace(everything, services=everything.services[1:]))
    made.quiet()
    assert heard(made, "asked") == ["opened:1", "resolved:1"]
    reborn(made, everything)
    made.see("api", "dd")
    made.quiet()
    assert heard(made, "asked") == ["opened:1", "resolved:1", "opened:1"]


def test_a_place_that_is_gone_owes_nothing_any_more():
    made = world(PLAIN)
    made.see("api", "dd")
    made.write()
    reborn(made, replace(made.plan, places=()))
    assert row(made, "plain").state is Owing.DROPPED
    assert row(made, "plain").reason == "this destination is no longer in the config"


def test_what_waits_is_forgotten_only_when_it_is_over_and_told():
    made = world()
    made.see("api", "dd")
    made.see("api", "u")
    made.turn()
    assert made.desk.incidents
    made.settle("asked")
    made.turn()
    assert not made.desk.incidents
    assert not made.desk.ledger.rows
