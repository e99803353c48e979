"""The nouns as values: what a look saw, what is believed, what has happened, what a place was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tui_monitor.core.status import Status


@dataclass(frozen=True, slots=True)
class Phases:
    """Where the time of one look went, in seconds from the start of each phase to its end."""

    dns: float = 0.0
    connect: float = 0.0
    tls: float = 0.0
    first_byte: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class VendorUpdate:
    """One thing that a vendor has written of an incident; `state` is the vendor's own word, such as `monitoring`."""

    text: str
    at: datetime | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class VendorComponent:
    """One part of what a vendor offers, as its own page shows it; `group` is the heading under which it stands."""

    name: str
    status: Status
    group: str = ""


@dataclass(frozen=True, slots=True)
class VendorIncident:
    """One incident or maintenance on a vendor's own page, known by the vendor's id.

    `status` says how bad it is, and is `unknown` where the vendor uses a word that we do not know; `operational` is a
    notice that concerns nobody's health. `state` and `impact` are the vendor's own words, `updates` what it has
    written, oldest first. `until` is when a maintenance is to end, or when what is over ended.
    """

    ref: str
    title: str
    status: Status = Status.UNKNOWN
    url: str = ""
    started_at: datetime | None = None
    updated_at: datetime | None = None
    maintenance: bool = False
    components: tuple[str, ...] = ()
    updates: tuple[VendorUpdate, ...] = ()
    state: str = ""
    impact: str = ""
    until: datetime | None = None

    @property
    def update(self) -> str:
        """What the vendor has written last."""
        return self.updates[-1].text if self.updates else ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure that a look brought home, such as a round trip or a plug-in's performance data."""

    name: str
    value: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one look saw. `cause` names what is wrong in words that stay the same from look to look.

    A `milestone` is a new cause that is news although the status is the same, such as the next threshold of a
    certificate that runs out. `memo` is what the next look at the same service must know; empty keeps the last one.

    Of a vendor's page, `incidents` are what the vendor says is open now, maintenance that has begun among them (None
    where a page has no such list), `maintenances` what is announced, and `over` what the page still shows although it
    has ended. `reach` is how far back the list goes, where it also names what is over: what began before it may be
    missing although it still lasts. `as_of` is when the vendor says that it last changed its page.
    """

    status: Status
    message: str = ""
    cause: str = ""
    incidents: tuple[VendorIncident, ...] | None = None
    maintenances: tuple[VendorIncident, ...] = ()
    over: tuple[VendorIncident, ...] = ()
    reach: datetime | None = None
    as_of: datetime | None = None
    components: tuple[VendorComponent, ...] = ()
    latency: float | None = None
    phases: Phases | None = None
    certificate_until: datetime | None = None
    measures: tuple[Measure, ...] = ()
    milestone: bool = False
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """A reading stamped with whose it is, when the look began, how long it took and where it was taken.

    A `confirming` look was taken out of turn to make sure of a failure; it stands for no time of its own. An `echo`
    is the opposite: a turn that came while a look was still under way, which saw what that look saw. It counts as
    time, and is no evidence of its own. `counts_as` is the status under which history keeps it, where that is not the
    one that was seen: in planned work, or in a rehearsal.
    """

    service: str
    at: datetime
    took: float
    reading: Reading
    place: str = "here"
    confirming: bool = False
    echo: bool = False
    counts_as: Status | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What is kept of an observation for good: enough for uptime, sparklines and charts."""

    at: datetime
    status: Status
    latency: float | None = None
    confirming: bool = False


@dataclass(frozen=True, slots=True)
class Patience:
    """How much evidence it takes to change what is believed of a service."""

    down_after: int = 3
    up_after: int = 2
    flap_after: int = 4
    flap_within: float = 3600.0
    flap_calm: float = 900.0
    lapse: float = 3600.0
    """Seconds without a look after which what was leaning is forgotten: what came before proves nothing now."""


@dataclass(frozen=True, slots=True)
class Service:
    """One row of the config, one tile on the board. `check` is the plugin that looks at it.

    `publish` is what single destinations need to know of it, by their name in the config.
    """

    id: str
    name: str
    check: Any = None
    kind: str = ""
    group: str = ""
    tags: tuple[str, ...] = ()
    critical: bool = False
    every: float = 60.0
    timeout: float = 10.0
    retry_after: float = 2.0
    patience: Patience = Patience()
    unreachable: Status = Status.MAJOR
    messages: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()
    publish: Mapping[str, Any] = field(default_factory=dict)


class State(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Kind(StrEnum):
    """What an event says has happened."""

    OPENED = "opened"
    UPDATED = "updated"
    WORSENED = "worsened"
    EASED = "eased"
    ACKNOWLEDGED = "acknowledged"
    NOTED = "noted"
    SUSPECTED = "suspected"
    SUSPECT_TURNED = "suspect-turned"
    FLAPPING = "flapping"
    CALMED = "calmed"
    RESOLVED = "resolved"
    FORCE_RESOLVED = "force-resolved"
    # of the board, not of an incident
    STARTED = "started"
    STOPPED = "stopped"
    CLOCK = "clock"
    TROUBLE = "trouble"
    WELL = "well"
    TOLD = "told"
    GAVE_UP = "gave-up"
    DROPPED = "dropped"
    SILENCED = "silenced"
    SILENCE_ENDS = "silence-ends"
    UNSILENCED = "unsilenced"
    MAINTENANCE = "maintenance"
    MAINTAINED = "maintained"
    TEST_MODE = "test-mode"
    SIMULATED = "simulated"
    REHEARSED = "rehearsed"
    ANNOUNCED = "announced"
    CUT_OFF = "cut-off"
    BACK = "back"
    RELOADED = "reloaded"
    PUSHED = "pushed"


@dataclass(frozen=True, slots=True)
class Event:
    """One change of an incident or of the board. Appended once under (subject, n), never altered.

    `to` names the destinations for which a person has written it; without any, it is for whoever hears its kind.
    """

    subject: str
    n: int
    kind: Kind
    at: datetime
    by: str = "engine"
    text: str = ""
    service: str = ""
    status: Status | None = None
    to: tuple[str, ...] = ()

    def is_for(self, destination: str, hears: frozenset[Kind]) -> bool:
        """Whether a destination that hears these kinds is to be told of this."""
        return destination in self.to if self.to else self.kind in hears


BOARD = "board"
"""The subject of events that are about no incident."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """What a vendor that a service stands on says of itself while that service fails.

    `incident` is the id of ours for what it says is wrong, and `cause` by what that is known when it is listed anew.
    Both are empty where its page says that all is well, and its status is `operational`; where it speaks of nothing
    but `maintenance`; or where it cannot be read, and that is `unknown`.
    """

    service: str
    name: str
    status: Status
    incident: str = ""
    title: str = ""
    url: str = ""
    cause: str = ""

    @property
    def is_named(self) -> bool:
        """Whether something is wrong there; the others only say how it is."""
        return bool(self.incident)


@dataclass(frozen=True, slots=True)
class Incident:
    """Something wrong with a service from a start to an end; `revision` is the n of its last event.

    `components`, `updates` and `words` (its own for state and impact) are a vendor's, `suspects` a service's of ours;
    `suspected` is what has been said of those, so that nothing of it is said twice.
    """

    id: str
    service: str
    cause: str
    title: str
    status: Status
    severity: Status
    started_at: datetime
    state: State = State.OPEN
    by: str = ""
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str = ""
    vendor_ref: str | None = None
    url: str = ""
    updated_at: datetime | None = None
    flapping: bool = False
    revision: int = 0
    rehearsal: bool = False
    components: tuple[str, ...] = ()
    updates: tuple[VendorUpdate, ...] = ()
    words: str = ""
    suspects: tuple[Suspect, ...] = ()
    suspected: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.state is not State.RESOLVED

    def duration(self, now: datetime) -> float:
        """Seconds from the start to the end, or to now while it lasts; never negative."""
        return max(0.0, ((self.resolved_at or now) - self.started_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Comings:
    """When a vendor's list began to name an incident lately, and since when it says otherwise than is believed."""

    ref: str
    at: tuple[datetime, ...] = ()
    doubted: datetime | None = None


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of one service: the fold of its observations.

    `streak` counts the observations in a row that lean the same way, away from what is believed, and `leant_at` is
    the newest of them; `lately` holds the looks that make a streak doubtful. `forgiven` holds the causes whose
    incidents a person has closed and that have lasted ever since; `flips` the moments at which belief turned lately.
    `memo` is what the check itself keeps from look to look. `as_of` is the newest state of a vendor's page that was
    seen, and `heard_at` when it was first seen; `comings` tell which of its incidents come and go.
    """

    service: str
    status: Status = Status.UNKNOWN
    since: datetime | None = None
    leaning: str = ""
    streak: int = 0
    streak_since: datetime | None = None
    leant_at: datetime | None = None
    lately: tuple[Reading, ...] = ()
    incident: Incident | None = None
    vendor: tuple[Incident, ...] = ()
    causes: tuple[str, ...] = ()
    forgiven: tuple[str, ...] = ()
    flips: tuple[datetime, ...] = ()
    memo: str = ""
    as_of: datetime | None = None
    heard_at: datetime | None = None
    comings: tuple[Comings, ...] = ()

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """Every incident of this service that is open."""
        return self.vendor if self.incident is None else (self.incident, *self.vendor)


class Owing(StrEnum):
    """Where a destination stands with a subject."""

    OWED = "owed"
    SENDING = "sending"
    TOLD = "told"
    HELD = "held"
    GIVEN_UP = "given-up"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Told:
    """What a destination was last told about a subject, what it is still owed, and the reference it gave back.

    `pushed` is the newest n that a person has sent there on purpose: until that is told, nothing keeps it back.
    """

    destination: str
    subject: str
    state: Owing = Owing.OWED
    owed: int = 0
    told: int = 0
    reason: str = ""
    due_at: datetime | None = None
    said: str = ""
    ref: str = ""
    url: str = ""
    told_at: datetime | None = None
    remind_at: datetime | None = None
    attempts: int = 0
    since: datetime | None = None
    error: str = ""
    claim: str = ""
    claimed: int = 0
    claimed_until: datetime | None = None
    pushed: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return (self.destination, self.subject)

    @property
    def is_owed(self) -> bool:
        return self.state in (Owing.OWED, Owing.SENDING)

    @property
    def is_pushed(self) -> bool:
        """Whether a person waits for it to be told."""
        return self.pushed > self.told
