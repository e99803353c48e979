"""The way to an engine: what comes over it, and that nobody waits for ever on one that is gone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.board.stage import Script, row, snapshot
from tui_monitor.board.face import Connection
from tui_monitor.board.link import Answer, Link, Lost, News, Picture
from tui_monitor.core.errors import CursorExpired
from tui_monitor.core.plan import Appearance
from tui_monitor.core.ports import Changes


class Elsewhere:
    """A loop in another thread, as an engine has one; it can be ended under whoever speaks to it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def _live(self) -> None:
        self.loop.run_forever()
        left = asyncio.all_tasks(self.loop)
        for task in left:
            task.cancel()
        if left:
            self.loop.run_until_complete(asyncio.wait(left))
        self.loop.close()

    def end(self) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(10)


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    found = Elsewhere()
    yield found
    found.end()


def link_to(elsewhere: Elsewhere, control: Any, fault: str = "") -> Link:
    return Link(
        Connection(
            control, elsewhere.loop, "elsewhere", Path("c"), Appearance(), "Ops", "UTC", lambda: None, lambda: fault
        )
    )


def wait_for(link: Link, wanted: type[News], seconds: float = 10.0) -> list[News]:
    """Everything until something of this kind has come."""
    found: list[News] = []
    done = threading.Event()
    for _ in range(int(seconds * 100)):
        found += link.take()
        if any(isinstance(one, wanted) for one in found):
            return found
        done.wait(0.01)
    raise AssertionError(f"no {wanted} came, only {found}")


def test_the_picture_comes_first_and_then_what_changes(elsewhere: Elsewhere):
    script = Script(snapshot([row("Web")]))
    link = link_to(elsewhere, script)
    link.start()
    (first,) = wait_for(link, Picture)
    assert isinstance(first, Picture)
    elsewhere.loop.call_soon_threadsafe(lambda: script.change(services={"web": row("Web", "major")}))
    change = wait_for(link, Changes)[-1]
    assert isinstance(change, Changes)
    assert change.services["web"]["status"] == "major"
    link.stop()


def test_an_engine_that_is_gone_is_told_and_found_again(elsewhere: Elsewhere):
    script = Script(snapshot([row("Web")]), is_gone="no engine runs on this state")
    link = link_to(elsewhere, script)
    link.start()
    (lost,) = wait_for(link, Lost)
    assert lost == Lost("no engine runs on this state")
    script.is_gone = ""
    wait_for(link, Picture)
    link.stop()


class Forgetful(Script):
    """Its cursors are worth nothing the first time."""

    snapshots = 0

    async def snapshot(self) -> dict[str, Any]:
        self.snapshots += 1
        return await super().snapshot()

    async def changes(self, cursor: str, wait: float) -> Changes:
        if self.snapshots == 1:
            raise CursorExpired("this cursor is of another engine: take a new snapshot")
        return await super().changes(cursor, wait)


def test_after_a_cursor_that_is_worth_nothing_the_whole_picture_is_taken_anew(elsewhere: Elsewhere):
    script = Forgetful(snapshot([row("Web")]))
    link = link_to(elsewhere, script)
    link.start()
    pictures = wait_for(link, Picture)
    while len(pictures) < 2:
        pictures += wait_for(link, Picture)
    assert not [one for one in pictures if isinstance(one, Lost)]
    link.stop()


def test_an_answer_is_given_where_it_is_taken_and_a_refusal_is_one_too(elsewhere: Elsewhere):
    script = Script(snapshot([]), answers={"stats": {"incidents": 3}})
    link = link_to(elsewhere, script)
    heard: list[tuple[Any, str]] = []
    for what in ("stats", "nonsense"):
        link.ask(lambda control, what=what: control.history(what), lambda *found: heard.append(found))
        for one in wait_for(link, Answer):
            assert isinstance(one, Answer)
            one.give()
    assert heard == [({"incidents": 3}, ""), (None, "there is no history of 'nonsense'")]


def test_whoever_asks_an_engine_that_ends_is_answered_all_the_same(elsewhere: Elsewhere):
    script = Script(snapshot([]))
    link = link_to(elsewhere, script, fault="the engine broke")
    link.start()
    wait_for(link, Picture)
    link.ask(lambda control: control.changes("1-0", 60.0), lambda *found: None)
    elsewhere.end()
    news = wait_for(link, Answer)
    assert [one.refusal for one in news if isinstance(one, Answer)] == ["the engine broke"]
    link.ask(lambda control: control.history("stats"), lambda *found: None)
    late = wait_for(link, Answer)
    assert [one.refusal for one in late if isinstance(one, Answer)] == ["the engine broke"]


def test_a_question_that_breaks_the_engine_is_answered_with_where_to_look(elsewhere: Elsewhere):
    link = link_to(elsewhere, Script(snapshot([])))
    link.ask(lambda control: control.history(nonsense=1), lambda *found: None)
    (answer,) = wait_for(link, Answer)
    assert isinstance(answer, Answer)
    assert "failed at this (TypeError)" in answer.refusal


def test_a_question_that_never_came_to_its_turn_is_answered_too(elsewhere: Elsewhere):
    link = link_to(elsewhere, Script(snapshot([])), fault="the engine broke")
    elsewhere.loop.call_soon_threadsafe(elsewhere.loop.stop)
    link.ask(lambda control: control.snapshot(), lambda *found: None)
    elsewhere.end()
    answers = [one.refusal for one in wait_for(link, Answer) if isinstance(one, Answer)]
    assert answers in ([""], ["the engine broke"])


def test_an_engine_that_ends_under_the_board_is_told_with_its_reason(elsewhere: Elsewhere):
    link = link_to(elsewhere, Script(snapshot([])), fault="the engine broke")
    link.start()
    wait_for(link, Picture)
    elsewhere.end()
    assert wait_for(link, Lost) == [Lost("the engine broke")]
