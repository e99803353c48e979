"""One way to break a file of the program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tui_monitor

SOURCE = Path(tui_monitor.__file__).parents[1]


@dataclass(frozen=True)
class Mutant:
    """One way to break a file: `old` becomes `new`, and this is what then goes wrong."""

    file: str
    old: str
    new: str
    harm: str

    def __str__(self) -> str:
        return f"{self.file}: {self.harm}"

    def fits(self, tree: Path = SOURCE) -> bool:
        """Whether the text to be replaced is there exactly once."""
        return (tree / self.file).read_text("utf-8").count(self.old) == 1

    def apply(self, tree: Path) -> None:
        path = tree / self.file
        path.write_text(path.read_text("utf-8").replace(self.old, self.new), "utf-8")
