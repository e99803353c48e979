"""`docker` from the outside: containers in every state, at a small engine that answers nothing but what it should."""

from __future__ import annotations

import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.net.small import Served, answering, head_of, response
from tests.net.test_local import answering_at, serving_at
from tests.net.test_tls import authority, server_side
from tui_monitor.checks.docker import Docker
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean
from tui_monitor.net import Way


@pytest.fixture
def path() -> Iterator[Path]:
    """Paths of sockets may only be short."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "docker.sock"


def container(status: str = "running", **state: Any) -> dict[str, Any]:
    """What an engine says of a container, in its own words."""
    return {
        "Id": "4fa6e0f0c6786287e131c3852c58a2e01cc697a68231826813597e4994f1d6e2",
        "Created": "2026-03-01T10:00:00.123456789Z",
        "Path": "/bin/sh",
        "Name": "/shop-web-1",
        "RestartCount": 2,
        "State": {
            "Status": status,
            "Running": status in ("running", "paused", "restarting"),
            "Paused": status == "paused",
            "Restarting": status == "restarting",
            "OOMKilled": False,
            "Dead": status == "dead",
            "Pid": 4711,
            "ExitCode": 0,
            "Error": "",
            "StartedAt": "2026-03-01T10:00:01Z",
            "FinishedAt": "0001-01-01T00:00:00Z",
            **state,
        },
    }


def health(status: str, *outputs: str, streak: int = 0) -> dict[str, Any]:
    return {"Status": status, "FailingStreak": streak, "Log": [{"ExitCode": 1, "Output": text} for text in outputs]}


def said(body: Any, status: str = "200 OK") -> bytes:
    return response(json.dumps(body).encode(), status, "Content-Type: application/json", "Api-Version: 1.48")


@asynccontextmanager
async def engine(path: Path, *known: dict[str, Any]) -> AsyncIterator[Served]:
    """Knows these containers; whatever is asked otherwise than the interface has it is refused as engines do."""
    names = {one["Name"][1:]: one for one in known}

    async def handle(reader: Any, writer: Any) -> None:
        head = (await head_of(reader)).decode("ascii")
        line, *headers = head.removesuffix("\r\n\r\n").split("\r\n")
        fields = dict(one.lower().split(": ", 1) for one in headers)
        method, target, version = line.split(" ")
        first, _, rest = target.removeprefix("/").partition("/")
        name, _, last = rest.partition("/")
        if (first, last, version) != ("containers", "json", "HTTP/1.1") or fields.get("host") != "localhost":
            writer.write(said({"message": "page not found"}, "404 Not Found"))
        elif method != "GET":
            writer.write(said({"message": "method not allowed"}, "405 Method Not Allowed"))
        elif name not in names:
            writer.write(said({"message": f"No such container: {name}"}, "404 Not Found"))
        else:
            writer.write(said(names[name]))

    async with serving_at(path, handle) as served:
        yield served


async def look(way: Way, path: Path, name: str = "shop-web-1", **options: Any) -> Reading:
    check = Docker(name, socket=str(path), **options)
    return check.judge(await check.look(way))


async def test_a_container_that_runs_is_well(way: Way, path: Path):
    async with engine(path, container()):
        reading = await look(way, path)
    assert (reading.status, reading.message, reading.cause) == (Status.OPERATIONAL, "running", "")
    assert reading.measures == (Measure("restarts", 2.0),)
    assert reading.phases is not None
    assert reading.latency == reading.phases.total


async def test_a_container_that_is_not_there_is_down(way: Way, path: Path):
    async with engine(path):
        reading = await look(way, path)
    assert (reading.status, reading.message, reading.cause) == (
        Status.MAJOR,
        "there is no such container",
        "missing",
    )


@pytest.mark.parametrize(
    ("said", "message", "cause"),
    [
        (container("exited", ExitCode=3), "exited with code 3", "exited"),
        (container("exited", ExitCode=137, OOMKilled=True), "exited with code 137, out of memory", "exited"),
        (container("exited", ExitCode=0), "exited with code 0", "exited"),
        (
            container("exited", ExitCode=127, Error="no such\x1b file"),
            "exited with code 127: no such file",
            "exited",
        ),
        (
            container("restarting", ExitCode=1),
            "restarting again and again, the last time after code 1",
            "restarting",
        ),
        (container("paused"), "paused", "paused"),
        (container("created"), "created, but never started", "created"),
        (container("removing"), "being removed", "removing"),
        (container("dead"), "dead: the engine could not remove all of it", "dead"),
        (container("configured"), "created, but never started", "configured"),
        (container("stopped", ExitCode=2), "exited with code 2", "stopped"),
    ],
)
async def test_a_container_that_does_not_run_is_down(way: Way, path: Path, said, message: str, cause: str):
    async with engine(path, said):
        reading = await look(way, path)
    assert (reading.status, reading.message, reading.cause) == (Status.MAJOR, message, cause)


@pytest.mark.parametrize(
    ("state", "status", "message", "cause"),
    [
        ({"Health": health("healthy")}, Status.OPERATIONAL, "running and healthy", ""),
        (
            {"Health": health("starting")},
            Status.DEGRADED,
            "running, but its health check has not passed yet",
            "starting",
        ),
        ({"Health": health("unhealthy")}, Status.PARTIAL, "running, but unhealthy", "unhealthy"),
        (
            {"Health": health("unhealthy", "old", "curl: (7)\nno", streak=4)},
            Status.PARTIAL,
            "running, but unhealthy: curl: (7) no",
            "unhealthy",
        ),
        ({"Health": health("none")}, Status.OPERATIONAL, "running", ""),
        ({"Healthcheck": health("unhealthy")}, Status.PARTIAL, "running, but unhealthy", "unhealthy"),
    ],
)
async def test_its_health_counts_where_it_is_checked(way: Way, path: Path, state, status, message, cause):
    async with engine(path, container(**state)):
        reading = await look(way, path)
    assert (reading.status, reading.message, reading.cause) == (status, message, cause)
    assert len(reading.measures) == 2


async def test_a_health_check_may_be_required(way: Way, path: Path):
    async with engine(path, container()):
        reading = await look(way, path, health=True)
    assert (reading.status, reading.cause) == (Status.DEGRADED, "no health check")
    assert reading.message == "running, but it has no health check"
    async with engine(path.with_name("b"), container(Health=health("healthy"))):
        assert (await look(way, path.with_name("b"), health=True)).status is Status.OPERATIONAL


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({"Running": True, "Paused": False, "Restarting": False}, Status.OPERATIONAL),
        ({"Running": True, "Restarting": True, "ExitCode": 1}, Status.MAJOR),
        ({"Running": True, "Paused": True}, Status.MAJOR),
        ({"Running": False, "ExitCode": 1}, Status.MAJOR),
        ({"Dead": True}, Status.MAJOR),
    ],
)
async def test_the_oldest_engines_name_no_state(way: Way, path: Path, state, status):
    async with answering_at(path, said({"Name": "/old", "State": state})):
        assert (await look(way, path, "old")).status is status


# -- engines that cannot tell ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (said({"message": "page not found"}, "404 Not Found"), "the engine answered 404 Not Found: page not found"),
        (response(b"<html>", "404 Not Found"), "the engine answered 404 Not Found$"),
        (
            said(
                {"message": "client version 1.12 is too old. Minimum supported API version is 1.44"},
                "400 Bad Request",
            ),
            "the engine answered 400 Bad Request: client version 1.12 is too old",
        ),
        (said({"message": "\x1b[31m"}, "500 Internal Server Error"), r"500 Internal Server Error: \[31m$"),
        (said({"message": "no"}, "403 Forbidden"), "403 Forbidden: no"),
        (response(b"", "302 Found", "Location: http://localhost:1/"), "the engine answered 302 Found"),
        (response(b"hello"), "it is no JSON object"),
        (said([]), "it is no JSON object"),
        (said({}), "the engine answered, but not about a container"),
        (said({"State": "running"}), "the engine answered, but not about a container"),
        (said(container("quantum")), "the engine says that it is quantum, which means nothing here"),
        (said(container(Health=health("so so"))), "the engine says that its health is so so"),
        (response(b"[" * 100_000), "it is no JSON object"),
        (response(b" " * 2_000_000 + json.dumps(container()).encode()), "it is no JSON object"),
    ],
)
async def test_an_engine_that_cannot_tell_is_no_evidence(way: Way, path: Path, answer: bytes, text: str):
    async with answering_at(path, answer):
        with pytest.raises(Unreadable, match=text):
            await look(way, path)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(10**400),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["State", "Status", "Health", "Log", "Output", "ExitCode", "Error", "RestartCount"]),
                inner,
            )
        ),
    )
)
def test_whatever_json_it_is_there_is_a_reading_or_a_reason(body: Any):
    check = Docker("a")
    try:
        reading = check.judge(answer_of(json.dumps({"State": body, **(body if isinstance(body, dict) else {})})))
    except Unreadable as error:
        assert clean(str(error)) == str(error)
    else:
        assert clean(reading.message) == reading.message
        assert all(abs(one.value) < 1 << 53 for one in reading.measures)


def answer_of(text: str) -> Any:
    from httptools import HttpResponseParser

    from tui_monitor.net.answer import Answer, Incoming

    incoming = Incoming(bodyless=False, max_body=1 << 20)
    parser = incoming.parser = HttpResponseParser(incoming)
    parser.feed_data(response(text.encode()))
    return Answer(incoming, "localhost", 1 << 20)


async def test_garbage_is_not_http(way: Way, path: Path):
    async with answering_at(path, b"\0\xff garbage\r\n\r\n"):
        with pytest.raises(Unreachable, match="not in valid HTTP"):
            await look(way, path)


async def test_an_engine_that_hangs_is_given_up(way: Way, path: Path):
    async with answering_at(path, hold=True):
        with pytest.raises(Unreachable, match="still waiting for the first byte"):
            await look(Way(way.net, 0.05), path)


async def test_a_socket_that_is_not_there_is_for_this_machine_to_see_to(way: Way, path: Path):
    with pytest.raises(Unreadable, match=r"there is no socket .*docker\.sock"):
        await look(way, path)


# -- an engine elsewhere --------------------------------------------------------------------------------------------


async def test_an_engine_may_be_asked_over_tcp(way: Way):
    async with answering(said(container())) as served:
        check = Docker("shop-web-1", url=served.url)
        assert check.judge(await check.look(way)).status is Status.OPERATIONAL
    assert served.heard[0].startswith(b"GET /containers/shop-web-1/json HTTP/1.1\r\n")


async def test_an_engine_may_be_asked_over_tls(way: Way, tmp_path: Path):
    context = server_side(authority(tmp_path), "localhost")
    async with answering(said(container()), tls=context) as served:
        check = Docker("a", url=served.secure, ca="ca.pem")
        assert check.judge(await check.look(way)).status is Status.OPERATIONAL


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"container": "a b"}, "container: 'a b' is not the name or id of a container"),
        ({"container": ""}, "container: '' is not"),
        ({"container": "../a"}, "container: "),
        ({"container": "a", "socket": ""}, "socket: give the path of a socket"),
        ({"container": "a", "socket": "unix:///run/docker.sock"}, "socket: write only the path"),
        ({"container": "a", "ca": "x"}, "ca and client_certificate are for an engine at a url"),
        ({"container": "a", "url": "tcp://h:2375"}, "url: the URL must begin with http:// or https://"),
        ({"container": "a", "url": "http://h/?a=b"}, "url: .*without a query"),
    ],
)
def test_what_can_never_be_asked_is_refused_with_the_config(options, text):
    with pytest.raises(ValueError, match=text):
        Docker(**options)
