"""Lines as values: exactly as wide as they are said to be, whatever text is in them, and nothing lost on the way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from tests.board.test_cells import TEXTS
from tui_monitor.board.cells import one_line
from tui_monitor.board.ink import Line, cut, fill, plain, shorten, spread, strip_of, width_of, wrapped

SPANS = st.lists(st.tuples(TEXTS.map(one_line), st.sampled_from(["text", "bad", "muted"])), max_size=5).map(tuple)
WILD = st.lists(st.tuples(TEXTS, st.just("text")), max_size=5).map(tuple)
WIDTHS = st.integers(0, 60)


@given(SPANS, WIDTHS)
def test_a_line_is_cut_to_its_width_and_keeps_its_beginning(spans: Line, width: int):
    shown = cut(spans, width)
    assert width_of(shown) <= width
    if width_of(spans) <= width:
        assert plain(shown) == plain(spans)
    elif plain(shown):
        assert plain(shown).endswith("…")
        assert plain(spans).startswith(plain(shown)[:-1].rstrip())


@given(SPANS, WIDTHS)
def test_a_line_fills_exactly_its_width(spans: Line, width: int):
    assert width_of(fill(spans, width)) == width


@given(SPANS, SPANS, WIDTHS)
def test_what_is_spread_reaches_the_edge_where_there_is_room(left: Line, right: Line, width: int):
    shown = spread(left, right, width)
    assert width_of(shown) <= width
    if width_of(left) + 1 + width_of(right) <= width:
        assert width_of(shown) == width
        assert plain(shown).startswith(plain(left))
        assert plain(shown).endswith(plain(right))


@given(TEXTS.map(one_line), WIDTHS)
def test_what_is_shortened_is_no_wider_than_it_may_be(text: str, cells: int):
    assert cell_len(shorten(text, cells)) <= cells


@given(SPANS, st.integers(2, 60), st.integers(0, 20))
def test_nothing_is_lost_where_a_line_is_wrapped_and_no_part_of_it_is_too_wide(spans: Line, width: int, indent: int):
    indent = min(indent, width - 2)
    lines = wrapped(spans, width, indent)
    assert [width_of(one) for one in lines if width_of(one) > width] == []
    assert "".join("".join(map(plain, lines)).split()) == "".join(plain(spans).split())


@given(WILD, WIDTHS)
def test_nothing_that_a_terminal_would_obey_is_ever_drawn(spans: Line, width: int):
    strip = strip_of(spans, width, lambda name: Style())
    drawn = "".join(segment.text for segment in strip)
    assert drawn.isprintable()
    assert sum(segment.cell_length for segment in strip) == width == strip.cell_length
