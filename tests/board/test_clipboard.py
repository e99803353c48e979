"""What is copied: harmless, of a size that terminals take, and said to whoever copied it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.board.multiplexer import Tmux
from tests.cli.program import COMMAND, Setting
from tui_monitor.board.clipboard import MOST, fit, said_of, through_tmux


def test_what_a_terminal_would_obey_is_not_copied() -> None:
    assert fit("a\x1b]0;gone\x07b\x9b31m\u202ec\nd") == "a ]0;gone b 31m c\nd"


@given(st.text(st.characters(), max_size=200))
def test_a_copied_text_fits_and_has_no_escape(text: str) -> None:
    found = fit(text * 400)
    assert len(found.encode()) <= MOST
    assert not set(found) & {"\x1b", "\x07", "\x9b", "\r"}


def test_a_wide_text_is_cut_between_its_characters() -> None:
    assert fit("語" * MOST) == "語" * (MOST // 3)


def test_through_tmux_goes_nothing_but_base64() -> None:
    payload = (
        through_tmux("Checkout API\nis down").removeprefix("\x1bPtmux;\x1b\x1b]52;c;").removesuffix("\x07\x1b\\")
    )
    assert base64.b64decode(payload, validate=True).decode() == "Checkout API\nis down"


def test_one_line_is_named_and_of_more_the_number() -> None:
    assert said_of("Checkout API") == "copied Checkout API"
    assert said_of("one\ntwo\nthree") == "copied 3 lines"
    assert said_of("word\n" * MOST).endswith(" lines, as much as terminals take")


@pytest.mark.service("tmux")
def test_what_is_copied_arrives_in_the_clipboard_of_tmux(tmp_path: Path) -> None:
    config = "services:\n  - name: Nobody\n    tcp: {host: 127.0.0.1, port: 9}\n"
    setting = Setting(tmp_path / "own", config)
    with Tmux(setting.folder, {"TUI_MONITOR_HOME": str(setting.home), "HOME": str(setting.folder)}) as shell:
        shell.call("set-option", "-g", "set-clipboard", "on")
        shell.type(" ".join([*COMMAND, "-c", str(setting.config)]))
        shell.until(lambda text: "Nobody" in text and "this process" in text)
        shell.press("y")
        shell.until(lambda text: "copied" in text)
        shell.until(lambda text: "Nobody" in shell.call("list-buffers"))
        assert "Nobody" in shell.call("show-buffer")
        shell.press("q")
        shell.until(lambda text: text.rstrip().endswith(("$", "#")))
