"""What the tests of several readers of pages share: a page that is damaged, and one that changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.checks.vendors.recordings import NOW
from tests.core.small import Life
from tui_monitor import checks
from tui_monitor.checks.craft.vendor.page import VendorPage
from tui_monitor.core.model import Reading
from tui_monitor.core.status import Status


def read(kind: str, data: Any, **options: Any) -> Reading:
    return checks.read(kind, json.dumps(data).encode(), now=NOW, **options)


def addresses(check: VendorPage) -> list[str]:
    """Which documents it asks for, after the name of the host."""
    return [asked.request.place.target for asked in check.asked]


def parts_of(reading: Reading) -> dict[str, Status]:
    return {f"{one.group} / {one.name}" if one.group else one.name: one.status for one in reading.components}


def cut_short(data: Any) -> Iterator[bytes]:
    """A page that breaks off, here and there."""
    body = json.dumps(data).encode()
    return (body[:length] for length in range(0, len(body), max(1, len(body) // 40)))


def without(data: Any, *way: Any) -> Any:
    """The page without what stands there."""
    copy = json.loads(json.dumps(data))
    inner = copy
    for key in way[:-1]:
        inner = inner[key]
    del inner[way[-1]]
    return copy


def told_of(kind: str, *pages: Any, **options: Any) -> list[list[str]]:
    """What each state of a page makes happen, one minute after the other."""
    life = Life(now=NOW - timedelta(hours=1))
    found = []
    for data in pages:
        known = len(life.events)
        life.see(checks.read(kind, json.dumps(data).encode(), now=life.now, **options))
        found.append([f"{one.kind.value} {one.status}" for one in life.events[known:]])
    return found
