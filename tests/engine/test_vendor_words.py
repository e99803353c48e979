"""What is told of a vendor in words of our own, and when the config chooses other parts of its page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.engine.test_vendors import KNOWN, OPEN, OVER, UNREADABLE, WORSE, Watching, incident, page, past, play
from tests.engine.virtual import EPOCH
from tui_monitor.core.model import Reading
from tui_monitor.core.plan import Condition, Route
from tui_monitor.core.status import Status
from tui_monitor.core.text import spell_duration


class TestAnotherFilter:
    """A reload may choose other parts of the same page."""

    def test_it_holds_from_the_next_look_on_though_its_newest_row_is_older(self) -> None:
        async def story(stage: Watching) -> None:
            everything, chosen = past(OPEN, incident(3, "resolved", ref="i2")), past(OPEN)
            await stage.sees(replace(everything, as_of=EPOCH + timedelta(minutes=3)))
            await stage.reload(services=stage.filtered())
            await stage.sees(replace(chosen, status=Status.OPERATIONAL, incidents=(), as_of=EPOCH))
            assert [one["state"] for one in await stage.incidents()] == ["resolved"]

        play(story)

    def test_what_it_leaves_out_is_closed_by_the_config_and_not_by_the_vendor(self) -> None:
        async def story(stage: Watching) -> None:
            await stage.sees(page(OPEN, incident(0, "identified", ref="i2")))
            await stage.reload(services=stage.filtered())
            await stage.sees(UNREADABLE, page(incident(0, "identified", ref="i2")), page())
            left_out, over = sorted(await stage.incidents(), key=lambda one: one["vendor_ref"])
            first, second = (spell_duration(one["duration"]) for one in (left_out, over))
            assert stage.ops.lines[-2:] == [
                f"resolved: Hub: closed by config after {first}: Slow builds",
                f"resolved: Hub: over after {second}, says the vendor: Slow builds",
            ]
            assert left_out["timeline"][-1]["text"] == "the config does not choose it any more, or it is over"

        play(story)

    def test_what_the_vendor_says_is_over_is_over_by_its_word(self) -> None:
        async def story(stage: Watching) -> None:
            await stage.sees(past(OPEN))
            await stage.reload(services=stage.filtered())
            await stage.sees(past(OVER))
            assert [one["resolved_by"] for one in await stage.incidents()] == ["vendor"]

        play(story)


class TestInWords:
    """What people are told of a vendor's incident, where the config has no words of its own."""

    def test_of_a_bad_page_for_which_the_vendor_names_an_incident_at_last(self) -> None:
        ill = Reading(Status.DEGRADED, "Minor Service Outage", "headline", incidents=())

        async def story(stage: Watching) -> None:
            await stage.sees(ill, replace(page(OPEN), status=Status.DEGRADED))
            own = next(one for one in await stage.incidents() if one["vendor_ref"] is None)
            lasted = spell_duration(own["duration"])
            assert stage.ops.lines == [
                "opened: Hub is degraded: Minor Service Outage",
                "opened: Hub is degraded: Slow builds",
                f"resolved: Hub: the vendor names an incident for it after {lasted}: Minor Service Outage",
            ]

        play(story)

    def test_of_one_that_is_weighed(self) -> None:
        async def story(stage: Watching) -> None:
            await stage.sees(past(OPEN), past(WORSE), past(OVER))
            (seen,) = await stage.incidents()
            lasted = spell_duration(seen["duration"])
            assert stage.ops.lines == [
                "opened: Hub is degraded: Slow builds",
                "changed: Hub is major: we are identified",
                f"resolved: Hub: over after {lasted}, says the vendor: Slow builds",
            ]

        play(story)

    def test_of_one_of_unknown_severity(self) -> None:
        async def story(stage: Watching) -> None:
            await stage.sees(page({**OPEN, "impact": "odd"}), page({**KNOWN, "impact": "odd"}))
            assert stage.ops.lines == [
                "opened: Hub has an incident of unknown severity: Slow builds",
                "changed: Hub, severity unknown: we are identified",
            ]

        play(story)

    def test_of_a_notice(self) -> None:
        routes = (Route(("ops",), Condition(">=", Status.OPERATIONAL), group_wait=0.0),)
        listed = replace(page(OPEN).incidents[0], status=Status.OPERATIONAL)

        async def story(stage: Watching) -> None:
            await stage.sees(Reading(Status.OPERATIONAL, "", incidents=(listed,)))
            assert stage.ops.lines == ["opened: Hub gives notice: Slow builds"]

        play(story, routes=routes)


@pytest.mark.parametrize("set_by", [-3600.0, 3600.0])
def test_what_flaps_is_gone_after_as_long_a_while_also_by_a_clock_that_was_set(set_by: float) -> None:
    async def story(stage: Watching) -> None:
        await stage.sees(*[page(OPEN), page()] * 8)
        before = await stage.said()
        assert before[-1] == "i1 opened"
        stage.loop.wall_offset += set_by
        await stage.sees(*[page()] * 80)
        assert len(await stage.said()) == len(before)
        await stage.sees(*[page()] * 20)
        assert sorted(await stage.said()) == sorted([*before, "i1 resolved"])

    play(story)
