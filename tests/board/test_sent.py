import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color
from rich.style import Style
from textual.geometry import Region
from textual.widget import Widget

from tests.board.stage import Script, row, snapshot, stage
from tui_monitor.board.ink import difference, fill, plain, strip_of

PALETTE = {
    "text": Style(color="white"),
    "bad": Style(color="red", bold=True),
    "bar": Style(color="white", bgcolor="blue"),
    "link": Style(underline=True),
    "back": Style(reverse=True),
}
spans = st.lists(
    st.tuples(st.text("ab 名é", min_size=1, max_size=6), st.sampled_from(sorted(PALETTE))), max_size=6
).map(tuple)


def cells(strip):
    """What is seen in each cell: a blank shows no colour of its own, only what lies behind it."""
    found = []
    for text, style, _ in strip:
        for letter in text:
            seen = (style.bgcolor, style.reverse, style.underline) if letter == " " else style
            found.append((letter, seen))
    return found


@given(spans, st.integers(0, 30))
def test_a_strip_shows_what_its_spans_say_in_as_few_segments_as_can_be(line, width):
    strip = strip_of(line, width, PALETTE.__getitem__)
    wanted = [(letter, PALETTE[style]) for text, style in fill(line, width) for letter in text]
    plainly = [
        (letter, (style.bgcolor, style.reverse, style.underline) if letter == " " else style)
        for letter, style in wanted
    ]
    blank = (None, None, None)
    assert [one if one != (" ", blank) else " " for one in cells(strip)] == [
        one if one != (" ", blank) else " " for one in plainly
    ]
    assert strip.cell_length == width


def test_blanks_between_words_of_two_styles_cost_no_style_of_their_own():
    strip = strip_of((("down", "bad"), ("   ", "text"), ("12m", "text"), (" ", "text")), 11, PALETTE.__getitem__)
    assert [segment.text for segment in strip] == ["down   ", "12m "]


@given(spans, spans, st.integers(1, 30))
def test_outside_the_cells_that_differ_two_lines_are_the_same(before, after, width):
    before, after = fill(before, width), fill(after, width)
    first, count = difference(before, after, width)
    one, other = strip_of(before, width, PALETTE.__getitem__), strip_of(after, width, PALETTE.__getitem__)
    assert 0 <= first <= first + count <= width
    for start, end in ((0, first), (first + count, width)):
        assert plain_of(one.crop(start, end)) == plain_of(other.crop(start, end))
    assert (count == 0) == (before == after) or plain(before) == plain(after)


def plain_of(strip):
    return "".join(segment.text for segment in strip)


async def test_a_line_that_says_the_same_is_not_sent_again():
    async with stage(Script(snapshot([row("Web"), row("Mail", "major")])), (80, 24)) as here:
        tile = here.app.page.tiles._slots[0]
        before = tile.render_lines(tile.size.region)
        tile.face = tuple(tile.face)
        assert tile.render_lines(tile.size.region) is before
        tile.face = ((("other", "text"),), *tile.face[1:])
        assert plain_of(tile.render_lines(tile.size.region)[0]).startswith("other")


async def test_another_theme_is_seen_at_once_in_lines_that_say_the_same():
    async with stage(Script(snapshot([row("Web")])), (80, 24)) as here:
        tile = here.app.page.tiles._slots[0]
        before = tile.render_lines(tile.size.region)
        here.app.wear(here.app.choose_theme("mono"))
        await here.settle()
        after = tile.render_lines(tile.size.region)
        assert [plain_of(one) for one in after] == [plain_of(one) for one in before]
        assert after != before


COLOURFUL = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}


def behind(here):
    """Every colour that lies behind some cell of the screen."""
    strips = here.app.screen._compositor.render_strips()
    return {segment.style.bgcolor for strip in strips for segment in strip if segment.style and segment.text}


async def test_a_light_theme_is_light_behind_every_cell_also_after_it_was_chosen_later():
    for first in ("light", "dark"):
        async with stage(Script(snapshot([row("Web")])), (80, 24), theme=first, environ=COLOURFUL) as here:
            here.app.wear(here.app.choose_theme("light"))
            await here.settle()
            assert None not in behind(here)
            assert min(sum(colour.get_truecolor()) for colour in behind(here)) > 3 * 128


async def test_a_theme_of_the_terminals_own_colours_leaves_its_background_alone():
    async with stage(Script(snapshot([row("Web")])), (80, 24), theme="mono", environ=COLOURFUL) as here:
        assert behind(here) <= {None, Color.parse("default")}


@pytest.mark.parametrize("environ", [COLOURFUL, {**COLOURFUL, "NO_COLOR": "1"}, {"TERM": "xterm", "LANG": "C.UTF-8"}])
async def test_a_tile_is_drawn_as_the_toolkit_would_draw_it(environ):
    services = [row("Web", "major", critical=True), row("Mail")]
    async with stage(Script(snapshot(services)), (80, 24), theme="", environ=environ) as here:
        for tile in here.app.page.tiles._slots:
            for crop in (tile.size.region, Region(3, 1, 9, 2)):
                tile.refresh()
                shown = tile.render_lines(crop)
                wanted = Widget.render_lines(tile, crop)
                assert [list(one) for one in shown] == [list(one) for one in wanted]
