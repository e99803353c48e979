"""The laws of a vendor's list, against a slow model written from their prose: it asks each time what it has seen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from tests.core.small import MINUTE, NOON, Life, are_numbered
from tui_monitor.core.listed import COPIES_LAST
from tui_monitor.core.model import Kind, Patience, Reading, VendorIncident
from tui_monitor.core.status import Status
from tui_monitor.core.steady import MOST

REFS = ("a", "b", "c")
WEIGHTS = (Status.OPERATIONAL, Status.DEGRADED, Status.PARTIAL, Status.MAJOR, Status.UNKNOWN)
HOURS = st.integers(0, 4)


def hour(number: int) -> datetime:
    return NOON - timedelta(hours=6 - number)


@dataclass(frozen=True)
class Page:
    """What a page lists: by each id its weight, what is over, how far back it goes, and when it was changed."""

    listed: dict[str, Status]
    over: frozenset[str] = frozenset()
    reach: int | None = None
    as_of: int | None = None

    def reading(self, began: dict[str, int]) -> Reading:
        def said(ref: str, status: Status) -> VendorIncident:
            return VendorIncident(ref, f"incident {ref}", status, started_at=hour(began[ref]))

        incidents = tuple(said(ref, status) for ref, status in self.listed.items())
        worst = max((one.status for one in incidents), key=lambda one: one.rank, default=Status.OPERATIONAL)
        return Reading(
            worst,
            "the page",
            incidents=incidents,
            over=tuple(said(ref, Status.MAJOR) for ref in sorted(self.over)),
            reach=None if self.reach is None else hour(self.reach),
            as_of=None if self.as_of is None else hour(self.as_of),
        )


@st.composite
def pages(draw: st.DrawFn) -> Page:
    listed = {ref: draw(st.sampled_from(WEIGHTS)) for ref in REFS if draw(st.booleans())}
    over = frozenset(ref for ref in REFS if ref not in listed and draw(st.booleans()))
    reach = draw(st.none() | HOURS)
    return Page(listed, over if reach is not None else frozenset(), reach, draw(st.none() | HOURS))


@dataclass
class Model:
    """What ought to be true, and what ought to have been said of each incident."""

    began: dict[str, int]
    flap_after: int
    open: dict[str, Status] = field(default_factory=dict)
    closed_by_hand: set[str] = field(default_factory=set)
    was_listed: set[str] = field(default_factory=set)
    came: list[tuple[str, datetime]] = field(default_factory=list)
    doubted: dict[str, datetime] = field(default_factory=dict)
    said: list[tuple[str, str]] = field(default_factory=list)
    newest: tuple[int, datetime] | None = None

    def see(self, page: Page, at: datetime) -> None:
        if self.is_old(page, at):
            return
        if page.as_of is not None and (self.newest is None or page.as_of != self.newest[0]):
            self.newest = (page.as_of, at)
        for ref in REFS:
            is_believed = ref in self.open or ref in self.closed_by_hand
            if ref not in page.listed and is_believed and self.is_out_of_sight(ref, page):
                self.agrees(ref, is_listed=True)
            elif ref in page.listed and is_believed:
                self.comes(ref, at)
                if ref in self.open:
                    self.weighs(ref, page.listed[ref])
                self.agrees(ref, is_listed=True)
            elif ref in page.listed:
                if not self.is_doubtful(ref, at):
                    self.open[ref] = page.listed[ref]
                    self.said.append((ref, "opened"))
                self.comes(ref, at)
            elif is_believed and (ref in page.over or not self.is_doubtful(ref, at)):
                self.ends(ref)
                self.agrees(ref, is_listed=False)
            elif is_believed:
                self.was_listed.discard(ref)
            else:
                self.agrees(ref, is_listed=False)

    def comes(self, ref: str, at: datetime) -> None:
        if ref not in self.was_listed:
            self.came.append((ref, at))
        self.was_listed.add(ref)

    def agrees(self, ref: str, *, is_listed: bool) -> None:
        """The page says what is believed, or nothing at all."""
        self.doubted.pop(ref, None)
        (self.was_listed.add if is_listed else self.was_listed.discard)(ref)

    def is_doubtful(self, ref: str, at: datetime) -> bool:
        """Whether the page, which says otherwise than is believed, has come and gone too much to be believed yet."""
        often = [when for one, when in self.came if one == ref and at - when < timedelta(hours=1)]
        since = self.doubted.setdefault(ref, at)
        if 1 < self.flap_after <= len(often) and at - since < timedelta(minutes=15):
            return True
        del self.doubted[ref]
        return False

    def ends(self, ref: str) -> None:
        if ref in self.open:
            del self.open[ref]
            self.said.append((ref, "resolved"))
        self.closed_by_hand.discard(ref)

    def is_old(self, page: Page, at: datetime) -> bool:
        if page.as_of is None or self.newest is None:
            return False
        return page.as_of < self.newest[0] and (at - self.newest[1]).total_seconds() < COPIES_LAST

    def is_out_of_sight(self, ref: str, page: Page) -> bool:
        if ref in page.over or page.reach is None:
            return False
        return ref in self.closed_by_hand or self.began[ref] < page.reach

    def weighs(self, ref: str, status: Status) -> None:
        before, self.open[ref] = self.open[ref], status
        if before is status:
            return
        if Status.UNKNOWN in (before, status):
            self.said.append((ref, "updated"))
        else:
            self.said.append((ref, "worsened" if status.rank > before.rank else "eased"))

    def close(self, ref: str) -> None:
        del self.open[ref]
        self.closed_by_hand.add(ref)
        self.said.append((ref, "force-resolved"))


BEGAN = st.fixed_dictionaries(dict.fromkeys(REFS, HOURS))
LISTED, DROPPED, SAID_OVER = Page({"a": Status.MAJOR}), Page({}), Page({}, frozenset("a"), 0)
FLAPPING = st.lists(st.sampled_from([LISTED, DROPPED, SAID_OVER]), max_size=12)
MOODS = st.sampled_from(["close", "wait", "unreadable"])
STEPS = st.lists(st.lists(pages() | MOODS, max_size=5) | FLAPPING, max_size=8).map(lambda some: list(chain(*some)))
OFTEN = st.sampled_from([0, 2, 3, 4])


@given(BEGAN, STEPS, OFTEN)
def test_every_list_does_what_the_prose_says(began: dict[str, int], steps: list[Page | str], often: int):
    life, model = Life(Patience(flap_after=often)), Model(began, often)
    for step in steps:
        if isinstance(step, Page):
            model.see(step, life.now)
            life.see(step.reading(began))
        elif step == "wait":
            life.now += timedelta(seconds=COPIES_LAST)
        elif step == "unreadable":
            life.see(Reading(Status.UNKNOWN, "its page answered 503"))
        elif life.belief.vendor:
            model.close(life.belief.vendor[0].vendor_ref or "")
            life.ask("F", life.belief.vendor[0])
        assert {one.vendor_ref: one.status for one in life.belief.vendor} == model.open
    names = {one.id: one.vendor_ref for one in life.incidents.values()}
    of_vendors = [(names[event.subject], event.kind.value) for event in life.events if names[event.subject]]
    assert sorted(of_vendors) == sorted((ref, kind) for ref, kind in model.said)
    assert [kind for ref, kind in of_vendors if ref == "a"] == [kind for ref, kind in model.said if ref == "a"]
    assert are_numbered(life.events)


@given(BEGAN, st.lists(pages(), max_size=12))
def test_what_opened_and_did_not_end_is_open(began: dict[str, int], seen: list[Page]):
    life = Life()
    for page in seen:
        life.see(replace(page, as_of=None).reading(began))
    opened = [event.subject for event in life.events if event.kind is Kind.OPENED]
    ended = [event.subject for event in life.events if event.kind is Kind.RESOLVED]
    assert len(set(opened)) == len(opened)
    standing = {one.id for one in life.belief.incidents}
    assert set(opened) - set(ended) == standing


GAPS = st.sampled_from([10, 60, 300, 900, 1200, 3600])


@given(st.lists(st.tuples(st.sampled_from([LISTED, DROPPED, SAID_OVER]), GAPS), max_size=120), st.integers(2, 5))
def test_however_a_page_flaps_one_incident_of_it_opens_only_so_often_within_an_hour(
    looks: list[tuple[Page, int]], often: int
):
    life = Life(Patience(flap_after=often))
    for page, gap in looks:
        life.see(page.reading({"a": 0}))
        life.now += timedelta(seconds=gap) - MINUTE
    opened = [event.at for event in life.events if event.kind is Kind.OPENED]
    for first in opened:
        within = [at for at in opened if timedelta(0) <= at - first < timedelta(hours=1)]
        assert len(within) <= often + 4  # the others came after a quarter of an hour that was steady


@given(st.integers(4, 60), st.integers(1, 3), st.integers(1, 3))
def test_a_page_that_never_stops_flapping_is_soon_told_no_more_and_is_open_meanwhile(times: int, on: int, off: int):
    life = Life()
    for _ in range(times):
        for page in [LISTED] * on + [DROPPED] * off:
            life.see(page.reading({"a": 0}))
    assert [event.kind for event in life.events] == [Kind.OPENED, Kind.RESOLVED] * 3 + [Kind.OPENED]
    assert [one.vendor_ref for one in life.belief.vendor] == ["a"]
    gone_at = life.now - off * MINUTE
    for _ in range(16):
        life.see(DROPPED.reading({}))
    assert life.belief.vendor == ()
    assert (life.events[-1].kind, life.rows[-1].resolved_at) == (Kind.RESOLVED, gone_at)


@given(st.integers(0, 30))
def test_what_the_vendor_calls_over_is_over_at_once_however_it_has_flapped(times: int):
    life = Life()
    for page in [LISTED, DROPPED] * times + [LISTED, SAID_OVER]:
        life.see(page.reading({"a": 0}))
    assert life.belief.vendor == ()
    assert life.events[-1].kind is Kind.RESOLVED


def test_of_no_more_incidents_than_people_read_is_it_remembered_how_they_flap():
    life = Life()
    for look in range(3):
        listed = tuple(VendorIncident(f"{look} {number}", "slow", Status.DEGRADED) for number in range(MOST))
        life.see(Reading(Status.DEGRADED, "the page", incidents=listed))
    assert len(life.belief.comings) == MOST
    assert {one.ref for one in life.belief.comings} == {one.ref for one in listed}
