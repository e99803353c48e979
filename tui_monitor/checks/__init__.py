"""Which checks there are: the ways of looking at a service, each a file of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tui_monitor.plugins import Registry

if TYPE_CHECKING:
    from tui_monitor.core.model import Reading

_CHECKS = Registry("check", "tui_monitor.checks", ("vendor", "look", "judge"))
kinds, find = _CHECKS.kinds, _CHECKS.find


def read(kind: str, body: bytes, *, now: datetime | None = None, **options: Any) -> Reading:
    """What a vendor's page says, without fetching it: one of its documents as bytes, read as a look would read it.

    `options` are those of the check, as in a config; an address is needed only by a look. A page that cannot be read
    is a reading that is `unknown`, with the reason. ValueError: no check of this kind reads pages, or not with these
    options.
    """
    from tui_monitor.checks.craft.vendor.reading import read_body

    return read_body(find(kind), kind, body, now or datetime.now(UTC), options)
