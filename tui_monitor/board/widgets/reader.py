"""A sheet that is mostly read: the keys go line by line, and select only what comes into sight."""

from __future__ import annotations

from tui_monitor.board.widgets.sheet import Sheet


class Reader(Sheet):
    """Where few rows can be selected, going from one to the next would leap over what stands between them."""

    def move(self, step: int) -> None:
        """To the next row that can be opened if it is in sight, else by a line."""
        goal = self._next(step)
        if goal is None or not self._is_seen(goal):
            self.scroll(step)
        if goal is not None and self._is_seen(goal):
            self._take(goal)

    def page(self, share: float) -> None:
        self.scroll(int(self.size.height * share) or (1 if share > 0 else -1))
        self._keep_in_sight()

    def first(self) -> None:
        self.scroll(-len(self.rows))
        self._keep_in_sight()

    def last(self) -> None:
        self.scroll(len(self.rows))
        seen = self._in_sight()
        if seen:
            self._take(seen[-1])

    def open(self) -> None:
        """Only what is in sight."""
        at = self._at()
        if at is not None and self._is_seen(at):
            super().open()

    def row_under(self, at: int) -> int | None:
        """A paragraph belongs to the row that it begins with; one that begins otherwise is only read."""
        while 0 <= at < len(self.rows) and not self.rows[at].key and self.rows[at].line:
            at -= 1
        return at if 0 <= at < len(self.rows) and self.rows[at].key and self._is_seen(at) else None

    def _next(self, step: int) -> int | None:
        """The next row that can be opened: after what is selected, or from the edge where that is not seen."""
        at = self._at()
        if at is None or not self._is_seen(at):
            at = self.top - 1 if step > 0 else min(self.top + self.size.height, len(self.rows))
        rows = range(at + 1, len(self.rows)) if step > 0 else range(at - 1, -1, -1)
        return next((number for number in rows if self.rows[number].key), None)

    def _keep_in_sight(self) -> None:
        at, seen = self._at(), self._in_sight()
        if seen and (at is None or not self._is_seen(at)):
            self._take(seen[0] if at is None or at < self.top else seen[-1])

    def _in_sight(self) -> list[int]:
        last = min(len(self.rows), self.top + self.size.height)
        return [number for number in range(self.top, last) if self.rows[number].key]

    def _is_seen(self, number: int) -> bool:
        return self.top <= number < self.top + self.size.height

    def _take(self, number: int) -> None:
        """Select it, with nothing moving below the eyes."""
        self._choose(number, reveal=False)
