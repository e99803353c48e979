"""A first session at the board, as text: which keys are pressed and what is seen. The README holds what this prints.

python -m tests.board.session
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tests.board import scenes
from tests.board.stage import stage
from tui_monitor.core.ports import Outcome

SIZE = (80, 24)
BEGIN, END = "<!-- a first session: python -m tests.board.session -->", "<!-- the end of the session -->"

STEPS: Sequence[tuple[str, Sequence[str], slice | str]] = (
    ("The board opens, worst first; `j` `k` and the arrows move.", (), slice(0, 24)),
    ("`enter` opens a service: why, since when, and where the time went.", ("enter",), slice(0, 14)),
    ("`esc` leads back; `a` acknowledges, with a note.", ("escape", "a", *"on it"), "box"),
    ("`enter` asks the engine, and its answer stands above the keys.", ("enter",), slice(22, 24)),
)


async def recorded() -> str:
    """The block of the README."""
    script = scenes.demo()
    script.outcomes["ack"] = Outcome(f"{scenes.INCIDENT} acknowledged")
    parts = []
    async with stage(script, SIZE) as here:
        for caption, keys, seen in STEPS:
            for key in keys:
                await here.press(key)
            lines = here.text().splitlines()
            shown = boxed(lines) if isinstance(seen, str) else lines[seen]
            parts.append(caption + "\n\n```\n" + "\n".join(line.rstrip() for line in shown) + "\n```")
    return "\n\n".join([BEGIN, *parts, END])


def boxed(lines: Sequence[str]) -> list[str]:
    """A dialog without what lies around it."""
    top = next(number for number, line in enumerate(lines) if "╭" in line)
    left = lines[top].index("╭")
    right = lines[top].index("╮")
    bottom = next(number for number, line in enumerate(lines) if "╰" in line)
    return [line[left : right + 1] for line in lines[top : bottom + 1]]


if __name__ == "__main__":
    print(asyncio.run(recorded()))
