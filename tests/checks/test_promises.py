"""What every check that is registered promises, ours like a stranger's: tried on each, at servers that are well,
wrong, silent and gone.
"""

from __future__ import annotations

import asyncio
import pickle
from dataclasses import fields, is_dataclass

import pytest

from tests.net.small import Served, answering, response, serving
from tui_monitor import checks
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.model import Reading
from tui_monitor.core.ports import Check
from tui_monitor.core.status import Status
from tui_monitor.net import Way

EXAMPLES = {
    "http": lambda served: {"url": served.url},
    "tcp": lambda served: {
        "host": "127.0.0.1",
        "port": served.port,
        "send": "GET / HTTP/1.0\r\n\r\n",
        "expect": "200",
    },
}
"""The options with which each kind looks at a small HTTP server."""

KINDS = [kind for kind in checks.kinds() if not checks.find(kind).vendor]


def check_of(kind: str, served: Served) -> Check:
    return checks.find(kind)(**EXAMPLES[kind](served))


@pytest.mark.parametrize("kind", KINDS)
class TestEveryCheck:
    def test_has_an_example_here(self, kind: str):
        assert kind in EXAMPLES

    async def test_is_a_frozen_value_of_options(self, kind: str, way: Way):
        async with answering() as served:
            one, other = check_of(kind, served), check_of(kind, served)
        assert isinstance(one, Check)
        assert is_dataclass(one)
        assert one == other
        with pytest.raises(AttributeError):
            setattr(one, fields(one)[0].name, "another")
        assert not hasattr(one, "__dict__")

    async def test_sees_a_service_that_is_well(self, kind: str, way: Way):
        async with answering(response()) as served:
            check = check_of(kind, served)
            reading = check.judge(await check.look(way))
        assert isinstance(reading, Reading)
        assert reading.status is Status.OPERATIONAL
        assert reading.cause == ""
        assert reading.latency is not None
        assert reading.phases is not None
        assert 0 < reading.phases.connect <= reading.phases.total == reading.latency

    async def test_judges_without_looking_again(self, kind: str, way: Way):
        async with answering(response()) as served:
            check = check_of(kind, served)
            sight = await check.look(way)
            assert check.judge(sight) == check.judge(sight)
            assert served.connections == 1

    async def test_sees_a_service_that_fails_for_the_same_cause_each_time(self, kind: str, way: Way):
        async with answering(response(b"", "503 No")) as served:
            check = check_of(kind, served)
            first, second = [check.judge(await check.look(way)) for _ in range(2)]
        assert first.status.is_bad
        assert first.cause
        assert first.message
        assert first.cause == second.cause

    async def test_says_so_when_nobody_listens(self, kind: str, way: Way):
        async with answering() as served:
            pass
        with pytest.raises(Unreachable) as caught:
            await check_of(kind, served).look(way)
        assert caught.value.cause == "refused"

    async def test_keeps_to_its_budget(self, kind: str, way: Way):
        async with answering(hold=True) as served:
            with pytest.raises(Unreachable) as caught:
                await check_of(kind, served).look(Way(way.net, 0.05))
        assert caught.value.cause == "timeout"

    async def test_hangs_up_when_it_is_cancelled(self, kind: str, way: Way):
        async with answering(hold=True) as served:
            task = asyncio.ensure_future(check_of(kind, served).look(way))
            while not served.heard:
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await served.closed.wait()

    @pytest.mark.parametrize("said", [b"", b"\0\xff\x1b[31m\r\n\r\n", b"x" * 200_000])
    async def test_bears_whatever_is_said(self, kind: str, said: bytes, way: Way):
        async def handle(reader, writer):
            await reader.read(1)
            writer.write(said)

        async with serving(handle) as served:
            check = check_of(kind, served)
            try:
                reading = check.judge(await check.look(way))
            except (Unreachable, Unreadable) as error:
                assert str(error).isprintable()
            else:
                assert reading.status.is_bad
                assert reading.message.isprintable()

    async def test_leaves_no_connection_behind(self, kind: str, way: Way):
        before = way.net.places
        async with answering(response()) as served:
            for _ in range(5):
                await check_of(kind, served).look(way)
        assert way.net.places == before


def test_a_reading_is_plain_data():
    assert pickle.loads(pickle.dumps(Reading(Status.MAJOR, "x", "y"))) == Reading(Status.MAJOR, "x", "y")


def test_the_kinds_are_those_that_are_registered():
    assert {"http", "tcp"} <= set(checks.kinds())
    assert checks.find("http").__name__ == "Http"


def test_an_unknown_kind_is_told_with_what_was_meant():
    with pytest.raises(ValueError, match=r"no check of the kind 'htpt'; did you mean http\?"):
        checks.find("htpt")
    with pytest.raises(ValueError, match=r"known are .*http"):
        checks.find("zzzzzz")
