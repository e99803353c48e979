"""The key `vendor` of a service: a name of the catalogue in place of a check and its address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_monitor.config.catalogue import Vendor, by_name
from tui_monitor.config.draft import Draft, Place
from tui_monitor.config.forms import is_required, near, options_of
from tui_monitor.config.tree import Real, Whole
from tui_monitor.core.text import clean

VENDOR = "vendor"
LISTED = "tui-monitor vendors lists all that are known"


def name_of(written: Any) -> str | None:
    """What stands for the name of a vendor, alone or beside options; None where nothing does that could."""
    name = written.get("name") if isinstance(written, dict) else written
    return str(name).strip() or None if isinstance(name, str | Whole | Real) else None


def _misspelt(written: Any) -> str | None:
    """The key of a mapping without a name that was to be `name`."""
    if not isinstance(written, dict) or "name" in written:
        return None
    return next((key for key in written if isinstance(key, str) and near(key, ["name"])), None)


def known_as(written: Any) -> Vendor | None:
    return by_name().get(name_of(written) or "")


def entitle(draft: Draft) -> None:
    """A row without a name takes that of its vendor, so that whatever speaks of services by name finds it."""
    rows = draft.data.get("services")
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, dict) or "name" in row:
            continue
        written = row.get(VENDOR)
        if isinstance(written, dict) and (key := _misspelt(written)):
            written = written[key]
        if name := name_of(written):
            vendor = known_as(name)
            row["name"] = vendor.title if vendor else name


def vendor_of(draft: Draft, written: Any, place: Place) -> Vendor | None:
    """The vendor that a row names; None where it names none, which is then told."""
    vendor, name = known_as(written), name_of(written)
    if vendor is not None:
        return vendor
    if key := _misspelt(written):
        draft.unknown(key, ["name"], (*place, key))
    elif name is None:
        wrong = "must be the name of a vendor, or a mapping of that and of options"
        draft.tell(f"{wrong}; {LISTED}", place)
    else:
        hint = near(name, by_name()) or ";"
        where = (*place, "name") if isinstance(written, dict) else place
        draft.tell(f"there is no vendor {clean(name, 60)!r}{hint} {LISTED}", where)
    return None


def options_for(draft: Draft, vendor: Vendor, made: Any, written: Any, place: Place) -> Mapping[str, Any] | None:
    """What to make its check of; None where a name alone does not suffice, which is then told."""
    own = {key: one for key, one in written.items() if key != "name"} if isinstance(written, dict) else {}
    options = vendor.with_options(own)
    missing = needs_of(vendor, made)
    if missing and not isinstance(written, dict):
        example = ", ".join(f"{key}: …" for key in missing)
        *most, last = missing
        needed = f"{', '.join(most)} and {last}" if most else last
        text = f"{vendor.title} is asked with {needed}: write {{name: {vendor.key}, {example}}}"
        draft.tell(text, place)
        return None
    return options


def needs_of(vendor: Vendor, made: Any) -> list[str]:
    """The options without which its check cannot be, and which only the reader of its page can know."""
    return [key for key, (_, option) in options_of(made).items() if is_required(option) and key not in vendor.options]
