"""What happens in the demo and when, as data: scenes of cues, and how a seed makes a programme of them.

A scene begins and ends with all well, so that scenes of a lane may follow each other in any order, and those of
different lanes have nothing to do with each other. A programme is one lap; the next lap is another one.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tui_monitor.core.model import Kind
from tui_monitor.core.status import Status

Sight = Kind | Status

LAP = 285.0
"""Seconds of one programme."""
FIRST = 3.0
"""Seconds until the first cue of all: a moment to see that all is well."""
PATIENCE = 10.0
"""Seconds after which whoever watches would be bored: so long at most until the next cue that shows something."""
UNEVEN = 0.8
"""Seconds by which a cue may come later than its scene says."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One act at a moment. `whom` is a service, a destination or a role; `shows` is what should be seen of it.

    `said` is what the colleague says with it, or one of several things.
    """

    at: float
    act: str
    whom: str = ""
    what: str = ""
    said: tuple[str, ...] = ()
    shows: tuple[Sight, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """`roles` are services that one another may play; `lasts` is until all is well again and seen to be."""

    name: str
    lasts: float
    cues: Sequence[Cue]
    roles: Mapping[str, Sequence[str]] = field(default_factory=dict)


SIDE_STREETS = ("search", "images", "reviews")
"""Any of these may be slow or flap; the scenes in which they do follow each other."""
BEHIND_THE_ROUTER = ("website", *SIDE_STREETS)

SLOW = Scene(
    "a slow service",
    28,
    (
        Cue(0, "turn", "{slow}", "slow", shows=(Status.DEGRADED, Kind.OPENED, Kind.TOLD)),
        Cue(8, "ack", "{slow}", said=("on it", "looking at it now"), shows=(Kind.ACKNOWLEDGED,)),
        Cue(15, "note", "{slow}", said=("the new index is cold", "a crawler is at it"), shows=(Kind.NOTED,)),
        Cue(21, "turn", "{slow}", "well", shows=(Kind.RESOLVED, Status.OPERATIONAL)),
    ),
    {"slow": SIDE_STREETS},
)

WORSE_AND_BETTER = Scene(
    "one that worsens and eases",
    37,
    (
        Cue(0, "turn", "checkout", "slow", shows=(Status.DEGRADED, Kind.OPENED)),
        Cue(4, "refuse", "chat", "503 2 4"),
        Cue(8, "turn", "checkout", "down", shows=(Status.MAJOR, Kind.WORSENED)),
        Cue(11, "push", "", "push", said=("Payment is down, carts are kept",), shows=(Kind.PUSHED,)),
        Cue(13, "ticket", "checkout", "tickets", shows=(Kind.PUSHED,)),
        Cue(15, "ack", "checkout", said=("rolling back the release", "failing over"), shows=(Kind.ACKNOWLEDGED,)),
        Cue(18, "notify", "checkout", said=("half of the customers can pay again",), shows=(Kind.UPDATED,)),
        Cue(22, "turn", "checkout", "half", shows=(Status.PARTIAL, Kind.EASED)),
        Cue(30, "turn", "checkout", "well", shows=(Kind.RESOLVED,)),
        Cue(33, "push", "", "clear", shows=(Kind.PUSHED,)),
    ),
)

STORM = Scene(
    "a storm behind a router",
    31,
    (
        Cue(0, "turn", "router", "gone", shows=(Status.MAJOR, Kind.OPENED)),
        *(Cue(0, "turn", one, "gone") for one in BEHIND_THE_ROUTER),
        Cue(1, "refuse", "chat", "429 1 3"),
        Cue(8, "note", "router", said=("the switch in rack 4 restarts", "a cable was pulled"), shows=(Kind.NOTED,)),
        Cue(16, "turn", "router", "well", shows=(Kind.RESOLVED,)),
        *(Cue(16, "turn", one, "well") for one in BEHIND_THE_ROUTER[1:]),
        Cue(24, "turn", BEHIND_THE_ROUTER[0], "well", shows=(Kind.RESOLVED,)),
    ),
)

FLAP = Scene(
    "one that flaps",
    47,
    (
        Cue(0, "turn", "{flapping}", "error", shows=(Kind.OPENED, Status.PARTIAL)),
        Cue(4, "turn", "{flapping}", "well", shows=(Kind.RESOLVED,)),
        Cue(8, "turn", "{flapping}", "error", shows=(Kind.OPENED,)),
        Cue(12, "turn", "{flapping}", "well", shows=(Kind.RESOLVED,)),
        Cue(16, "turn", "{flapping}", "error", shows=(Kind.FLAPPING,)),
        Cue(24, "ack", "{flapping}", said=("somebody deploys it over and over",), shows=(Kind.ACKNOWLEDGED,)),
        Cue(32, "note", "{flapping}", said=("stopped the deployment",), shows=(Kind.NOTED, Kind.CALMED)),
        Cue(40, "turn", "{flapping}", "well", shows=(Kind.RESOLVED,)),
    ),
    {"flapping": SIDE_STREETS},
)

PAIR = Scene(
    "two at once",
    29,
    (
        Cue(0, "turn", "database", "gone", shows=(Status.MAJOR, Kind.OPENED)),
        Cue(0, "turn", "cache", "loading"),
        Cue(8, "ack", "database", said=("restarting it", "the disk is slow, moving it"), shows=(Kind.ACKNOWLEDGED,)),
        Cue(15, "turn", "database", "well", shows=(Kind.RESOLVED,)),
        Cue(22, "turn", "cache", "well", shows=(Kind.RESOLVED,)),
    ),
)

REHEARSAL = Scene(
    "a rehearsal",
    31,
    (
        Cue(0, "test-mode", "", "on", shows=(Kind.TEST_MODE,)),
        Cue(5, "simulate", "{rehearsed}", "major 14s", shows=(Kind.SIMULATED, Kind.OPENED, Status.MAJOR)),
        Cue(12, "note", "{rehearsed}", said=("does everybody hear this?",), shows=(Kind.NOTED,)),
        Cue(19, "wait", "{rehearsed}", shows=(Kind.REHEARSED, Kind.RESOLVED)),
        Cue(25, "test-mode", "", "off", shows=(Kind.TEST_MODE,)),
    ),
    {"rehearsed": ("database", "cache")},
)

RELOAD = Scene(
    "a config that changes",
    30,
    (
        Cue(0, "edit", "config", "more", shows=(Kind.RELOADED,)),
        Cue(8, "edit", "config", "wrong", shows=(Kind.TROUBLE,)),
        Cue(16, "edit", "config", "more", shows=(Kind.WELL,)),
        Cue(24, "edit", "config", "plain", shows=(Kind.RELOADED,)),
    ),
)

CUT_OFF = Scene(
    "a monitor that is cut off",
    14,
    (
        Cue(0, "cut", "line", shows=(Kind.CUT_OFF, Status.UNKNOWN)),
        Cue(9, "mend", "line", shows=(Kind.BACK,)),
    ),
)

HARD_TIMES = Scene(
    "a clock that is set, and a disk that takes nothing",
    25,
    (
        Cue(0, "set", "clock", "2", shows=(Kind.CLOCK,)),
        Cue(5, "hold", "store", "9"),
        Cue(9, "wait", "store", shows=(Kind.TROUBLE,)),
        Cue(14, "wait", "store", shows=(Kind.WELL,)),
        Cue(20, "set", "clock", "-2", shows=(Kind.CLOCK,)),
    ),
)

PAGE = Scene(
    "a vendor's page, and what of ours stands on it",
    60,
    (
        Cue(0, "turn", "payments", "slow", shows=(Status.DEGRADED, Kind.OPENED)),
        Cue(5, "turn", "orders", "error", shows=(Kind.OPENED, Kind.SUSPECTED)),
        Cue(12, "turn", "payments", "known", shows=(Kind.UPDATED,)),
        Cue(22, "turn", "payments", "worse", shows=(Status.MAJOR, Kind.WORSENED, Kind.SUSPECT_TURNED)),
        Cue(30, "note", "orders", said=("their hotline says half an hour",), shows=(Kind.NOTED,)),
        Cue(38, "turn", "payments", "better", shows=(Kind.EASED,)),
        Cue(44, "turn", "orders", "well", shows=(Kind.RESOLVED,)),
        Cue(50, "turn", "payments", "well", shows=(Kind.RESOLVED, Status.OPERATIONAL)),
    ),
)

CERTIFICATE = Scene(
    "a certificate that runs out",
    56,
    (
        Cue(0, "renew", "shop-tls", "12", shows=(Status.DEGRADED, Kind.OPENED)),
        Cue(16, "renew", "shop-tls", "5", shows=(Kind.UPDATED,)),
        Cue(34, "ack", "shop-tls", said=("ordered a new one",), shows=(Kind.ACKNOWLEDGED,)),
        Cue(44, "renew", "shop-tls", "90", shows=(Kind.RESOLVED,)),
    ),
)

FEED = Scene(
    "data that is stale",
    38,
    (
        Cue(0, "turn", "prices", "stale", shows=(Kind.OPENED, Kind.WORSENED)),
        Cue(20, "resolve", "prices", said=("the export is off for today",), shows=(Kind.FORCE_RESOLVED,)),
        Cue(28, "turn", "prices", "well", shows=(Status.OPERATIONAL,)),
    ),
)

BACKUP = Scene(
    "a job that gives no sign of life",
    42,
    (
        Cue(0, "rest", "backup", shows=(Kind.OPENED,)),
        Cue(26, "ping", "backup", said=("started it by hand",), shows=(Kind.RESOLVED,)),
        Cue(30, "work", "backup"),
    ),
)

DISK = Scene(
    "a disk that fills",
    50,
    (
        Cue(0, "turn", "disk", "filling", shows=(Status.DEGRADED, Kind.OPENED)),
        Cue(15, "turn", "disk", "full", shows=(Status.MAJOR, Kind.WORSENED)),
        Cue(30, "turn", "disk", "filling", shows=(Kind.EASED,)),
        Cue(40, "turn", "disk", "well", shows=(Kind.RESOLVED,)),
    ),
)

CARRIER = Scene(
    "a vendor that announces maintenance, and a page that cannot be read",
    66,
    (
        Cue(0, "turn", "carrier", "announced", shows=(Kind.ANNOUNCED,)),
        Cue(15, "turn", "carrier", "at-it", shows=(Kind.MAINTENANCE, Status.MAINTENANCE)),
        Cue(28, "turn", "carrier", "well", shows=(Kind.MAINTAINED, Status.OPERATIONAL)),
        Cue(36, "turn", "carrier", "gone", shows=(Status.UNKNOWN,)),
        Cue(48, "recheck", "carrier"),
        Cue(56, "turn", "carrier", "well"),
    ),
)

MAIL = Scene(
    "one that hangs, and a place that refuses for ever",
    56,
    (
        Cue(0, "turn", "mail", "hangs", shows=(Status.MAJOR, Kind.OPENED, Kind.GAVE_UP)),
        Cue(18, "drop", "mail", "audit", shows=(Kind.DROPPED,)),
        Cue(30, "ack", "mail", said=("the queue is stuck, restarting",), shows=(Kind.ACKNOWLEDGED,)),
        Cue(44, "turn", "mail", "well", shows=(Kind.RESOLVED,)),
    ),
)

WINDOW = Scene(
    "planned work",
    50,
    (
        Cue(0, "plan", "queue", "34s", said=("a new version of the broker",), shows=(Kind.MAINTENANCE,)),
        Cue(5, "turn", "queue", "gone", shows=(Status.MAINTENANCE,)),
        Cue(26, "turn", "queue", "well", shows=(Kind.MAINTAINED,)),
    ),
)

SILENCE = Scene(
    "a silence",
    74,
    (
        Cue(0, "silence", "{silenced}", "30s", said=("known, a fix is on its way",), shows=(Kind.SILENCED,)),
        Cue(4, "turn", "{silenced}", "error", shows=(Kind.SILENCE_ENDS, Kind.UNSILENCED)),
        Cue(40, "silence", "{silenced}", "600s", said=("still at it",), shows=(Kind.SILENCED,)),
        Cue(54, "turn", "{silenced}", "well", shows=(Kind.RESOLVED,)),
        Cue(62, "unsilence", "{silenced}", shows=(Kind.UNSILENCED,)),
    ),
    {"silenced": ("newsletter",)},
)

NAMES = Scene(
    "a name that leads astray",
    30,
    (
        Cue(0, "turn", "names", "astray", shows=(Kind.OPENED,)),
        Cue(10, "ack", "names", said=("somebody edited the zone",), shows=(Kind.ACKNOWLEDGED,)),
        Cue(20, "turn", "names", "well", shows=(Kind.RESOLVED,)),
    ),
)

LANES: tuple[tuple[Scene, ...], ...] = (
    (WORSE_AND_BETTER, SLOW, STORM, FLAP, PAIR, REHEARSAL, RELOAD, CUT_OFF, HARD_TIMES),
    (PAGE, CERTIFICATE, FEED, BACKUP, DISK),
    (CARRIER, MAIL, WINDOW, SILENCE, NAMES),
)
"""The first lane is never long without news; the others add to it."""


def programme(seed: str, lap: int = 0) -> tuple[Cue, ...]:
    """One lap, by time: the same for the same seed."""
    dice = random.Random(f"{seed} {lap}")  # noqa: S311 - makes a programme that repeats, and guards nothing
    cues = (cue for lane in LANES for cue in _laid(lane, dice))
    return tuple(sorted(cues, key=lambda cue: cue.at))


def _laid(lane: Sequence[Scene], dice: random.Random) -> list[Cue]:
    """The scenes of a lane one after the other, all the time filled; only the opening keeps its place."""
    spare = (LAP - sum(scene.lasts for scene in lane)) / len(lane)
    opening = [scene for scene in lane if scene is WORSE_AND_BETTER]
    rest = [scene for scene in lane if scene is not WORSE_AND_BETTER]
    begins, cues = FIRST, []
    for scene in (*opening, *dice.sample(rest, len(rest))):
        cues += _cast(scene, begins, dice)
        begins += scene.lasts + spare
    return cues


def _cast(scene: Scene, begins: float, dice: random.Random) -> list[Cue]:
    """The cues of a scene at their moments, its roles given away, its words chosen."""
    players = {"{" + role + "}": dice.choice(found) for role, found in scene.roles.items()}
    return [
        replace(
            cue,
            at=round(begins + cue.at + dice.uniform(0, UNEVEN), 2),
            whom=players.get(cue.whom, cue.whom),
            said=(dice.choice(cue.said),) if cue.said else (),
        )
        for cue in scene.cues
    ]
