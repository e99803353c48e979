"""What the machine makes of a vendor's own incidents: the vendor's word needs no patience."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.core.small import NOON, Life, are_numbered, page
from tui_monitor.core.model import Kind, Patience, Reading, State, VendorIncident, VendorUpdate
from tui_monitor.core.status import Status

SLOW = VendorIncident("v1", "slow builds", Status.DEGRADED, "https://example.com/v1", NOON, NOON)
DOWN = VendorIncident("v2", "no logins", Status.MAJOR, started_at=NOON)
PLANNED = VendorIncident("v3", "new racks", Status.MAINTENANCE, started_at=NOON, maintenance=True)


def kinds(life: Life) -> list[str]:
    return [event.kind.value for event in life.events]


def test_what_is_listed_opens_at_once_under_the_vendors_name():
    life = Life()
    life.see(page(SLOW))
    (incident,) = life.belief.vendor
    assert (incident.vendor_ref, incident.title, incident.url) == ("v1", "slow builds", "https://example.com/v1")
    assert incident.started_at == NOON
    assert [(event.kind, event.by) for event in life.events] == [(Kind.OPENED, "vendor")]
    assert life.belief.status is Status.DEGRADED


def test_the_same_listing_again_says_nothing():
    life = Life()
    for _ in range(5):
        life.see(page(SLOW, DOWN))
    assert kinds(life) == ["opened", "opened"]


def test_what_is_listed_no_longer_is_over():
    life = Life()
    life.see(page(SLOW, DOWN))
    life.see(page(DOWN))
    assert kinds(life) == ["opened", "opened", "resolved"]
    assert [one.vendor_ref for one in life.belief.vendor] == ["v2"]
    assert life.events[-1].by == "vendor"
    life.see(page())
    assert life.belief.incidents == ()
    assert life.belief.status is Status.OPERATIONAL


def test_a_change_of_weight_worsens_or_eases():
    life = Life()
    for status in (Status.DEGRADED, Status.MAJOR, Status.PARTIAL):
        life.see(page(replace(SLOW, status=status)))
    assert kinds(life) == ["opened", "worsened", "eased"]
    assert life.belief.vendor[0].severity is Status.MAJOR


def test_a_new_word_of_the_vendor_is_an_update():
    life = Life()
    life.see(page(SLOW))
    life.see(page(replace(SLOW, updated_at=NOON + timedelta(minutes=5), updates=(VendorUpdate("we found it"),))))
    life.see(page(replace(SLOW, updated_at=NOON + timedelta(minutes=5), updates=(VendorUpdate("we found it"),))))
    assert kinds(life) == ["opened", "updated"]
    assert life.events[-1].text == "we found it"
    assert life.belief.vendor[0].updated_at == NOON + timedelta(minutes=5)


def test_a_word_that_only_gets_another_time_is_no_news():
    """A page may date its last word anew at each look; nobody is to be told the same again and again."""
    life = Life()
    for minutes in range(4):
        at = NOON + timedelta(minutes=minutes)
        life.see(page(replace(SLOW, updated_at=at, updates=(VendorUpdate("we found it", at, "identified"),))))
    assert kinds(life) == ["opened"]
    assert life.belief.vendor[0].updates[0].at == NOON + timedelta(minutes=3)
    twice = tuple(VendorUpdate("we found it", NOON + timedelta(minutes=one), "identified") for one in (3, 4))
    life.see(page(replace(SLOW, updated_at=twice[1].at, updates=twice)))
    assert kinds(life) == ["opened", "updated"]


def test_what_a_person_says_is_no_news_of_the_vendor():
    """Acknowledging or commenting must not make the next, unchanged listing look like an update."""
    life = Life()
    life.see(page(SLOW))
    life.ask("A")
    life.see(page(SLOW))
    life.ask("N")
    life.see(page(SLOW))
    assert kinds(life) == ["opened", "acknowledged", "noted"]
    assert life.belief.vendor[0].state is State.ACKNOWLEDGED


def test_a_page_that_cannot_be_read_ends_nothing():
    life = Life()
    life.see(page(SLOW))
    for _ in range(9):
        life.see(Reading(Status.UNKNOWN, "could not be read"))
    assert kinds(life) == ["opened"]
    assert life.belief.status is Status.DEGRADED


def test_the_vendors_incident_explains_a_bad_page_so_that_there_are_not_two():
    life = Life()
    for _ in range(9):
        life.see(page(DOWN))
    assert life.belief.incident is None
    assert kinds(life) == ["opened"]


def test_a_bad_page_without_an_incident_needs_patience_and_gives_one_of_our_own():
    life = Life()
    for _ in range(3):
        life.see(page(status=Status.PARTIAL))
    assert kinds(life) == ["opened"]
    assert life.belief.incident is not None
    for _ in range(2):
        life.see(page(DOWN))
    assert kinds(life) == ["opened", "opened", "resolved"]
    assert [one.vendor_ref for one in life.belief.incidents] == ["v2"]


def test_a_maintenance_is_shown_and_is_no_incident():
    life = Life()
    life.see(page(PLANNED))
    assert life.belief.status is Status.MAINTENANCE
    assert life.belief.incidents == ()


def test_closed_by_hand_it_stays_closed_while_it_is_listed_and_no_longer():
    life = Life()
    life.see(page(SLOW, DOWN))
    life.ask("F", life.belief.vendor[0])
    life.see(page(SLOW, DOWN))
    assert kinds(life) == ["opened", "opened", "force-resolved"]
    life.see(page(DOWN))
    life.see(page(SLOW, DOWN))
    assert kinds(life) == ["opened", "opened", "force-resolved", "opened"]


def test_closed_by_hand_the_service_is_still_shown_as_it_is():
    life = Life()
    life.see(page(DOWN))
    life.ask("F")
    life.see(page(DOWN))
    assert life.belief.incidents == ()
    assert life.belief.status is Status.MAJOR


def test_listed_again_after_it_was_gone_is_another_incident_with_events_of_its_own():
    """A page that left it out for one look must not make two first events of one subject."""
    life = Life()
    for listed in (page(SLOW), page(), page(SLOW), page()):
        life.see(listed)
    assert kinds(life) == ["opened", "resolved", "opened", "resolved"]
    assert are_numbered(life.events)
    assert len(life.incidents) == 2


def test_a_start_that_is_still_to_come_counts_from_now():
    """A vendor's clock may be ahead; an incident that is listed has begun."""
    life = Life()
    life.see(page(replace(SLOW, started_at=NOON + timedelta(days=1))))
    assert life.belief.vendor[0].started_at == NOON


def test_a_vendor_that_does_not_know_how_bad_it_is_neither_worsens_nor_eases():
    life = Life()
    unclear = replace(SLOW, status=Status.UNKNOWN)
    life.see(page(unclear, status=Status.DEGRADED))
    life.see(page(SLOW))
    life.see(page(unclear, status=Status.DEGRADED))
    assert kinds(life) == ["opened", "updated", "updated"]
    assert life.belief.vendor[0].severity is Status.DEGRADED


def test_since_moves_only_when_the_status_does():
    life = Life()
    life.see(page(SLOW))
    since = life.belief.since
    life.see(page(SLOW, replace(DOWN, status=Status.DEGRADED)))
    life.see(page(SLOW))
    assert (life.belief.status, life.belief.since) == (Status.DEGRADED, since)
    later = life.now
    life.see(page())
    assert (life.belief.status, life.belief.since) == (Status.OPERATIONAL, later)


def test_a_word_that_the_vendor_dates_long_from_now_keeps_no_later_word_back():
    life = Life()
    life.see(page(replace(SLOW, updated_at=NOON + timedelta(days=400))))
    life.see(page(replace(SLOW, status=Status.MAJOR, updated_at=NOON + timedelta(seconds=1))))
    assert kinds(life) == ["opened", "worsened"]


def test_a_vendor_whose_clock_is_a_little_ahead_still_takes_nothing_back():
    life = Life()
    life.see(page(replace(SLOW, status=Status.MAJOR, updated_at=NOON + timedelta(minutes=5))))
    life.see(page(replace(SLOW, updated_at=NOON)))
    assert kinds(life) == ["opened"]


def test_the_first_date_of_an_undated_incident_is_news_though_it_lies_before_we_saw_it():
    life = Life()
    life.see(page(replace(SLOW, updated_at=None)))
    life.see(page(replace(SLOW, status=Status.MAJOR, updated_at=NOON - timedelta(minutes=10))))
    assert kinds(life) == ["opened", "worsened"]


def test_what_the_vendor_names_at_last_is_not_called_well_again():
    life = Life(Patience(down_after=1, up_after=1))
    life.see(page(status=Status.DEGRADED))
    life.see(page(SLOW, status=Status.DEGRADED))
    own = next(one for one in life.incidents.values() if one.vendor_ref is None)
    assert (own.state, own.resolved_by, own.status) == (State.RESOLVED, "vendor", Status.DEGRADED)
    (event,) = [one for one in life.events if one.kind is Kind.RESOLVED]
    assert (event.by, event.text) == ("vendor", "the vendor names an incident for it")
    assert life.belief.status is Status.DEGRADED
    assert are_numbered(life.events)


def test_an_outage_that_the_vendor_calls_maintenance_from_now_on_is_over_as_one():
    life = Life()
    life.see(page(SLOW))
    life.see(page(replace(SLOW, status=Status.MAINTENANCE, maintenance=True), status=Status.MAINTENANCE))
    assert kinds(life) == ["opened", "resolved"]
    assert life.events[-1].text == "the vendor calls it maintenance now"
