"""Pages that say in two documents what there is to say: over a real socket, as one reading."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.net.small import Served, head_of, response, serving
from tui_monitor.checks.craft.vendor.page import VendorPage
from tui_monitor.checks.incident_io import IncidentIo
from tui_monitor.checks.instatus import Instatus
from tui_monitor.checks.json_status import JsonStatus
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import Reading
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.net import Net, Way

INSTATUS = {
    "/summary.json": {
        "page": {"status": "HASISSUES"},
        "activeIncidents": [{"id": "i1", "name": "A", "impact": "MINOROUTAGE"}],
    },
    "/v2/components.json": {
        "components": [{"name": "API", "status": "PARTIALOUTAGE"}, {"name": "Docs", "status": "MAJOROUTAGE"}]
    },
}
INCIDENT_IO = {
    "/api/v1/summary": {
        "page_title": "P",
        "ongoing_incidents": [
            {"id": "i1", "name": "A", "current_worst_impact": "full_outage", "affected_components": [{"name": "API"}]}
        ],
    },
    "/api/v2/components.json": {
        "page": {"id": "p"},
        "components": [
            {"id": "g", "name": "Europe", "status": "operational", "group": True},
            {"id": "a", "name": "API", "status": "operational", "group_id": "g"},
            {"id": "b", "name": "Docs", "status": "operational"},
        ],
    },
}


@asynccontextmanager
async def vendor(pages: dict[str, Any], heads: list[bytes]) -> AsyncIterator[Served]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await head_of(reader)
        heads.append(head)
        page = pages.get(head.split()[1].decode())
        writer.write(response(json.dumps(page).encode()) if page is not None else response(b"", "404 Not Found"))
        await writer.drain()

    async with serving(handle) as served:
        yield served


@pytest.fixture
async def way(tmp_path) -> AsyncIterator[Way]:
    net = Net(tmp_path, places=20)
    yield Way(net, 5.0)
    await net.close()


async def look(check: VendorPage, way: Way) -> Reading:
    return check.judge(await check.look(way))


async def test_what_is_chosen_of_instatus_is_looked_up_among_its_components(way: Way):
    heads: list[bytes] = []
    async with vendor(INSTATUS, heads) as served:
        url = f"http://127.0.0.1:{served.port}"
        assert (await look(Instatus(url), way)).status is Status.DEGRADED
        assert len(heads) == 1
        reading = await look(Instatus(url, components=("API",)), way)
        assert ([one.ref for one in reading.incidents or ()], reading.status) == (["i1"], Status.PARTIAL)
        with pytest.raises(Unreadable, match="no component 'APY'; did you mean 'API'"):
            await look(Instatus(url, components=("APY",)), way)


async def test_an_incident_of_incident_io_is_one_of_the_group_of_its_component(way: Way):
    async with vendor(INCIDENT_IO, []) as served:
        url = f"http://127.0.0.1:{served.port}"
        assert (await look(IncidentIo(url, components=("Europe",)), way)).status is Status.MAJOR
        assert (await look(IncidentIo(url, components=("Docs",)), way)).status is Status.OPERATIONAL


async def test_a_page_without_the_second_document_is_unknown(way: Way):
    only = {"/api/v1/summary": INCIDENT_IO["/api/v1/summary"]}
    async with vendor(only, []) as served:
        with pytest.raises(Unreadable, match="404"):
            await look(IncidentIo(f"http://127.0.0.1:{served.port}", components=("Docs",)), way)


async def test_a_header_with_a_key_is_sent_to_the_page(way: Way):
    heads: list[bytes] = []
    async with vendor({"/status?full=1": {"state": "up"}}, heads) as served:
        url = f"http://127.0.0.1:{served.port}/status?full=1"
        check = JsonStatus(url, {"X-Key": Secret("k-1")}, status="state", words={"up": "operational"})
        assert (await look(check, way)).status is Status.OPERATIONAL
    assert b"X-Key: k-1\r\n" in heads[0]
