"""One file for each incident in a folder: which file is whose, whatever else lies there, and how it is laid out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tui_monitor.core.banner import Banner
from tui_monitor.core.codec import moment
from tui_monitor.core.message import Item, Message
from tui_monitor.destinations.craft import files
from tui_monitor.destinations.craft.document import banner_of, event_of, incident_of, lines_of


def file_of(folder: Path, stem: str, incident: str, ref: str) -> tuple[str, dict[str, Any]]:
    """The name of an incident's file and what is in it now.

    The name is the one it was given, else the stem; where another has taken that, the incident's own id tells them
    apart. It comes out the same however often it is asked, so that a second try finds the file of the first.
    """
    names = [ref] if re.fullmatch(r"[\w-][\w.-]*\.json", ref, re.ASCII) else []
    for name in (*names, f"{stem}.json"):
        content = _read(folder / name)
        if content is None or content.get("incident") == incident:
            return name, content or {}
    name = f"{stem}_{safe(incident)}.json"
    content = _read(folder / name) or {}
    return name, content if content.get("incident") == incident else {}


def _read(path: Path) -> dict[str, Any] | None:
    """None where nothing has the name, nothing known where it is no plain file of ours."""
    if path.is_symlink():
        return {}
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_bytes()) if path.is_file() else None
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) and type(content.get("revision")) is int else {}


def safe(text: str) -> str:
    """A part of a file's name that can climb out of no folder and hide in none."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text)[:100].strip("-") or "service"


def id_of(item: Item) -> str:
    """The id under which the ASL monitor knew an incident; two of one second share it."""
    return f"{safe(item.service.id)}_{item.incident.started_at:%Y%m%d_%H%M%S}"


BANNER = "banner.json"
"""The file of the banner: no incident's, for theirs end in a time."""


def write(folder: Path, message: Message) -> str:
    """The name of the file, which now holds what the message says, unless it knew more."""
    with files.writing:
        if message.banner is not None:
            return _write_banner(folder, message.banner, message)
        names = [_write(folder, item, message) for item in message.items]
    return names[0]


def _write(folder: Path, item: Item, message: Message) -> str:
    name, before = file_of(folder, id_of(item), item.incident.id, message.ref)
    if before.get("revision", -1) <= item.incident.revision:
        content = json.dumps(laid_out(item, message, before), indent=2)
        files.replace(folder / name, content.encode() + b"\n")
    return name


def _write_banner(folder: Path, banner: Banner, message: Message) -> str:
    before = _read(folder / BANNER) or {}
    is_late = before.get("revision", 0) > banner.revision and str(before.get("at")) > moment(banner.at)
    if not is_late:  # a store that began anew counts from one again
        words = {"text": lines_of(message)[0], "test": message.is_test, "key": message.key}
        content = {**banner_of(banner), **words}
        files.replace(folder / BANNER, json.dumps(content, indent=2).encode() + b"\n")
    return BANNER


def written(folder: Path, message: Message) -> str:
    """The name of the file if it holds what the message says already, or more; else empty."""
    if message.banner is not None:
        return BANNER if (_read(folder / BANNER) or {}).get("key") == message.key else ""
    item = message.items[0]
    name, found = file_of(folder, id_of(item), item.incident.id, message.ref)
    return name if found.get("revision", -1) >= item.incident.revision else ""


def laid_out(item: Item, message: Message, before: dict[str, Any]) -> dict[str, Any]:
    """The fields of the ASL monitor first; `null` is what a message does not know. Ours stand beside them."""
    ours = incident_of(item, message)
    unknown = {"status_code": None, "response_time": None, "consecutive_failures": None}
    asl = {
        "id": id_of(item),
        "service": ours["name"],
        "start_time": ours["started_at"],
        "end_time": ours["resolved_at"],
        "duration_seconds": ours["duration"] if ours["resolved_at"] else None,
        "details": {"url": ours["url"], "error": ours["title"], **unknown},
        "status": "active" if item.incident.is_open else "resolved",
    }
    more = {"incident": ours["id"], "service_id": ours["service"], "believed": ours["status"]}
    told = {"timeline": _timeline(before.get("timeline"), [event_of(event) for event in item.events])}
    rest = {name: value for name, value in ours.items() if name not in (*asl, "name", "timeline_omitted")}
    return {**asl, **more, **rest, **told}


def _timeline(before: Any, new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a file told already and what is new, each event once, in order; what is no event is left behind."""
    known = [one for one in before if isinstance(one, dict)] if isinstance(before, list) else []
    events = {one["n"]: one for one in (*known, *new) if type(one.get("n")) is int}
    return [events[n] for n in sorted(events)]
