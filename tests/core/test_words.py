"""Status, messages, statistics and views: what people and scripts read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from tests.core.small import NOON, play
from tui_monitor.core import views
from tui_monitor.core.message import DEFAULTS, ELSEWHERE, FIELDS, News, fields_of, item_of, message_of
from tui_monitor.core.model import Belief, Event, Incident, Kind, Observation, Phases, Reading, Service, State, Told
from tui_monitor.core.statistics import statistics
from tui_monitor.core.status import Status, worst
from tui_monitor.core.template import faults

API = Service("api", "API {x}", group="Own", tags=("prod", "eu"), critical=True, kind="http", fields={"url": "u"})
OPEN = Incident("i1", "api", "own:x", "refused", Status.MAJOR, Status.MAJOR, NOON, revision=1)
ENDED = replace(OPEN, state=State.RESOLVED, status=Status.OPERATIONAL, resolved_at=NOON + timedelta(minutes=5))


def test_the_worst_of_several_is_bad_before_unknown_before_good():
    order = [Status.MAJOR, Status.PARTIAL, Status.DEGRADED, Status.UNKNOWN, Status.MAINTENANCE, Status.OPERATIONAL]
    for some in permutations(order, 3):
        assert worst(some) is min(some, key=order.index)
    assert worst([]) is Status.OPERATIONAL


def test_unknown_is_evidence_of_nothing():
    assert not Status.UNKNOWN.is_bad and not Status.UNKNOWN.is_good
    assert all(status.is_bad is not status.is_good for status in Status if status is not Status.UNKNOWN)


@pytest.mark.parametrize("news", list(News))
def test_every_kind_of_news_has_words_of_known_fields(news: News):
    assert faults(DEFAULTS[news], FIELDS) == []
    assert faults(ELSEWHERE.get(news, ""), FIELDS) == []
    item = item_of(OPEN, API, news, (), {}, NOON)
    assert item.text.startswith("API {x} ")


def test_a_services_own_words_come_before_the_configs_and_those_before_ours():
    own = replace(API, messages={"opened": "{id} own"})
    assert item_of(OPEN, own, News.OPENED, (), {"opened": "config"}, NOON).text == "api own"
    assert item_of(OPEN, API, News.OPENED, (), {"opened": "config"}, NOON).text == "config"
    assert item_of(OPEN, API, News.OPENED, (), {}, NOON).text == "API {x} is major: refused"


@pytest.mark.parametrize(
    ("by", "text"), [("engine", "is operational again"), ("ada", "API {x}: closed by ada after 5 m: refused")]
)
def test_only_an_end_that_was_seen_says_that_a_service_is_well(by: str, text: str):
    """Somebody may close what still fails, and a vendor may end one of two incidents."""
    ended = replace(ENDED, resolved_by=by)
    for messages in ({}, DEFAULTS):
        assert text in item_of(ended, API, News.RESOLVED, (), messages, NOON).text
    assert ("operational" in item_of(ended, API, News.OVER, (), {}, NOON).text) is (by == "engine")
    assert item_of(ended, API, News.RESOLVED, (), {"resolved": "own"}, NOON).text == "own"


def test_the_fields_are_all_there_and_all_text():
    for incident in (OPEN, ENDED):
        fields = fields_of(incident, API, News.OPENED, (), NOON)
        assert set(fields) >= FIELDS
        assert all(type(value) is str for value in fields.values())
    assert fields_of(ENDED, API, News.RESOLVED, (), NOON)["duration"] == "5 m"
    assert fields_of(OPEN, API, News.OPENED, (), NOON)["tags"] == "prod, eu"


def test_an_option_of_the_check_cannot_pass_itself_off_as_a_field():
    sly = replace(API, fields={"status": "operational", "method": "GET"})
    fields = fields_of(OPEN, sly, News.OPENED, (), NOON)
    assert (fields["status"], fields["method"]) == ("major", "GET")


def test_the_same_telling_has_the_same_key_and_another_has_another():
    item = item_of(OPEN, API, News.OPENED, (), {}, NOON)
    later = item_of(replace(OPEN, revision=2), API, News.CHANGED, (), {}, NOON)
    key = message_of("ops", [item], NOON).key
    assert key == message_of("ops", [item], NOON + timedelta(hours=1)).key
    assert len({key, message_of("mail", [item], NOON).key, message_of("ops", [later], NOON).key}) == 3


def test_the_order_of_its_members_does_not_change_a_key():
    items = [item_of(replace(OPEN, id=name), API, News.OPENED, (), {}, NOON) for name in "abc"]
    assert message_of("ops", items, NOON).key == message_of("ops", items[::-1], NOON).key


def test_a_message_of_many_names_some_and_counts_the_rest():
    items = [item_of(OPEN, replace(API, name=f"S{n}"), News.OPENED, (), {}, NOON) for n in range(7)]
    assert message_of("ops", items, NOON).title == "7 incidents opened: S0, S1, S2, S3, S4 and 2 more"


# -- statistics -----------------------------------------------------------------------------------------------------


def test_incidents_add_up():
    taken = replace(ENDED, acknowledged_at=NOON + timedelta(minutes=1))
    old = replace(ENDED, resolved_at=NOON - timedelta(days=40), started_at=NOON - timedelta(days=41))
    found = statistics([OPEN, taken, ENDED, old], NOON - timedelta(days=30))
    assert (found.total, found.active, found.resolved) == (3, 1, 2)
    assert (found.mean_time_to_acknowledge, found.mean_time_to_resolve) == (60, 300)


def test_without_incidents_there_is_no_mean():
    found = statistics([], NOON)
    assert (found.total, found.mean_time_to_acknowledge, found.mean_time_to_resolve) == (0, None, None)


# -- views ----------------------------------------------------------------------------------------------------------


def seen(status: Status) -> Observation:
    return Observation("api", NOON, 0.1, Reading(status, "words", latency=0.2))


def test_a_look_that_could_not_tell_is_shown_as_itself_unless_an_incident_is_open():
    well, ill = Belief("api", Status.OPERATIONAL), Belief("api", Status.MAJOR, incident=OPEN)
    assert views.shown_status(well, seen(Status.UNKNOWN)) is Status.UNKNOWN
    assert views.shown_status(ill, seen(Status.UNKNOWN)) is Status.MAJOR
    assert views.shown_status(well, None) is Status.OPERATIONAL


@pytest.mark.parametrize(
    ("story", "shown"), [("u", None), ("ud", "1/3"), ("ud?d", "2/3"), ("uddd", None), ("gggd", "1/3"), ("dddu", None)]
)
def test_a_failure_that_is_being_made_sure_of_is_counted(story: str, shown: str | None):
    assert views.failing(play(story)[1].belief, API) == shown


def test_a_row_of_the_board_has_what_scripts_rely_on():
    view = views.service_view(API, Belief("api", Status.MAJOR, NOON, incident=OPEN), seen(Status.MAJOR))
    promised = "id name group tags critical status since checked_at latency message failing silenced incident uptime"
    assert set(promised.split()) <= set(view)
    assert (view["incident"], view["uptime"]["24h"], view["latency"]) == ("i1", None, 0.2)


def test_a_row_names_the_worst_of_several_incidents():
    """What stands beside `major` is what is major, not the notice that a vendor happens to list first."""
    at = {status: replace(OPEN, id=status.value, status=status) for status in Status}
    for some in permutations((Status.OPERATIONAL, Status.UNKNOWN, Status.DEGRADED, Status.MAJOR), 2):
        belief = Belief("api", worst(some), NOON, vendor=tuple(at[one] for one in some))
        assert views.service_view(API, belief, None)["incident"] == worst(some).value
    alike = Belief("api", Status.MAJOR, NOON, incident=OPEN, vendor=(replace(OPEN, id="i2"),))
    assert views.service_view(API, alike, None)["incident"] == "i1"


def test_what_was_said_twice_is_told_once():
    """A vendor sends a word again with another time, or weighs it anew."""
    kinds = enumerate((Kind.WORSENED, Kind.UPDATED), 2)
    events = [Event("i1", n, kind, NOON, "vendor", "A fix is out.") for n, kind in kinds]
    assert fields_of(OPEN, API, News.CHANGED, events, NOON)["change"] == "A fix is out."
    events.append(Event("i1", 4, Kind.UPDATED, NOON, "vendor", "Over soon."))
    assert fields_of(OPEN, API, News.CHANGED, events, NOON)["change"] == "A fix is out.; Over soon."


def test_an_incident_as_scripts_see_it():
    view = views.incident_view(ENDED, [], [Told("ops", "i1")], NOON)
    promised = (
        "id service title status severity state by vendor_ref started_at acknowledged_at resolved_at resolved_by "
        "duration timeline told"
    )
    assert set(promised.split()) <= set(view)
    assert (view["state"], view["duration"]) == ("resolved", 300)
    assert {"destination", "state", "ref", "url", "attempts", "error"} <= set(view["told"][0])


def test_a_row_says_where_the_time_of_its_last_look_went_and_an_incident_what_its_service_is_called():
    looked = Observation("api", NOON, 0.2, Reading(Status.OPERATIONAL, phases=Phases(0.01, 0.02, 0.03, 0.1, 0.2)))
    row = views.service_view(API, Belief("api"), looked)
    assert row["phases"] == {"dns": 0.01, "connect": 0.02, "tls": 0.03, "first_byte": 0.1, "total": 0.2}
    assert views.service_view(API, Belief("api"), None)["phases"] is None
    assert views.incident_view(OPEN, [], [], NOON, "Checkout API")["name"] == "Checkout API"
    assert views.incident_view(OPEN, [], [], NOON)["name"] == OPEN.service


def test_a_board_counts_every_status():
    shown = [{"status": "major"}, {"status": "major"}, {"status": "unknown"}]
    counted = views.counts(shown)
    assert (counted["major"], counted["unknown"], counted["operational"]) == (2, 1, 0)
    assert set(counted) == {status.value for status in Status}


def test_a_delivery_has_a_short_id_of_its_own():
    ids = {views.delivery_id(place, subject) for place in ("a", "b") for subject in ("i1", "i2")}
    assert len(ids) == 4
    assert all(len(one) == 8 for one in ids)
