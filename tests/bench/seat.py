"""A seat before a real terminal at which the board runs: what comes is counted, and the moment of each frame known.

The terminal says that it takes frames as a whole, as most do today, so that the end of a frame can be told.
"""

from __future__ import annotations

import os
import re
import select
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench import ground
from tests.board.terminal import PATIENCE, USUAL, Program, Screen

ASKED, ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
FRAME_BEGINS, FRAME_ENDS = b"\x1b[?2026h", b"\x1b[?2026l"
SIZE = (120, 40)
SPOT = re.compile(r"\b(\d+)-(\d+) of (\d+)\b")
"""Which services are seen, as the frame of the tiles says."""

MODES: Mapping[str, frozenset[int]] = {
    "screen": frozenset({1049}),
    "cursor": frozenset({7, 25}),
    "mouse": frozenset({1000, 1002, 1003, 1006, 1015, 1016}),
    "pastes": frozenset({1004, 2004}),
}
"""The modes that a board takes, and their numbers; the keyboard and the modes of the kernel come to these."""


class Seat(Program):
    """One board on one terminal of 120 by 40, on the core that is measured."""

    def __init__(self, words: Sequence[str | Path], environ: Mapping[str, str], folder: Path) -> None:
        self.came_at = self.frame_at = 0.0
        with on_core(ground.MEASURED):
            super().__init__([str(word) for word in words], environ, folder, SIZE)
        self.log = folder / "board"
        self.cost = ground.Process(self.process, self.log)

    def read(self, patience: float) -> bool:
        """A frame is taken whole before anything is made of it: whoever reads slowly would hold up the board."""
        data = self._take(patience)
        while data.rfind(FRAME_BEGINS) > data.rfind(FRAME_ENDS) and (more := self._take(PATIENCE)):
            data += more
        if FRAME_ENDS in data:
            self.frame_at = self.came_at
        self.screen.feed(data)
        return bool(data)

    def _take(self, patience: float) -> bytes:
        ready, _, _ = select.select([self.master], [], [], max(0.0, patience))
        if not ready:
            return b""
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return b""
        self.came_at = time.monotonic()
        if ASKED in data:
            os.write(self.master, ANSWER)
        return data

    def watch(self, seconds: float) -> int:
        """Read for so long; the bytes that came."""
        before, end = len(self.screen.sent), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read(left)
        return len(self.screen.sent) - before

    def frame_with(self, holds: Callable[[Screen], object], patience: float = 20.0) -> float:
        """The moment at which the first whole frame had come of which it holds."""
        end = time.monotonic() + patience
        while True:
            before = self.frame_at
            if not self.read(end - time.monotonic()):
                raise RuntimeError(f"it never came, only:\n{self.screen.text}\n{self.screen.outside}")
            if self.frame_at != before and holds(self.screen):
                return self.frame_at

    def answer(self, keys: str, holds: Callable[[Screen], object]) -> float:
        """Seconds from a key to the end of the frame that shows what it did."""
        since = time.monotonic()
        self.press(keys)
        return self.frame_with(holds) - since

    def spot(self) -> tuple[int, int, int]:
        """The first and the last service that are seen, and how many there are to see."""
        found = SPOT.search(self.screen.text)
        return (int(found[1]), int(found[2]), int(found[3])) if found else (0, 0, 0)

    def latency_of(self, name: str) -> str:
        """As the tile of this service shows it, at the end of its second line; nothing where it is not seen."""
        for number in range(self.screen.lines):
            before, found, after = self.screen.row(number).partition(f" {name} ")
            if found:
                end = len(before) + len(found) + len(re.split("[│┃]", after)[0])
                return " ".join(self.screen.row(number + 1)[:end].rstrip("▌ ").split()[-2:])
        return ""

    def taken(self) -> set[str]:
        """Which modes are other than a program found them."""
        is_other = self.screen.modes ^ USUAL
        found = {name for name, numbers in MODES.items() if numbers & is_other}
        found |= {"keyboard"} if self.screen.keyboards > 0 else set()
        return found | ({"kernel"} if self.attributes() != self.before else set())


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """What is started in here keeps to this core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
