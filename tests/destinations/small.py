"""The way out and the messages of these tests: real sockets and files, made small."""

from __future__ import annotations

import asyncio
import resource
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tui_monitor.core.errors import Unreachable
from tui_monitor.core.message import Item, Message, News, item_of, message_of
from tui_monitor.core.model import Event, Incident, Kind, Service, State
from tui_monitor.core.status import Status

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@dataclass
class Out:
    """An Outside over a plain httpx client, which raises what the port promises."""

    home: Path
    now: datetime = NOON
    clients: dict[tuple[bool, str], httpx.AsyncClient] = field(default_factory=dict)
    net: Any = None
    works: list[asyncio.Future[Any]] = field(default_factory=list)

    @property
    def http(self) -> httpx.AsyncClient:
        return self.client()

    def client(self, *, verify: bool = True, ca: str = "") -> httpx.AsyncClient:
        if (verify, ca) not in self.clients:
            trust: Any = ssl.create_default_context(cafile=ca) if ca else verify
            inner = httpx.AsyncHTTPTransport(verify=trust)
            self.clients[verify, ca] = Client(transport=Plain(inner), timeout=30)
        return self.clients[verify, ca]

    async def run(self, work: Any, /, *args: Any) -> Any:
        self.works.append(asyncio.ensure_future(asyncio.to_thread(work, *args)))
        return await asyncio.shield(self.works[-1])

    async def quiet(self) -> None:
        """Until the threads are done, also those whose callers have given up."""
        await asyncio.gather(*self.works, return_exceptions=True)

    async def close(self) -> None:
        for client in self.clients.values():
            await client.aclose()


class Client(httpx.AsyncClient):
    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        with translated():
            return await super().send(request, **options)


class Plain(httpx.AsyncBaseTransport):
    """Says what went wrong with a connection in our own word."""

    def __init__(self, inner: httpx.AsyncHTTPTransport) -> None:
        self.inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        with translated():
            response = await self.inner.handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = PlainStream(response.stream)
        return response

    async def aclose(self) -> None:
        await self.inner.aclose()


class PlainStream(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream) -> None:
        self.inner = inner

    async def __aiter__(self) -> Any:
        with translated():
            async for chunk in self.inner:
                yield chunk

    async def aclose(self) -> None:
        await self.inner.aclose()


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise Unreachable("refused", f"{type(error).__name__}: {error}") from error


@contextmanager
def no_room(size: int) -> Iterator[None]:
    """The kernel refuses to let any file grow beyond this, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# -- messages -------------------------------------------------------------------------------------------------------


def service(name: str = "API production", **more: Any) -> Service:
    return replace(Service(id="api-production", name=name, kind="http", fields={"url": "http://api.test/"}), **more)


def incident(n: int = 1, **more: Any) -> Incident:
    usual = Incident(
        id=f"inc{n}",
        service="api-production",
        cause="status",
        title="it answered 500",
        status=Status.MAJOR,
        severity=Status.MAJOR,
        started_at=NOON - timedelta(minutes=5),
        revision=1,
    )
    return replace(usual, **more)


def opened(name: str = "API production", n: int = 1, **more: Any) -> Item:
    one = incident(n, **more)
    event = Event(one.id, one.revision, Kind.OPENED, one.started_at, text=one.title, service=one.service)
    return item_of(one, service(name), News.OPENED, (event,), {}, NOON)


def resolved(name: str = "API production", n: int = 1, **more: Any) -> Item:
    end = {"state": State.RESOLVED, "status": Status.OPERATIONAL, "resolved_at": NOON, "revision": 2, **more}
    one = incident(n, **end)
    event = Event(one.id, one.revision, Kind.RESOLVED, NOON, text="operational again", service=one.service)
    return item_of(one, service(name), News.RESOLVED, (event,), {}, NOON)


def changed(name: str = "API production", n: int = 1, kind: Kind = Kind.ACKNOWLEDGED, **more: Any) -> Item:
    one = incident(n, **{"revision": 2, **more})
    event = Event(one.id, one.revision, kind, NOON, by="ann", text="looking", service=one.service)
    return item_of(one, service(name), News.CHANGED, (event,), {}, NOON)


def message(items: Item | Sequence[Item] | None = None, ref: str = "") -> Message:
    one = opened() if items is None else items
    return message_of("ops", [one] if isinstance(one, Item) else one, NOON, ref)
