"""What a config of this release may hold, section by section. A check or destination brings its own options.

Every option says in a word of its `Annotated` what it is for; the JSON Schema shows that to editors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from tui_monitor.config.forms import near
from tui_monitor.core.keys import BY_ID, NAMED, spelt
from tui_monitor.core.options import Duration, Template
from tui_monitor.core.plan import Condition
from tui_monitor.core.text import clean
from tui_monitor.core.window import check_cron, parse_hours

LONGEST_WORK = 366 * 86400.0
YEARS = range(1970, 3000)
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
_IDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_THEME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")
_SMALLEST_STORE = 10 * 1000**2


def above_zero(value: float) -> float:
    if value <= 0:
        raise ValueError("must be above zero")
    return value


def at_least_one(value: int) -> int:
    if not 1 <= value <= 1_000_000:
        raise ValueError("must be a whole number from 1 on")
    return value


def not_negative(value: int) -> int:
    if not 0 <= value <= 1_000_000:
        raise ValueError("must be a whole number from 0 on")
    return value


def flips(value: int) -> int:
    if value < 0 or value == 1 or value > 1_000_000:
        raise ValueError("must be 2 or more, or 0 for never")
    return value


def readable(text: str) -> str:
    """A name that people read on the board: one line, without anything that a terminal would obey."""
    cleaned = clean(text, 200)
    if not cleaned:
        raise ValueError("must not be empty")
    return cleaned


def typeable(ident: str) -> str:
    """Ids are typed in a shell and stand in links."""
    if not _IDENT.fullmatch(ident):
        raise ValueError(f"{clean(ident, 60)!r} is not an id: use letters, digits, dots, dashes and underscores")
    return ident


def theme(name: str) -> str:
    """Whether there is one of this name, the board says: config knows no colours."""
    if not _THEME.fullmatch(name):
        raise ValueError(f"{clean(name, 60)!r} is not the name of a theme: use letters, digits and dashes")
    return name


def operation(ident: str) -> str:
    if ident not in BY_ID:
        raise ValueError(f"nothing at the board is called {clean(ident, 60)!r}{near(ident, BY_ID)}")
    return ident


def key(text: str) -> str:
    try:
        return spelt(text)
    except ValueError as error:
        is_word = "+" not in text and len(text) < 60
        raise ValueError(f"{error}{near(text, NAMED) if is_word else ''}") from None


def not_empty(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise ValueError("must name at least one")
    return names


def zone(name: str) -> str:
    if name != "UTC":
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            raise ValueError(f"{name!r} is not a time zone: write it like Europe/Paris") from None
    return name


def bound(text: str) -> str:
    Condition.parse(text)
    return text


def cron(text: str) -> str:
    check_cron(text)
    return text


def moment(text: str) -> str:
    """Near the ends of the calendar, a time zone or a length would lead beyond it."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a moment like 2026-11-20 22:00 or 2026-11-20T22:00:00Z") from None
    if at.year not in YEARS:
        raise ValueError(f"{text!r} is in no year that can be planned for: from {YEARS[0]} to {YEARS[-1]}")
    return text


def hours(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Checked here, read with the zone of the board later."""
    for text in not_empty(texts):
        try:
            if not text.split():
                raise ValueError("must not be empty")
            parse_hours(text, "UTC")
        except (OSError, KeyError):
            raise ValueError(f"{text!r} has a time zone that is none: write it like Europe/Paris") from None
    return texts


def addresses(texts: tuple[str, ...]) -> tuple[str, ...]:
    if not texts:
        raise ValueError("must name at least one")
    for text in texts:
        host, _, port = text.removeprefix("tcp://").rpartition(":")
        if "//" in host or not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise ValueError(f"{text!r} is not an address like tcp://192.0.2.1:443")
    return texts


def size_of(text: str) -> str:
    """Checked here, counted by `bytes_of`: `2GB`, `500 MB`, `1GiB`."""
    bytes_of(text)
    return text


def bytes_of(text: str) -> int:
    """GB is a thousand million, GiB is 1024 to the third, as the units are defined."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a size: write it like 500MB, 2GB or 1GiB")
    power = " kmgt".index(match.group(2).lower() or " ")
    size = int(float(match.group(1)) * (1024 if match.group(3) else 1000) ** power)
    if size < _SMALLEST_STORE:
        raise ValueError(f"{text!r} is too small: a store needs at least 10MB")
    return size


Above = Annotated[Duration, above_zero]
Count = Annotated[int, at_least_one]
Flips = Annotated[int, flips]
Name = Annotated[str, readable]
Ident = Annotated[str, typeable]
Names = tuple[Name, ...]
Some = Annotated[Names, not_empty]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flapping:
    """When a service that keeps going up and down is called flapping, and when it is calm again."""

    after: Annotated[Flips | None, "how many times it must open within `within`; 0 for never"] = None
    within: Annotated[Above | None, "the time in which openings are counted"] = None
    calm: Annotated[Above | None, "how long it must stay the same to be calm again"] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What holds for each service that says nothing else."""

    every: Annotated[Above | None, "how often to look"] = None
    timeout: Annotated[Above | None, "how long one look may take"] = None
    down_after: Annotated[Count | None, "failed looks in a row before an incident opens"] = None
    up_after: Annotated[Count | None, "good looks in a row before an incident is resolved"] = None
    retry_after: Annotated[Duration | None, "how soon to look again after a failed look"] = None
    unreachable: Annotated[
        Literal["degraded", "partial", "major", "unknown"] | None, "what a service is that gives no answer"
    ] = None
    flapping: Annotated[Flapping | None, "when going up and down is called flapping"] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """The texts that people get, with `{fields}`."""

    opened: Annotated[Template | None, "an incident has begun"] = None
    changed: Annotated[Template | None, "an incident is worse, better, acknowledged or flapping"] = None
    resolved: Annotated[Template | None, "an incident has ended"] = None
    over: Annotated[Template | None, "an incident came and went before anyone could be told"] = None
    reminder: Annotated[Template | None, "an incident is still open"] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Defaults):
    """One service. Beside these options it has one check, named by its kind."""

    name: Annotated[Name, "what people call it"]
    id: Annotated[Ident | None, "a short name for commands and links; made from the name unless given"] = None
    group: Annotated[Name | None, "the heading under which it stands on the board"] = None
    tags: Annotated[Names | None, "words to choose it by in routes"] = None
    critical: Annotated[bool, "whether it may wake people"] = False
    messages: Annotated[Messages | None, "texts of its own"] = None
    depends_on: Annotated[Names | None, "services without which this one cannot be well"] = None
    upstream: Annotated[Names | None, "vendors whose pages say whether it may be their fault"] = None
    publish: Annotated[dict[str, Any] | None, "what single destinations need to know of it, by their names"] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """What may stand beside the kind of a destination."""

    ambiguous: Annotated[
        Literal["resend", "hold"],
        "what to do with a message that may or may not have been sent when the engine was killed",
    ] = "resend"
    give_up_after: Annotated[Above, "how long to try again before giving up loudly"] = 86400.0
    timeout: Annotated[Above, "how long one try may take"] = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Which incidents a route takes: all that is written must hold; of a list, one must."""

    severity: Annotated[Annotated[str, bound] | None, "a bound such as '>=partial'; '>=degraded' unless given"] = None
    critical: Annotated[bool | None, "only critical services, or only those that are not"] = None
    service: Annotated[Names | None, "names or ids of services"] = None
    services: Annotated[Names | None, "names or ids of services"] = None
    group: Annotated[Names | None, "groups of services"] = None
    groups: Annotated[Names | None, "groups of services"] = None
    tag: Annotated[Names | None, "tags of services"] = None
    tags: Annotated[Names | None, "tags of services"] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One route: whom to tell of what."""

    to: Annotated[tuple[str, ...], not_empty, "names of destinations"]
    when: Annotated[When | None, "which incidents; all from degraded up unless given"] = None
    after: Annotated[Duration, "tell only what has lasted so long"] = 0.0
    unless: Annotated[Literal["acknowledged"] | None, "do not tell once somebody has acknowledged it"] = None
    remind_every: Annotated[Above | None, "say again that it is still open"] = None
    group_wait: Annotated[Duration, "collect what opens in this time into one message"] = 10.0
    during: Annotated[
        Annotated[tuple[str, ...], hours] | None, "only in these hours, such as 'mon-fri 08:00-18:00 Europe/Paris'"
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Planned work: on which services (all that is written must hold; of a list, one must), and when."""

    services: Annotated[Some | None, "names or ids of services"] = None
    groups: Annotated[Some | None, "groups of services"] = None
    tags: Annotated[Some | None, "tags of services"] = None
    cron: Annotated[Annotated[str, cron] | None, "when it begins, as a cron line"] = None
    from_: Annotated[Annotated[str, moment] | None, "when it begins, once"] = None
    until: Annotated[Annotated[str, moment] | None, "when it ends; or say how long it lasts"] = None
    lasts: Annotated[Above | None, "how long it lasts"] = None
    timezone: Annotated[Annotated[str, zone] | None, "the zone of these times; that of the board unless given"] = None
    reason: Annotated[str, "what is being done"] = ""

    def __post_init__(self) -> None:
        if (self.cron is None) == (self.from_ is None):
            raise ValueError("planned work has exactly one of cron and from")
        if self.cron is not None and (self.until is not None or self.lasts is None):
            raise ValueError("planned work by cron says how long it lasts")
        if self.from_ is not None and (self.until is None) == (self.lasts is None):
            raise ValueError("planned work from a moment has exactly one of until and lasts")
        if self.lasts is not None and self.lasts > LONGEST_WORK:
            raise ValueError("lasts: is longer than a year")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Addresses by which the monitor knows whether it is itself cut off."""

    targets: Annotated[Annotated[tuple[str, ...], addresses], "such as tcp://192.0.2.1:443"]
    quorum: Annotated[Count, "how many of them must take a connection"] = 1
    timeout: Annotated[Above, "how long each of them may take"] = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """How the board presents itself."""

    title: Annotated[Name, "the heading"] = "Ops"
    timezone: Annotated[str, zone, "the zone in which tables show times, such as Europe/Paris"] = "UTC"
    theme: Annotated[Annotated[str, theme] | None, "its colours; such as suit the terminal unless given"] = None
    sort: Annotated[Literal["worst", "group", "name"], "in what order the services stand"] = "worst"
    layout: Annotated[
        Literal["auto", "tiles", "list"], "tiles, one line for each service, or what there is room for"
    ] = "auto"
    ascii: Annotated[bool, "draw with plain characters only"] = False
    mouse: Annotated[bool, "whether the mouse works on the board; else the terminal selects text with it"] = True
    bell: Annotated[bool, "whether the terminal rings when an incident opens or gets worse"] = True
    notice: Annotated[bool, "whether the desktop is told so too, by terminals that can"] = True
    over_ssh: Annotated[bool, "whether bell and notice also go to who sits at another machine"] = False
    keys: Annotated[
        Mapping[Annotated[str, operation], tuple[Annotated[str, key], ...]],
        "other keys, by what they do; an empty list for none",
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """How the engine runs."""

    settle: Annotated[Duration, "tell nobody anything for so long after a start, until the picture is whole"] = 10.0
    concurrency: Annotated[int, not_negative, "looks at the same time; 0 for as many as the system allows"] = 0
    log_level: Annotated[Literal["debug", "info", "warning", "error"], "how much to log"] = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """What the store remembers, and for how long."""

    keep_looks: Annotated[Above, "every single look"] = 30 * 86400.0
    keep_history: Annotated[Above, "hours and days in sum, and resolved incidents"] = 400 * 86400.0
    size_limit: Annotated[str, size_of, "the most that the store may take on the disk"] = "2GiB"

    def __post_init__(self) -> None:
        if self.keep_history < self.keep_looks:
            raise ValueError("keep_history must not be shorter than keep_looks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """The whole config. Services, destinations and routes are read row by row."""

    services: Any = None
    destinations: Any = None
    routes: Any = None
    board: Board | None = None
    defaults: Defaults | None = None
    messages: Messages | None = None
    engine: Engine | None = None
    store: Keep | None = None
    network_guard: Reference | None = None
    maintenance: Any = None
