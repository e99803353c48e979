"""One file for each incident, in the layout of the ASL monitor with fields of our own beside it; one for the banner.

The reference is the file's name, so that an update after any restart edits the same file. A file never goes back:
a write that was slow to give up must not replace what a later one has put there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tui_monitor.core.message import Message
from tui_monitor.core.model import Kind
from tui_monitor.core.options import OutputFolder
from tui_monitor.core.ports import Outside, Receipt
from tui_monitor.core.text import clean
from tui_monitor.destinations.craft import files, folder


@dataclass(frozen=True, slots=True)
class JsonFiles:
    """Options: the folder, made when it is missing. With `banner`, it holds that of the board, and no incident."""

    path: OutputFolder = "incidents"
    banner: bool = False

    hears: ClassVar[frozenset[Kind]] = frozenset(Kind)
    grouped: ClassVar[bool] = False

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        place = files.placed(outside.home, self.path)
        with files.refusals(place):
            return Receipt(await outside.run(folder.write, place, message))

    async def find(self, message: Message, outside: Outside) -> Receipt | None:
        place = files.placed(outside.home, self.path)
        with files.refusals(place):
            name = await outside.run(folder.written, place, message)
        return Receipt(name) if name else None

    async def prove(self, outside: Outside) -> str:
        place = files.placed(outside.home, self.path)
        await outside.run(files.try_folder, place)
        return f"files can be written in {clean(str(place))}"
