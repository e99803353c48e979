"""Writes down what was decided, turn by turn, and knows what is not yet safe.

A store that does not answer is trouble, and nobody waits for it: what it has not taken is kept and offered again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tui_monitor.core.errors import StoreError
from tui_monitor.core.ports import Store
from tui_monitor.engine.draft import Draft, join

STALLED = 5.0
"""Seconds after which a store that has not answered counts as in trouble; the loop does not wait for it longer."""

AGAIN = 0.9
"""Seconds between two tries at a store that refuses."""

NO_ANSWER = "the store does not answer"


class Books:
    """`report` is told of every outcome: why nothing could be written, or an empty text."""

    def __init__(self, store: Store, report: Callable[[str], None]) -> None:
        self._store = store
        self._report = report
        self._unwritten: Draft | None = None
        self._stalled: tuple[asyncio.Task[None], Draft] | None = None
        self._tried_at = float("-inf")
        self.patience = STALLED

    def __repr__(self) -> str:
        return f"<Books {'behind' if self._unwritten or self._stalled else 'up to date'}>"

    @property
    def is_stalled(self) -> bool:
        return self._stalled is not None

    @property
    def is_behind(self) -> bool:
        return self._unwritten is not None

    async def write(self, draft: Draft, *, at_once: bool = False) -> bool:
        """Whether this draft, and all that could not be written before it, is safe now."""
        self._collect_stalled()
        whole = self._with_unwritten(draft)
        if self._stalled is not None:
            self._unwritten = whole if whole else None
            return False
        if not whole:
            return True
        is_tired = asyncio.get_running_loop().time() - self._tried_at < AGAIN
        if self._unwritten is not None and is_tired and not at_once:
            self._unwritten = whole
            return False
        trouble = await self._commit(whole)
        self._unwritten = whole if trouble and self._stalled is None else None
        self._report(trouble)
        return not trouble

    async def write_alone(self, draft: Draft) -> tuple[str, bool]:
        """Why one request could not be written down, and whether it is kept all the same: it may yet be written."""
        was_stalled = self.is_stalled
        trouble = await self._commit(self._with_unwritten(draft))
        is_kept = bool(trouble) and self.is_stalled and not was_stalled
        if not trouble or is_kept:
            self._unwritten = None
        return trouble, is_kept

    def _with_unwritten(self, draft: Draft) -> Draft:
        return draft if self._unwritten is None else join([self._unwritten, draft])

    async def _commit(self, draft: Draft) -> str:
        """Why this could not be written down; empty when it is."""
        if self._stalled is not None:
            return NO_ANSWER
        loop = asyncio.get_running_loop()
        self._tried_at = loop.time()
        writing = loop.create_task(self._store.commit(draft.batch()))
        await asyncio.wait({writing}, timeout=self.patience)
        if not writing.done():
            self._stalled = (writing, draft)
            return NO_ANSWER
        return _trouble_of(writing)

    def _collect_stalled(self) -> None:
        """What became of the commit that took too long: written after all, or to be written again."""
        if self._stalled is None or not self._stalled[0].done():
            return
        (writing, draft), self._stalled = self._stalled, None
        if _trouble_of(writing):
            self._unwritten = draft if self._unwritten is None else join([draft, self._unwritten])
        else:
            self._report("")


def _trouble_of(writing: asyncio.Task[None]) -> str:
    """Why a commit that has ended did not write; empty when it did."""
    error = writing.exception()
    if error is None:
        return ""
    if not isinstance(error, StoreError):
        raise error
    return str(error)
