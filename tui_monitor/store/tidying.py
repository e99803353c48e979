"""Packing, rolling up, forgetting, giving space back: in short steps, each True while more of its kind is to do.

Each step is one transaction of some ten milliseconds, so that a commit never waits long behind it, and so that a kill
at any point leaves every look there once: what is moved is written and deleted together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from tui_monitor.store.opening import plainly, transaction
from tui_monitor.store.pack import PackedLook, merge, pack, unpack
from tui_monitor.store.queries import SQL
from tui_monitor.store.rows import DAY, HOUR, SLOT, STATUSES, moment_of
from tui_monitor.store.sketch import Sketch
from tui_monitor.store.tally import total_of
from tui_monitor.store.writer import Writer

GRACE = 15 * 60_000
"""An hour is packed so long after its end: looks that took long find it open. Those that come later are merged in."""
LOOKS_A_STEP = 4_000
SERVICES_A_STEP = 64
BLOBS_A_STEP = 32
ROWS_A_STEP = 5_000
INCIDENTS_A_STEP = 50
PAGES_A_STEP = 256
MOVES_A_CHECKPOINT = 8
SPARE = 20
"""Free pages are given back once they are more than a twentieth of the file; fewer are soon used again."""
_HOURS = DAY // HOUR


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long, in milliseconds, and in how many bytes."""

    looks: int
    history: int
    size: int | None = None


class Tidying:
    """The steps over one writer, on the writer's thread."""

    def __init__(self, writer: Writer, keeping: Keeping) -> None:
        self._writer = writer
        self._connection = writer.connection
        self._keeping = keeping
        self._moves = 0
        self._swept_at = -1
        self.notice = ""
        """A word to people when looks had to go before their time or were lost, "" while none were."""

    @property
    def steps(self) -> Sequence[Callable[[int], bool]]:
        """In this order: what is packed can be forgotten next, and what is forgotten leaves space to give back."""
        return (self.pack, self.forget_looks, self.fold_hours, self.sweep, self.shrink, self.give_back)

    def step(self, do: Callable[[int], bool], now: int) -> bool:
        """One step; without a sync of its own, since nothing is promised to anybody by it."""
        with plainly(self._writer.path):
            self._writer.sync(False)
            return do(now)

    # -- packing --------------------------------------------------------------------------------------------------

    def pack(self, now: int) -> bool:
        """The rows of a few services in one full hour become a blob each, and are counted by hour and day."""
        hours = self._writer.tally.hours
        due = [hour for hour in hours if (hour + 1) * HOUR + GRACE <= now or hour > now // HOUR + 1]
        if not due:
            return False
        hour = min(due)
        numbers = list(_bounded(sorted(hours[hour].items())))
        reach = {"hour": hour, "first": numbers[0], "last": numbers[-1]}
        with self._moving(hour, numbers):
            looks: dict[int, list[PackedLook]] = {no: [] for no in numbers}
            for row in self._connection.execute(SQL.looks_of_hour, reach):
                looks[row[0]].append(row[1:])
            self._keep(hour, looks)
            minutes = range(hour * 60, hour * 60 + 60)
            self._connection.executemany(SQL.drop_looks, [(minute, numbers[0], numbers[-1]) for minute in minutes])
        return True

    @contextmanager
    def _moving(self, hour: int, numbers: Sequence[int]) -> Iterator[None]:
        """A transaction whose commit and its trace in the tally are one to every reader.

        The log is not folded into the file during that commit: a reader must not wait for a disk.
        """
        connection, tally = self._connection, self._writer.tally
        connection.execute(SQL.begin)
        try:
            yield
            connection.execute("pragma wal_autocheckpoint = 0")
            with tally.moving:
                connection.execute(SQL.commit)
                tally.remove(hour, numbers)
        except BaseException:
            if connection.in_transaction:
                connection.execute(SQL.rollback)
            raise
        finally:
            connection.execute("pragma wal_autocheckpoint = 500")
        self._moves += 1
        if self._moves % MOVES_A_CHECKPOINT == 0:
            connection.execute("pragma wal_checkpoint(passive)")

    def _keep(self, hour: int, looks: dict[int, list[PackedLook]]) -> None:
        """Late looks for an hour that is already packed are merged into it, or into what became of it."""
        counts = [(no, _counts(found)) for no, found in looks.items()]
        day = hour // _HOURS
        self._connection.executemany(SQL.add_day, [(no * SLOT + day, *count) for no, count in counts])
        self._connection.executemany(SQL.add_hour, [(hour * SLOT + no, *count) for no, count in counts])
        reach = (hour * SLOT + min(looks), hour * SLOT + max(looks))
        packed = {slot % SLOT: blob for slot, blob in self._connection.execute(SQL.packed_between, reach)}
        for no, found in looks.items():
            whole = merge(self._unpacked(packed[no], hour), found) if no in packed else found
            if whole:
                self._connection.execute(SQL.put_packed, (hour * SLOT + no, pack(whole)))

    def _unpacked(self, blob: bytes, hour: int) -> list[PackedLook]:
        """A blob that a bad disk has changed is given up, and said: it must not keep the others from being tidied."""
        try:
            return unpack(blob)
        except ValueError as error:
            at = moment_of(hour * HOUR)
            self.notice = f"Looks of {at:%Y-%m-%d %H}h in the store {self._writer.path} are lost: {error}."
            return []

    # -- forgetting -----------------------------------------------------------------------------------------------

    def forget_looks(self, now: int) -> bool:
        """Blobs beyond their time; what they say about latency stays in the sketch of their day."""
        return self._drop_packed((self._present(now) - self._keeping.looks) // HOUR)

    def _present(self, now: int) -> int:
        """The time that forgetting goes by: not long after the newest packed hour, whatever the clock says.

        A clock that is years ahead until it is set right must not cost a month of looks; it has packed no hour yet.
        """
        _, newest = self._connection.execute(SQL.packed_span).fetchone()
        return now if newest is None else min(now, (newest + 3) * HOUR)

    def _drop_packed(self, hour: int) -> bool:
        """Some of the blobs before this hour, the oldest first."""
        found = self._connection.execute(SQL.oldest_packed, (hour * SLOT, BLOBS_A_STEP)).fetchall()
        if not found:
            return False
        with transaction(self._connection):
            for slot, blob in found:
                hour_of = slot // SLOT
                latencies = [look[3] for look in self._unpacked(blob, hour_of) if look[3] is not None]
                self._sketch(slot % SLOT, hour_of // _HOURS, latencies)
            self._connection.execute(SQL.drop_packed, (found[0][0], found[-1][0]))
        return True

    def _sketch(self, no: int, day: int, latencies: Iterable[float]) -> None:
        sketch = Sketch.of(latencies)
        if not sketch.counts:
            return
        slot = no * SLOT + day
        row = self._connection.execute(SQL.sketch, (slot,)).fetchone()
        if row and row[0]:
            sketch.merge(Sketch.unpacked(row[0]))
        self._connection.execute(SQL.put_sketch, (slot, sketch.packed()))

    def fold_hours(self, now: int) -> bool:
        """The counts of hours, once their whole day is beyond the looks' time: the day's own counts have them.

        The mark does not follow a clock that goes back, since those hours are gone; but it is never beyond tomorrow.
        """
        present = self._present(now)
        with transaction(self._connection):
            (kept,) = self._connection.execute(SQL.mark, ("hours",)).fetchone()
            day = min(max(kept, (present - self._keeping.looks) // DAY), present // DAY + 1)
            self._connection.execute(SQL.put_mark, {"name": "hours", "period": day})
            limits = (day * _HOURS * SLOT, ROWS_A_STEP)
            return self._connection.execute(SQL.drop_hours, limits).rowcount == ROWS_A_STEP

    def sweep(self, now: int) -> bool:
        """Days, resolved incidents with all that was said of them, and the board's events; once an hour will do."""
        if self._swept_at == now // HOUR:
            return False
        limit = self._present(now) - self._keeping.history
        with transaction(self._connection):
            gone = self._connection.execute(SQL.forgettable, (limit, INCIDENTS_A_STEP)).fetchall()
            for query in (SQL.drop_events, SQL.drop_told, SQL.drop_incident):
                self._connection.executemany(query, gone)
            events = self._connection.execute(SQL.drop_old_events, (limit, ROWS_A_STEP)).rowcount
            if len(gone) == INCIDENTS_A_STEP or events == ROWS_A_STEP:
                return True
            days = [(no * SLOT, no * SLOT + limit // DAY - 1) for no in self._writer.tally.numbers.values()]
            self._connection.executemany(SQL.drop_days, days)
        self._swept_at = now // HOUR
        return False

    # -- space ----------------------------------------------------------------------------------------------------

    def shrink(self, now: int) -> bool:
        """While what is used is over the limit, the oldest looks go, whatever their age."""
        pages, free, size = self._pages()
        if self._keeping.size is None or (pages - free) * size <= self._keeping.size:
            return False
        oldest, _ = self._connection.execute(SQL.packed_span).fetchone()
        if oldest is None:
            self.notice = f"The store {self._writer.path} is over its limit, and there are no more looks to drop."
            return False
        until = moment_of((oldest + 1) * HOUR)
        self.notice = (
            f"The store {self._writer.path} is at its limit of {self._keeping.size / 2**20:.0f} MiB: "
            f"looks up to {until:%Y-%m-%d} had to go before their time."
        )
        return self._drop_packed(oldest + 1)

    def give_back(self, now: int) -> bool:
        """Free pages to the file system, some at a time."""
        pages, free, size = self._pages()
        limit = self._keeping.size
        is_too_large = limit is not None and pages * size > limit and free > 0
        if free * SPARE <= pages and not is_too_large:
            return False
        self._connection.execute(f"pragma incremental_vacuum({PAGES_A_STEP})").fetchall()
        return self._pages()[1] < free

    def _pages(self) -> tuple[int, int, int]:
        """All, free, and the size of one."""
        names = ("page_count", "freelist_count", "page_size")
        pages, free, size = (self._connection.execute(f"pragma {name}").fetchone()[0] for name in names)
        return pages, free, size


def _bounded(services: Sequence[tuple[int, int]]) -> Iterator[int]:
    """As many services as one step may take; at least one."""
    looks = 0
    for no, count in islice(services, SERVICES_A_STEP):
        if looks and looks + total_of(count) > LOOKS_A_STEP:
            return
        looks += total_of(count)
        yield no


def _counts(looks: Iterable[PackedLook]) -> list[int]:
    """Per status, of the looks that stand for time."""
    counts: defaultdict[int, int] = defaultdict(int)
    for _, status, confirming, _ in looks:
        if not confirming:
            counts[status] += 1
    return [counts[status] for status in range(len(STATUSES))]
