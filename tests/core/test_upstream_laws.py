"""Who may be the reason, against a slow and obvious reference; and how often it is said, whatever vendors do."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.small import NOON, are_numbered, page
from tests.core.world import World
from tui_monitor.core.codec import decode, encode
from tui_monitor.core.errors import Rejected
from tui_monitor.core.incident import weigh
from tui_monitor.core.message import News, fields_of, item_of
from tui_monitor.core.model import (
    Belief,
    Event,
    Incident,
    Kind,
    Observation,
    Patience,
    Reading,
    Service,
    Suspect,
    VendorIncident,
)
from tui_monitor.core.quiet import Kin
from tui_monitor.core.status import Status
from tui_monitor.core.upstream import MOST_OF_ONE, MOST_SAID, reconsider, sentence, suspects_of

OWN = Incident("i0", "web", "own:refused", "refused", Status.MAJOR, Status.MAJOR, NOON, revision=1)
STATUSES = st.sampled_from(list(Status))
VENDORS = ("hub", "cloud", "mail")

READINGS = st.one_of(
    st.none(),
    st.builds(Reading, STATUSES),
    st.builds(lambda status: page(status=status), STATUSES),
    st.just(page(VendorIncident("w", "racks", Status.MAINTENANCE, maintenance=True))),
)


@st.composite
def vendors(draw: st.DrawFn) -> list[Kin]:
    """Each with some incidents, and whatever was read last: not all of this can be, and nothing of it may break."""
    found = []
    for name in draw(st.lists(st.sampled_from(VENDORS), unique=True)):
        open_ = tuple(
            Incident(f"{name}{n}", name, f"vendor:{n}", f"number {n}", status, status, NOON, vendor_ref=str(n))
            for n, status in enumerate(draw(st.lists(STATUSES, max_size=4)))
        )
        own = replace(OWN, id=f"{name}-own", service=name, status=draw(STATUSES)) if draw(st.booleans()) else None
        reading = draw(READINGS)
        last = Observation(name, NOON, 0.1, reading) if reading is not None else None
        found.append(Kin(Service(name, name.title()), Belief(name, incident=own, vendor=open_), last))
    return found


BEFORE = st.lists(
    st.builds(Suspect, st.sampled_from(VENDORS), st.just("Name"), STATUSES, st.sampled_from(["", "i9"])), max_size=4
)


@given(vendors(), BEFORE)
def test_every_vendor_is_a_suspect_or_says_how_it_is_or_nothing_is_known(kin: list[Kin], before: list[Suspect]):
    said = suspects_of(kin, before)
    for one in kin:
        mine = [suspect for suspect in said if suspect.service == one.service.id]
        guilty = {
            incident.id
            for incident in one.belief.incidents
            if incident.status not in (Status.OPERATIONAL, Status.MAINTENANCE)
        }
        if guilty:
            assert {suspect.incident for suspect in mine} == guilty
            continue
        assert not any(suspect.is_named for suspect in mine)
        if one.last is None:
            assert [suspect.status for suspect in mine] == [
                suspect.status for suspect in before if suspect.service == one.service.id and not suspect.incident
            ]
            continue
        reading = one.last.reading
        is_told = reading.status.is_good or (reading.status is Status.UNKNOWN and reading.incidents is None)
        assert [suspect.status for suspect in mine] == [reading.status] * is_told
    assert {suspect.service for suspect in said} <= {one.service.id for one in kin}


@given(vendors())
def test_the_sentence_never_calls_a_vendor_well_that_is_not(kin: list[Kin]):
    said = suspects_of(kin)
    text = sentence(said)
    assert bool(text) is bool(said)
    assert text.startswith("suspect") is any(one.is_named for one in said)
    green = [one.name for one in said if one.status is Status.OPERATIONAL]
    assert ("all is well" in text) is (bool(green) and not any(one.is_named for one in said))
    clauses = [clause for clause in text.split("; ") if "all is well" in clause]
    assert [name for name in ("Hub", "Cloud", "Mail") for clause in clauses if name in clause] == [
        name for name in ("Hub", "Cloud", "Mail") if clauses and name in green
    ]
    assert ("cannot be read" in text) is any(one.status is Status.UNKNOWN and not one.is_named for one in said)


def test_a_sentence_names_the_worst_and_counts_the_rest():
    some = [Suspect("hub", "Hub", status, f"i{n}", f"no. {n}") for n, status in enumerate(Status)]
    assert sentence(some[2:]) == (
        "suspects: Hub (no. 4, major), Hub (no. 3, partial), Hub (no. 5, severity unknown) and 1 more"
    )
    assert sentence(some[2:3]) == "suspect: Hub (no. 2, degraded)"
    assert sentence([replace(some[4], title="")]) == "suspect: Hub (major)"
    assert len(sentence([replace(some[4], title="x" * 9999)])) < 200


def test_a_sentence_counts_nothing_that_was_never_counted():
    """No more than so many of one vendor are kept, however many its page lists."""
    many = tuple(Suspect("hub", "Hub", Status.MAJOR, f"i{n}", f"no. {n}") for n in range(MOST_OF_ONE))
    assert sentence(many).endswith(f" and at least {MOST_OF_ONE - 3} more")
    assert sentence(many[:-1]).endswith(f" and {MOST_OF_ONE - 4} more")


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 3), STATUSES), max_size=3, unique_by=lambda one: one[0]), max_size=40)
)
def test_whatever_vendors_do_each_thing_is_said_once_and_a_new_suspect_aloud(story: list[list[tuple[int, Status]]]):
    belief, events = Belief("web", incident=OWN), [Event("i0", 1, Kind.OPENED, NOON)]
    seen: set[tuple[int, str]] = set()
    before: list[tuple[int, Status]] = []
    for n, listed in enumerate(story):
        said = tuple(
            Suspect("hub", "Hub", status, f"{ref}-{n}", f"number {ref}", cause=f"vendor:{ref}")
            for ref, status in listed
        )
        verdict = reconsider(belief, said, NOON)
        assert (verdict is None) is (belief.incident is not None and belief.incident.suspects == said)
        if verdict is None:
            continue
        fresh = {ref for ref, _ in listed} - {ref for ref, _ in seen}
        gone = {(ref, "over") for ref, _ in before if ref not in dict(listed)}
        turned = ({(ref, status.value) for ref, status in listed if ref not in fresh} | gone) - seen
        kinds = [event.kind for event in verdict.events]
        assert kinds == [Kind.SUSPECT_TURNED] * bool(turned) + [Kind.SUSPECTED] * bool(fresh)
        assert all(f"number {ref}" in verdict.events[-1].text for ref in sorted(fresh)[:1])
        seen |= {(ref, status.value) for ref, status in listed} | gone
        before = listed
        belief = verdict.belief
        events.extend(verdict.events)
        assert belief.incident is not None
        assert (belief.incident.suspects, belief.incident.revision) == (said, events[-1].n)
        assert (belief.incident.status, belief.incident.title) == (OWN.status, OWN.title)
        assert decode(Belief, json.loads(json.dumps(encode(belief)))) == belief
    assert are_numbered(events)


def test_of_a_vendor_that_renames_everything_all_the_time_no_more_is_said_after_a_while():
    belief, events = Belief("web", incident=OWN), 0
    for n in range(200):
        verdict = reconsider(belief, (Suspect("hub", "Hub", Status.MAJOR, f"i{n}", "t", cause=f"vendor:{n}"),), NOON)
        assert verdict is not None
        belief, events = verdict.belief, events + len(verdict.events)
    assert belief.incident is not None
    assert belief.incident.suspects[0].incident == "i199"
    assert events <= MOST_SAID + 1
    assert len(belief.incident.suspected) <= MOST_SAID + 1


def test_of_a_vendor_where_everything_is_wrong_only_the_worst_are_kept():
    open_ = tuple(
        Incident(f"i{n}", "hub", f"vendor:{n}", "t", status, status, NOON, vendor_ref=str(n))
        for n, status in enumerate([Status.DEGRADED] * 200 + [Status.MAJOR])
    )
    said = suspects_of([Kin(Service("hub", "Hub"), Belief("hub", vendor=open_), None)])
    assert (len(said), said[0].status) == (10, Status.MAJOR)


def test_what_an_earlier_release_wrote_of_an_incident_is_still_read():
    row = encode(OWN)
    for name in ("suspects", "suspected", "components", "updates", "words"):
        del row[name]
    assert decode(Incident, row) == OWN


# -- in words -------------------------------------------------------------------------------------------------------

SUSPECT = Suspect("hub", "Hub", Status.PARTIAL, "i1", "slow builds", cause="vendor:1")
SAID = "suspect: Hub (slow builds, partial)"


@pytest.mark.parametrize("news", list(News))
@pytest.mark.parametrize("changes", [{}, {"flapping": True}, {"resolved_by": "ada"}])
def test_every_default_but_that_of_an_end_ends_with_the_suspect(news: News, changes: dict[str, object]):
    incident = replace(OWN, suspects=(SUSPECT,), **changes)  # type: ignore[arg-type]  # some fields of an incident
    event = Event("i0", 2, Kind.SUSPECTED, NOON, text="what was said then")
    for events in ((), (event,)):
        text = item_of(incident, Service("web", "Web"), news, events, {}, NOON).text
        assert text.count(SAID) == (news is not News.RESOLVED)
        assert text.endswith(SAID) is (news is not News.RESOLVED)
        assert "what was said then" not in text
    assert "suspect" not in item_of(replace(incident, suspects=()), Service("web", "Web"), news, (), {}, NOON).text


def test_a_change_says_what_else_is_new_and_how_the_suspects_are_by_now():
    events = (Event("i0", 2, Kind.SUSPECTED, NOON, text="old"), Event("i0", 3, Kind.WORSENED, NOON, text="worse"))
    web = Service("web", "Web")
    incident = replace(OWN, suspects=(SUSPECT,))
    assert fields_of(incident, web, News.CHANGED, events, NOON)["change"] == f"worse; {SAID}"
    assert fields_of(incident, web, News.CHANGED, events[:1], NOON)["change"] == SAID
    assert fields_of(OWN, web, News.CHANGED, events[:1], NOON)["change"] == "refused"
    assert fields_of(OWN, web, News.CHANGED, (), NOON)["suspect"] == ""


# -- the whole desk -------------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("api"), st.text("uugdd?", min_size=1, max_size=4)),
        st.tuples(st.just("hub"), st.text("0012?", min_size=1, max_size=3)),
        st.tuples(st.sampled_from(["resolve", "ack"]), st.integers(0, 3).map(str)),
        st.tuples(st.sampled_from(["restart", "turn", "settle"]), st.just("")),
    ),
    max_size=25,
)


@given(STEPS)
def test_an_open_incident_always_knows_what_its_vendor_says_and_hears_of_each_suspect_once(
    steps: list[tuple[str, str]],
):
    world = World()
    for what, how in steps:
        if what in ("api", "hub"):
            world.see(what, how)
        elif what == "restart":
            world.write()
            before = {one.id: one for one in world.desk.open_incidents()}
            world.begin()
            assert {one.id: one for one in world.desk.open_incidents()} == before
        elif what == "turn":
            world.turn(15.0)
        elif what == "settle":
            for name in list(world.sending):
                world.settle(name)
        else:
            standing = world.desk.open_incidents()
            with suppress(Rejected, IndexError):
                world.ask(what, standing[int(how)].id)
        _is_true(world)
    world.write()
    kept = world.disk.all("event")
    texts = Counter(event.subject for event in kept if event.kind is Kind.SUSPECTED)
    assert max(texts.values(), default=0) <= 2  # this vendor never has more than two incidents
    assert not any(event.kind is Kind.SUSPECTED and event.service != "api" for event in kept)
    world.quiet()
    assert world.lies() == []


def _is_true(world: World) -> None:
    own, hub = world.desk.beliefs["api"].incident, world.desk.beliefs["hub"]
    if own is None:
        return
    assert world.desk.incidents[own.id] == own
    named = {one.incident for one in own.suspects if one.is_named}
    assert named == {one.id for one in hub.incidents if one.status.is_bad}
    for one in hub.incidents:
        assert world.desk.suspicion.concerned(one, world.desk.beliefs) == ([own] if one.id in named else [])


def test_a_service_that_names_no_vendor_has_no_suspects():
    world = World()
    for service, letters in (("hub", "12"), ("web", "dd"), ("api", "dd")):
        world.see(service, letters)
    found = {one.service: len(one.suspects) for one in world.desk.open_incidents() if one.vendor_ref is None}
    assert found == {"web": 0, "api": 2}


def test_what_a_vendor_says_does_not_touch_the_evidence_of_the_service_itself():
    """Looks that lean one way go on leaning although a suspect appears between them."""
    belief, patience = Belief("web", Status.MAJOR, NOON, incident=OWN, causes=("own:refused",)), Patience(2, 3)
    plain = belief
    for n in range(3):
        seen = Observation("web", NOON + timedelta(seconds=n), 0.1, Reading(Status.OPERATIONAL))
        plain, belief = weigh(plain, seen, patience).belief, weigh(belief, seen, patience).belief
        verdict = reconsider(belief, (replace(SUSPECT, incident=f"i{n}"),), seen.at)
        belief = verdict.belief if verdict else belief
    assert (belief.incident, belief.status) == (plain.incident, plain.status) == (None, Status.OPERATIONAL)
