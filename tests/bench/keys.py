"""Keys as a person presses them, each with what the terminal shows once it has done its work."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from tests.bench.seat import Seat
from tests.board.terminal import Screen
from tui_monitor.board.gaze import SORT_WORDS, SORTS, Gaze, View, fits
from tui_monitor.board.glyphs import UNICODE

Effect = Callable[[Screen], bool]

PAGE_DOWN, PAGE_UP, HALF_DOWN, HALF_UP, DELETE, ENTER = "\x1b[6~", "\x1b[5~", "\x04", "\x15", "\x7f", "\r"
WALKS: tuple[tuple[str, Sequence[str]], ...] = (
    ("move", "j" * 12 + "k" * 12 + "lh" * 6),
    ("page", (PAGE_DOWN, PAGE_UP) * 10 + (HALF_DOWN, HALF_UP) * 6),
    ("ends", "Gg" * 4),
)
"""Each key of these moves the selection, however many services there are."""
WORDS = ("login", "ledger 0")
PAUSE = (0.01, 0.06)
"""Seconds between two keys: no rhythm that could fall in with that of the board."""


def selected(screen: Screen) -> tuple[int, str]:
    """Where the pointer stands, and before which name."""
    for number in range(screen.lines):
        row = screen.row(number)
        if UNICODE.pointer in row:
            return number, row.partition(UNICODE.pointer)[2][:24]
    return -1, ""


class Typist:
    """Presses a hundred keys and more, and times each until its effect is there."""

    def __init__(self, seat: Seat, rows: Mapping[str, View]) -> None:
        self._seat = seat
        self._rows = rows
        self._dice = random.Random(3)

    def type(self) -> Iterator[tuple[str, float]]:
        """Each key by its kind, and the seconds from it to the end of the frame that shows what it did.

        Escape is none of them: a terminal takes a tenth of a second to tell it from the beginning of another key.
        """
        for kind, keys in WALKS:
            for key in keys:
                yield kind, self._press(key, self._moves())
        for sort in (*SORTS[1:], SORTS[0]):
            yield "sort", self._press("s", lambda screen, sort=sort: f"{SORT_WORDS[sort]} " in screen.row(1))
        for word in WORDS:
            yield from self._filter(word)

    def _moves(self) -> Effect:
        before = selected(self._seat.screen)
        return lambda screen: selected(screen) != before

    def _filter(self, word: str) -> Iterator[tuple[str, float]]:
        """Type it letter by letter, and take it back."""
        yield "/", self._press("/", lambda screen: f"filter {UNICODE.right}" in screen.text)
        for end in range(1, len(word) + 1):
            yield "filter", self._press(word[end - 1], self._narrows(word[:end]))
        for end in reversed(range(len(word))):
            yield "filter", self._press(DELETE, self._narrows(word[:end]))
        yield "enter", self._press(ENTER, lambda screen: f"filter {UNICODE.right}" not in screen.text)

    def _narrows(self, words: str) -> Effect:
        """What is typed stands in the picture, and so does how many services it leaves."""
        count = len(self._rows)
        shown = sum(fits(row, Gaze(words=words)) for row in self._rows.values())
        left = f"Services {shown} of {count}," if shown < count else f"Services {count},"
        said = f"filter: {words}" if words.strip() else ""
        return lambda screen: left in screen.text and (said in screen.text if said else "filter:" not in screen.text)

    def _press(self, key: str, effect: Effect) -> float:
        self._seat.watch(self._dice.uniform(*PAUSE))
        return self._seat.answer(key, effect)
