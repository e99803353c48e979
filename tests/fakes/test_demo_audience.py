"""Who is told in the demo: strict, as the config of the demo says of them, and small however long it runs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.destinations.small import NOON, Out, banner, changed, opened, resolved
from tests.fakes.test_demo_config import plan_of
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Item, message_of
from tui_monitor.core.plan import Plan
from tui_monitor.destinations.craft.cachet import Published
from tui_monitor.fakes.azure_devops import AzureDevops
from tui_monitor.fakes.cachet3 import Cachet3
from tui_monitor.fakes.demo import audience
from tui_monitor.fakes.demo.audience import AUDIENCE, COMPONENTS
from tui_monitor.fakes.http import Site
from tui_monitor.net import Net

TOKENS = audience.tokens()
FEW = 4


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Out]:
    net = Net(tmp_path)
    yield Out(net)
    await net.close()


@pytest.fixture
async def places() -> AsyncIterator[dict[str, Site]]:
    async with AsyncExitStack() as life:
        found = audience.audience(TOKENS, FEW)
        page = found["page"]
        assert isinstance(page, Cachet3)
        page.allowance = 10_000  # nobody but a test tells it so much in a minute
        for place in found.values():
            await life.enter_async_context(place)
        yield found
        assert not [place.refused for place in found.values() if place.refused]


def plan_with(places: dict[str, Site], folder: Path, tokens: dict[str, str] = TOKENS) -> Plan:
    return plan_of("plain", folder, told=audience.fields(places, tokens))


def test_they_are_all_there():
    assert tuple(audience.audience(TOKENS)) == AUDIENCE


def test_no_run_has_the_tokens_of_another():
    tokens = [token for _ in range(3) for token in audience.tokens().values()]
    assert len(set(tokens)) == 3 * len(AUDIENCE)


async def test_each_of_them_is_as_the_config_says(places: dict[str, Site], outside: Out, tmp_path: Path):
    plan = plan_with(places, tmp_path)
    said = {place.name: await place.plugin.prove(outside) for place in plan.places}
    assert {*said} == {*AUDIENCE, "log"}
    page = next(place.plugin for place in plan.places if place.name == "page")
    given = {one.name: one.publish["page"] for one in plan.services if "page" in one.publish}
    assert {one.component for one in given.values()} == set(range(1, len(COMPONENTS) + 1))
    assert await page.prove_published(given, outside) == f"it has {len(COMPONENTS)} components"


@pytest.mark.parametrize("name", ["chat", "page", "tickets", "banner"])
async def test_none_takes_the_token_of_another_run(name: str, places: dict[str, Site], outside: Out, tmp_path: Path):
    plan = plan_with(places, tmp_path, audience.tokens())
    plugin = next(place.plugin for place in plan.places if place.name == name)
    with pytest.raises(DeliveryError, match="token") as caught:
        await plugin.prove(outside)
    assert not caught.value.retry


async def tell(plugin: Any, name: str, n: int, outside: Out) -> None:
    """An incident from its first word to its last, or a banner."""
    if getattr(plugin, "banner", False):
        first = await plugin.deliver(banner(f"the {n}th"), outside)
        await plugin.deliver(banner(cleared=True, ref=first.ref), outside)
        return
    ref = url = ""
    for item in (opened(n=n), changed(n=n), resolved(n=n)):
        receipt = await plugin.deliver(message_of(name, [_published(item)], NOON, ref, url), outside)
        ref, url = receipt.ref, receipt.url


def _published(item: Item) -> Item:
    return replace(item, publish=Published(component=1))


def weight(value: Any) -> int:
    """How many things are kept in something, and in what is kept in it."""
    if isinstance(value, dict):
        return sum(1 + weight(one) for one in value.values())
    if isinstance(value, list | tuple):
        return sum(1 + weight(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return sum(weight(getattr(value, one.name)) for one in fields(value))
    return 0


def kept(place: Site) -> int:
    """Headers are as many as the client sends, which may differ from one request to the next."""
    return weight({name: value for name, value in vars(place).items() if name != "heard"}) + len(place.heard)


@pytest.mark.parametrize("name", ["chat", "page", "oncall", "tickets", "banner"])
async def test_what_a_place_keeps_does_not_grow(name: str, places: dict[str, Site], outside: Out, tmp_path: Path):
    plugin = next(place.plugin for place in plan_with(places, tmp_path).places if place.name == name)
    for n in range(2 * FEW):
        await tell(plugin, name, n, outside)
    once = kept(places[name])
    for n in range(2 * FEW, 5 * FEW):
        await tell(plugin, name, n, outside)
    assert kept(places[name]) == once
    assert len(places[name].heard) == FEW


async def test_a_ticket_has_a_link_to_it_and_is_closed_when_all_is_well(
    places: dict[str, Site], outside: Out, tmp_path: Path
):
    plugin = next(place.plugin for place in plan_with(places, tmp_path).places if place.name == "tickets")
    there = places["tickets"]
    assert isinstance(there, AzureDevops)
    first = await plugin.deliver(message_of("tickets", [opened()], NOON), outside)
    assert first.url.startswith(there.url)
    await plugin.deliver(message_of("tickets", [resolved()], NOON, first.ref, first.url), outside)
    assert [item.fields["System.State"] for item in there.items.values()] == ["Done"]


async def test_one_of_them_refuses_for_good(places: dict[str, Site], outside: Out, tmp_path: Path):
    plugin = next(place.plugin for place in plan_with(places, tmp_path).places if place.name == "audit")
    with pytest.raises(DeliveryError, match="this account is closed") as caught:
        await plugin.deliver(message_of("audit", [opened()], NOON), outside)
    assert not caught.value.retry
    assert json.loads(audience.CLOSED)
