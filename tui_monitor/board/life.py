"""The life of the board as a process: signals, a terminal that goes away, a crash of ours, and the end of all of it.

Every way out gives the terminal back first. Nothing that a person sees of a crash holds more than its name: values
might be secrets.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any

from textual.app import App

from tui_monitor.board.terminal import Terminal
from tui_monitor.board.tty import ENDS, Tty
from tui_monitor.core.errors import TuiMonitorError

if TYPE_CHECKING:
    from rich.console import RenderableType

log = logging.getLogger("tui_monitor.board")

OTHERS = (signal.SIGWINCH, signal.SIGTSTP, signal.SIGCONT)

GRACE = 2.0
"""Seconds that a board has to end by itself; one that hangs is ended."""

LEFT_OVER = 0.5
"""Seconds that tasks which are cancelled at the end have to be over."""

BROKEN = 1


@dataclass(frozen=True, slots=True)
class Ending:
    """How a board came to its end: the exit code, and why it could not go on, if that was the reason."""

    code: int = 0
    fault: BaseException | None = None


class Living(App[int]):
    """An app that ends in good order whatever happens to it. The board is one."""

    tty: Tty | None = None
    fault: BaseException | None = None
    ending: Callable[[], None] = staticmethod(lambda: None)
    """Called once it is to end."""
    _code: int | None = None

    def end(self, code: int = 0) -> None:
        """Leave, with this exit code; the first one counts."""
        if self._code is None:
            self._code = code
        self.exit()

    def give_up(self, reason: TuiMonitorError) -> None:
        """There is nothing to show; the command line says why, once the terminal is its own again."""
        self.fault = self.fault or reason
        self.end(BROKEN)

    def exit(self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        if self._code is None:
            self._code = return_code
        self.ending()
        super().exit(result, self._code)

    def use_mouse(self, is_used: bool) -> None:
        """Or leave it to the terminal, which then selects text with it."""
        if isinstance(self._driver, Terminal):
            self._driver.use_mouse(is_used)

    @property
    def has_shell(self) -> bool:
        """Whether somebody waits who would have us go on after a stop."""
        return os.getpgrp() != os.getsid(0)

    def action_suspend_process(self) -> None:
        if self.has_shell:
            super().action_suspend_process()

    # -- instead of Textual's, which would print every value that stood on the stack ----------------------------

    def _handle_exception(self, error: Exception) -> None:
        """A worker, a timer, a handler or a picture of ours broke: all of them end here.

        What breaks because the end has come in the middle of it changes nothing.
        """
        if self._code is not None:
            log.warning("something broke at the end of the board", exc_info=error)
        else:
            self.fault = _cause_of(error)
            log.critical("the board broke", exc_info=self.fault)
            self._exception = error
            self._exception_event.set()
            self._return_code = self._code = BROKEN
            self.ending()
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        self._handle_exception(RuntimeError("the toolkit gave up"))

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()

    # -- what the process hears ---------------------------------------------------------------------------------

    def hear(self, number: int) -> None:
        """A signal, in the loop."""
        terminal = self._driver
        if number in ENDS:
            self.end(128 + number)
        elif not isinstance(terminal, Terminal):
            return
        elif number == signal.SIGWINCH:
            terminal.tell_size()
        elif number == signal.SIGTSTP:
            terminal.stop()
        elif number == signal.SIGCONT:
            terminal.go_on()

    def note_fault(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A task or a callback that nobody waits for has failed: a board that went on without it might be frozen."""
        error = context.get("exception")
        if self._code is None and isinstance(error, Exception):
            self._handle_exception(error)


def _cause_of(error: BaseException) -> BaseException:
    """A worker's fault comes wrapped."""
    found = getattr(error, "error", None)
    return found if isinstance(found, BaseException) else error


def run(
    app: Living,
    farewell: Callable[[], None] = lambda: None,
    abort: Callable[[], None] = lambda: None,
    tty: Tty | None = None,
) -> Ending:
    """The board from its first picture to its end, on a terminal that may have been entered already.

    `farewell` ends what the board has opened, and may take some seconds; `abort` is for a person who does not wait.
    Both may be called in another thread, when this one hangs.
    """
    life = _Life(app, farewell, abort, tty or Tty())
    with ExitStack() as last:
        last.enter_context(_no_log_on_screen())
        last.enter_context(_heard_by(life))
        last.callback(farewell)
        last.callback(life.be_over)
        last.enter_context(_faults_of_threads(life.note_thread))
        last.callback(life.tty.leave)
        _turn(app, life.loop)
    return life.how_it_ended()


def _turn(app: Living, loop: asyncio.AbstractEventLoop) -> None:
    """To the end of the app; no thread that hangs is waited for."""
    loop.set_exception_handler(app.note_fault)
    try:
        loop.run_until_complete(app.run_async())
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=LEFT_OVER))
        loop.close()


class _Life:
    """One run of one app, as the threads beside it see it."""

    def __init__(self, app: Living, farewell: Callable[[], None], abort: Callable[[], None], tty: Tty) -> None:
        self._app = app
        self._farewell = farewell
        self._abort = abort
        self._countdown: threading.Timer | None = None
        self._is_over = False
        self._signalled = 0
        self.loop = asyncio.new_event_loop()
        self.tty = app.tty = tty
        tty.on_gone, tty.on_caught_up, tty.on_interrupt = self._lose, self._paint, self.be_asked
        app.driver_class = Terminal
        app.ending = self.count_down

    def hear(self, number: int) -> None:
        """A signal, in the thread that listens for them: the loop may hang."""
        if number in ENDS:
            self._signalled = self._signalled or 128 + number
            self.count_down()
        if self._is_over and number == signal.SIGINT:
            self._abort()
            os._exit(128 + number)
        if number == signal.SIGTSTP and not self.tty.is_on:  # an editor has the terminal, and is stopped with us
            os.kill(os.getpid(), signal.SIGSTOP)
        else:
            self._tell(self._app.hear, number)

    def note_thread(self, thread: str, error: BaseException) -> None:
        """A thread has died of it: one of ours takes the board with it."""
        log.critical("the thread %s broke", thread, exc_info=error)
        if thread.startswith("board-") and isinstance(error, Exception):
            self._tell(self._app._handle_exception, error)

    def be_asked(self) -> None:
        """By a person who is out of patience: a board that does not even hear it is ended."""
        heard = threading.Event()
        self._tell(self._app.call_later, heard.set)
        question = threading.Timer(GRACE, self._judge, [heard])
        question.daemon = True
        question.start()

    def _judge(self, heard: threading.Event) -> None:
        if not heard.is_set():
            self._end_at_once()

    def count_down(self) -> None:
        """It is to end, and will be ended if it does not."""
        if self._countdown is None:
            self._countdown = threading.Timer(GRACE, self._end_at_once)
            self._countdown.daemon = True
            self._countdown.start()

    def be_over(self) -> None:
        self._is_over = True
        if self._countdown is not None:
            self._countdown.cancel()

    def how_it_ended(self) -> Ending:
        code = self._app._code
        return Ending((self._app.return_code or 0) if code is None else code, self._app.fault)

    def _end_at_once(self) -> None:
        if self._is_over:
            return
        log.error("the board hangs, and is ended")
        self.tty.leave()
        self._farewell()
        code = self._app._code
        os._exit((self._signalled or BROKEN) if code is None else code)

    def _lose(self) -> None:
        """The terminal has gone away, whether or not a signal says so too."""
        self.hear(signal.SIGHUP)

    def _paint(self) -> None:
        self._tell(self._app.call_later, self._app.refresh)

    def _tell(self, function: Callable[..., object], *args: object) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self.loop.call_soon_threadsafe(function, *args)


@contextmanager
def _no_log_on_screen() -> Iterator[None]:
    """While no log is kept yet, what is logged would go to stderr."""
    nowhere = logging.NullHandler()
    logging.getLogger().addHandler(nowhere)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(nowhere)


@contextmanager
def _heard_by(life: _Life) -> Iterator[None]:
    """Signals reach us through a pipe, which the interpreter feeds even while the loop hangs."""
    listening, telling = os.pipe()
    os.set_blocking(telling, False)
    before = {number: signal.signal(number, _nothing) for number in (*ENDS, *OTHERS)}
    wakes = signal.set_wakeup_fd(telling, warn_on_full_buffer=False)
    listener = threading.Thread(target=_listen, args=(listening, life.hear), name="board-signals", daemon=True)
    listener.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakes)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(telling)
        listener.join()


def _nothing(number: int, frame: FrameType | None) -> None:
    """The pipe tells of it."""


def _listen(handle: int, hear: Callable[[int], None]) -> None:
    with os.fdopen(handle, "rb", buffering=0) as numbers:
        while found := numbers.read(64):
            for number in found:
                hear(number)


@contextmanager
def _faults_of_threads(tell: Callable[[str, BaseException], None]) -> Iterator[None]:
    before = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            tell(args.thread.name if args.thread else "", args.exc_value)

    threading.excepthook = hook
    try:
        yield
    finally:
        threading.excepthook = before
