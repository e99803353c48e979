"""What the pages of a board are told of the past of a service, in stories and against what was seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.engine.stage import DOWN, UP, Stage
from tests.engine.virtual import EPOCH
from tui_monitor.core.errors import StoreError
from tui_monitor.core.model import Patience, Phases, Reading, Service
from tui_monitor.core.plan import Route
from tui_monitor.core.status import Status
from tui_monitor.core.window import Scope, Span, Window

AT_ONCE = Patience(down_after=1, up_after=1, flap_after=0)
WEB = Service("web", "Web", every=10.0, retry_after=1.0, patience=AT_ONCE)
ROUTER = Service("router", "Router", every=10.0, patience=AT_ONCE)
QUICK = (Route(("ops",), group_wait=0.0),)


async def chart(stage: Stage, **options: str) -> dict[str, Any]:
    found: dict[str, Any] = await stage.engine.history("chart", service="web", **options)
    return found


def test_a_chart_shows_an_outage_where_it_was() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(600)
        stage.becomes("web", DOWN)
        await stage.wait(300)
        stage.becomes("web", UP)
        await stage.wait(300)
        found = await chart(stage, since="20m", points="20")
        statuses = [one["status"] for one in found["points"]]
        assert statuses.count("major") in (5, 6)
        first = statuses.index("major")
        assert statuses[first - 1] == statuses[-1] == "operational"
        (incident,) = found["incidents"]
        assert found["points"][first]["at"] <= incident["started_at"] <= found["points"][first + 1]["at"]
        assert incident["resolved_at"] is not None
        assert sum(one["looks"] for one in found["points"]) == pytest.approx(119, abs=2)

    Stage(WEB, routes=QUICK).play(story)


def test_incidents_that_were_over_before_or_are_of_others_are_not_on_a_chart() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(60)
        stage.becomes("web", UP)
        stage.becomes("router", DOWN)
        await stage.wait(600)
        assert (await chart(stage, since="5m"))["incidents"] == []
        assert len((await chart(stage, since="1h"))["incidents"]) == 1

    Stage(WEB, ROUTER, routes=QUICK).play(story)


def test_planned_work_is_on_a_chart_also_when_nobody_remembers_it_any_more() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(600)
        await stage.do("maintenance", "web", "new disk", for_="10m")
        await stage.wait(300)
        (now,) = (await chart(stage, since="20m"))["maintenance"]
        assert now["reason"] == "new disk"
        await stage.wait(900)
        (span,) = (await chart(stage, since="30m", points="60"))["maintenance"]
        assert span["reason"] == ""
        lasted = datetime.fromisoformat(span["until"]) - datetime.fromisoformat(span["since"])
        assert timedelta(minutes=9) <= lasted <= timedelta(minutes=11)

    Stage(WEB, routes=QUICK).play(story)


def test_what_the_config_plans_is_on_a_chart_once() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(3600)
        found = (await chart(stage, since="1h"))["maintenance"]
        assert [(one["since"][11:16], one["until"][11:16], one["reason"]) for one in found] == [
            ("12:10", "12:15", "backup"),
            ("12:40", "12:45", "backup"),
            ("12:50", "12:55", "once"),
        ]

    fifty = Span(EPOCH + timedelta(minutes=50), EPOCH + timedelta(minutes=55))
    windows = (
        Window("w1", "Web", Scope(("web",)), cron="10,40 * * * *", lasts=300.0, reason="backup"),
        Window("w2", "Web", Scope(("web",)), span=fifty, reason="once"),
        Window("w3", "Router", Scope(("router",)), cron="20 * * * *", lasts=300.0, reason="of another"),
    )
    Stage(WEB, ROUTER, routes=QUICK, maintenance=windows).play(story)


def test_the_newest_looks_have_their_phases_and_the_failed_ones_their_words() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", replace(UP, latency=0.2, phases=Phases(0.01, 0.02, 0.03, 0.1, 0.2)))
        await stage.wait(300)
        stage.becomes("web", DOWN)
        await stage.wait(25)
        stage.becomes("web", replace(UP, latency=0.2, phases=Phases(0.01, 0.02, 0.03, 0.1, 0.2)))
        await stage.wait(20)
        looks = (await stage.engine.history("service", id="web"))["looks"]
        assert len(looks) == 20
        assert [look["at"] for look in looks] == sorted(look["at"] for look in looks)
        assert [look["phases"] is not None for look in looks[:8]] == [False] * 8
        assert looks[-1]["phases"] == {"dns": 0.01, "connect": 0.02, "tls": 0.03, "first_byte": 0.1, "total": 0.2}
        assert (looks[-1]["message"], looks[-1]["latency"]) == ("200", 0.2)
        failed = [look for look in looks if look["status"] == "major"]
        assert failed
        assert {look["message"] for look in failed} == {"503, expected 200-204"}
        assert looks[-2]["message"] is None

    Stage(WEB, routes=QUICK).play(story)


def test_after_a_restart_the_newest_looks_are_those_of_the_store() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(300)
        await stage.stop()
        await stage.start()
        looks = (await stage.engine.history("service", id="web"))["looks"]
        assert len(looks) == 20
        assert {(look["phases"], look["took"]) for look in looks} == {(None, None)}

    Stage(WEB, routes=QUICK).play(story)


def test_the_newest_look_is_among_the_newest_before_it_is_written_down() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(100)
        stage.store.full = True
        stage.becomes("web", replace(DOWN, latency=7.0))
        await stage.wait(12)
        found = await stage.engine.history("lately", services="web", count="4")
        assert found["web"]["statuses"] == ["operational"] * 3 + ["major"]
        assert found["web"]["latencies"][-1] == 7.0
        stage.store.full = False

    Stage(WEB, routes=QUICK).play(story)


def test_the_newest_look_is_there_once_after_it_is_written_down() -> None:
    async def story(stage: Stage) -> None:
        for latency in (1.0, 2.0, 3.0):
            stage.becomes("web", replace(UP, latency=latency))
            await stage.wait(10)
        await stage.wait(1)
        found = await stage.engine.history("lately", services="web", count="200")
        assert [round(one) for one in found["web"]["latencies"] if one is not None][-3:] in ([1, 2, 3], [2, 3, 3])
        snapshot = await stage.service("web")
        assert len(found["web"]["statuses"]) == len(stage.world.looked)
        assert snapshot["latency"] == 3.0

    Stage(WEB, routes=QUICK).play(story)


def test_the_log_goes_back_beyond_what_is_in_memory_and_stands_without_a_store() -> None:
    async def story(stage: Stage) -> None:
        for n in range(30):
            await stage.do("test-mode", "on" if n % 2 == 0 else "off")
        await stage.wait(100)
        await stage.stop()
        await stage.start()
        whole = await stage.engine.history("log")
        assert [one["kind"] for one in whole].count("test-mode") == 30
        assert [one["at"] for one in whole] == sorted(one["at"] for one in whole)
        assert await stage.engine.history("log", limit="3") == whole[-3:]
        assert await stage.engine.history("log", since="1s") == whole[-2:]

        async def broken(*args: Any) -> None:
            raise StoreError("the disk is gone")

        stage.store.events = broken  # type: ignore[attr-defined]  # a store that reads no more
        assert await stage.engine.history("log") == whole

    Stage(WEB, routes=QUICK).play(story)


def test_events_that_are_not_written_down_yet_are_in_the_log_at_its_end() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(20)
        stage.store.full = True
        stage.becomes("web", DOWN)
        await stage.wait(20)
        shown = [one["kind"] for one in (await stage.engine.snapshot())["events"]]
        assert [one["kind"] for one in await stage.engine.history("log")] == shown
        assert "opened" in shown
        stage.store.full = False

    Stage(WEB, routes=QUICK).play(story)


def test_a_service_names_who_stands_on_it_and_which_routes_may_take_it() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(15)
        found = await stage.engine.history("service", id="router")
        assert found["needed_by"] == ["web"]
        assert found["routes"] == ["route 1 tells ops of severity >=degraded"]
        assert found["messages"]["opened"] == "{name} is {status}: {message}"
        assert (await stage.engine.history("service", id="Web"))["depends_on"] == ["router"]

    routes = (*QUICK, Route(("mail",), services=("other",)))
    Stage(ROUTER, replace(WEB, depends_on=("router",)), routes=routes).play(story)


def test_a_day_counts_its_looks_and_how_long_it_was_down() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(600)
        stage.becomes("web", DOWN)
        await stage.wait(200)
        days = (await stage.engine.history("service", id="web"))["days"]
        assert [one["day"] for one in days[-2:]] == ["2026-02-28", "2026-03-01"]
        assert days[-1]["downtime"] == pytest.approx(200, abs=10)
        assert days[-1]["share"] == pytest.approx(0.75, abs=0.02)
        assert (days[-1]["worst"], days[-2]["worst"]) == ("major", None)

    Stage(WEB, routes=QUICK).play(story)


def test_statistics_count_who_was_told_and_who_was_not() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(30)
        stage.becomes("web", UP)
        await stage.wait(30)
        stats = await stage.engine.history("stats", since="1h")
        (ops,) = stats["destinations"]
        assert (ops["destination"], ops["told"], ops["given-up"]) == ("ops", 1, 0)
        (longest,) = stats["longest"]
        assert (longest["name"], longest["title"]) == ("Web", "503, expected 200-204")
        assert longest["duration"] == pytest.approx(30, abs=10)

    Stage(WEB, routes=QUICK).play(story)


def test_a_rehearsal_is_in_no_chart_and_no_ranking() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(20)
        await stage.do("simulate", "web", status="major", for_="1m")
        await stage.wait(30)
        assert (await chart(stage))["incidents"] == []
        stats = await stage.engine.history("stats", since="1h")
        assert (stats["most"], stats["longest"]) == ([], [])
        assert [one["told"] for one in stats["destinations"]] == [0]

    Stage(WEB, routes=QUICK).play(story)


def test_what_was_looked_at_before_a_config_was_read_anew_is_still_known() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(50)
        before = (await stage.engine.history("service", id="web"))["looks"]
        await stage.reload(services=stage.of(replace(WEB, tags=("new",))))
        after = (await stage.engine.history("service", id="web"))["looks"]
        assert after[: len(before)] == before
        assert after[0]["took"] is not None

    Stage(WEB, ROUTER, routes=QUICK).play(story)


@pytest.mark.parametrize("status", list(Status))
def test_a_chart_shows_the_worst_of_a_slice(status: Status) -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        stage.becomes("web", Reading(status, "so"))
        await stage.wait(11)
        found = await chart(stage, since="2m", points="1")
        assert found["points"][0]["status"] == status

    Stage(WEB, routes=QUICK).play(story)
