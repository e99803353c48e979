"""The first page where there is no config yet: the demo, a config to begin with, or one that is somewhere else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from tui_monitor.board.dialogs.form import Form, Values, Words
from tui_monitor.board.ink import Row, line, wrapped
from tui_monitor.board.pages.page import Page
from tui_monitor.core.errors import ConfigError, TuiMonitorError

if TYPE_CHECKING:
    from tui_monitor.board.dialogs.acting import Answer

STARTER = "config.yaml"

CHOICES = (
    (
        "demo",
        "See the demo",
        "Some twenty services on this machine that fail and recover. No network, no trace left.",
    ),
    ("starter", f"Write a config to begin with ({STARTER})", "It runs as it stands, and every line explains itself."),
    ("path", "Open a config that is elsewhere", "You type its path."),
    ("quit", "Leave", ""),
)


class First(Page):
    """Friendly, and never a dead end."""

    name_of_page: ClassVar[str] = "first"
    heading: ClassVar[str] = "welcome"
    waits: ClassVar[str] = "none yet"
    foot = ("open", "theme", "help", "quit")

    def __init__(self) -> None:
        super().__init__()
        self._told: list[str] = []
        self._is_opening = False
        self.written = ""
        """Where the config to begin with is, and what to do next: said once more when the board has opened it."""

    def rows(self, width: int) -> Sequence[Row]:
        indent = 4
        found = [
            Row(line()),
            Row(line(("  There is no config yet. What would you like to do?", "title"))),
            Row(line()),
        ]
        for key, text, note in CHOICES:
            found.append(Row(line((f"  {self.board_app.glyphs.bullet} ", "accent"), (text, "bold")), key))
            found += [Row(one) for one in wrapped(line((" " * indent + note, "muted")), width - 2, indent) if note]
        found.append(Row(line()))
        for text in self._told:
            found += [Row(one) for one in wrapped(line((f"  {text}", "text")), width - 2, 2)]
        where = (
            "  A config is looked for in -c FILE, $TUI_MONITOR_CONFIG, ./config.yaml, and in your own config folder."
        )
        found += [Row(one) for one in wrapped(line((where, "muted")), width - 2, 2)]
        return found

    def shown(self) -> Sequence[str]:
        return ()

    def open(self, key: str) -> None:
        app = self.board_app
        if self._is_opening:
            return
        if key == "demo":
            self._begin(None)
        elif key == "starter":
            self._write()
        elif key == "path":
            fields = [Words("path", "its path", hint="such as /etc/tui-monitor/config.yaml")]
            app.push_screen(Form("Open a config", fields, self._open_path, does="opens it"))
        elif key == "quit":
            app.exit(0)

    def _write(self) -> None:
        if self.board_app.is_read_only:
            self._tell("This board is read-only, so it writes no config.")
            return
        path = Path(STARTER).absolute()
        try:
            self.written = self.board_app.face.starter(path)
        except TuiMonitorError as error:
            self._tell(str(error))
            return
        self._begin(path)

    def _open_path(self, values: Values, answer: Answer) -> None:
        path = Path(values["path"]).expanduser()
        if not values["path"] or not path.is_file():
            answer(f"there is no file {values['path']!r}" if values["path"] else "type the path of a config")
            return
        answer("")
        self._begin(path)

    def _begin(self, config: Path | None) -> None:
        self._is_opening = True
        self._tell("Opening ...")
        self.board_app.open_engine(config)

    def refuse(self, error: TuiMonitorError) -> bool:
        """Every problem of the config at once, as `validate` tells it; then another choice can be made."""
        self._is_opening = False
        problems = error.problems if isinstance(error, ConfigError) else ()
        self._tell(*([str(one) for one in problems] or [str(error)]))
        return True

    def _tell(self, *texts: str) -> None:
        self._told = [*texts, ""]
        self.board_app.redraw()
