from hypothesis import assume, given
from hypothesis import strategies as st
from textual.geometry import Region

from tui_monitor.board.gaze import Section
from tui_monitor.board.layout import BESIDE, LINES, LISTED, Grid, Shape, divide, shape_of

shapes = st.sampled_from([LINES, Shape(1, 3, 0), Shape(2, 3, 0), Shape(3, 3, 1), Shape(4, 4, 1), Shape(7, 3, 0)])
widths = st.integers(8, 300)
heights = st.integers(1, 100)


@st.composite
def grids(draw):
    """Sections of any size; one without a heading stands alone, as it does where services are not grouped."""
    sizes = draw(st.lists(st.integers(1, 40), min_size=1, max_size=6))
    with_headings = len(sizes) > 1 or draw(st.booleans())
    names = iter(f"s{number}" for number in range(sum(sizes)))
    sections = [
        Section(f"Group {number}" if with_headings else "", tuple(next(names) for _ in range(size)))
        for number, size in enumerate(sizes)
    ]
    return Grid(sections, draw(widths), draw(shapes))


@given(st.integers(1, 400), st.integers(1, 200), st.booleans())
def test_tiles_and_incidents_share_the_page_and_nothing_else(width, height, as_list):
    division = divide(width, height, as_list)
    page = Region(0, 0, width, height)
    assert division.tiles.area + division.log.area == page.area
    assert not division.tiles.overlaps(division.log) or not division.log.area
    for part in (division.tiles, division.log):
        assert page.contains_region(part)


def test_incidents_stand_beside_the_tiles_where_it_is_wide_and_below_where_it_is_not():
    assert divide(BESIDE, 22).is_beside
    assert divide(BESIDE - 1, 22).log.y == 22 - 22 // 3
    assert divide(80, 22).tiles == Region(0, 0, 80, 15)
    assert not divide(80, 9).log.area, "three lines of a pane are a frame and nothing else"


def test_a_narrow_page_is_a_list_and_so_is_any_that_a_person_wants_to_be_one():
    assert divide(LISTED - 1, 30).is_list
    assert not divide(LISTED, 30).is_list
    assert divide(200, 60, as_list=True).is_list


@given(widths, heights, st.lists(st.integers(1, 500), max_size=6), st.booleans())
def test_tiles_are_roomy_only_where_all_of_them_are_seen(width, height, sizes, has_headings):
    shape = shape_of(width, height, sizes, has_headings)
    sections = [Section("Group" if has_headings else "", ("s",) * size) for size in sizes]
    if not shape.gap:
        return
    grid = Grid(sections, width, shape)
    assert len(grid.window(0, height).places) == grid.count
    assert all(region.height == shape.height for region in grid.window(0, height).regions)


@given(grids(), st.integers(0, 300), heights)
def test_each_service_in_the_window_stands_there_once_and_inside_it(grid, top, height):
    window = grid.window(top % grid.rows, height)
    numbers = [number for number, _ in window.places]
    assert len(set(numbers)) == len(numbers)
    assert numbers or window.headings
    assert not numbers or numbers == list(range(numbers[0], numbers[-1] + 1)), "none is left out in between"
    frame = Region(0, 0, grid.width, height)
    for _, region in window.places:
        assert frame.contains_region(region)
        assert region.area > 0 or region.width == 0


@given(grids(), st.integers(0, 300), heights)
def test_no_tile_lies_upon_another_or_on_a_heading(grid, top, height):
    window = grid.window(top % grid.rows, height)
    taken = [region for _, region in window.places] + [Region(0, y, grid.width, 1) for y, _ in window.headings]
    cells = [
        (x, y) for region in taken for x in range(region.x, region.right) for y in range(region.y, region.bottom)
    ]
    assert len(cells) == len(set(cells))


@given(grids(), heights)
def test_every_service_is_seen_whole_from_somewhere(grid, height):
    assume(height > grid.shape.height)
    for number in range(grid.count):
        top = grid.reveal(number, 0, height)
        region = dict(grid.window(top, height).places)[number]
        assert region.height == grid.shape.height


@given(grids(), st.integers(0, 300), heights)
def test_what_is_seen_whole_needs_no_scrolling(grid, top, height):
    top = min(top, grid.lowest(height))
    for number, region in grid.window(top, height).places:
        if region.height == grid.shape.height:
            assert grid.reveal(number, top, height) == top


@given(grids(), heights)
def test_from_the_lowest_window_the_last_service_is_seen_and_no_row_is_wasted(grid, height):
    assume(height > grid.shape.height)
    lowest = grid.lowest(height)
    assert grid.count - 1 in dict(grid.window(lowest, height).places)
    if lowest:
        above = dict(grid.window(lowest - 1, height).places)
        assert above.get(grid.count - 1, Region()).height < grid.shape.height


@given(grids())
def test_moves_reach_every_tile(grid):
    found, left = {0}, [0]
    while left:
        at = left.pop()
        steps = {grid.beside(at, -1), grid.beside(at, 1), grid.above(at, -1), grid.above(at, 1)} - found
        found |= steps
        left += steps
    assert found == set(range(grid.count))


@given(grids(), st.data())
def test_a_step_up_or_down_goes_to_the_next_row_and_no_further(grid, data):
    at = data.draw(st.integers(0, grid.count - 1))
    for step in (-1, 1):
        to = grid.above(at, step)
        assert abs(grid.row_of(to) - grid.row_of(at)) <= 1
        assert grid.column_of(to) <= grid.column_of(at), "to the nearest tile, where the row is shorter"
        other = grid.row_of(at) + step
        if 0 <= other < grid.rows:
            assert grid.row_of(to) == other


@given(grids(), st.data())
def test_a_step_aside_stays_in_its_row(grid, data):
    at = data.draw(st.integers(0, grid.count - 1))
    for step in (-1, 1):
        to = grid.beside(at, step)
        assert grid.row_of(to) == grid.row_of(at)
        assert abs(to - at) <= 1


@given(grids(), st.data())
def test_who_comes_through_a_short_row_is_back_in_the_column_behind_it(grid, data):
    at = data.draw(st.integers(0, grid.count - 1))
    column = grid.column_of(at)
    way = at
    for _ in range(grid.rows):
        way = grid.above(way, 1, column)
        assert grid.column_of(way) == min(column, len(grid.in_row(grid.row_of(way))) - 1)


@given(grids(), st.integers(0, 300), heights)
def test_a_click_finds_the_service_that_is_drawn_there(grid, top, height):
    window = grid.window(top % grid.rows, height)
    for number, region in window.places:
        if region.width:
            assert window.at(region.x, region.bottom - 1) == number
    for y, _ in window.headings:
        assert window.at(0, y) is None


def test_nothing_at_all_is_laid_out_too():
    grid = Grid([], 80, LINES)
    assert grid.window(0, 20).places == ()
    assert grid.lowest(20) == 0
