"""The way out and the messages of these tests: real sockets and files, made small."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tui_monitor.core.banner import Banner, Severity
from tui_monitor.core.message import Item, Message, News, banner_message, item_of, message_of
from tui_monitor.core.model import Event, Incident, Kind, Service, State
from tui_monitor.core.status import Status
from tui_monitor.net import Net, Way

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@dataclass
class Out:
    """The real way out at a fixed hour, which knows the work that it has in its threads."""

    net: Net
    now: datetime = NOON
    works: list[asyncio.Future[Any]] = field(default_factory=list)

    @property
    def way(self) -> Way:
        return Way(self.net, 30.0)

    @property
    def timeout(self) -> float:
        return self.way.timeout

    @property
    def home(self) -> Path:
        return self.net.home

    @property
    def http(self) -> Any:
        return self.way.http

    def client(self, *, verify: bool = True, ca: str = "") -> Any:
        return self.way.client(verify=verify, ca=ca)

    async def run(self, work: Any, /, *args: Any) -> Any:
        self.works.append(asyncio.ensure_future(self.way.run(work, *args)))
        return await asyncio.shield(self.works[-1])

    async def quiet(self) -> None:
        """Until the threads are done, also those whose callers have given up."""
        await asyncio.gather(*self.works, return_exceptions=True)


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


def banner(
    text: str = "Search is slow", revision: int = 1, *, cleared: bool = False, ref: str = "", test: bool = False
) -> Message:
    """What a place is told of the banner of the board: no incident is in it."""
    shown = Banner("ops", text, Severity.WARNING, "ann", NOON, revision, cleared)
    news = News.RESOLVED if cleared else News.CHANGED if ref else News.OPENED
    return banner_message(shown, news, "Ops", NOON, ref, is_test=test)


def message(items: Item | Sequence[Item] | None = None, ref: str = "") -> Message:
    one = opened() if items is None else items
    return message_of("ops", [one] if isinstance(one, Item) else one, NOON, ref)
