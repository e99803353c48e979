"""A vendor's document that somebody else has fetched, read as a look would read it."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields
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
    for one in known.values():
        if one.name not in given and one.default is MISSING and one.default_factory is MISSING:
            given[one.name] = _filler(hints[one.name])
    check: VendorPage = made(**given)
    return check


def _spelt(value: Any, hint: Any) -> Any:
    """A config takes one text for a list of them, and a list for a tuple."""
    if typing.get_origin(hint) is tuple:
        return (value,) if isinstance(value, str) else tuple(value)
    return value


def _filler(hint: Any) -> Any:
    if hint is Secret:
        return Secret("nothing")
    return (NOWHERE,) if typing.get_origin(hint) is tuple else NOWHERE
