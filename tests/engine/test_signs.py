"""Checks that wait for signs of life, are made of others, or remember: what the engine does for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest

from tests.engine.stage import DOWN, SLOW, UP, Stage
from tui_monitor.checks.group import Group
from tui_monitor.checks.heartbeat import Heartbeat
from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import Patience, Reading, Service
from tui_monitor.core.plan import Route
from tui_monitor.core.status import Status

QUICK = (Route(to=("ops",), group_wait=0.0),)
AT_ONCE = Patience(down_after=1, up_after=1)
BACKUP = Service("backup", "Backup", Heartbeat(period=300.0, grace=60.0), "heartbeat", every=15.0, patience=AT_ONCE)


# -- signs of life --------------------------------------------------------------------------------------------------


def test_a_job_that_gives_signs_is_well_and_one_that_falls_silent_is_told() -> None:
    async def story(stage: Stage) -> None:
        for _ in range(3):
            outcome = await stage.do("ping", "backup")
            assert outcome.text == "Backup gave a sign of life: done"
            await stage.wait(1)
            assert (await stage.service("backup"))["status"] == "operational"
            await stage.wait(250)
        assert stage.ops.heard == []
        await stage.wait(90)
        assert stage.ops.heard == []
        await stage.wait(40)
        assert stage.ops.news == ["opened backup"]
        await stage.do("ping", "Backup")
        await stage.wait(1)
        assert stage.ops.news == ["opened backup", "resolved backup"]

    Stage(BACKUP, routes=QUICK).play(story)


def test_a_job_that_says_it_failed_is_told_within_a_moment_with_its_words() -> None:
    async def story(stage: Stage) -> None:
        await stage.do("ping", "backup", kind="start")
        await stage.wait(20)
        await stage.do("ping", "backup", "disk full\x1b[31m", kind="fail", code="3")
        await stage.wait(1)
        assert stage.ops.news == ["opened backup"]
        assert "disk full" in stage.ops.lines[0]
        assert "\x1b" not in stage.ops.lines[0]
        await stage.do("ping", "backup", kind="start")
        await stage.wait(1)
        assert stage.ops.news == ["opened backup"]
        await stage.do("ping", "backup")
        await stage.wait(1)
        assert stage.ops.news == ["opened backup", "resolved backup"]

    Stage(BACKUP, routes=QUICK).play(story)


@pytest.mark.parametrize("is_killed", [True, False])
def test_in_a_time_without_an_engine_no_sign_could_be_heard(is_killed: bool) -> None:
    async def story(stage: Stage) -> None:
        await stage.do("ping", "backup")
        await stage.wait(60)
        await (stage.kill() if is_killed else stage.stop())
        await stage.wait(3600)
        await stage.start()
        await stage.wait(300)
        assert stage.ops.heard == []
        await stage.wait(100)
        assert stage.ops.news == ["opened backup"]

    Stage(BACKUP, routes=QUICK).play(story)


def test_a_sign_that_could_not_be_written_down_was_not_heard() -> None:
    async def story(stage: Stage) -> None:
        await stage.do("ping", "backup")
        await stage.wait(20)
        stage.store.full = True
        with pytest.raises(Rejected, match="not done"):
            await stage.do("ping", "backup", "broken", kind="fail", code="1")
        stage.store.full = False
        await stage.wait(60)
        assert (await stage.service("backup"))["status"] == "operational"
        assert stage.ops.heard == []

    Stage(BACKUP, routes=QUICK).play(story)


@pytest.mark.parametrize(
    ("target", "options", "words"),
    [
        ("web", {}, "Web takes no signs of life"),
        ("nobody", {}, "no service is called 'nobody'"),
        ("backup", {"code": "twelve"}, "'twelve' is not an exit code"),
        ("backup", {"code": "1000"}, "'1000' is not an exit code"),
        ("backup", {"kind": "maybe"}, "'maybe' is no sign of life"),
    ],
)
def test_a_sign_that_means_nothing_is_refused(target: str, options: dict[str, str], words: str) -> None:
    async def story(stage: Stage) -> None:
        with pytest.raises(Rejected, match=words):
            await stage.do("ping", target, **options)

    Stage("web", BACKUP, routes=QUICK).play(story)


# -- made of others -------------------------------------------------------------------------------------------------

WEB = Service("web", "Web", every=10.0, patience=AT_ONCE)
API = Service("api", "API", every=10.0, patience=AT_ONCE)
SHOP = Service("shop", "Shop", Group(any=("Web", "api")), "group", every=600.0, patience=AT_ONCE)


def test_a_group_is_looked_at_at_once_when_a_member_changes() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(700)
        assert (await stage.service("shop"))["status"] == "operational"
        stage.becomes("web", DOWN)
        stage.becomes("api", DOWN)
        await stage.wait(11)
        assert (await stage.service("shop"))["status"] == "major"
        stage.becomes("api", SLOW)
        await stage.wait(11)
        stage.becomes("api", UP)
        await stage.wait(11)
        assert (await stage.service("shop"))["status"] == "operational"
        assert [line for line in stage.ops.news if line.endswith("shop")] == ["opened shop", "resolved shop"]

    Stage(WEB, API, SHOP, routes=QUICK).play(story)


def test_a_group_that_stands_on_its_members_is_not_told_beside_them() -> None:
    shop = replace(SHOP, check=Group(all=("web", "api")), depends_on=("web", "api"))

    async def story(stage: Stage) -> None:
        await stage.wait(700)
        stage.becomes("web", DOWN)
        await stage.wait(30)
        assert (await stage.service("shop"))["status"] == "major"
        assert stage.ops.news == ["opened web"]
        stage.becomes("web", UP)
        await stage.wait(30)
        assert stage.ops.news == ["opened web", "resolved web"]

    Stage(WEB, API, shop, routes=QUICK).play(story)


# -- memories -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counting:
    """A check that counts its own looks."""

    vendor: ClassVar[bool] = False
    remembers: ClassVar[bool] = True
    step: int = 1

    async def look(self, outside: Any) -> int:
        return int(outside.memo or 0)

    def judge(self, sight: int) -> Reading:
        return Reading(Status.OPERATIONAL, f"look {sight + self.step}", memo=str(sight + self.step))


COUNTER = Service("counter", "Counter", Counting(), "counting", every=10.0)


async def count(stage: Stage) -> int:
    return int((await stage.service("counter"))["message"].removeprefix("look "))


@pytest.mark.parametrize("is_killed", [True, False])
def test_what_a_check_remembers_survives_a_restart(is_killed: bool) -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(101)
        before = await count(stage)
        assert before >= 10
        await (stage.kill() if is_killed else stage.stop())
        await stage.start()
        await stage.wait(5)
        assert before < await count(stage) <= before + 2

    Stage(COUNTER, routes=QUICK).play(story)


def test_a_reload_keeps_what_a_check_remembers_while_it_is_of_the_same_kind() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(101)
        before = await count(stage)
        await stage.reload(services=(replace(COUNTER, check=Counting(step=100)),))
        await stage.wait(2)
        assert await count(stage) == before + 100
        await stage.reload(services=(replace(COUNTER, check=Counting(step=2), kind="other"),))
        await stage.wait(2)
        assert await count(stage) == 2

    Stage(COUNTER, routes=QUICK).play(story)


def test_the_next_threshold_under_the_same_status_is_told_as_an_update() -> None:
    def days(left: int) -> Reading:
        return Reading(Status.DEGRADED, f"{left} days are left", f"below {left}", milestone=True)

    async def story(stage: Stage) -> None:
        stage.becomes("web", days(14))
        await stage.wait(60)
        assert stage.ops.lines == ["opened: Web is degraded: 14 days are left"]
        stage.becomes("web", days(7))
        await stage.wait(60)
        assert stage.ops.lines[1:] == ["changed: Web is degraded: 7 days are left"]
        stage.becomes("web", replace(days(5), milestone=False))
        await stage.wait(60)
        stage.becomes("web", days(7))
        await stage.wait(60)
        assert len(stage.ops.heard) == 2
        (incident,) = await stage.incidents()
        assert [event["kind"] for event in incident["timeline"]] == ["opened", "updated"]
        assert incident["title"] == "7 days are left"

    Stage(WEB, routes=QUICK).play(story)
