"""The colleague of the demo at a door: what she asks for, how she signs it, and what she makes of a refusal."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tui_monitor.core.errors import EngineUnreachable, Rejected
from tui_monitor.core.ports import Changes, Command, Outcome
from tui_monitor.fakes.demo.colleague import TRIES, Colleague
from tui_monitor.fakes.demo.script import Cue

BOARD: dict[str, Any] = {
    "services": [{"id": "shop", "incident": "abc123"}, {"id": "calm", "incident": None}],
    "deliveries": [
        {"id": "d1", "destination": "chat", "subject": "abc123", "state": "given-up"},
        {"id": "d2", "destination": "tickets", "subject": "abc123", "state": "given-up"},
        {"id": "d3", "destination": "page", "subject": "abc123", "state": "owed"},
    ],
    "silences": [{"id": "s1", "services": ["shop"]}],
}


class Porch:
    """A door that notes what it is asked for, and refuses as often as it is told to."""

    def __init__(self, *refusals: Exception) -> None:
        self.asked: list[Command] = []
        self._refusals = list(refusals)

    async def snapshot(self) -> dict[str, Any]:
        return BOARD

    async def changes(self, cursor: str, wait: float) -> Changes:
        raise AssertionError("she does not watch")

    async def history(self, what: str, **options: str) -> Any:
        raise AssertionError("she does not look back")

    async def do(self, command: Command) -> Outcome:
        if self._refusals:
            raise self._refusals.pop(0)
        self.asked.append(command)
        return Outcome("done")


def mia(porch: Porch, speed: float = 1.0) -> Colleague:
    return Colleague(porch, speed)


@pytest.mark.parametrize(
    ("cue", "command"),
    [
        (Cue(0, "ack", "shop", said=("on it",)), Command("ack", "abc123", "mia (demo): on it")),
        (Cue(0, "note", "shop", said=("so",)), Command("note", "abc123", "mia (demo): so")),
        (Cue(0, "resolve", "shop", said=("ok",)), Command("resolve", "abc123", "mia (demo): ok")),
        (Cue(0, "drop", "shop", "tickets"), Command("drop", "d2")),
        (Cue(0, "unsilence", "shop"), Command("unsilence", "s1")),
        (
            Cue(0, "silence", "calm", "30s", said=("known",)),
            Command("silence", "calm", "mia (demo): known", options={"for": "30s"}),
        ),
        (Cue(0, "plan", "calm", "20s"), Command("maintenance", "calm", options={"for": "20s"})),
        (
            Cue(0, "simulate", "calm", "major 14s"),
            Command("simulate", "calm", options={"status": "major", "for": "14s"}),
        ),
        (Cue(0, "test-mode", "", "on"), Command("test-mode", "on")),
        (
            Cue(0, "ping", "calm", said=("ran",)),
            Command("ping", "calm", "mia (demo): ran", options={"kind": "done", "code": "0"}),
        ),
        (Cue(0, "recheck", "calm"), Command("recheck", "calm")),
    ],
)
async def test_she_asks_for_what_the_script_says_and_signs_it(cue: Cue, command: Command):
    porch = Porch()
    assert await mia(porch).act(cue)
    assert porch.asked == [command]


async def test_her_times_pass_as_fast_as_the_script_but_never_in_less_than_a_second():
    porch = Porch()
    await mia(porch, 4).act(Cue(0, "silence", "calm", "30s"))
    await mia(porch, 20).act(Cue(0, "plan", "calm", "10s"))
    assert [command.options["for"] for command in porch.asked] == ["7.5s", "1s"]


async def test_what_is_refused_is_tried_again():
    porch = Porch(EngineUnreachable("nobody"), Rejected("no open incident"))
    assert await mia(porch, 1000).act(Cue(0, "recheck", "calm"))
    assert len(porch.asked) == 1


async def test_what_stays_refused_is_in_the_log_with_its_reason(caplog: pytest.LogCaptureFixture):
    porch = Porch(*[Rejected("the engine is stopping")] * TRIES)
    with caplog.at_level(logging.WARNING):
        assert not await mia(porch, 1000).act(Cue(0, "recheck", "calm"))
    assert caplog.messages == ["mia (demo) could not recheck calm: the engine is stopping"]


@pytest.mark.parametrize(
    ("cue", "reason"),
    [
        (Cue(0, "ack", "calm"), "calm has no incident"),
        (Cue(0, "ack", "nowhere"), "nowhere has no incident"),
        (Cue(0, "drop", "shop", "oncall"), "nothing was given up at oncall"),
        (Cue(0, "drop", "shop", "page"), "nothing was given up at page"),
        (Cue(0, "unsilence", "calm"), "calm is not silenced"),
    ],
)
async def test_where_there_is_nothing_to_speak_of_nothing_is_asked(
    cue: Cue, reason: str, caplog: pytest.LogCaptureFixture
):
    porch = Porch()
    with caplog.at_level(logging.WARNING):
        assert not await mia(porch, 1000).act(cue)
    assert porch.asked == []
    assert reason in caplog.messages[0]


async def test_what_the_door_has_promised_is_not_asked_for_twice():
    porch = Porch(Rejected("not done yet: the store does not answer; it is done when the store answers"))
    assert await mia(porch, 1000).act(Cue(0, "silence", "calm", "30s"))
    assert porch.asked == []
