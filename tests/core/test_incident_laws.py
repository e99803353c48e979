"""Laws of the incident machine, whatever is seen and asked in whatever order."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.core.reference import Reference
from tests.core.small import ASKED, NOON, READINGS, Life, are_numbered, overlap, page
from tui_monitor.core.codec import decode, encode
from tui_monitor.core.incident import weigh
from tui_monitor.core.model import Belief, Incident, Kind, Observation, Patience, Reading, State, VendorIncident
from tui_monitor.core.status import Status

COUNTS = st.integers(1, 4)
STEADY = st.builds(Patience, COUNTS, COUNTS, flap_after=st.just(0))
LIVELY = st.builds(Patience, COUNTS, COUNTS, st.integers(0, 4), st.just(3600.0), st.sampled_from([120.0, 900.0]))
LOOKS = st.text("uumgpddt?", max_size=60)
LETTERS = st.text("uuumgpdddddtttt??AANFF_", max_size=80)


def live(letters: str, patience: Patience) -> Life:
    """People ask only where there is something to ask of."""
    life = Life(patience)
    for letter in letters:
        if letter not in ASKED or is_asked(life, letter):
            life.step(letter)
    return life


def is_asked(life: Life, letter: str) -> bool:
    return any(letter != "A" or one.state is State.OPEN for one in life.belief.incidents[:1])


@given(LETTERS, STEADY)
def test_it_says_what_a_slow_obvious_model_says(letters: str, patience: Patience):
    life, model = Life(patience), Reference(patience)
    for letter in letters.replace("_", "").replace("A", "").replace("N", ""):
        if letter == "F":
            if life.belief.incident is not None:
                assert life.step("F") == model.force()
            continue
        assert life.step(letter) == model.see(letter)
        standing = life.belief.incident
        assert (standing and standing.status) == model.open
        assert standing is None or standing.severity == model.severity


@given(LETTERS, LIVELY)
def test_incidents_never_overlap(letters: str, patience: Patience):
    incidents = list(live(letters, patience).incidents.values())
    assert not overlap(incidents)
    assert sum(one.is_open for one in incidents) <= 1


@given(LETTERS, LIVELY)
def test_unknown_changes_nothing(letters: str, patience: Patience):
    """Not a count, not a pardon, not a flap: the very same value comes back."""
    life = live(letters, patience)
    verdict = weigh(life.belief, Observation("api", life.now, 1.0, READINGS["?"]), patience)
    assert verdict.belief is life.belief
    assert (verdict.incidents, verdict.events, verdict.confirm) == ((), (), False)


@given(LETTERS, LIVELY, st.sampled_from("gpdt"))
def test_enough_failures_always_open(letters: str, patience: Patience, letter: str):
    """Unless a person has closed an incident of this very cause, and it lasts."""
    life = live(letters, patience)
    for _ in range(patience.down_after):
        life.see(letter)
    pardoned = f"own:{READINGS[letter].cause}" in life.belief.forgiven
    assert pardoned or life.belief.incident is not None
    assert life.belief.status.is_bad


@given(LETTERS, LIVELY)
def test_enough_successes_always_resolve_when_it_is_calm(letters: str, patience: Patience):
    life = live(letters, patience)
    for _ in range(patience.up_after):
        life.see("u")
    assert life.belief.status is Status.OPERATIONAL
    life.now += timedelta(seconds=patience.flap_calm)
    life.see("u")
    assert life.belief.incidents == ()
    assert life.belief.forgiven == ()
    assert not any(one.is_open for one in life.incidents.values())


@given(LETTERS, LIVELY, st.sampled_from("gpdt"))
def test_what_flapped_is_in_the_end_left_with_the_truth(letters: str, patience: Patience, letter: str):
    life = live(letters, patience)
    for _ in range(2 * max(patience.down_after, patience.up_after)):
        life.see(letter)
    life.now += timedelta(seconds=patience.flap_calm)
    life.see(letter)
    assert life.belief.status is READINGS[letter].status
    if life.belief.incident is not None:
        assert life.belief.incident.status is READINGS[letter].status
        assert not life.belief.incident.flapping


@given(LETTERS, LIVELY)
def test_events_are_numbered_and_a_revision_is_the_number_of_the_last(letters: str, patience: Patience):
    life = live(letters, patience)
    assert are_numbered(life.events)
    for name, incident in life.incidents.items():
        assert incident.revision == max(event.n for event in life.events if event.subject == name)


@given(LETTERS, LIVELY)
def test_severity_never_falls(letters: str, patience: Patience):
    rows = live(letters, patience).rows
    for incident in {row.id for row in rows}:
        ranks = [row.severity.rank for row in rows if row.id == incident]
        assert ranks == list(accumulate(ranks, max))
        assert all(row.severity.rank >= row.status.rank for row in rows if row.id == incident)


@given(LETTERS, LIVELY)
def test_each_incident_opens_first_and_ends_last_and_once(letters: str, patience: Patience):
    life = live(letters, patience)
    ends = {Kind.RESOLVED, Kind.FORCE_RESOLVED}
    for name, incident in life.incidents.items():
        kinds = [event.kind for event in life.events if event.subject == name]
        assert kinds[0] is Kind.OPENED and Kind.OPENED not in kinds[1:]
        assert [kind in ends for kind in kinds] == [False] * (len(kinds) - 1) + [not incident.is_open]


@given(LETTERS, LIVELY)
def test_an_incident_lasts_from_a_failure_to_a_success(letters: str, patience: Patience):
    for incident in live(letters, patience).incidents.values():
        assert incident.started_at >= NOON
        assert incident.resolved_at is None or incident.resolved_at > incident.started_at


@given(LETTERS, LIVELY, st.lists(st.integers(0, 80), max_size=4))
def test_replaying_from_any_checkpoint_gives_the_same(letters: str, patience: Patience, restarts: list[int]):
    whole, restarted = Life(patience), Life(patience)
    for number, letter in enumerate(letters):
        if number in restarts:
            restarted.belief = decode(Belief, json.loads(json.dumps(encode(restarted.belief))))
        for life in (whole, restarted):
            if letter not in ASKED or is_asked(life, letter):
                life.step(letter)
        assert restarted.belief == whole.belief
    assert restarted.events == whole.events
    assert restarted.rows == whole.rows


@given(LETTERS, LIVELY)
def test_what_is_believed_never_moves_without_a_look_or_a_person(letters: str, patience: Patience):
    """The moments of a belief are moments of looks."""
    life = live(letters, patience)
    moments = {NOON + timedelta(seconds=60 * step + 900 * pauses) for step in range(81) for pauses in range(81)}
    known = [life.belief.since, life.belief.streak_since, *life.belief.flips]
    assert {at for at in known if at is not None} <= moments


@given(LOOKS, STEADY, st.data())
def test_a_clock_that_is_set_back_breaks_no_law(letters: str, patience: Patience, data: st.DataObject):
    life = Life(patience)
    for letter in letters:
        life.see(letter)
        life.now += timedelta(seconds=data.draw(st.integers(-4000, 4000)))
    assert are_numbered(life.events)
    assert all(one.duration(life.now) >= 0 for one in life.incidents.values())
    assert all(one.resolved_at is None or one.resolved_at >= one.started_at for one in life.incidents.values())


# -- vendors --------------------------------------------------------------------------------------------------------

LISTED = st.builds(
    VendorIncident,
    st.sampled_from(["v1", "v2", "v3"]),
    st.sampled_from(["slow", "down"]),
    st.sampled_from(list(Status)),
    updated_at=st.sampled_from([None, NOON, NOON + timedelta(hours=1)]),
    started_at=st.sampled_from([None, NOON - timedelta(hours=1), NOON]),
    maintenance=st.booleans(),
)
PAGES = st.lists(LISTED, max_size=3, unique_by=lambda one: one.ref).flatmap(
    lambda listed: st.sampled_from([page(*listed), Reading(Status.UNKNOWN, "unreadable")])
)


@given(st.lists(PAGES | st.sampled_from("ANF"), max_size=40))
def test_what_is_open_is_what_the_vendor_lists_and_nobody_has_closed(seen: list[Any]):
    life, listed, closed = Life(Patience(flap_after=0)), set[str](), set[str]()
    for one in seen:
        if isinstance(one, str):
            if is_asked(life, one) and one == "F":
                closed.add(life.belief.incidents[0].vendor_ref or "")
            if is_asked(life, one):
                life.ask(one)
        elif one.incidents is not None:
            listed = {said.ref for said in one.incidents if not said.maintenance}
            closed &= listed
            life.see(one)
        else:
            before = life.belief
            assert life.see(one).belief is before
        assert {incident.vendor_ref for incident in life.belief.vendor} == listed - closed
    assert are_numbered(life.events)
    assert_rows_agree(life)


def assert_rows_agree(life: Life) -> None:
    """The newest row of each incident and what the belief holds of it are the same value."""
    standing: dict[str, Incident] = {one.id: one for one in life.belief.incidents}
    assert {name: one for name, one in life.incidents.items() if one.is_open} == standing


@given(LETTERS, LIVELY)
def test_rows_and_belief_agree(letters: str, patience: Patience):
    assert_rows_agree(live(letters, patience))


@given(st.lists(PAGES, max_size=20))
def test_the_same_page_twice_is_no_news(pages: list[Reading]):
    life = Life(Patience(1, 1))
    for one in pages:
        life.see(one)
        assert life.see(replace(one)).events == ()
