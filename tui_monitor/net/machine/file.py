"""Local files, looked at in a thread: a file system over a network hangs like any other place.

A call that hangs cannot be ended and holds its thread. So there is one call for each file at a time, and the threads
are none of those that anything else waits for.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.text import spell_duration
from tui_monitor.net.threads import Threads

_AT_ONCE = 16

Stat = Callable[[Path], os.stat_result]


class Asking:
    """One file on its way to be looked at."""

    def __init__(self, path: Path, stat: Stat) -> None:
        self._path, self._stat = path, stat
        self.has_begun = False

    def work(self) -> float:
        """In a thread."""
        self.has_begun = True
        return self._stat(self._path).st_mtime


class Files:
    """The files of one process that are looked at now; relative paths start at `home`."""

    def __init__(self, home: Path, stat: Stat = os.stat) -> None:
        self._home, self._stat = home, stat
        self._threads = Threads(_AT_ONCE, "tui-monitor-files")
        self._under_way: dict[str, tuple[Asking, asyncio.Task[float]]] = {}

    def __repr__(self) -> str:
        return f"<Files {len(self._under_way)} looked at>"

    async def written_at(self, path: str, within: float) -> datetime:
        """When a file was last written. Raises Unreachable and Unreadable."""
        asking, task = self._under_way.get(path) or self._begin(path)
        try:
            async with asyncio.timeout(within):
                return datetime.fromtimestamp(await asyncio.shield(task), UTC)
        except TimeoutError:
            if not asking.has_begun:
                raise Unreadable("no thread was free to look at the file: too many file systems hang") from None
            raise Unreachable("timeout", f"the file system did not answer within {spell_duration(within)}") from None
        except (FileNotFoundError, NotADirectoryError):
            raise Unreachable("missing", "there is no such file") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", "") or "there can be no such path"
            raise Unreadable(f"the file cannot be looked at: {reason.lower()}") from error

    def close(self) -> None:
        for _, task in self._under_way.values():
            task.cancel()
        self._threads.close()

    def _begin(self, path: str) -> tuple[Asking, asyncio.Task[float]]:
        asking = Asking(self._home / path, self._stat)
        task = asyncio.ensure_future(self._threads.run(asking.work))
        self._under_way[path] = begun = asking, task
        task.add_done_callback(lambda task: self._end(path, task))
        return begun

    def _end(self, path: str, task: asyncio.Task[float]) -> None:
        del self._under_way[path]
        if not task.cancelled():
            task.exception()  # whoever still waits for it has it too
