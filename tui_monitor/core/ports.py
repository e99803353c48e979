"""What each role knows of the world, as small interfaces: store, check, destination, the way out, the door."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from tui_monitor.core.message import Message
from tui_monitor.core.model import (
    Belief,
    Event,
    Incident,
    Kind,
    Look,
    Measure,
    Observation,
    Reading,
    Service,
    Told,
)
from tui_monitor.core.status import Status

if TYPE_CHECKING:
    import httpx


# -- the store --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Batch:
    """What one turn of the loop decided: kept together or not at all."""

    observations: Sequence[Observation] = ()
    beliefs: Sequence[Belief] = ()
    incidents: Sequence[Incident] = ()
    events: Sequence[Event] = ()
    told: Sequence[Told] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What an engine needs to go on where the last one stopped.

    `told` holds every row of an incident that is open, is still owed, or has not been told its end.
    `events` holds the newest events, oldest first; `revisions` the last n of each subject that is not an incident.
    """

    beliefs: Sequence[Belief] = ()
    incidents: Sequence[Incident] = ()
    told: Sequence[Told] = ()
    events: Sequence[Event] = ()
    revisions: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Uptime:
    """Looks per kind of status in a span; the share is the published formula."""

    up: int = 0
    down: int = 0
    maintenance: int = 0
    unknown: int = 0

    @property
    def share(self) -> float | None:
        """up / (up + down), from 0 to 1; None where nothing was seen."""
        seen = self.up + self.down
        return self.up / seen if seen else None


@dataclass(frozen=True, slots=True)
class Quantiles:
    """The latencies that such a share of the looks did not exceed; None where nothing was measured."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """What was seen in one of the equal parts of a span; no status where there was no look.

    `status` is the worst of all looks; `looks`, `down` and `maintenance` count those that stand for time, as uptime
    does. Where only whole days are still known, the parts of a day all show that day, and their counts are None.
    """

    at: datetime
    latency: Quantiles = Quantiles()
    status: Status | None = None
    looks: int | None = 0
    down: int | None = 0
    maintenance: int | None = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """A span in equal slices, and the latencies of all of it together."""

    slices: Sequence[Slice]
    latency: Quantiles = Quantiles()
    mean: float | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """The looks of one day of UTC that stand for time, by what they saw; `at` is its midnight."""

    at: datetime
    counts: Mapping[Status, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """What the incidents that were open at some time since a moment add up to; rehearsals are none.

    `told` counts the rows of each destination by their state, `flapping` how often each service began to flap;
    `size` is what the store takes on disk, in bytes.
    """

    told: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    flapping: Mapping[str, int] = field(default_factory=dict)
    size: int = 0


class Store(Protocol):
    """Remembers. Every method raises StoreError with one plain sentence."""

    @property
    def notice(self) -> str:
        """What a person should know of the store itself: set aside, cut to size, lost. Else empty."""
        ...

    async def load(self, services: Sequence[str]) -> Checkpoint:
        """The state as it was last committed; `services` are the ids of the config that is about to run."""
        ...

    async def commit(self, batch: Batch) -> None:
        """Durable when it returns; StoreError and nothing changed otherwise."""
        ...

    async def looks(self, service: str, since: datetime, until: datetime) -> list[Look]: ...

    async def uptimes(
        self, services: Sequence[str], now: datetime, spans: Sequence[float]
    ) -> dict[str, list[Uptime]]:
        """For each service, one Uptime per span (seconds back from now)."""
        ...

    async def sparkline(self, service: str, since: datetime, until: datetime, points: int) -> list[float | None]:
        """Median latency per equal slice of time; None where nothing was measured."""
        ...

    async def chart(self, service: str, since: datetime, until: datetime, points: int) -> Chart:
        """A span, both ends included, in equal slices; by the counts of whole days where the looks are gone."""
        ...

    async def days(self, service: str, until: datetime, count: int) -> list[Day]:
        """So many days of UTC, the newest last, which is that of `until`."""
        ...

    async def lately(self, services: Sequence[str], count: int) -> dict[str, list[Look]]:
        """The newest looks at each service, newest last."""
        ...

    async def incidents(self, *, open_only: bool, since: datetime | None = None, service: str = "") -> list[Incident]:
        """Newest first; of one service if it is named."""
        ...

    async def events(self, since: datetime, limit: int) -> list[Event]:
        """Of everything, in the order of writing: of the newest so many, those since a moment."""
        ...

    async def account(self, since: datetime) -> Account: ...

    async def timeline(self, incident: str) -> list[Event]: ...

    async def told_of(self, subject: str) -> list[Told]: ...

    async def tidy(self, now: datetime) -> None:
        """Pack full hours, roll up, forget what is too old, give space back; in small steps."""
        ...

    async def close(self) -> None: ...


# -- plugins ----------------------------------------------------------------------------------------------------


@runtime_checkable
class Check(Protocol):
    """A way of looking at a service: a frozen dataclass whose fields are its options.

    `look` does the I/O and raises `Unreachable` (no answer) or `Unreadable` (nothing to be told from it);
    `judge` is plain and pure. Deadline, errors, clock and logging belong to the runner.

    A check may also have these class attributes: `usual`, its own defaults of `every`, `timeout`, `down_after` and
    `up_after`; `remembers = True` where it keeps a memo from look to look; and a property `members`, the names of
    other services whose statuses it is made of. One that is fed from outside is `Fed`.
    """

    vendor: ClassVar[bool]
    """Whether this reads somebody's page (no answer is `unknown`) or looks at a service of ours (it is down)."""

    async def look(self, outside: Outside) -> Any: ...

    def judge(self, sight: Any) -> Reading: ...


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life that came in by itself: it is `done`, has `started`, or has `failed` with an exit code."""

    kind: str = "done"
    code: int = 0
    text: str = ""


@runtime_checkable
class Fed(Protocol):
    """A check that waits for signs of life; it keeps them in its memo. Both are plain and pure."""

    def feed(self, memo: str, beat: Beat, at: datetime) -> str:
        """The memo after a sign of life. ValueError: not one that this check takes."""
        ...

    def absent(self, memo: str, at: datetime) -> str:
        """The memo after a time, ending now, in which no sign could have been heard: waiting begins anew."""
        ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a destination gave back: the outside id that later updates refer to, and a link for people.

    `note` is what a person should know although the message arrived, such as one mailbox of three that refused.
    """

    ref: str = ""
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """One service as a place that is kept true is to show it; `publish` is what the config says of it for there."""

    service: Service
    status: Status
    since: datetime | None = None
    message: str = ""
    publish: Any = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One look as a place that records is given it."""

    service: Service
    at: datetime
    status: Status
    message: str = ""
    latency: float | None = None
    measures: tuple[Measure, ...] = ()
    publish: Any = None


@runtime_checkable
class Destination(Protocol):
    """An outside place: a frozen dataclass whose fields are its options.

    `deliver` raises DeliveryError. Retry, backoff, grouping and rate limits belong to the outbox.
    A destination that can be asked also has `find(message, outside) -> Receipt | None`: after a crash between
    sending and settling it is asked before anything is sent again.

    Attributes say what else a place is, as class attributes or as properties that follow from its options:
    `public`, where no rehearsal is ever told; `tickets`, where what it is told first opens a ticket; and `banner`,
    where it shows the banner of the board and is told of no incident. What is pushed by hand goes by these three.
    A place that is told of incidents in groups may have a `crowd`, the number from which on they come in one message
    (2 unless it says so), and any place a `pace`, the seconds from one message to the next.

    A banner that is `automatic` shows what the board would say by itself, unless a person has pushed another. Where
    banners run out outside, `renewed_every` says after how many seconds one is told again, as a reminder.

    `published`, a dataclass of options, is what the config may say of a service for this place, under `publish`;
    `spared(service, publish) -> str` says why this place is told of no incident of a service, or nothing; and
    `prove_published(given: Mapping[str, Any], outside) -> str` proves what is said there, by the names of services.

    Besides news, a place may take part in what goes on, each in its own way, and each raises DeliveryError:

    - `keeps(service, publish) -> bool` and `keep(scene: Sequence[Standing], outside) -> str`: it shows how services
      are. It is given all of them when one has changed, and now and then; what it had to put right is said.
    - `records(service, publish) -> bool` and `record(samples: Sequence[Sample], outside)`: it is given each look.
    - `beats_every` and `beat(outside)`: it hears every so many seconds that all is well with the engine.

    `chooses` is the option, if any, in which it lists services by their names or ids: one that is not there is told.

    One that hears of no event (`hears` is empty) needs no `deliver`, and no route leads to it.
    """

    hears: ClassVar[frozenset[Kind]]
    """The kinds of events that it is told."""

    @property
    def grouped(self) -> bool:
        """Whether several incidents may come in one message; a class attribute where no option decides it."""
        ...

    async def deliver(self, message: Message, outside: Outside) -> Receipt: ...

    async def prove(self, outside: Outside) -> str:
        """Prove address, token and rights without posting anything; a sentence of what was proved."""
        ...


LOUD = frozenset(
    {
        Kind.OPENED,
        Kind.UPDATED,
        Kind.WORSENED,
        Kind.EASED,
        Kind.ACKNOWLEDGED,
        Kind.SUSPECTED,
        Kind.FLAPPING,
        Kind.CALMED,
        Kind.RESOLVED,
        Kind.FORCE_RESOLVED,
    }
)
"""What people want to hear of; notes stay inside."""


class Outside(Protocol):
    """The way out, given to plugins: they never open a connection of their own."""

    @property
    def timeout(self) -> float:
        """Seconds that one look or delivery may take in all; every exchange of `http` and `net` ends within them."""
        ...

    @property
    def http(self) -> httpx.AsyncClient:
        """A client over our transport: deadline set by the caller, no redirects to other hosts, URLs never logged.

        Whatever keeps an answer from coming or ending is raised as `Unreachable`, so that no plugin needs httpx.
        """
        ...

    def client(self, *, verify: bool = True, ca: str = "") -> httpx.AsyncClient:
        """`http` for a place with TLS of its own: unverified, or against the certificates in the file `ca`.

        The same options give the same client, which lives as long as the way out does.
        """
        ...

    @property
    def home(self) -> Path:
        """The folder that relative paths of options start from."""
        ...

    @property
    def now(self) -> datetime: ...

    @property
    def memo(self) -> str:
        """What the last look at this service left to be remembered; empty at the first one."""
        ...

    def status_of(self, service: str) -> Status:
        """What is believed of another service, by its id or name; unknown where nothing is."""
        ...

    def knowing(self, memo: str, status_of: Callable[[str], Status]) -> Outside:
        """The same way out for a look that needs to know more."""
        ...

    async def run(self, work: Any, /, *args: Any) -> Any:
        """Call a blocking function in a thread of the pool for such work."""
        ...

    @property
    def net(self) -> Any:
        """The transport (`tui_monitor.net.Net`), for checks that take connections apart."""
        ...


# -- the door ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Command:
    """A request from a face. `name` is the verb of the command line; `by` is who asks."""

    name: str
    target: str = ""
    text: str = ""
    by: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command: one sentence for people, data for scripts."""

    text: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs since a cursor: whole rows by id (None: gone), and the events in between."""

    cursor: str
    services: Mapping[str, Any] = field(default_factory=dict)
    incidents: Mapping[str, Any] = field(default_factory=dict)
    deliveries: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Any] = ()
    board: Mapping[str, Any] = field(default_factory=dict)


class Control(Protocol):
    """The door. Everything it returns is plain JSON data in the shapes that the README documents."""

    async def snapshot(self) -> dict[str, Any]:
        """The whole board, with the `cursor` from which `changes` goes on."""
        ...

    async def changes(self, cursor: str, wait: float) -> Changes:
        """What changed since; waits at most `wait` seconds for something. Raises CursorExpired."""
        ...

    async def history(self, what: str, **options: str) -> Any:
        """What is remembered, by one of the questions that the README lists. Raises Rejected."""
        ...

    async def do(self, command: Command) -> Outcome:
        """Carry a command out; durable when it returns. Raises Rejected."""
        ...
