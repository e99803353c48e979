from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.board.stage import T0, row
from tui_monitor.board.draw.letters import BIG, FONT, HUGE, PLAIN, large, rows_of
from tui_monitor.board.draw.wall import EVERY, Wall, wall
from tui_monitor.board.glyphs import ASCII, UNICODE
from tui_monitor.board.ink import plain, width_of
from tui_monitor.board.palette import NAMES
from tui_monitor.board.state import Board


def board(*rows):
    return Board({one["id"]: one for one in rows}, at=T0, moved_at=T0)


def hung(shown, width=80, height=24, seconds=0.0, glyphs=UNICODE):
    return wall(shown, Wall(width, height, T0, UTC, seconds, glyphs))


def test_letters_are_drawn_with_half_blocks_and_in_ascii_with_whole_cells():
    assert large("Hi", BIG, 20, UNICODE) == ["█ █ ▀█▀", "█▀█  █ ", "▀ ▀ ▀▀▀"]
    assert large("Hi", BIG, 20, ASCII) == ["# # ###", "# #  # ", "###  # ", "# #  # ", "# # ###"]
    assert large("Hi", HUGE, 20, ASCII)[0] == "##  ##  ######"


def test_a_name_in_other_letters_or_too_long_is_not_drawn_large():
    assert large("名前", BIG, 80, UNICODE) is None
    assert large("Checkout", BIG, 10, UNICODE) is None
    assert large("", BIG, 80, UNICODE) is None
    assert large("Bücher", BIG, 80, UNICODE) == large("BUCHER", BIG, 80, UNICODE)


@pytest.mark.parametrize("letter", FONT)
def test_each_letter_is_five_dots_high_and_as_wide_in_each_row(letter):
    rows = FONT[letter]
    assert len(rows) == 5
    assert len({len(one) for one in rows}) == 1
    assert {dot for one in rows for dot in one} <= {"#", "."}


def test_no_two_letters_look_alike():
    assert len(set(FONT.values())) == len(FONT)


@pytest.mark.parametrize("size", [PLAIN, BIG, HUGE])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_letters_take_as_many_lines_as_is_said(size, glyphs):
    if size:
        assert len(large("Web", size, 99, glyphs)) == rows_of(size, glyphs)
    else:
        assert rows_of(size, glyphs) == 1


def test_what_is_wrong_is_named_in_large_letters_with_how_long_and_why():
    lines = [plain(one) for one in hung(board(row("Web", "major", message="503"), row("Mail")))]
    for text in large("Web", HUGE, 80, UNICODE):
        assert any(text in one for one in lines)
    assert " ▌ ✖ down for 12m, 503" in [one.rstrip() for one in lines]
    assert lines[-1].rstrip() == " ●"


def test_where_nothing_is_wrong_it_says_so_and_where_nothing_is_watched_it_does_not():
    well = [plain(one) for one in hung(board(row("Web")), width=120)]
    assert any(large("ALL IS WELL", HUGE, 118, UNICODE)[0] in one for one in well)
    assert any("starting the engine" in plain(one) for one in hung(Board()))


def test_what_does_not_fit_comes_in_turns_and_begins_with_the_worst():
    many = [row(f"Service {n:02}", "degraded", id=f"d{n:02}") for n in range(30)]
    shown = board(*many, row("Zebra", "major", critical=True))
    first = "\n".join(plain(one) for one in hung(shown))
    assert "critical" in first
    assert "1 of 11" in first
    assert "2 of 11" in "\n".join(plain(one) for one in hung(shown, seconds=EVERY))
    assert "1 of 11" in "\n".join(plain(one) for one in hung(shown, seconds=11 * EVERY)), "and then again"


def test_thousands_that_are_well_are_not_thousands_of_dots():
    lines = [plain(one) for one in hung(board(*(row(f"s{n}") for n in range(900))))]
    dots = [one for one in lines if "● ●" in one]
    assert len(dots) == 3
    assert "+791" in dots[-1]


statuses = st.sampled_from(["operational", "maintenance", "degraded", "partial", "major", "unknown"])
rows = st.lists(
    st.builds(
        lambda name, status, message, number: {**row("x", status, id=f"s{number}", message=message), "name": name},
        st.one_of(st.text(max_size=30), st.sampled_from(["名前" * 40, "[/foo]", "x" * 5000])),
        statuses,
        st.text(max_size=40),
        st.integers(0, 60),
    ),
    max_size=60,
)


@given(rows, st.integers(1, 300), st.integers(1, 100), st.floats(0, 1e5), st.sampled_from([UNICODE, ASCII]))
def test_it_fills_the_screen_and_not_a_cell_more(services, width, height, seconds, glyphs):
    lines = hung(board(*services), width, height, seconds, glyphs)
    assert len(lines) == height
    if width >= 12:
        assert all(width_of(one) <= width for one in lines)
    assert {word for one in lines for _, style in one for word in style.split()} <= NAMES
