"""A vendor's page in several documents, over a real socket; whatever is not named is not found."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tests.net.small import Served, head_of, response, serving
from tui_monitor.checks.craft.vendor.page import VendorPage
from tui_monitor.core.harmless import harmless
from tui_monitor.core.model import Reading
from tui_monitor.net import Way

NOT_FOUND = response(b'{"message": "Not Found"}', "404 Not Found")


@asynccontextmanager
async def vendor(pages: Mapping[str, Any]) -> AsyncIterator[Served]:
    """`heard` are the addresses that were asked for, in order."""
    heard: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await head_of(reader)).split()[1]
        heard.append(target)
        page = pages.get(target.decode(), pages.get(target.decode().partition("?")[0]))
        body = page if isinstance(page, bytes) else json.dumps(page).encode()
        writer.write(NOT_FOUND if page is None else response(body))
        await writer.drain()

    async with serving(handle) as served:
        served.heard = heard
        yield served


async def look(check: VendorPage, way: Way) -> Reading:
    return harmless(check.judge(await check.look(way)))
