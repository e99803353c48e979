"""The rows of `services`: each its own options, the defaults, and one check named by its kind or by its vendor."""

from __future__ import annotations

import contextlib
import hashlib
import math
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit, urlunsplit

from tui_monitor.config.draft import Draft, Place
from tui_monitor.config.forms import near, options_of, shapes_of
from tui_monitor.config.shape import Defaults, Flapping, Messages, Row
from tui_monitor.config.tree import Filled, Real, Whole
from tui_monitor.config.vendors import VENDOR, entitle, known_as, options_for, vendor_of
from tui_monitor.core.message import FIELDS
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean, slug


class Registry(Protocol):
    """The kinds of checks, or of destinations; the packages of both are one each."""

    def kinds(self) -> tuple[str, ...]: ...

    def find(self, kind: str) -> type[Any]: ...


@dataclass(frozen=True, slots=True)
class Chosen:
    """The one key of an entry that names its kind, what stands below it, and the options of the entry itself."""

    key: str
    kind: str
    made: type[Any] | None
    own: dict[str, Any]
    options: Any = field(default_factory=dict)


def names_kind(entry: Mapping[str, Any], key: str, kinds: Collection[str], keys: Collection[str]) -> bool:
    """Whether a key of an entry names its kind; one that is an option of the entry too does so above a mapping."""
    return key in kinds and (key not in keys or isinstance(entry[key], dict))


def choose(
    draft: Draft, entry: Any, place: Place, own: Any, registry: Registry, noun: str, also: tuple[str, ...] = ()
) -> Chosen | None:
    """Split an entry into its kind and its own options; whatever does not fit is told. `also` stand for a kind."""
    if not isinstance(entry, dict):
        draft.tell("must be a mapping of keys to values", place)
        return None
    keys, kinds = options_of(own), (*registry.kinds(), *also)
    named = [key for key in entry if names_kind(entry, key, kinds, keys)]
    strange = [key for key in entry if key not in keys and key not in kinds]
    meant = [key for key in strange if not named and isinstance(entry[key], dict)]
    for key in strange:
        if key in meant:
            hint = near(key, kinds) or f"; known are {', '.join(kinds)}"
            draft.tell(f"there is no {noun} of the kind {clean(key, 60)!r}{hint}", (*place, key), key=True)
        else:
            draft.unknown(key, [*keys, *kinds], (*place, key))
    for key in named[1:]:
        draft.tell(f"a second {noun}: there is {named[0]!r} already, and each entry has one", (*place, key), key=True)
    if not named and not meant:
        draft.tell(f"has no {noun}: give it one of {', '.join(kinds)}", place)
    kind = named[0] if named else ""
    mine = {key: entry[key] for key in entry if key in keys and key not in named}
    made = None if kind in also else _found(draft, registry, kind, (*place, kind))
    return Chosen(kind, kind, made, mine, entry[kind] or {} if kind else {})


def _found(draft: Draft, registry: Registry, kind: str, place: Place) -> type[Any] | None:
    try:
        return registry.find(kind) if kind else None
    except ValueError as error:
        draft.tell(clean(str(error)), place, key=True)
        return None


def read_services(draft: Draft, defaults: Defaults, checks: Registry) -> list[Service]:
    """Every service that is right; what is wrong with the others is told."""
    rows = draft.data.get("services")
    if not isinstance(rows, list) or not rows:
        wrong = (
            "must be a list" if rows and not isinstance(rows, list) else "there are no services: list at least one"
        )
        draft.tell(wrong, ("services",) if "services" in draft.data else ())
        return []
    entitle(draft)
    _tell_twins(draft)
    found = [_service(draft, row, ("services", n), defaults, checks) for n, row in enumerate(rows)]
    draft.known = FIELDS
    return [service for service in found if service is not None]


def called(draft: Draft) -> Iterator[tuple[int, str, str]]:
    """Number, name and id of each row that has a name, whatever else may be wrong with it."""
    rows = draft.data.get("services")
    for n, row in enumerate(rows if isinstance(rows, list) else ()):
        name = texts_under(row, "name")
        if name:
            yield n, name[0], (texts_under(row, "id") or [name_to_id(name[0])])[0]


def texts_under(row: Any, key: str) -> list[str]:
    """The text or texts under a key of a row that may hold anything."""
    written = row.get(key) if isinstance(row, dict) else None
    some = written if isinstance(written, list) else [written]
    return [clean(str(one), 200) for one in some if isinstance(one, str | Whole | Real)]


def headings_of(row: Any) -> list[str]:
    """Under which heading a row stands: that of a group has its own among the options of its check."""
    written = row.get("group") if isinstance(row, dict) else None
    return texts_under(written, "heading") if isinstance(written, dict) else texts_under(row, "group")


def _tell_twins(draft: Draft) -> None:
    """No two services share a name or an id, since each is what people and commands call them by."""
    seen: dict[tuple[str, str], int] = {}
    for n, name, ident in called(draft):
        for key, value, advice in (("name", name, ""), ("id", ident, ": give one of them an id of its own")):
            first = seen.setdefault((key, value), n)
            if first != n:
                line = draft.line_of(("services", first))
                text = f"two services have the {key} {value!r}, the other is on line {line}{advice}"
                written = "id" if key == "id" and "id" in draft.data["services"][n] else "name"
                draft.tell(text, ("services", n, written))
                break


def _service(draft: Draft, row: Any, place: Place, defaults: Defaults, checks: Registry) -> Service | None:
    chosen = choose(draft, row, place, Row, checks, "check", (VENDOR,))
    if chosen is None:
        return None
    if chosen.key == VENDOR:
        chosen = _of_vendor(draft, chosen, row[VENDOR], place, checks)
    draft.known = FIELDS | fields_of(chosen.made)
    own = draft.read(Row, chosen.own, place)
    check = None
    if chosen.made is not None:
        check = draft.read(chosen.made, chosen.options, (*place, chosen.key))
    if own is None or check is None:
        return None
    usual: Mapping[str, float] = getattr(chosen.made, "usual", {})
    every = own.every or usual.get("every") or defaults.every or 60.0
    return Service(
        id=own.id or name_to_id(own.name),
        name=own.name,
        check=check,
        kind=chosen.kind,
        group=own.group or str(getattr(check, "heading", "")),
        tags=own.tags or (),
        critical=own.critical,
        every=every,
        timeout=own.timeout or usual.get("timeout") or defaults.timeout or 10.0,
        retry_after=min(every, _first(own.retry_after, defaults.retry_after, 2.0)),
        patience=_patience(own, usual, defaults),
        unreachable=Status(own.unreachable or defaults.unreachable or "major"),
        messages=texts_of(own.messages),
        fields=_fields(draft, check, chosen.options),
    )


def _of_vendor(draft: Draft, chosen: Chosen, written: Any, place: Place, checks: Registry) -> Chosen:
    """The check that reads the page of a vendor; none where something about it is wrong."""
    where = (*place, VENDOR)
    vendor = vendor_of(draft, written, where)
    made = _found(draft, checks, vendor.kind, where) if vendor is not None else None
    if vendor is None or made is None:
        return chosen
    options = options_for(draft, vendor, made, written, where)
    return replace(chosen, kind=vendor.kind, made=made if options is not None else None, options=options)


def _patience(own: Row, usual: Mapping[str, float], defaults: Defaults) -> Patience:
    """Of a service: what its row says, else what is usual for its kind of check, else the defaults."""
    mine, common = own.flapping or Flapping(), defaults.flapping or Flapping()
    return _shared_patience(
        own.down_after or int(usual.get("down_after", 0)) or defaults.down_after or 3,
        own.up_after or int(usual.get("up_after", 0)) or defaults.up_after or 2,
        int(_first(mine.after, common.after, 4)),
        mine.within or common.within or 3600.0,
        mine.calm or common.calm or 900.0,
    )


@cache
def _shared_patience(down: int, up: int, after: int, within: float, calm: float) -> Patience:
    """Thousands of services have the same patience, so they share one."""
    return Patience(down, up, after, within, calm)


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)


def texts_of(messages: Messages | None) -> Mapping[str, str]:
    if messages is None:
        return {}
    texts = {one.name: getattr(messages, one.name) for one in fields(messages)}
    return {name: text for name, text in texts.items() if text is not None}


def name_to_id(name: str) -> str:
    """The slug; where a name has letters that no slug can keep, a short mark of the whole name is added."""
    lost = any(char.isalnum() and not char.isascii() for char in unicodedata.normalize("NFKD", name))
    mark = hashlib.blake2b(name.encode(errors="replace"), digest_size=3).hexdigest()
    return f"{slug(name)}-{mark}" if lost else slug(name)


# -- the options of a check as fields of a text -----------------------------------------------------------------


@cache
def shown_options(made: Any) -> tuple[tuple[str, str], ...]:
    """The options that a text may show, with the names of their fields: single values that are no secrets."""
    options = options_of(made).items()
    return tuple((key, one.name) for key, (hint, one) in options if set(shapes_of(hint)) == {"scalar"})


def fields_of(made: Any) -> frozenset[str]:
    """The names of the fields that a check adds to a text."""
    return frozenset(key for key, _ in shown_options(made)) if made is not None else frozenset()


def fields_in_use(draft: Draft, checks: Registry) -> frozenset[str]:
    """The fields that some service of the config adds, also one that has a problem."""
    rows = draft.data.get("services")
    written = [row for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict)]
    known, keys = checks.kinds(), options_of(Row)
    names: set[str] = set()
    kinds = {key for row in written for key in row if names_kind(row, key, known, keys)}
    for kind in kinds | {one.kind for row in written if VENDOR in row and (one := known_as(row[VENDOR]))}:
        with contextlib.suppress(ValueError):  # a plugin that cannot be loaded is told where it is used
            names |= fields_of(checks.find(kind))
    return frozenset(names)


def _fields(draft: Draft, check: Any, written: Mapping[str, Any]) -> dict[str, str]:
    shown = {}
    made: Any = type(check)
    for key, name in shown_options(made):
        text = _spelt(getattr(check, name))
        filled = isinstance(written.get(key), Filled)
        shown[key] = _public(draft, text, filled=filled) if "://" in text else text
    return shown


def _spelt(value: Any) -> str:
    if value is None or isinstance(value, Secret):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) and math.isfinite(value) else str(value)


def _public(draft: Draft, url: str, *, filled: bool) -> str:
    """An address without what only its owner may know: user, password and query, and the path where it was filled.

    What was kept out of the config by a variable may be a key, and many addresses carry theirs in the path.
    """
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return ""
    if password:
        draft.secret_of(unquote(password) or password)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "" if filled else parts.path, "", ""))
