"""Each generation of Cachet, and what the tests of its destination say to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from tests.destinations.small import NOON, message, opened, service
from tui_monitor.core.message import Item, Message, News, item_of, message_of
from tui_monitor.core.model import State
from tui_monitor.core.ports import Sample, Standing
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.destinations.cachet import Cachet
from tui_monitor.destinations.craft.cachet import Published
from tui_monitor.fakes.cachet import Cachet as Server
from tui_monitor.fakes.cachet2 import Cachet2
from tui_monitor.fakes.cachet3 import Cachet3

VERSIONS = ("2.3.18", "2.4.0", "3")
TOKEN = "S3CRETWORD"
API = Published(component=1)
ONLY_INCIDENTS = Published(component=1, actions=("create_incident",))


@asynccontextmanager
async def serving(version: str, **options: Any) -> AsyncIterator[Server]:
    """A Cachet with one component, which is well."""
    made = Cachet3(token=TOKEN, **options) if version == "3" else Cachet2(version, token=TOKEN, **options)
    async with made as there:
        there.component("API")
        yield there
        assert there.refused == []


def plugin(there: Server, **options: Any) -> Cachet:
    return Cachet(there.url, Secret(TOKEN), **options)


def told(item: Item, ref: str = "", publish: Published | None = API, beside: int = 0) -> Message:
    return replace(message(replace(item, publish=publish), ref), beside=beside)


def over(publish: Published | None = API) -> Message:
    """It began and ended before anybody was told."""
    begun = opened()
    ended = replace(begun.incident, state=State.RESOLVED, status=Status.OPERATIONAL, resolved_at=NOON, revision=2)
    return message_of("ops", [item_of(ended, begun.service, News.OVER, (), {}, NOON, publish=publish)], NOON)


def standing(status: Status, number: int | None = 1, name: str = "API") -> Standing:
    return Standing(service(name), status, NOON, publish=Published(component=number))


def sample(latency: float | None, metric: int = 1, unit: Any = "ms", **more: Any) -> Sample:
    publish = Published(metric=metric, latency_unit=unit)
    return Sample(
        service(), **{"at": NOON, "status": Status.OPERATIONAL, "latency": latency, "publish": publish, **more}
    )


def writes(there: Server) -> list[str]:
    """What was asked to be changed, in order."""
    return [f"{one.method} {one.path.removeprefix('/api').removeprefix('/v1')}" for one in there.heard if one.body]


def stages(there: Server, incident: int = 1) -> tuple[int, list[str]]:
    """How an incident stands at last, and all that was said of it, oldest first."""
    row = there.page.incidents[incident]
    return row["status"], [row["message"], *(one["message"] for one in there.page.updates_of(incident))]
