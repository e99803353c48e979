"""A line for each message: in a file of its own, else in the program's log."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import ClassVar, Literal

from tui_monitor.core.codec import moment
from tui_monitor.core.message import Message
from tui_monitor.core.model import Kind
from tui_monitor.core.options import OutputFile
from tui_monitor.core.ports import LOUD, Outside, Receipt
from tui_monitor.core.text import clean
from tui_monitor.destinations.craft import files
from tui_monitor.destinations.craft.document import document_of, lines_of, listed

told = logging.getLogger("tui_monitor.told")


@dataclass(frozen=True, slots=True)
class Log:
    """Options. With `sync`, a line is on the disk before its message counts as told.

    With `banner`, the lines are those of the banner of the board, and of no incident.
    """

    path: OutputFile = ""
    format: Literal["text", "json"] = "text"
    sync: bool = True
    banner: bool = False

    hears: ClassVar[frozenset[Kind]] = LOUD
    grouped: ClassVar[bool] = True

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        line = self._line(message)
        if not self.path:
            is_bad = any(item.incident.status.is_bad for item in message.items)
            is_bad = is_bad or (message.banner is not None and message.banner.is_open)
            told.log(logging.WARNING if is_bad else logging.INFO, "%s", line)
            return Receipt(message.ref, message.url)
        path = files.placed(outside.home, self.path)
        with files.refusals(path):
            await outside.run(files.append, path, line.encode("utf-8", "replace") + b"\n", self.sync)
        return Receipt(message.ref, message.url)

    async def prove(self, outside: Outside) -> str:
        if not self.path:
            return "messages go to the program's own log"
        path = files.placed(outside.home, self.path)
        with files.refusals(path):
            await outside.run(files.try_file, path)
        return f"{clean(str(path))} can be written"

    def _line(self, message: Message) -> str:
        if self.format == "json":
            return json.dumps(document_of(message))
        words = listed(lines_of(message), 10_000, 50, " | ")
        when = f"{moment(message.at)} " if self.path else ""
        return f"{when}{message.news.value}: {words}"
