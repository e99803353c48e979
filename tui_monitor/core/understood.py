"""The config as it was understood, in words for people: the options of a check, the routes that a service may take.

No secret is ever among them, nor a value that may be one: a header, a body, the query of an address.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tui_monitor.core.model import Service
from tui_monitor.core.plan import Route
from tui_monitor.core.routing import unfit
from tui_monitor.core.secret import Secret
from tui_monitor.core.text import clean, spell_duration
from tui_monitor.core.window import DAYS, Hours

WITHHELD = "***"
MOST = 20
"""Values of one option that are shown; a page has only so much room."""

LONGEST = 300


def options_of(service: Service) -> list[tuple[str, str]]:
    """Each option of its check that is not as it would be anyway."""
    check = service.check
    if not is_dataclass(check):
        return []
    found = []
    for option in fields(check):
        value = getattr(check, option.name, None)
        if option.init and not _is_usual(option, value):
            key = option.name.removesuffix("_")
            text = _told(option, value, service.fields.get(key, ""))
            if text:
                found.append((key, text))
    return found


def _is_usual(option: Field[Any], value: Any) -> bool:
    if option.default is not MISSING:
        return bool(value == option.default)
    return option.default_factory is not MISSING and bool(value == option.default_factory())


def _told(option: Field[Any], value: Any, shown: str) -> str:
    """`shown` is what a message may say of it, which of an address is only what is public."""
    if isinstance(value, str) and "://" in value:
        return clean(shown or _public(value), LONGEST)
    if isinstance(value, Mapping):
        return clean(", ".join(f"{name}: {WITHHELD}" for name in list(value)[:MOST]), LONGEST)
    if not option.repr:
        return WITHHELD
    if isinstance(value, int | float) and not isinstance(value, bool) and "Duration" in str(option.type):
        return spell_duration(value)
    return clean(_spelt(value), LONGEST)


def _spelt(value: Any) -> str:
    if value is None or callable(value):
        return ""
    if isinstance(value, Secret):
        return WITHHELD
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}" if math.isfinite(value) else str(value)
    if isinstance(value, str | int):
        text = str(value)
        return _public(text) if "://" in text else text
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {WITHHELD}" for name in list(value)[:MOST])
    if is_dataclass(value):
        parts = [
            f"{option.name.removesuffix('_')} {text}"
            for option in fields(value)
            if option.init and not _is_usual(option, getattr(value, option.name))
            if (text := _told(option, getattr(value, option.name), ""))
        ]
        return ", ".join(parts)
    if isinstance(value, Sequence | frozenset | set):
        return "; ".join(text for one in list(value)[:MOST] if (text := _spelt(one)))
    return ""


def _public(url: str) -> str:
    """An address without user, password and query."""
    try:
        parts = urlsplit(url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    except ValueError:
        return WITHHELD


# -- routes -------------------------------------------------------------------------------------------------------


def routes_of(service: Service, routes: Sequence[Route]) -> list[str]:
    """A sentence for each route that may take an incident of this service."""
    return [
        f"route {number} tells {', '.join(route.to)} of severity {_conditions(route)}"
        for number, route in enumerate(routes, 1)
        if not unfit(route, service)
    ]


def _conditions(route: Route) -> str:
    parts = [str(route.severity)]
    if route.after:
        parts.append(f"once it has been open for {spell_duration(route.after)}")
    if route.unless:
        parts.append(f"unless it is {route.unless}")
    if route.during:
        parts.append(f"only {' or '.join(map(spell_hours, route.during))}")
    if route.remind_every:
        parts.append(f"again every {spell_duration(route.remind_every)}")
    return ", ".join(parts)


def spell_hours(hours: Hours) -> str:
    """`mon, tue 08:00-18:00 UTC`."""
    days = ", ".join(DAYS[day][:3] for day in sorted(hours.days))
    all_days = len(hours.days) == len(DAYS)
    clock = "" if hours.start == hours.end else f"{hours.start:%H:%M}-{hours.end:%H:%M}"
    return " ".join(part for part in ("" if all_days else days, clock, hours.timezone) if part)
