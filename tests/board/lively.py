"""A small board for the tests of its life: each key has it do one thing that may befall a board. It is a program.

What it would say where no terminal is left goes into the FIFO that its argument names.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import threading
from contextlib import suppress
from functools import cache
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.events import Resize
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from tui_monitor.board import life
from tui_monitor.core.errors import Rejected

SECRET = "hunter2"


@cache
def motley(digit: int, width: int) -> Strip:
    return Strip([Segment(str(digit), Style.parse(f"rgb({cell % 250},{digit},9)")) for cell in range(width)])


class Motley(Widget):
    """Each cell has a colour of its own, so that a picture is large."""

    digit = reactive(0)

    def render_line(self, y: int) -> Strip:
        return motley(self.digit, self.size.width)


class Lively(life.Living):
    """Keys are the first letters of what they do."""

    BINDINGS: ClassVar = [
        ("q,ctrl+c", "end", "quit"),
        ("m", "mishap", "something breaks while it ends"),
        ("k", "key", "a handler breaks"),
        ("w", "worker", "a worker breaks"),
        ("t", "timer", "a timer breaks"),
        ("p", "picture", "a picture breaks"),
        ("l", "loose", "a task that nobody waits for breaks"),
        ("d", "thread", "a thread breaks"),
        ("h", "hang", "a handler waits for ever"),
        ("b", "block", "the loop stands still"),
        ("n", "noise", "others write to the terminal"),
        ("f", "flood", "many large frames"),
        ("o", "other", "another program has the terminal for a while"),
        ("e", "ebb", "no more frames, and a last one"),
        ("g", "give_up", "there is nothing to show"),
        ("ctrl+z", "suspend_process", "stop"),
    ]
    frames = 0
    keys = 0

    def compose(self) -> ComposeResult:
        yield Static("a small board", id="title")
        yield Static("", id="body")

    def on_resize(self, event: Resize) -> None:
        self.query_one("#title", Static).update(f"a small board of {event.size.width} by {event.size.height}")

    def on_key(self) -> None:
        self.keys += 1
        tell(f"keys {self.keys}")

    def action_end(self) -> None:
        self.end()

    def action_mishap(self) -> None:
        self.end()
        self.action_key()

    def action_key(self) -> None:
        secret = {"password": SECRET}
        raise KeyError(secret["password"])

    def action_worker(self) -> None:
        self.run_worker(self.fail())

    async def fail(self) -> None:
        password = SECRET
        raise ValueError(password)

    def action_timer(self) -> None:
        self.set_timer(0.01, self.action_key)

    def action_picture(self) -> None:
        class Broken(Static):
            def render(self) -> Any:
                raise LookupError(SECRET)

        self.mount(Broken())

    def action_loose(self) -> None:
        self.set_timer(0.01, lambda: asyncio.get_running_loop().call_soon(self.action_key) and None)

    def action_thread(self) -> None:
        threading.Thread(target=self.action_key, name="board-test").start()

    async def action_hang(self) -> None:
        tell("hanging")
        await asyncio.Event().wait()

    def action_block(self) -> None:
        tell("blocking")
        threading.Event().wait()

    def action_noise(self) -> None:
        logging.getLogger("somebody").warning("NOISE of a log")
        print("NOISE printed", file=sys.stderr)
        os.write(1, b"NOISE of a library\n")
        os.write(2, b"NOISE of a library\n")
        subprocess.run(["sh", "-c", "echo NOISE of a child; echo NOISE of a child >&2"], check=True)
        self.query_one("#body", Static).update("it was loud")

    def action_other(self) -> None:
        with self.suspend():
            subprocess.run(["sh", "-c", "stty -a; read answer; echo it read $answer"], check=True)

    def on_click(self) -> None:
        tell("clicked")

    def action_flood(self) -> None:
        self.mount(Motley())
        self.flood = self.set_interval(1 / 50, self.paint)

    def action_ebb(self) -> None:
        self.flood.stop()
        self.query_one(Motley).digit = 0
        self.query_one("#body", Static).update("the last word")
        tell("ebb")

    def paint(self) -> None:
        self.frames += 1
        self.query_one(Motley).digit = self.frames % 10
        if self.frames % 20 == 0:
            tell(f"frames {self.frames}")

    def action_give_up(self) -> None:
        self.give_up(Rejected("nothing here"))


def tell(text: str) -> None:
    if len(sys.argv) > 1:
        with open(sys.argv[1], "ab", buffering=0) as notes:
            notes.write(f"{text}\n".encode())


if __name__ == "__main__":
    ending = life.run(Lively(), lambda: tell("farewell"))
    tell(f"ended {ending.code}")
    with suppress(OSError):  # where no terminal is left
        os.write(1, f"ended {ending.code} {type(ending.fault).__name__}\n".encode())
    sys.exit(ending.code)
