"""The units of systemd, as it tells of them on a message bus of this machine."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import Phases
from tui_monitor.core.options import naming
from tui_monitor.core.text import clean
from tui_monitor.net.flow import Steps
from tui_monitor.net.protocols.bus import Bus, Refused
from tui_monitor.net.request import Place, place_of_socket
from tui_monitor.net.stream import Stream
from tui_monitor.net.trust import Trust

T = TypeVar("T")

_SYSTEM_BUS = "/run/dbus/system_bus_socket"
_NAME = "org.freedesktop.systemd1"
_MANAGER = f"{_NAME}.Manager"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_UNIT = re.compile(r"[A-Za-z0-9:_.\\@-]{1,255}")
_KINDS = ("service", "socket", "device", "mount", "automount", "swap", "target", "path", "timer", "slice", "scope")
_WITH_RESULT = frozenset({"service", "socket", "mount", "automount", "swap", "path", "timer", "scope"})
_OF_SERVICES = ("Result", "Type", "ExecMainStatus", "NRestarts")
_LAST_MOMENT = 4_000_000_000_000_000
_NO_SYSTEMD = "whoever is called systemd on this bus does not answer as it does"
_UNKNOWN = ("UnknownProperty", "UnknownInterface", "InvalidArgs")
_ABSENT = ("NameHasNoOwner", "ServiceUnknown", "Spawn", "Disconnected")
_DENIED = ("AccessDenied", "AuthFailed", "InteractiveAuthorizationRequired")


@dataclass(frozen=True, slots=True)
class Unit:
    """What systemd says of a unit, in its own words; `triggers` is what a timer starts."""

    name: str
    load: str
    active: str
    sub: str = ""
    since: datetime | None = None
    result: str = ""
    type: str = ""
    status: int | None = None
    restarts: int | None = None
    triggers: Unit | None = None


@dataclass(frozen=True, slots=True)
class UnitFound:
    """A unit, and where the time went."""

    unit: Unit
    phases: Phases


@dataclass(frozen=True, slots=True)
class UnitQuestion:
    """Which unit is asked for, and on which bus: the system's, the user's own, or one at a path."""

    unit: str
    user: bool = False
    bus: str = ""

    @property
    def place(self) -> Place:
        mine = f"{os.environ.get('XDG_RUNTIME_DIR') or f'/run/user/{os.getuid()}'}/bus"
        return place_of_socket(self.bus or (mine if self.user else _SYSTEM_BUS))

    @property
    def trust(self) -> Trust | None:
        return None

    @property
    def name(self) -> str:
        return ""

    def hold(self, stream: Stream) -> Steps[UnitFound]:
        bus = Bus(stream)
        try:
            yield from bus.enter()
            unit = yield from _ask(bus, self.unit, deeper=True)
        except Refused as error:
            raise _unreadable(error) from error
        return UnitFound(unit, stream.phases())


def build_unit_question(unit: str, *, user: bool = False, bus: str = "") -> UnitQuestion:
    """A question from what a person wrote; without an ending, a service is meant. ValueError: it is no such name."""
    with naming("unit"):
        name = unit if unit.rpartition(".")[2] in _KINDS and "." in unit else f"{unit}.service"
        if not _UNIT.fullmatch(name) or name.startswith("."):
            raise ValueError(f"{clean(unit, 60)!r} is not the name of a unit")
        if "@." in name:
            raise ValueError(f"{name} is a template: name what was made from it, like {name.replace('@.', '@one.')}")
    if bus:
        with naming("bus"):
            place_of_socket(bus)
    return UnitQuestion(name, user, bus)


# -- asking ---------------------------------------------------------------------------------------------------------


def _ask(bus: Bus, name: str, *, deeper: bool) -> Steps[Unit]:
    """One unit; where it is a timer, `deeper` asks for what it starts too."""
    try:
        path = _only(str, (yield from bus.call(_NAME, "/org/freedesktop/systemd1", _MANAGER, "LoadUnit", name)))
    except Refused as error:
        if error.name.endswith(".NoSuchUnit"):
            return Unit(name, "not-found", "inactive")
        raise
    said = _values(_only(dict, (yield from bus.call(_NAME, path, _PROPERTIES, "GetAll", f"{_NAME}.Unit"))))
    load, active = _text(said, "LoadState"), _text(said, "ActiveState")
    if not load or not active:
        raise Unreadable(_NO_SYSTEMD)
    kind = name.rpartition(".")[2]
    own = (yield from _own(bus, path, kind)) if load != "not-found" else {}
    started = said.get("Triggers")
    triggers = None
    if deeper and kind == "timer" and isinstance(started, list) and started and isinstance(started[0], str):
        triggers = yield from _ask(bus, started[0], deeper=False)
    return Unit(
        name,
        load,
        active,
        sub=_text(said, "SubState"),
        since=_moment(said, "StateChangeTimestamp"),
        result=_text(own, "Result"),
        type=_text(own, "Type"),
        status=_number(own, "ExecMainStatus"),
        restarts=_number(own, "NRestarts"),
        triggers=triggers,
    )


def _own(bus: Bus, path: str, kind: str) -> Steps[dict[str, Any]]:
    """What only units of this kind say; not each of all releases says all of it."""
    names = _OF_SERVICES if kind == "service" else ("Result",) if kind in _WITH_RESULT else ()
    own: dict[str, Any] = {}
    for name in names:
        interface = f"{_NAME}.{kind.capitalize()}"
        try:
            said = _only(tuple, (yield from bus.call(_NAME, path, _PROPERTIES, "Get", interface, name)))
        except Refused as error:
            if not error.name.endswith(_UNKNOWN):
                raise
        else:
            own |= _values({name: said})
    return own


def _unreadable(error: Refused) -> Unreadable:
    """Why systemd tells us nothing."""
    if any(word in error.name for word in _ABSENT):
        return Unreadable("systemd is not on this bus: does it run this machine, or this user's session?")
    if error.name.endswith(_DENIED):
        return Unreadable("the user that this runs as may not ask systemd")
    return Unreadable(f"systemd refused to answer: {error or clean(error.name, 100)}")


# -- reading the answers --------------------------------------------------------------------------------------------


def _only(kind: type[T], body: tuple[Any, ...]) -> T:
    """The one value of a reply."""
    if len(body) != 1 or not isinstance(body[0], kind):
        raise Unreadable(_NO_SYSTEMD)
    return body[0]


def _values(said: Mapping[Any, Any]) -> dict[str, Any]:
    """Variants without their signatures."""
    return {str(name): pair[1] for name, pair in said.items() if isinstance(pair, tuple) and len(pair) == 2}


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return clean(value, 100) if isinstance(value, str) else ""


def _number(said: Mapping[str, Any], name: str) -> int | None:
    value = said.get(name)
    return value if type(value) is int else None


def _moment(said: Mapping[str, Any], name: str) -> datetime | None:
    """Microseconds since 1970; zero where it has not come yet."""
    value = _number(said, name)
    return datetime.fromtimestamp(value / 1e6, UTC) if value is not None and 0 < value < _LAST_MOMENT else None
