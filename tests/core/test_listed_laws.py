"""The laws of a vendor's list, against a slow model written from their prose: it asks each time what it has seen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.core.small import NOON, Life, are_numbered
from tui_monitor.core.listed import COPIES_LAST
from tui_monitor.core.model import Kind, Reading, VendorIncident
from tui_monitor.core.status import Status

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
    open: dict[str, Status] = field(default_factory=dict)
    closed_by_hand: set[str] = field(default_factory=set)
    said: list[tuple[str, str]] = field(default_factory=list)
    newest: tuple[int, datetime] | None = None

    def see(self, page: Page, at: datetime) -> None:
        if self.is_old(page, at):
            return
        if page.as_of is not None and (self.newest is None or page.as_of != self.newest[0]):
            self.newest = (page.as_of, at)
        for ref, status in page.listed.items():
            if ref in self.open:
                self.weighs(ref, status)
            elif ref not in self.closed_by_hand:
                self.open[ref] = status
                self.said.append((ref, "opened"))
        for ref in list(self.open):
            if ref not in page.listed and not self.is_out_of_sight(ref, page):
                del self.open[ref]
                self.said.append((ref, "resolved"))
        for ref in list(self.closed_by_hand):
            if ref not in page.listed and (ref in page.over or page.reach is None):
                self.closed_by_hand.discard(ref)

    def is_old(self, page: Page, at: datetime) -> bool:
        if page.as_of is None or self.newest is None:
            return False
        return page.as_of < self.newest[0] and (at - self.newest[1]).total_seconds() < COPIES_LAST

    def is_out_of_sight(self, ref: str, page: Page) -> bool:
        return ref not in page.over and page.reach is not None and self.began[ref] < page.reach

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
STEPS = st.lists(pages() | st.sampled_from(["close", "wait", "unreadable"]), max_size=30)


@given(BEGAN, STEPS)
def test_every_list_does_what_the_prose_says(began: dict[str, int], steps: list[Page | str]):
    life, model = Life(), Model(began)
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
