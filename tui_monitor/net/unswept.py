"""No search for dead cycles while a large page is taken apart: it would find none, and hold everybody up for it."""

from __future__ import annotations

import gc
import threading


class _Rest:
    """Several threads may be at it: the last one that is done lets the search go on, if it did before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way = 0
        self._was_on = False

    def __enter__(self) -> None:
        with self._lock:
            if not self._under_way:
                self._was_on = gc.isenabled()
                gc.disable()
            self._under_way += 1

    def __exit__(self, *ignored: object) -> None:
        with self._lock:
            self._under_way -= 1
            if not self._under_way and self._was_on:
                gc.enable()


UNSWEPT = _Rest()
