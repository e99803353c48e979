"""A vendor's page through the whole engine: what it lists, in whatever order, gives exactly these events."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest

from tests.engine.stage import Scripted, Stage
from tests.engine.virtual import EPOCH
from tui_monitor import checks
from tui_monitor.core.model import Patience, Reading, Service
from tui_monitor.core.plan import Condition, Route
from tui_monitor.core.status import Status

HUB = Service("hub", "Hub", every=10.0, patience=Patience(down_after=1, up_after=1))
UNREADABLE = Reading(Status.UNKNOWN, "its page answered 503 Service Unavailable")
FIVE = timedelta(minutes=5)


@dataclass(frozen=True)
class Page(Scripted):
    """A check that reads a vendor's page, which says what the story says."""

    vendor: ClassVar[bool] = True


class OtherFilter(Page):
    """The same page, of which other parts are chosen."""


class Watching(Stage):
    def __init__(self, **options: Any) -> None:
        super().__init__(HUB, **{"routes": (Route(("ops",), group_wait=0.0),), **options})

    def _service(self, one: str | Service) -> Service:
        service = super()._service(one)
        return replace(service, check=Page("hub", self.world)) if service.id == "hub" else service

    def filtered(self) -> tuple[Service, ...]:
        """The same service with a check that chooses other parts of the page."""
        (service,) = self.plan.services
        return (replace(service, check=OtherFilter("hub", self.world)),)

    async def sees(self, *pages: Reading) -> None:
        """The page says these things, one look after the other."""
        for page in pages:
            self.becomes("hub", page)
            await self.wait(10)

    async def said(self) -> list[str]:
        """What has happened to every incident, in order: `i1 opened`."""
        found = await self.incidents()
        events = [
            (event["at"], event["n"], one["vendor_ref"], event["kind"]) for one in found for event in one["timeline"]
        ]
        return [f"{ref} {kind}" for _, _, ref, kind in sorted(events)]


def play(story: Callable[[Watching], Coroutine[Any, Any, None]], **options: Any) -> None:
    stage = Watching(**options)
    stage.play(story)  # type: ignore[arg-type]  # a stage of this kind is what it is given


def update(minute: int, state: str, text: str) -> dict[str, str]:
    at = (EPOCH + timedelta(minutes=minute)).isoformat()
    return {"status": state, "body": text, "display_at": at}


def incident(minute: int, state: str, impact: str = "minor", ref: str = "i1", **more: Any) -> dict[str, Any]:
    """As it stands so many minutes after it began, with an update for each step so far."""
    steps = ["investigating", "identified", "monitoring", "resolved", "postmortem"]
    told = [update(number, one, f"we are {one}") for number, one in enumerate(steps[: steps.index(state) + 1])]
    began = EPOCH.isoformat()
    changed = (EPOCH + timedelta(minutes=minute)).isoformat()
    return {
        "id": ref,
        "name": "Slow builds",
        "status": state,
        "impact": impact,
        "created_at": began,
        "started_at": began,
        "updated_at": changed,
        "resolved_at": changed if state in ("resolved", "postmortem") else None,
        "incident_updates": told,
        **more,
    }


def page(*incidents: dict[str, Any], changed: int | None = None) -> Reading:
    """A summary, which lists only what is open; `changed` is the minute at which the page says it was changed."""
    dated = {"updated_at": (EPOCH + timedelta(minutes=changed)).isoformat()} if changed is not None else {}
    body = {
        "page": {"id": "p", **dated},
        "status": {"indicator": "none", "description": "All well"},
        "components": [],
        "incidents": list(incidents),
    }
    return checks.read("statuspage", json.dumps(body).encode(), now=EPOCH + timedelta(days=1))


def past(*incidents: dict[str, Any]) -> Reading:
    """The list of the past, which also names what is over."""
    return checks.read("statuspage", json.dumps({"incidents": incidents}).encode(), now=EPOCH + timedelta(days=1))


OPEN = incident(0, "investigating")
KNOWN = incident(1, "identified")
WORSE = incident(2, "identified", "critical")
WATCHED = incident(3, "monitoring", "critical")
OVER = incident(4, "resolved", "critical")
TOLD_WHY = incident(5, "postmortem", "critical")


def test_from_the_first_word_to_the_postmortem() -> None:
    async def story(stage: Watching) -> None:
        await stage.sees(past(), past(OPEN), past(KNOWN), past(WORSE), past(WATCHED), past(OVER), past(TOLD_WHY))
        assert await stage.said() == [
            "i1 opened",
            "i1 updated",
            "i1 worsened",
            "i1 updated",
            "i1 resolved",
        ]
        (seen,) = await stage.incidents()
        assert [one["state"] for one in seen["updates"]] == ["investigating", "identified", "monitoring", "resolved"]
        assert seen["resolved_by"] == "vendor"
        assert seen["timeline"][-1]["text"] == "we are resolved"
        assert stage.ops.news == ["opened hub", "changed hub", "changed hub", "changed hub", "resolved hub"]

    play(story)


def test_of_a_list_of_open_ones_what_is_gone_is_over() -> None:
    async def story(stage: Watching) -> None:
        await stage.sees(page(OPEN), page(WORSE), page())
        assert await stage.said() == ["i1 opened", "i1 worsened", "i1 resolved"]
        assert stage.ops.news == ["opened hub", "changed hub", "resolved hub"]

    play(story)


def test_a_look_that_could_not_read_the_page_changes_nothing() -> None:
    async def story(stage: Watching) -> None:
        await stage.sees(page(OPEN), UNREADABLE, UNREADABLE, page(OPEN), UNREADABLE, page())
        assert await stage.said() == ["i1 opened", "i1 resolved"]

    play(story)


def test_a_missed_step_is_one_event_with_the_newest_word() -> None:
    async def story(stage: Watching) -> None:
        await stage.sees(past(OPEN), UNREADABLE, past(WATCHED))
        assert await stage.said() == ["i1 opened", "i1 worsened"]
        (seen,) = await stage.incidents()
        assert seen["timeline"][-1]["text"] == "we are monitoring"
        assert len(seen["updates"]) == 3

    play(story)


def test_an_old_copy_of_the_page_opens_nothing_again_and_takes_nothing_back() -> None:
    async def story(stage: Watching) -> None:
        first, second, third = page(OPEN, changed=1), page(WORSE, changed=2), page(changed=4)
        await stage.sees(first, second, first, second, third, second, first, third)
        assert await stage.said() == ["i1 opened", "i1 worsened", "i1 resolved"]

    play(story)


def test_an_old_copy_of_the_list_of_the_past_is_known_by_its_newest_row() -> None:
    async def story(stage: Watching) -> None:
        before = incident(3, "resolved", ref="i0")
        first, last = past(WORSE, before), past(OVER, before)
        await stage.sees(first, last, first, last, first)
        assert await stage.said() == ["i1 opened", "i1 resolved"]

    play(story)


def test_a_page_whose_clock_was_set_back_is_believed_again() -> None:
    async def story(stage: Watching) -> None:
        await stage.sees(page(changed=60))
        old = page(OPEN, changed=1)
        await stage.sees(*[old] * 85)
        assert await stage.said() == []
        await stage.sees(*[old] * 10)
        assert await stage.said() == ["i1 opened"]

    play(story)


def test_an_older_word_of_an_incident_is_no_news() -> None:
    async def story(stage: Watching) -> None:
        await stage.sees(past(WORSE), past(KNOWN), past(WORSE))
        assert await stage.said() == ["i1 opened"]

    play(story)


def test_an_id_that_changes_its_title_is_the_same_incident() -> None:
    async def story(stage: Watching) -> None:
        await stage.sees(page(OPEN), page({**OPEN, "name": "No builds at all"}), page())
        assert await stage.said() == ["i1 opened", "i1 updated", "i1 resolved"]
        (seen,) = await stage.incidents()
        assert seen["title"] == "No builds at all"

    play(story)


def test_a_page_that_is_touched_and_says_nothing_new_is_no_news() -> None:
    async def story(stage: Watching) -> None:
        later = {**OPEN, "updated_at": (EPOCH + FIVE).isoformat()}
        await stage.sees(page(OPEN), page(later), page(later))
        assert await stage.said() == ["i1 opened"]

    play(story)


def test_several_at_once_each_go_their_own_way() -> None:
    async def story(stage: Watching) -> None:
        other = incident(0, "investigating", "major", ref="i2")
        await stage.sees(page(OPEN, other), page(WORSE, other), page(other), page(other, OPEN), page())
        said = await stage.said()
        assert [one for one in said if one.startswith("i2")] == ["i2 opened", "i2 resolved"]
        assert [one for one in said if one.startswith("i1")] == [
            "i1 opened",
            "i1 worsened",
            "i1 resolved",
            "i1 opened",
            "i1 resolved",
        ]

    play(story)


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_page_that_drops_and_lists_the_same_at_each_look_is_soon_told_no_more(is_killed: bool) -> None:
    async def story(stage: Watching) -> None:
        for _ in range(2):
            await stage.sees(*[page(OPEN), page()] * 15)
            await (stage.kill() if is_killed else stage.stop())
            await stage.start()
        assert await stage.said() == ["i1 opened", "i1 resolved"] * 3 + ["i1 opened"]
        assert len(stage.ops.news) == 7
        await stage.sees(*[page()] * 100)
        assert (await stage.said())[7:] == ["i1 resolved"]
        assert stage.ops.news[7:] == ["resolved hub"]

    play(story)


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_restart_repeats_nothing_and_loses_nothing(is_killed: bool) -> None:
    async def story(stage: Watching) -> None:
        await stage.sees(past(OPEN), past(KNOWN))
        await (stage.kill() if is_killed else stage.stop())
        stage.becomes("hub", past(KNOWN))
        await stage.start()
        await stage.wait(20)
        assert await stage.said() == ["i1 opened", "i1 updated"]
        await (stage.kill() if is_killed else stage.stop())
        stage.becomes("hub", past(OVER))
        await stage.start()
        await stage.wait(20)
        assert await stage.said() == ["i1 opened", "i1 updated", "i1 resolved"]
        assert stage.ops.news == ["opened hub", "changed hub", "resolved hub"]

    play(story)


def test_closed_by_hand_it_stays_closed_while_the_vendor_lists_it_also_over_a_restart() -> None:
    async def story(stage: Watching) -> None:
        await stage.sees(past(OPEN))
        (seen,) = await stage.incidents()
        await stage.do("resolve", seen["id"])
        await stage.sees(past(KNOWN), past(WORSE))
        await stage.stop()
        await stage.start()
        await stage.sees(past(WATCHED), UNREADABLE, past(WATCHED), past(OVER), past(TOLD_WHY))
        assert await stage.said() == ["i1 opened", "i1 force-resolved"]
        row = (await stage.engine.snapshot())["services"][0]
        assert row["status"] == "operational"

    play(story)


def test_closed_by_hand_and_listed_anew_after_it_was_over_it_is_another() -> None:
    async def story(stage: Watching) -> None:
        await stage.sees(page(OPEN))
        (seen,) = await stage.incidents()
        await stage.do("resolve", seen["id"])
        await stage.sees(page(WORSE), page(), page(WORSE))
        assert await stage.said() == ["i1 opened", "i1 force-resolved", "i1 opened"]

    play(story)


def test_closed_by_hand_over_and_opened_again_by_the_vendor_it_is_another() -> None:
    async def story(stage: Watching) -> None:
        await stage.sees(past(OPEN))
        (seen,) = await stage.incidents()
        await stage.do("resolve", seen["id"])
        others = [incident(1, "resolved", ref=f"r{n}") for n in range(50)]
        await stage.sees(past(OVER, *others), past(incident(6, "identified"), *others))
        assert await stage.said() == ["i1 opened", "i1 force-resolved", "i1 opened"]

    play(story)


def test_what_falls_off_the_end_of_a_long_list_of_the_past_is_not_over() -> None:
    def long(*first: dict[str, Any]) -> Reading:
        began = EPOCH + timedelta(minutes=2)
        others = [incident(9, "resolved", ref=f"r{n}", started_at=began.isoformat()) for n in range(50)]
        return past(*first, *others)

    async def story(stage: Watching) -> None:
        await stage.sees(long(OPEN), long(), long())
        assert await stage.said() == ["i1 opened"]
        await stage.sees(long(OVER))
        assert await stage.said() == ["i1 opened", "i1 resolved"]

    play(story)


def test_an_incident_of_unknown_weight_is_told_and_never_shown_as_well() -> None:
    async def story(stage: Watching) -> None:
        await stage.sees(page({**OPEN, "impact": "catastrophic"}))
        row = (await stage.engine.snapshot())["services"][0]
        assert row["status"] == "unknown"
        assert stage.ops.news == ["opened hub"]
        await stage.sees(page())
        row = (await stage.engine.snapshot())["services"][0]
        assert (row["status"], stage.ops.news) == ("operational", ["opened hub", "resolved hub"])

    play(story)


def test_a_notice_is_listed_and_told_to_nobody_who_did_not_ask_for_it() -> None:
    notice = Reading(Status.OPERATIONAL, "", incidents=(replace(page(OPEN).incidents[0], status=Status.OPERATIONAL),))

    async def story(stage: Watching) -> None:
        await stage.sees(notice)
        row = (await stage.engine.snapshot())["services"][0]
        assert (row["status"], stage.ops.news) == ("operational", [])
        assert [one["severity"] for one in await stage.incidents()] == ["operational"]
        await stage.sees(UNREADABLE)
        row = (await stage.engine.snapshot())["services"][0]
        assert row["status"] == "unknown"

    play(story)


def test_a_notice_explains_no_outage() -> None:
    listed = replace(page(OPEN).incidents[0], status=Status.OPERATIONAL)
    ill = Reading(Status.PARTIAL, "Labels partial", "components: Labels", incidents=(listed,))

    async def story(stage: Watching) -> None:
        await stage.sees(ill)
        assert stage.ops.news == ["opened hub"]
        assert {one["vendor_ref"] for one in await stage.incidents()} == {"i1", None}

    play(story)


def test_a_route_may_ask_for_notices_too() -> None:
    notice = Reading(Status.OPERATIONAL, "", incidents=(replace(page(OPEN).incidents[0], status=Status.OPERATIONAL),))
    routes = (Route(("ops",), Condition(">=", Status.OPERATIONAL), group_wait=0.0),)

    async def story(stage: Watching) -> None:
        await stage.sees(notice)
        assert stage.ops.news == ["opened hub"]

    play(story, routes=routes)


class TestWhatFacesAreShown:
    def test_a_row_says_when_the_page_was_last_read_also_after_a_restart(self) -> None:
        async def story(stage: Watching) -> None:
            await stage.sees(page())
            await stage.sees(page())
            first = (await stage.engine.snapshot())["services"][0]
            assert first["read_at"] == first["checked_at"]
            await stage.sees(UNREADABLE, UNREADABLE)
            row = (await stage.engine.snapshot())["services"][0]
            assert row["status"] == "unknown"
            assert row["read_at"] < row["checked_at"]
            await stage.stop()
            await stage.start()
            await stage.wait(20)
            again = (await stage.engine.snapshot())["services"][0]
            assert again["status"] == "unknown"
            assert datetime.fromisoformat(again["read_at"]) == datetime.fromisoformat(row["read_at"])

        play(story)

    def test_the_page_whole_as_it_was_last_read(self) -> None:
        async def story(stage: Watching) -> None:
            await stage.sees(page(OPEN, changed=3), UNREADABLE)
            found = await stage.engine.history("vendor", id="hub")
            assert found["message"] == "its page answered 503 Service Unavailable"
            assert [one["ref"] for one in found["incidents"]] == ["i1"]
            assert found["incidents"][0]["updates"][0]["text"] == "we are investigating"
            assert datetime.fromisoformat(found["as_of"]) == EPOCH + timedelta(minutes=3)

        play(story)


class TestMaintenance:
    @staticmethod
    def planned(state: str, begins: int = 600, ref: str = "m1") -> dict[str, Any]:
        return {
            "id": ref,
            "name": "New racks",
            "status": state,
            "impact": "maintenance",
            "scheduled_for": (EPOCH + timedelta(days=1, minutes=begins)).isoformat(),
            "scheduled_until": (EPOCH + timedelta(days=1, minutes=begins + 60)).isoformat(),
        }

    def page(self, *planned: dict[str, Any], indicator: str = "none") -> Reading:
        body = {
            "status": {"indicator": indicator, "description": "as it is"},
            "components": [],
            "incidents": [],
            "scheduled_maintenances": list(planned),
        }
        return checks.read("statuspage", json.dumps(body).encode(), now=EPOCH + timedelta(days=1))

    def test_it_is_announced_begins_and_ends_and_is_no_incident(self) -> None:
        async def story(stage: Watching) -> None:
            soon, now = (self.page(self.planned(state)) for state in ("scheduled", "in_progress"))
            over = self.page()
            await stage.sees(over, soon, soon)
            row = (await stage.engine.snapshot())["services"][0]
            assert (row["status"], [one["ref"] for one in row["announced"]]) == ("operational", ["m1"])
            await stage.sees(UNREADABLE, now, now)
            row = (await stage.engine.snapshot())["services"][0]
            assert (row["status"], [one["ref"] for one in row["under_way"]]) == ("maintenance", ["m1"])
            await stage.sees(over, over)
            said = await stage.events("announced", "maintenance", "maintained")
            assert said == [
                f"Hub announces maintenance for {self.day(600)} until {self.day(660)}: New racks",
                f"Hub is in maintenance until {self.day(660)}: New racks",
                "Hub: maintenance is over: New racks",
            ]
            assert await stage.incidents() == []

        play(story)

    @staticmethod
    def day(minutes: int) -> str:
        return f"{EPOCH + timedelta(days=1, minutes=minutes):%a %H:%M}"

    def test_one_that_is_moved_says_so_and_one_that_was_known_before_a_reload_does_not(self) -> None:
        async def story(stage: Watching) -> None:
            await stage.sees(self.page(), self.page(self.planned("scheduled")))
            await stage.reload()
            await stage.sees(self.page(self.planned("scheduled")), self.page(self.planned("scheduled", 700)))
            said = await stage.events("announced", "maintenance", "maintained")
            assert [one.split(" maintenance")[0] for one in said] == ["Hub announces", "Hub has moved its"]
            await stage.sees(self.page())
            assert (await stage.events("maintained"))[-1] == "Hub: maintenance is no longer announced: New racks"

        play(story)

    def test_an_outage_outweighs_it(self) -> None:
        async def story(stage: Watching) -> None:
            await stage.sees(self.page(self.planned("in_progress"), indicator="major"))
            row = (await stage.engine.snapshot())["services"][0]
            assert row["status"] == "partial"

        play(story)

    def test_an_old_copy_of_the_page_neither_calls_it_off_nor_announces_it_again(self) -> None:
        async def story(stage: Watching) -> None:
            old = replace(self.page(), as_of=EPOCH)
            new = replace(self.page(self.planned("scheduled")), as_of=EPOCH + timedelta(minutes=1))
            await stage.sees(old, new, old, new)
            assert len(await stage.events("announced", "maintenance", "maintained")) == 1

        play(story)

    def test_what_another_filter_leaves_out_was_not_called_off(self) -> None:
        async def story(stage: Watching) -> None:
            await stage.sees(self.page(), self.page(self.planned("scheduled")))
            await stage.reload(services=stage.filtered())
            await stage.sees(self.page(), self.page(self.planned("scheduled", ref="m2")))
            said = await stage.events("announced", "maintenance", "maintained")
            assert [one.split(" maintenance")[0] for one in said] == ["Hub announces", "Hub announces"]

        play(story)
