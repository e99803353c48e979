"""Where everything stands on the overview: pure arithmetic, so that five thousand services cost no more than fifty.

A grid has rows of tiles, some of them under a heading, and is seen through a window that begins at one of its rows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from textual.geometry import Region

from tui_monitor.board.gaze import Section

BESIDE = 100
"""Columns from which the incidents stand beside the tiles, and not below them."""
LISTED = 60
"""Columns under which each service has one line."""
LEAST_LOG = (34, 5)
"""Columns and lines under which the pane of the incidents is not worth its frame."""
MOST_LOG = 72

TILE, WIDE_TILE = 26, 38
"""Columns that a tile needs, and those with which it has room for everything."""


@dataclass(frozen=True, slots=True)
class Division:
    """How tiles and incidents share the page; `log` has no size where there is no room for it."""

    tiles: Region
    log: Region
    is_list: bool

    @property
    def is_beside(self) -> bool:
        return self.log.x > 0


def divide(width: int, height: int, as_list: bool = False) -> Division:
    """The page between head and foot."""
    is_list = as_list or width < LISTED
    if width >= BESIDE:
        beside = min(max(LEAST_LOG[0], width * 3 // 10), MOST_LOG)
        return Division(Region(0, 0, width - beside, height), Region(width - beside, 0, beside, height), is_list)
    below = height // 3 if height // 3 >= LEAST_LOG[1] else 0
    log = Region(0, height - below, width, below) if below else Region()
    return Division(Region(0, 0, width, height - below), log, is_list)


@dataclass(frozen=True, slots=True)
class Shape:
    """How big tiles are: so many beside each other, so many lines high, with so many blank lines below."""

    columns: int = 1
    height: int = 1
    gap: int = 0

    @property
    def pitch(self) -> int:
        return self.height + self.gap


LINES = Shape()
"""One line for each service."""


def shape_of(width: int, height: int, sizes: Sequence[int], has_headings: bool = False) -> Shape:
    """The roomiest tiles of which all can be seen at once; else the smallest, and one scrolls.

    `sizes` are those of the groups, also of what a filter hides: tiles that grew while one types would be a nuisance.
    """
    near, far = max(1, width // TILE), max(1, width // WIDE_TILE)
    for shape in (Shape(far, 4, 1), Shape(near, 4, 1), Shape(near, 3, 1)):
        rows = sum(-(-size // shape.columns) for size in sizes)
        if rows * shape.pitch - shape.gap + len(sizes) * has_headings <= height:
            return shape
    return Shape(near, 3, 0)


@dataclass(frozen=True, slots=True)
class Block:
    """A section as it lies in the grid: the first of its rows, of its services and of its lines, heading included."""

    heading: str
    row: int
    start: int
    count: int
    y: int

    @property
    def top(self) -> int:
        """The line at which its tiles begin."""
        return self.y + (1 if self.heading else 0)


@dataclass(frozen=True, slots=True)
class Window:
    """What is seen: each service with its place, and each heading with its line, counted from the window's corner."""

    places: tuple[tuple[int, Region], ...] = ()
    headings: tuple[tuple[int, str], ...] = ()

    def at(self, x: int, y: int) -> int | None:
        """The service that stands there, by its number in the order."""
        return next((number for number, region in self.places if region.contains(x, y)), None)

    @property
    def regions(self) -> list[Region]:
        return [region for _, region in self.places]


@dataclass(slots=True)
class Grid:
    """All services of an arrangement as rows of tiles. Services go by their number in the order."""

    sections: Sequence[Section] = ()
    width: int = 0
    shape: Shape = LINES
    blocks: list[Block] = field(init=False, default_factory=list)
    count: int = field(init=False, default=0)
    rows: int = field(init=False, default=0)
    _edges: list[int] = field(init=False, default_factory=list)
    _starts: list[int] = field(init=False, default_factory=list)
    _firsts: list[int] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        y = 0
        for section in self.sections:
            block = Block(section.heading, self.rows, self.count, len(section.services), y)
            self.blocks.append(block)
            rows = -(-block.count // self.shape.columns)
            self.count += block.count
            self.rows += rows
            y = block.top + rows * self.shape.pitch
        self._edges = [self.width * number // self.shape.columns for number in range(self.shape.columns + 1)]
        self._starts = [block.start for block in self.blocks]
        self._firsts = [block.row for block in self.blocks]

    # -- rows ---------------------------------------------------------------------------------------------------

    def row_of(self, number: int) -> int:
        return self._spot(number)[0]

    def _spot(self, number: int) -> tuple[int, int]:
        """Row and column."""
        block = self.blocks[bisect_right(self._starts, number) - 1]
        row, column = divmod(number - block.start, self.shape.columns)
        return block.row + row, column

    def _block(self, row: int) -> Block:
        return self.blocks[bisect_right(self._firsts, row) - 1]

    def in_row(self, row: int) -> range:
        """The services of one row, from left to right."""
        block = self._block(row)
        first = block.start + (row - block.row) * self.shape.columns
        return range(first, min(first + self.shape.columns, block.start + block.count))

    def _begins(self, row: int) -> int:
        """The first line that a window which begins with this row shows: its heading, if it has one above it."""
        block = self._block(row)
        return block.y if row == block.row else self._tiles_at(row)

    def _tiles_at(self, row: int) -> int:
        block = self._block(row)
        return block.top + (row - block.row) * self.shape.pitch

    # -- what is seen -------------------------------------------------------------------------------------------

    def window(self, top: int, height: int) -> Window:
        """What is seen from the row `top` on; a tile at the lower edge may be cut."""
        if not self.rows or height <= 0:
            return Window()
        start = self._begins(top)
        places: list[tuple[int, Region]] = []
        headings: list[tuple[int, str]] = []
        for row in range(top, self.rows):
            block, y = self._block(row), self._tiles_at(row) - start
            if block.heading and row == block.row and y - 1 < height:
                headings.append((y - 1, block.heading))
            if y >= height:
                break
            places += self._places(row, y, min(self.shape.height, height - y))
        return Window(tuple(places), tuple(headings))

    def _places(self, row: int, y: int, height: int) -> Iterator[tuple[int, Region]]:
        for column, number in enumerate(self.in_row(row)):
            left, right = self._edges[column], self._edges[column + 1]
            yield number, Region(left, y, right - left, height)

    def whole(self, top: int, height: int) -> int:
        """How many rows are seen from `top` on and not cut; at least one."""
        last = top
        while last + 1 < self.rows and self._ends(last + 1) - self._begins(top) <= height:
            last += 1
        return last - top + 1

    def _ends(self, row: int) -> int:
        return self._tiles_at(row) + self.shape.height

    def highest(self, row: int, height: int) -> int:
        """The first row from which a window can begin that shows this row whole."""
        top = row
        while top > 0 and self._ends(row) - self._begins(top - 1) <= height:
            top -= 1
        return top

    def lowest(self, height: int) -> int:
        """Where a window begins that shows the end."""
        return self.highest(self.rows - 1, height) if self.rows else 0

    def reveal(self, number: int, top: int, height: int) -> int:
        """Where the window begins so that a service is seen: as near as can be to where it is."""
        row = self.row_of(number)
        return min(max(top, self.highest(row, height)), row)

    # -- moving -------------------------------------------------------------------------------------------------

    def beside(self, number: int, step: int) -> int:
        """To the left or right in the same row, and no further than its end."""
        row = self.in_row(self.row_of(number))
        return min(max(number + step, row[0]), row[-1])

    def above(self, number: int, rows: int, column: int | None = None) -> int:
        """So many rows further down, or up, towards `column`; the nearest tile where a row is shorter."""
        row, own = self._spot(number)
        goal = self.in_row(min(max(row + rows, 0), self.rows - 1))
        return goal[min(own if column is None else column, len(goal) - 1)]

    def column_of(self, number: int) -> int:
        return self._spot(number)[1]
