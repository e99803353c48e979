"""A small program on a real terminal: the board walks through all its pages and dialogs by itself, and ends.

    python -m tests.board.tour WORLD [--ascii]

WORLD is a kind of hostile text, or `harmless`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from pathlib import Path
from typing import Any

from tui_monitor.board.colours import prepare

prepare(os.environ)

from textual.pilot import Pilot  # noqa: E402  # what is above must come before the toolkit

from tests.board import scenes  # noqa: E402  # the same
from tests.board.hostile import KINDS  # noqa: E402  # the same
from tests.board.stage import Stage, StageClock  # noqa: E402  # the same
from tests.board.walk import walk_dialogs, walk_pages  # noqa: E402  # the same
from tui_monitor.board.app import BoardApp  # noqa: E402  # the same
from tui_monitor.board.face import Connection, Face  # noqa: E402  # the same
from tui_monitor.core.plan import Appearance  # noqa: E402  # the same


def main(kind: str, is_ascii: bool) -> None:
    script = scenes.hostile(KINDS[kind]) if kind in KINDS else scenes.scripted(scenes.full(), test_mode=True)
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()

    def open_it(path: Path | None) -> Connection:
        look = Appearance(bell=False, notice=False)
        return Connection(script, loop, "here", Path("config.yaml"), look, "Ops", "UTC", lambda: None, lambda: "")

    clock = StageClock()
    app = BoardApp(Face(open_it, lambda path: "", Path("config.yaml"), is_ascii=is_ascii), clock=clock)

    async def go_round(pilot: Pilot[Any]) -> None:
        here = Stage(app, pilot, script, clock)
        await here.until(lambda: not app.board.is_empty)
        await walk_pages(here)
        await walk_dialogs(here)
        app.exit(7)

    code = int(app.run(auto_pilot=go_round) or 0)
    sys.stdout.flush()
    os._exit(code)  # what still waits for the engine of the script would be told of on the terminal


if __name__ == "__main__":
    main(sys.argv[1], "--ascii" in sys.argv)
