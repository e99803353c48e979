"""The help: every word of it can be read, however wide the terminal is."""

from __future__ import annotations

import pytest

from tui_monitor.board.dialogs.help import help_rows
from tui_monitor.board.glyphs import UNICODE
from tui_monitor.board.ink import texts, width_of
from tui_monitor.core.keys import OPERATIONS


@pytest.mark.parametrize("width", [30, 36, 76, 96, 116, 190])
def test_no_word_of_the_help_is_cut(width: int):
    rows = help_rows(OPERATIONS, UNICODE, width)
    assert max(width_of(row.line) for row in rows) <= width
    assert UNICODE.ellipsis not in texts(rows)


def test_each_operation_stands_in_the_help_with_all_its_keys():
    shown = " ".join(texts(help_rows(OPERATIONS, UNICODE, 90)).split())
    assert not [one.id for one in OPERATIONS if " ".join(one.does.split()) not in shown]
