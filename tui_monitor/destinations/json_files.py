"""One file for each incident, in the layout of the ASL monitor with fields of our own beside it.

The reference is the file's name, so that an update after any restart edits the same file. A file never goes back:
a write that was slow to give up must not replace what a later one has put there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tui_monitor.core.message import Item, Message
from tui_monitor.core.model import Kind
from tui_monitor.core.options import OutputFolder
from tui_monitor.core.ports import Outside, Receipt
from tui_monitor.core.text import clean
from tui_monitor.destinations.craft import files, folder


@dataclass(frozen=True, slots=True)
class JsonFiles:
    """Options: the folder, made when it is missing."""

    path: OutputFolder = "incidents"

    hears: ClassVar[frozenset[Kind]] = frozenset(Kind)
    grouped: ClassVar[bool] = False

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        place = files.placed(outside.home, self.path)
        with files.refusals(place):
            names = [await outside.run(_write, place, item, message) for item in message.items]
        return Receipt(names[0])

    async def find(self, message: Message, outside: Outside) -> Receipt | None:
        place, item = files.placed(outside.home, self.path), message.items[0]
        with files.refusals(place):
            name, found = await outside.run(folder.file_of, place, folder.id_of(item), item.incident.id, message.ref)
        return Receipt(name) if found.get("revision", -1) >= item.incident.revision else None

    async def prove(self, outside: Outside) -> str:
        place = files.placed(outside.home, self.path)
        await outside.run(files.try_folder, place)
        return f"files can be written in {clean(str(place))}"


def _write(place: Path, item: Item, message: Message) -> str:
    with files.writing:
        name, before = folder.file_of(place, folder.id_of(item), item.incident.id, message.ref)
        if before.get("revision", -1) <= item.incident.revision:
            content = json.dumps(folder.laid_out(item, message, before), indent=2)
            files.replace(place / name, content.encode() + b"\n")
    return name
