"""Whatever an engine says, and however it refuses, comes to the board harmless."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.board.stage import Script, incident, row, snapshot
from tui_monitor.board.face import Connection
from tui_monitor.board.link import Answer, Link, Lost, Picture
from tui_monitor.core.plan import Appearance
from tui_monitor.core.ports import Changes, Command

EVIL = "a\x1b]52;c;x\x07\u202e\x9b31m\ue000b"
SIGNS = frozenset("\x1b\x07\u202e\x9b\ue000")


def linked(script: Script, fault: str = "") -> Link:
    loop = asyncio.get_running_loop()
    return Link(Connection(script, loop, "here", Path("c"), Appearance(), "Ops", "UTC", lambda: None, lambda: fault))


async def taken(link: Link, kind: type[Any]) -> Any:
    """The first news of a kind."""
    async with asyncio.timeout(30):
        while True:
            for one in link.take():
                if isinstance(one, kind):
                    return one
            await asyncio.sleep(0)


def is_harmless(value: object) -> bool:
    return not SIGNS & set(texts_of(value))


def texts_of(value: object) -> str:
    """Every text in it, keys too, one after the other."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "".join(texts_of(one) for pair in value.items() for one in pair)
    if isinstance(value, list | tuple):
        return "".join(map(texts_of, value))
    return ""


async def test_the_whole_board_and_what_changes_of_it_come_in_harmless():
    script = Script(snapshot([{**row("Web"), "name": EVIL, EVIL: [EVIL]}], [incident("7f3a", "web", EVIL)]))
    script.board["incidents"][0]["timeline"][0]["text"] = f"one\n{EVIL}"
    link = linked(script)
    link.start()
    picture = (await taken(link, Picture)).snapshot
    assert is_harmless(picture)
    assert picture["incidents"][0]["timeline"][0]["text"].startswith("one\na")
    script.change(services={"web": {"name": EVIL}, "gone": None}, events=({"text": EVIL},), trouble=EVIL)
    changes = await taken(link, Changes)
    assert changes.services.keys() == {"web", "gone"}
    assert is_harmless([changes.services, changes.events, changes.board])
    link.stop()


async def test_answers_refusals_and_farewells_come_in_harmless():
    script = Script(snapshot([]), {"looks": {"message": EVIL}}, {"ack": EVIL})
    link, heard = linked(script, fault=EVIL), []

    def tell(result: Any, refusal: str) -> None:
        heard.append((result, refusal))

    async def ask(question: Callable[[Any], Any]) -> None:
        link.ask(question, tell)
        (await taken(link, Answer)).give()

    await ask(lambda control: control.history("looks"))
    await ask(lambda control: control.history(EVIL))
    await ask(lambda control: control.do(Command("ack")))
    await ask(lambda control: control.do(Command("note", EVIL)))
    assert [bool(refusal) for _, refusal in heard] == [False, True, True, False]
    assert is_harmless([[refusal for _, refusal in heard], heard[0][0], heard[3][0].text])
    script.is_gone = EVIL
    link.start()
    assert is_harmless((await taken(link, Lost)).reason)
    link.stop()
