"""The picture of the board in the README, drawn from what the demo said of itself: `make picture`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.board import scenes
from tests.board.stage import stage
from tests.board.svg import picture

FILE = Path(__file__).parents[1] / ".pictures" / "board.svg"
SIZE = (120, 36)
TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
"""Whoever draws it, and wherever."""


async def drawn() -> str:
    async with stage(scenes.demo(), SIZE, environ=TERMINAL) as here:
        return picture(here.app)


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(asyncio.run(drawn()))
