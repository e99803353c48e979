"""The told rule, one behaviour at a time: what a place hears, in the order in which it hears it."""

from __future__ import annotations

import pytest

from tests.core.world import ASK_FIRST, PLAIN, World, deliver, delivery_of, heard, incident, plan_of, row, world
from tui_monitor.core.model import Owing
from tui_monitor.core.plan import Route
from tui_monitor.core.told import LONGEST_RETRY, backoff

# -- in order -------------------------------------------------------------------------------------------------------


def test_an_incident_is_told_when_it_opens_changes_and_ends():
    made = world()
    for letters in ("gg", "dd", "u"):
        made.see("api", letters)
        deliver(made, "asked")
    assert heard(made, "asked") == ["opened:1", "changed:1", "resolved:1"]


def test_a_later_message_refers_to_the_first():
    made = world()
    made.see("api", "dd")
    deliver(made, "asked")
    made.see("api", "u")
    deliver(made, "asked")
    assert [message.ref for message in made.ear("asked").said] == ["", "thread 1"]


def test_what_happens_while_a_message_is_under_way_is_told_next():
    made = world()
    made.see("api", "dd")
    made.turn()
    made.see("api", "u")
    made.settle("asked")
    made.turn()
    made.settle("asked")
    assert heard(made, "asked") == ["opened:1", "resolved:1"]


def test_what_came_and_went_while_a_place_was_down_is_one_message():
    made = world()
    made.see("api", "dd")
    made.turn()
    made.refuse("asked", retry=True)
    made.see("api", "u")
    deliver(made, "asked", 600)
    assert heard(made, "asked") == ["over:1"]


def test_what_changed_often_while_a_place_was_down_is_one_message():
    made = world()
    made.see("api", "gg")
    deliver(made, "asked")
    made.turn()
    for letters in ("dd", "p", "g"):
        made.see("api", letters)
    deliver(made, "asked")
    assert heard(made, "asked") == ["opened:1", "changed:1"]
    (item,) = made.ear("asked").said[-1].items
    assert [event.kind.value for event in item.events] == ["worsened", "eased", "eased"]
    assert item.incident.status.value == "degraded"


def test_what_a_place_does_not_hear_of_is_not_told_to_it():
    made = world(Route(("brief",), group_wait=0.0))
    made.see("api", "gg")
    deliver(made, "brief")
    made.see("api", "dd")
    made.ask("note", incident(made))
    made.turn()
    assert made.sending == {}


def test_nothing_goes_out_before_an_engine_has_settled_down():
    made = World(plan_of((ASK_FIRST,)))
    made.see("api", "dd")
    made.turn(made.plan.settle - 3)
    assert made.sending == {}
    made.turn(3)
    assert list(made.sending) == ["asked"]


# -- grouping -------------------------------------------------------------------------------------------------------


def test_what_opens_within_the_wait_goes_out_as_one_message():
    made = world(PLAIN)
    made.see("api", "dd")
    made.turn(5)
    made.see("web", "dd")
    made.turn(2)
    assert made.sending == {}
    deliver(made, "plain", 3)
    assert heard(made, "plain") == ["opened:2"]
    assert made.ear("plain").said[0].title == "2 incidents opened: API, Web"


def test_what_went_out_together_is_resolved_together():
    made = world(PLAIN)
    made.see("api", "dd")
    made.see("web", "dd")
    deliver(made, "plain", 20)
    made.see("api", "u")
    made.see("web", "u")
    deliver(made, "plain", 20)
    assert heard(made, "plain") == ["opened:2", "resolved:2"]


def test_what_opened_apart_ends_apart_because_it_refers_to_different_messages():
    made = world(PLAIN)
    for service in ("api", "web"):
        made.see(service, "dd")
        deliver(made, "plain", 20)
    made.see("api", "u")
    made.see("web", "u")
    deliver(made, "plain", 20)
    deliver(made, "plain", 20)
    assert heard(made, "plain") == ["opened:1", "opened:1", "resolved:1", "resolved:1"]


def test_a_place_that_takes_no_groups_hears_of_each_alone():
    made = world()
    made.see("api", "dd")
    made.see("web", "dd")
    deliver(made, "asked")
    made.settle("asked")
    assert heard(made, "asked") == ["opened:1", "opened:1"]


# -- trouble --------------------------------------------------------------------------------------------------------


def test_a_refusal_is_tried_again_later_and_longer_each_time():
    made = world()
    made.see("api", "dd")
    waits = []
    for _ in range(12):
        made.turn(2000)
        made.refuse("asked", retry=True)
        due_at = row(made, "asked").due_at
        assert due_at is not None
        waits.append((due_at - made.now).total_seconds())
    assert 2.5 <= waits[0] <= 5 and 5 <= waits[1] <= 10
    assert max(waits) <= LONGEST_RETRY
    assert row(made, "asked").attempts == 12


def test_the_wait_grows_to_a_cap_and_jitter_only_shortens_it():
    full = [backoff(attempts, 1.0) for attempts in range(40)]
    assert full == sorted(full)
    assert full[0] == 5 and full[-1] == LONGEST_RETRY
    assert all(backoff(attempts, 0.0) == full[attempts] / 2 for attempts in range(40))


def test_a_place_that_names_a_time_is_left_alone_until_then():
    made = world()
    made.see("api", "dd")
    made.turn()
    made.refuse("asked", retry=True, after=120)
    made.turn(119)
    assert made.sending == {}
    made.turn(2)
    assert list(made.sending) == ["asked"]


@pytest.mark.parametrize("after", [1e9, 1e15])
def test_a_place_that_asks_for_a_century_is_tried_again_within_the_hour(after: float):
    made = world()
    made.see("api", "dd")
    made.turn()
    made.refuse("asked", retry=True, after=after)
    made.turn(3601)
    assert list(made.sending) == ["asked"]


def test_a_final_refusal_is_given_up_and_waits_for_a_person():
    made = world()
    made.see("api", "dd")
    made.turn()
    made.refuse("asked", retry=False)
    assert row(made, "asked").state is Owing.GIVEN_UP
    made.turn(100_000)
    assert made.sending == {}
    made.ask("retry", delivery_of(row(made, "asked")))
    deliver(made, "asked")
    assert heard(made, "asked") == ["opened:1"]


def test_what_is_refused_for_a_day_is_given_up():
    made = world()
    made.see("api", "dd")
    made.turn()
    made.refuse("asked", retry=True)
    made.turn(86_400)
    made.refuse("asked", retry=True)
    assert row(made, "asked").state is Owing.GIVEN_UP


def test_news_of_what_was_given_up_is_tried_again_with_all_patience():
    made = world()
    made.see("api", "dd")
    made.turn()
    made.refuse("asked", retry=False)
    made.see("api", "u")
    assert (row(made, "asked").state, row(made, "asked").attempts) == (Owing.OWED, 0)
    deliver(made, "asked", 600)
    assert heard(made, "asked") == ["over:1"]


# -- crashes --------------------------------------------------------------------------------------------------------


def crashed(made: World, *, arrived: bool, name: str) -> None:
    made.see("api", "dd")
    made.turn(20)
    if arrived:
        made.arrive(name)
    made.crash()
    made.turn()


@pytest.mark.parametrize("arrived", [True, False])
def test_a_place_that_can_be_asked_is_asked_before_anything_is_sent_again(arrived: bool):
    made = world()
    crashed(made, arrived=arrived, name="asked")
    assert made.sending["asked"].asks
    made.settle("asked")
    made.turn()
    assert list(made.sending) == ([] if arrived else ["asked"])
    made.quiet()
    assert heard(made, "asked") == ["opened:1"]


def test_a_place_that_cannot_be_asked_is_told_again_under_the_same_key():
    made = world(PLAIN)
    crashed(made, arrived=True, name="plain")
    made.see("web", "dd")
    made.quiet()
    first, second, third = made.ear("plain").said
    assert first.key == second.key != third.key
    assert [len(one.items) for one in (first, second, third)] == [1, 1, 1]


def test_a_place_that_holds_waits_for_a_person():
    made = world(Route(("held",), group_wait=0.0))
    crashed(made, arrived=True, name="held")
    assert row(made, "held").state is Owing.HELD
    assert made.sending == {}
    made.ask("retry", delivery_of(row(made, "held")))
    deliver(made, "held")
    assert heard(made, "held") == ["opened:1", "opened:1"]


def test_a_place_that_holds_does_so_although_more_has_happened_meanwhile():
    made = world(Route(("held",), group_wait=0.0))
    made.see("api", "dd")
    made.turn()
    made.see("api", "u")
    made.write()
    made.crash()
    assert row(made, "held").state is Owing.HELD


def test_what_is_held_and_dropped_may_have_been_told_so_its_end_is_told():
    made = world(Route(("held",), group_wait=0.0))
    crashed(made, arrived=True, name="held")
    made.ask("drop", delivery_of(row(made, "held")))
    made.see("api", "u")
    made.quiet()
    assert heard(made, "held") == ["opened:1", "resolved:1"]


def test_a_lost_answer_makes_a_place_that_can_be_asked_be_asked():
    made = world()
    made.see("api", "dd")
    made.turn()
    made.arrive("asked")
    made.lose_the_answer("asked")
    made.turn(600)
    assert made.sending["asked"].asks
    made.quiet()
    assert heard(made, "asked") == ["opened:1"]


def test_a_place_that_can_be_asked_and_never_answers_is_given_up_too():
    made = world()
    crashed(made, arrived=True, name="asked")
    made.refuse("asked", retry=True)
    made.turn(90_000)
    made.refuse("asked", retry=True)
    assert row(made, "asked").state is Owing.GIVEN_UP


def test_after_a_restart_nothing_that_was_told_is_told_again():
    made = world()
    made.see("api", "dd")
    deliver(made, "asked")
    for _ in range(3):
        made.crash()
        made.turn(60)
    assert made.sending == {}
    made.see("api", "u")
    made.quiet()
    assert heard(made, "asked") == ["opened:1", "resolved:1"]


def test_what_a_person_sends_again_while_it_is_in_doubt_is_asked_for_first():
    made = world()
    crashed(made, arrived=True, name="asked")
    made.refuse("asked", retry=False)
    made.ask("retry", delivery_of(row(made, "asked")))
    made.quiet()
    assert heard(made, "asked") == ["opened:1"]
