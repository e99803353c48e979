"""tmux and a real shell in it: for what only a shell does, such as stopping a program and having it go on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from tests.board.terminal import PATIENCE, surroundings


class Tmux:
    """A server of its own with one window, in which a shell runs."""

    def __init__(self, folder: Path, environ: dict[str, str], size: tuple[int, int] = (80, 24)) -> None:
        self._words = ["tmux", "-S", str(folder / "tmux"), "-f", os.devnull]
        self._environ = surroundings({**environ, "SHELL": "/bin/bash"})
        width, height = map(str, size)
        shell = "exec bash --norc --noprofile"
        self.call("new-session", "-d", "-x", width, "-y", height, "-c", str(folder), shell)
        self.until(lambda text: text.rstrip().endswith(("$", "#")))

    def __enter__(self) -> Tmux:
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run([*self._words, "kill-server"], env=self._environ, capture_output=True)

    def call(self, *words: str) -> str:
        done = subprocess.run(
            [*self._words, *words], env=self._environ, capture_output=True, text=True, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def type(self, text: str) -> None:
        self.call("send-keys", "-l", text)
        self.press("Enter")

    def press(self, *keys: str) -> None:
        self.call("send-keys", *keys)

    def resize(self, columns: int, lines: int) -> None:
        self.call("resize-window", "-x", str(columns), "-y", str(lines))

    @property
    def text(self) -> str:
        return self.call("capture-pane", "-p")

    def modes(self) -> dict[str, str]:
        """What the terminal has been asked for and not given back."""
        names = ("alternate_on", "cursor_flag", "wrap_flag", "mouse_any_flag", "mouse_sgr_flag", "mouse_button_flag")
        said = self.call("display-message", "-p", " ".join(f"#{{{name}}}" for name in names))
        return dict(zip(names, said.split(), strict=True))

    def until(self, holds: Callable[[str], bool]) -> str:
        end = monotonic() + PATIENCE
        while not holds(text := self.text):
            assert monotonic() < end, f"it never came, only:\n{text}"
        return text
