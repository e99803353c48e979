"""Looks as the rows of a table: bounded texts, moments of UTC, and what was measured as JSON."""

from __future__ import annotations

import json
import math
from datetime import UTC
from hashlib import blake2b
from typing import Any

from tui_monitor.core.ports import Sample
from tui_monitor.destinations.craft.document import shorten
from tui_monitor.net.databases.recording import MESSAGE, NAME, SERVICE


def row_of(sample: Sample) -> dict[str, Any]:
    """One look. What was measured besides, such as the age of data, stands by its name in `measures`."""
    measured = {one.name: one.value for one in sample.measures if math.isfinite(one.value)}
    return {
        "service": _key(sample.service.id),
        "at": sample.at.astimezone(UTC),
        "name": shorten(sample.service.name, NAME),
        "status": sample.status.value,
        "latency": sample.latency,
        "message": shorten(sample.message, MESSAGE),
        "measures": json.dumps(measured) if measured else None,
    }


def _key(service: str) -> str:
    """The id of a service; of one that is too long as much as tells it from all others."""
    if len(service) <= SERVICE:
        return service
    mark = blake2b(service.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return f"{service[: SERVICE - len(mark) - 1]}~{mark}"
