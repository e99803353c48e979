"""A vendor's document that somebody else has fetched, read as a look would read it."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from typing import Any

from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.page import VendorPage
from tui_monitor.checks.craft.vendor.said import conclude
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.harmless import harmless
from tui_monitor.core.model import Reading
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean

NOWHERE = "https://vendor.invalid"


def read_body(made: type[Any], kind: str, body: bytes, now: datetime, options: Mapping[str, Any]) -> Reading:
    if not issubclass(made, VendorPage):
        raise ValueError(f"the check {kind!r} reads no vendor's page")
    check = _made(made, kind, options)
    try:
        return harmless(conclude(check.read(Document(body, now)), check.choice))
    except Unreadable as error:
        return Reading(Status.UNKNOWN, clean(str(error)), "unreadable")


def _made(made: type[Any], kind: str, options: Mapping[str, Any]) -> VendorPage:
    """The check with these options; what only a fetch needs is filled with what leads nowhere."""
    hints = typing.get_type_hints(made)
    known = {one.name.removesuffix("_"): one for one in fields(made) if one.init}
    strange = [key for key in options if key not in known]
    if strange:
        raise ValueError(f"the check {kind!r} has no option {strange[0]!r}")
    given = {known[key].name: _spelt(value, hints[known[key].name]) for key, value in options.items()}
    places = getattr(made, "places", ())
    if places and not given.keys() & set(places):
        given[places[0]] = NOWHERE
    for one in known.values():
        if one.name not in given and one.default is MISSING and one.default_factory is MISSING:
            given[one.name] = _filler(hints[one.name])
    check: VendorPage = made(**given)
    return check


def _spelt(value: Any, hint: Any) -> Any:
    """A config takes one text for a list of them, a list for a tuple, and a mapping for options of their own."""
    if typing.get_origin(hint) is tuple:
        one = typing.get_args(hint)[0]
        return (value,) if isinstance(value, str) else tuple(_spelt(each, one) for each in value)
    options = next((one for one in (hint, *typing.get_args(hint)) if is_dataclass(one)), None)
    if options is None or not isinstance(value, Mapping):
        return value
    hints, known = typing.get_type_hints(options), {one.name for one in fields(options) if one.init}
    if strange := [key for key in value if key not in known]:
        raise ValueError(f"there is no option {strange[0]!r} here")
    made: Any = options
    return made(**{key: _spelt(each, hints[key]) for key, each in value.items()})


def _filler(hint: Any) -> Any:
    if hint is Secret:
        return Secret("nothing")
    return (NOWHERE,) if typing.get_origin(hint) is tuple else NOWHERE
