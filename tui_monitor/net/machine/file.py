"""Local files, looked at in a thread: a file system over a network hangs like any other place."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.text import spell_duration

if TYPE_CHECKING:
    from tui_monitor.net.transport import Net


async def written_at(net: Net, path: str, within: float) -> datetime:
    """When a file was last written; relative paths start at the home of `net`. Raises Unreachable and Unreadable."""
    try:
        async with asyncio.timeout(within):
            found = await net.threads.run((net.home / path).stat)
    except TimeoutError:
        raise Unreachable("timeout", f"the file system did not answer within {spell_duration(within)}") from None
    except (FileNotFoundError, NotADirectoryError):
        raise Unreachable("missing", "there is no such file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or "there can be no such path"
        raise Unreadable(f"the file cannot be looked at: {reason.lower()}") from error
    return datetime.fromtimestamp(found.st_mtime, UTC)
