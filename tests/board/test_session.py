"""What the README says of a first session is what the board shows."""

from __future__ import annotations

from tests.board.session import BEGIN, END, recorded
from tests.house.sources import TREE


async def test_the_session_in_the_readme_is_what_the_board_shows():
    readme = (TREE / "README.md").read_text("utf-8")
    block = BEGIN + readme.partition(BEGIN)[2].partition(END)[0] + END
    assert block == await recorded(), "write it anew with: python -m tests.board.session"
