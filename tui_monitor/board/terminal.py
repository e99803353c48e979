"""Between Textual and the terminal: keys and mouse come in, frames go out, and stopping and coming back work.

Textual's own driver writes from its loop, spins where the terminal is gone, takes any signal to go on for a return
from being stopped, and paints nothing after it.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from codecs import getincrementaldecoder
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import constants, events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.geometry import Size

from tui_monitor.board.tty import KEYS, MOUSE, NO_MOUSE, Tty

if TYPE_CHECKING:
    from textual.app import App

PUSH_KEYBOARD, SET_KEYBOARD = "\x1b[>25u", "\x1b[=25;1u"
"""Keys told apart, all of them reported, with the text they make, where the terminal can do so."""

ASK_FOR_SYNC = "\x1b[?2026$p"
"""Whether it can take a frame as one; it answers as if it were typed."""

ESCAPE = 0.1
"""Seconds between two looks at whether an escape that came in was a key or the beginning of one."""


class Terminal(Driver):
    """The driver of the board on a real terminal."""

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.tty: Tty = getattr(app, "tty", None) or Tty()
        self._listener: _Listener | None = None

    @property
    def can_suspend(self) -> bool:
        return True

    # -- what Textual asks of a driver --------------------------------------------------------------------------

    def write(self, data: str) -> None:
        self.tty.write(data)

    def start_application_mode(self) -> None:
        self.tty.enter(self._modes(PUSH_KEYBOARD) + ASK_FOR_SYNC)
        self._listener = _Listener(self)
        self.tell_size()

    def disable_input(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.end()

    def stop_application_mode(self) -> None:
        self.disable_input()
        self.tty.leave()

    def resume_application_mode(self) -> None:
        super().resume_application_mode()
        self.paint_all()

    # -- what the life of the process asks of it ----------------------------------------------------------------

    def tell_size(self) -> None:
        """It may have changed, also while nobody was listening."""
        self._size = self.tty.size()
        size = Size(*self._size)
        self.send_message(events.Resize(size, size))

    def paint_all(self) -> None:
        """What stood on the terminal is not there any more."""
        self._app.call_later(self._app.refresh)

    def use_mouse(self, is_used: bool) -> None:
        """Or leave it to the terminal, which then selects text with it."""
        self._mouse = is_used
        self.tty.write(MOUSE if is_used else NO_MOUSE, is_needed=True)

    def stop(self) -> None:
        """Stopped by the person, until the shell has us go on in front. Called in the main thread."""
        if not self.tty.is_on:
            return
        self.stop_application_mode()
        while True:
            _stop_process()
            if self.tty.is_ours():
                break
        self.resume_application_mode()

    def go_on(self) -> None:
        """Stopped by somebody else, who told nobody, and going on now."""
        if self.tty.is_on and self.tty.is_ours():
            self.tty.assert_again(self._modes(SET_KEYBOARD))
            self.tell_size()
            self.paint_all()

    def _modes(self, keyboard: str) -> str:
        return (MOUSE if self._mouse else "") + ("" if constants.DISABLE_KITTY_KEY else keyboard)


def _stop_process() -> None:
    """Whoever was started with us as one job stops too, or the shell would wait for them; returns when we go on."""
    before = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    os.kill(0, signal.SIGTSTP)
    os.kill(os.getpid(), signal.SIGSTOP)
    signal.signal(signal.SIGTSTP, before)


class _Listener:
    """Reads keys in a thread of its own, and sleeps while there are none."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._parser = XTermParser()
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._wake, self._bell = os.pipe()
        self._thread = threading.Thread(target=self._work, name="board-input", daemon=True)
        self._thread.start()

    def end(self) -> None:
        os.close(self._bell)
        self._thread.join()
        os.close(self._wake)

    def _work(self) -> None:
        watch = select.poll()
        watch.register(KEYS, select.POLLIN)
        watch.register(self._wake, select.POLLIN)
        while True:
            waiting = self._parser._timeout_time is not None
            found = dict(watch.poll(ESCAPE * 1000 if waiting else None))
            if self._wake in found:
                return
            if KEYS in found and not self._read():
                self._terminal.tty.lose()
                return
            self._tell(self._parser.tick())

    def _read(self) -> bool:
        """Whether anybody is there still."""
        try:
            data = os.read(KEYS, 4096)
        except OSError:
            return False
        if text := self._decode(data):
            try:
                self._tell(self._parser.feed(text))
            except ParseError:
                self._parser = XTermParser()
        return bool(data)

    def _tell(self, found: Iterable[Any]) -> None:
        for message in found:
            if isinstance(message, events.Key) and message.key == "ctrl+c":
                self._terminal.tty.on_interrupt()
            with suppress(RuntimeError):  # the loop has ended before us
                self._terminal.process_message(message)
