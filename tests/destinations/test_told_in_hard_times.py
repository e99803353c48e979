"""What every destination is told when the engine is killed, a place was away, or all of it is only a rehearsal."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.destinations.small import Out
from tests.destinations.weather import TOLD, town

TWICE = {"log"}
"""A line of a log has no name by which it could be known again: it may be written twice, and is never lost."""


async def test_a_kill_between_send_and_settle_leaves_one_telling_at_each_place(
    outside: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(outside, monkeypatch, ["shop"], 0.0) as there:
        for one in there.places.values():
            if one.hold is not None:
                one.hold()
        there.weather.is_bad = True

        async def all_are_sending() -> bool:
            found = await there.engine.history("incidents", all="1")
            return bool(found) and all(row["state"] in ("sending", "told") for row in found[0]["told"])

        await there.until(all_are_sending)
        await there.kill()
        for one in there.places.values():
            if one.release is not None:
                one.release()
        await there.start()
        await there.until(lambda: there.all_told("open"))
        for name, one in there.places.items():
            lines = len({seen.identity for seen in one.arrived()})
            assert lines == 1 or (name in TWICE and lines == 2), name


async def test_what_came_and_went_while_a_place_was_away_is_told_once_and_as_over(
    outside: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(outside, monkeypatch, ["shop"], 0.0) as there:
        tried = {name: one for name, one in there.places.items() if not hasattr(one.plugin, "keep")}
        with ExitStack() as away:  # what shows services too may refuse that instead
            for one in tried.values():
                away.enter_context(one.later())
            there.weather.is_bad = True

            async def all_were_tried() -> bool:
                places = (await there.engine.snapshot())["places"]
                return all(one["state"] == "failing" for one in places if one["name"] in tried)

            await there.until(all_were_tried)
            there.weather.is_bad = False

            async def is_over() -> bool:
                return [one["state"] for one in await there.engine.history("incidents", all="1")] == ["resolved"]

            await there.until(is_over)
        await there.until(lambda: there.all_told("resolved"))
        for name, one in tried.items():
            assert len({seen.identity for seen in one.arrived()}) <= 1, name
            assert not any("is major" in seen.text for seen in one.arrived()), name


async def test_in_test_mode_each_place_is_told_with_a_mark_or_not_at_all(
    outside: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(outside, monkeypatch, ["shop"], 0.0) as there:
        await there.do("test-mode", "on")
        there.weather.is_bad = True
        public = {name for name, one in there.places.items() if getattr(one.plugin, "public", False)}

        async def all_but_the_public_were_told() -> bool:
            found = await there.engine.history("incidents", all="1")
            told = {row["destination"] for one in found for row in one["told"] if row["state"] == "told"}
            return told == set(TOLD) - public

        await there.until(all_but_the_public_were_told)
        for name, one in there.places.items():
            assert bool(one.arrived()) is (name not in public), name
            assert all("[TEST]" in seen.text for seen in one.arrived()), name
