"""A storm over every destination at once: one engine, real sockets, and services that fail together and recover."""

from __future__ import annotations

import pytest

from tests.destinations.small import Out
from tests.destinations.weather import TOLD, town

COUNT = 60
FLEET = [f"service {n:03}" for n in range(COUNT)]


async def test_every_place_hears_of_all_of_it_in_as_few_messages_as_it_can(
    outside: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(outside, monkeypatch, FLEET) as there:
        there.weather.is_bad = True
        await there.until(lambda: there.all_told("open"))
        there.weather.is_bad = False
        await there.until(lambda: there.all_told("resolved"))
        assert await there.told("resolved") == {name.replace(" ", "-"): sorted(TOLD) for name in FLEET}
        for name, one in there.places.items():
            many = not one.plugin.grouped or one.apart
            assert len(one.arrived()) <= (6 * COUNT if many else 20), name
            assert one.arrived(), name
