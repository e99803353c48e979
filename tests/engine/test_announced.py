"""How often it is said that a vendor has moved its maintenance: a page may name another time at each look."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.core.small import NOON
from tui_monitor.core.model import Belief, Kind, Observation, Reading, Service, VendorIncident
from tui_monitor.core.status import Status
from tui_monitor.engine.announced import SAID_EVERY, SAID_EVERY_SOON, SOON, Announced

HUB = Service("hub", "Hub")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TOMORROW = NOON + timedelta(days=1)


@dataclass
class Watcher:
    """Looks at a page that plans one maintenance, and writes down when it was said to be moved, and to when."""

    now: datetime = NOON
    announced: Announced = field(default_factory=lambda: Announced("UTC"))
    moved: list[tuple[datetime, datetime]] = field(default_factory=list)

    def sees(self, *starts: datetime | None, after: timedelta = MINUTE) -> list[str]:
        """What is said of these starts, one look after the other; None is a page that plans nothing."""
        said: list[str] = []
        for start in starts:
            self.now += after
            planned = (VendorIncident("m1", "new racks", Status.MAINTENANCE, started_at=start, maintenance=True),)
            reading = Reading(Status.OPERATIONAL, "", incidents=(), maintenances=planned if start else ())
            seen = Observation("hub", self.now, 0.1, reading)
            for kind, text in self.announced.saw(HUB, Belief("hub"), seen, self.now):
                said.append(text)
                if start is not None and "has moved" in text:
                    assert kind is Kind.ANNOUNCED
                    self.moved.append((self.now, start))
        return said


def test_the_first_move_is_said_at_once_and_those_that_follow_when_an_hour_has_passed():
    watcher = Watcher()
    later = [TOMORROW + MINUTE * number for number in range(1, 121)]
    said = watcher.sees(None, TOMORROW, *later)
    assert said[0] == "Hub announces maintenance for Mon 12:00: new racks"
    assert said[1:] == [
        "Hub has moved its maintenance for Mon 12:01: new racks",
        "Hub has moved its maintenance for Mon 13:01: new racks",
    ]


def test_what_is_moved_to_and_fro_is_where_it_was_said_to_be():
    watcher = Watcher()
    assert len(watcher.sees(None, TOMORROW, TOMORROW + HOUR, TOMORROW)) == 2
    watcher.sees(*[TOMORROW + HOUR] * 120)
    assert len(watcher.moved) == 1
    watcher.sees(TOMORROW)
    assert watcher.moved[1:] == [(watcher.now, TOMORROW)]


def test_what_now_begins_soon_is_said_soon():
    watcher = Watcher()
    watcher.sees(None, TOMORROW, TOMORROW + HOUR)
    soon = watcher.now + 30 * MINUTE
    watcher.sees(*[soon] * 10)
    assert watcher.moved[1:] == [(watcher.moved[0][0] + 5 * MINUTE, soon)]


STARTS = st.integers(-10, 300).map(lambda minutes: NOON + minutes * MINUTE)
LOOKS = st.lists(st.tuples(STARTS, st.sampled_from([10, 60, 240, 1200])), max_size=60)


@given(LOOKS)
def test_however_a_page_moves_its_maintenance_it_is_said_only_so_often_and_in_the_end(
    looks: list[tuple[datetime, int]],
):
    watcher = Watcher()
    watcher.sees(None, TOMORROW)
    said = TOMORROW
    for start, seconds in looks:
        before = watcher.moved[-1:]
        watcher.sees(start, after=timedelta(seconds=seconds))
        if watcher.moved[-1:] == before:
            continue
        assert start != said
        if before:
            passed = (watcher.now - before[0][0]).total_seconds()
            is_soon = min(start, said) - watcher.now < timedelta(seconds=SOON)
            assert passed >= (SAID_EVERY_SOON if is_soon else SAID_EVERY)
        said = start
    last = looks[-1][0] if looks else TOMORROW
    watcher.sees(last, after=HOUR)
    assert (watcher.moved[-1][1] if watcher.moved else TOMORROW) == last
