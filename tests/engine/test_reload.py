"""Another config while the engine runs: what stays is left alone, and the rest is put right between two turns."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.engine.stage import DOWN, SLOW, UP, Recorder, Stage
from tui_monitor.core.codec import decode
from tui_monitor.core.errors import ConfigError, DeliveryError, Problem, Rejected
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.plan import Appearance, Place, Route
from tui_monitor.core.window import Scope, Span, Window

QUICK = (Route(to=("ops",), group_wait=0.0),)
AT_ONCE = Patience(down_after=1, up_after=1)
WEB = Service("web", "Web", every=10.0, patience=AT_ONCE, group="Own")
API = Service("api", "API", every=10.0, patience=AT_ONCE)
SLOW_TO_TELL = Service("db", "DB", every=10.0, retry_after=60.0, patience=Patience(3, 1))


def place(recorder: Recorder) -> Place:
    return Place(recorder.name, "recorder", recorder)  # type: ignore[arg-type]  # a recorder's `grouped` is a plain field


async def status(stage: Stage) -> dict[str, str]:
    return {one["id"]: one["status"] for one in (await stage.engine.snapshot())["services"]}


def ends(incident: dict) -> list[str]:
    return [event["text"] for event in incident["timeline"] if event["kind"] == "resolved"]


# -- services -------------------------------------------------------------------------------------------------------


def test_a_service_that_stays_keeps_its_streak_and_its_turn() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(60)
        stage.becomes("db", DOWN)
        while (await stage.service("db"))["failing"] != "2/3":
            await stage.wait(0.05)
        outcome = await stage.reload(services=stage.of(SLOW_TO_TELL, WEB))
        assert outcome.text == "config read anew: services: 1 added (Web)"
        assert await stage.events("reloaded") == [outcome.text]
        assert (await stage.service("db"))["failing"] == "2/3"
        await stage.wait(11)
        assert stage.ops.news == ["opened db"]
        times = [at for at, name in stage.world.looked if name == "db"][1:]
        assert all(abs(later - earlier - 10.0) < 0.05 for earlier, later in pairwise(times))

    Stage(SLOW_TO_TELL, routes=QUICK).play(story)


def test_a_service_that_is_added_is_looked_at_soon_and_one_that_is_taken_out_no_more() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(33)
        await stage.reload(services=stage.of(API))
        await stage.wait(1)
        assert await status(stage) == {"api": "operational"}
        stage.world.looked.clear()
        await stage.wait(30)
        assert {name for _, name in stage.world.looked} == {"api"}
        with pytest.raises(Rejected, match="there is no service 'web'"):
            await stage.do("recheck", "web")

    Stage(WEB, routes=QUICK).play(story)


def test_the_incident_of_a_service_that_is_taken_out_is_over_and_its_end_is_told() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(30)
        await stage.reload(services=stage.of(API))
        await stage.wait(2)
        assert stage.ops.news == ["opened web", "resolved web"]
        (incident,) = await stage.incidents()
        assert ends(incident) == ["this service is no longer watched"]
        assert stage.ops.lines[1].startswith("resolved: Web: "), "people know it by its name"
        await stage.reload(services=stage.of(WEB, API))
        await stage.wait(2)
        assert stage.ops.news == ["opened web", "resolved web", "opened web"]
        assert len(await stage.incidents()) == 2

    Stage(WEB, API, routes=QUICK).play(story)


def test_what_is_taken_out_before_it_could_be_told_is_told_by_its_name_after_any_number_of_reloads() -> None:
    async def story(stage: Stage) -> None:
        stage.ops.refusing = DeliveryError("no", retry=True)
        stage.becomes("web", DOWN)
        await stage.wait(30)
        for services in ((API,), (API, SLOW_TO_TELL), (API,)):
            await stage.reload(services=stage.of(*services))
            await stage.wait(2)
        stage.ops.refusing = None
        await stage.wait(60)
        (line,) = stage.ops.lines
        assert line.startswith("over: Web was major for ")

    Stage(WEB, API, routes=QUICK).play(story)


def test_a_service_is_known_by_its_id_whatever_it_is_called() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(30)
        outcome = await stage.reload(services=stage.of(replace(WEB, name="Shop")))
        assert "1 renamed (Web is now Shop)" in outcome.text
        await stage.wait(60)
        assert stage.ops.news == ["opened web"]
        stage.becomes("web", UP)
        await stage.wait(15)
        assert stage.ops.lines[1].startswith("resolved: Shop is operational again")

    Stage(WEB, routes=QUICK).play(story)


def test_what_was_leaning_of_a_check_that_is_another_now_proves_nothing() -> None:
    other = replace(SLOW_TO_TELL, every=20.0)

    async def story(stage: Stage) -> None:
        await stage.wait(60)
        stage.becomes("db", DOWN)
        while (await stage.service("db"))["failing"] != "2/3":
            await stage.wait(0.05)
        (changed,) = stage.of(replace(other, id="renamed"))
        await stage.reload(services=(replace(other, check=changed.check, kind="scripted"),))
        assert (await stage.service("db"))["failing"] is None
        await stage.wait(60)
        assert stage.ops.heard == []

    Stage(SLOW_TO_TELL, routes=QUICK).play(story)


def test_a_look_that_is_under_way_ends_well_where_the_service_stays_and_is_dropped_where_not() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        for name in ("web", "api"):
            stage.world.waits[name] = 4.0
            stage.becomes(name, DOWN)
        while not (stage.world.busy.get("web") and stage.world.busy.get("api")):
            await stage.wait(0.05)
        await stage.reload(services=stage.of(WEB, SLOW_TO_TELL))
        assert stage.world.busy["web"] == 1
        await stage.wait(4.5)
        assert stage.ops.news == ["opened web"]
        assert set(await status(stage)) == {"web", "db"}

    Stage(WEB, API, routes=QUICK).play(story)


def test_what_a_service_stands_on_is_read_anew() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("api", DOWN)
        await stage.wait(30)
        await stage.reload(services=stage.of(replace(WEB, depends_on=("api",)), API))
        stage.becomes("web", DOWN)
        await stage.wait(30)
        assert stage.ops.news == ["opened api"]
        await stage.reload(services=stage.of(WEB, API))
        await stage.wait(5)
        assert stage.ops.news == ["opened api", "opened web"]

    Stage(WEB, API, routes=QUICK).play(story)


# -- places and routes ----------------------------------------------------------------------------------------------


def test_what_was_told_is_not_told_again_however_often_the_config_is_read() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(30)
        for title in ("One", "Two", "Three"):
            await stage.reload(title=title)
            await stage.wait(15)
        outcome = await stage.reload()
        assert outcome.text == "config read anew: nothing has changed"
        assert stage.ops.news == ["opened web"]
        stage.becomes("web", UP)
        await stage.wait(15)
        assert stage.ops.news == ["opened web", "resolved web"]
        assert stage.ops.heard[1].message.ref == "ops-1"

    Stage(WEB, routes=QUICK).play(story)


@pytest.mark.parametrize("arrives", [True, False])
def test_a_place_that_is_taken_out_while_a_message_is_on_its_way_to_it(arrives: bool) -> None:
    other = Recorder("other")

    async def story(stage: Stage) -> None:
        ops = stage.ops
        ops.slow = 5.0
        stage.becomes("web", DOWN)
        while not ops.tries:
            await stage.wait(0.05)
        if not arrives:
            ops.refusing_late = DeliveryError("503", retry=True)
        await stage.reload(places=(place(other),), routes=(Route(to=("other",), group_wait=0.0),))
        await stage.wait(120)
        assert ops.tries == 1
        assert ops.news == (["opened web"] if arrives else [])
        assert other.news == ["opened web"]
        assert (await stage.engine.snapshot())["deliveries"] == []
        (incident,) = await stage.incidents()
        rows = {row["destination"]: row["state"] for row in incident["told"]}
        assert rows == {"ops": "told" if arrives else "dropped", "other": "told"}
        stage.becomes("web", UP)
        await stage.wait(30)
        assert other.news == ["opened web", "resolved web"]
        assert len(ops.heard) == arrives
        assert (await stage.engine.snapshot())["deliveries"] == []
        await stage.stop()
        await stage.start()
        await stage.wait(5)
        assert (await stage.engine.snapshot())["deliveries"] == []

    Stage(WEB, routes=QUICK).play(story)


def test_a_place_that_comes_back_hears_the_end_of_what_it_was_told() -> None:
    async def story(stage: Stage) -> None:
        before = stage.plan
        stage.becomes("web", DOWN)
        await stage.wait(30)
        await stage.reload(places=(), routes=())
        await stage.wait(30)
        await stage.reload(before)
        stage.becomes("web", UP)
        await stage.wait(30)
        assert stage.ops.news == ["opened web", "resolved web"]

    Stage(WEB, routes=QUICK).play(story)


def test_other_routes_hold_at_once() -> None:
    other = Recorder("other")

    async def story(stage: Stage) -> None:
        stage.becomes("web", SLOW)
        await stage.wait(30)
        assert stage.ops.news == ["opened web"]
        both = (*stage.plan.places, place(other))
        await stage.reload(places=both, routes=(Route(to=("other",), group_wait=0.0),))
        await stage.wait(5)
        assert other.news == ["opened web"]
        stage.becomes("web", UP)
        await stage.wait(30)
        assert stage.ops.news == other.news == ["opened web", "resolved web"]

    Stage(WEB, routes=QUICK).play(story)


def test_the_wait_for_company_and_a_pause_go_on_over_a_reload() -> None:
    async def story(stage: Stage) -> None:
        stage.ops.refusing = DeliveryError("429", retry=True, after=100.0)
        stage.becomes("web", DOWN)
        while not stage.ops.tries:
            await stage.wait(0.5)
        refused_at = stage.now
        stage.ops.refusing = None
        await stage.reload(title="Other")
        await stage.wait(60)
        await stage.reload(title="Another")
        while not stage.ops.heard:
            await stage.wait(0.5)
        assert 99 <= stage.now - refused_at <= 103

    Stage(WEB, routes=QUICK, settle=0.0).play(story)


# -- what keeps quiet -----------------------------------------------------------------------------------------------


def test_planned_work_is_read_anew_and_ends_with_its_line() -> None:
    async def story(stage: Stage) -> None:
        span = Span(stage.at(0), stage.at(3600))
        await stage.reload(maintenance=(Window("plan", "Web", Scope(services=("web",)), span),))
        stage.becomes("web", DOWN)
        await stage.wait(30)
        assert stage.ops.heard == []
        assert await stage.events("maintenance") == ["maintenance of Web until 13:00"]
        await stage.reload(maintenance=())
        await stage.wait(2)
        assert stage.ops.news == ["opened web"]
        assert await stage.events("maintained") == ["maintenance of Web is over"]

    Stage(WEB, routes=QUICK).play(story)


def test_a_silence_and_a_rehearsal_outlive_a_reload_unless_their_service_does_not() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(15)
        await stage.do("silence", "group:Own", for_="1h")
        await stage.do("simulate", "api", status="major", for_="10m")
        await stage.do("test-mode", "on")
        await stage.wait(15)
        await stage.reload(services=stage.of(WEB, API, SLOW_TO_TELL))
        snapshot = await stage.engine.snapshot()
        assert [one["services"] for one in snapshot["silences"]] == [["web"]]
        assert [one["service"] for one in snapshot["simulations"]] == ["api"]
        assert snapshot["test_mode"]
        await stage.reload(services=stage.of(replace(WEB, group="Other")))
        await stage.wait(5)
        snapshot = await stage.engine.snapshot()
        assert [one["services"] for one in snapshot["silences"]] == [[]]
        assert snapshot["simulations"] == []
        assert sorted(stage.ops.news) == ["opened api", "opened web", "reminder web", "resolved api"]

    Stage(WEB, API, routes=QUICK).play(story)


# -- a config that is wrong, and a store that is slow ---------------------------------------------------------------


def test_a_config_that_is_wrong_is_refused_and_the_old_one_stays_until_it_is_repaired() -> None:
    async def story(stage: Stage) -> None:
        good = replace(stage.plan, services=stage.of(WEB, API))
        wrong = ConfigError([Problem("evry is not an option", "config.yaml", 3), Problem("and more")])
        with pytest.raises(
            Rejected, match=r"the config is wrong, so the old one stays: .*evry is not an option.*1 more"
        ):
            await stage.reload(wrong)
        await stage.wait(2)
        (trouble,) = await stage.events("trouble")
        assert "the old one stays" in trouble
        assert set(await status(stage)) == {"web"}
        stage.becomes("web", DOWN)
        await stage.wait(20)
        assert stage.ops.news == ["opened web"]
        await stage.reload(good)
        assert await stage.events("well") == ["config read anew: services: 1 added (API)"]
        assert set(await status(stage)) == {"web", "api"}
        await stage.reload(replace(good, title="New"))
        assert len(await stage.events("well")) == len(await stage.events("reloaded")) == 1

    Stage(WEB, routes=QUICK).play(story)


def test_every_problem_of_a_config_is_kept_to_be_read_until_the_config_is_right() -> None:
    problems = [Problem("evry is not an option", "services[0].evry", 3, 5, "config.yaml"), Problem("and more")]

    async def story(stage: Stage) -> None:
        assert (await stage.engine.history("config"))["problems"] == []
        with pytest.raises(Rejected):
            await stage.reload(ConfigError(problems))
        assert (await stage.engine.history("config"))["problems"] == [
            {
                "file": "config.yaml",
                "line": 3,
                "column": 5,
                "path": "services[0].evry",
                "text": "evry is not an option",
            },
            {"file": "", "line": None, "column": None, "path": "", "text": "and more"},
        ]
        with pytest.raises(Rejected):
            await stage.reload(ConfigError(problems[1:]))
        assert len((await stage.engine.history("config"))["problems"]) == 1
        await stage.reload(services=stage.of(WEB, API))
        assert (await stage.engine.history("config"))["problems"] == []

    Stage(WEB, routes=QUICK).play(story)


def test_a_face_that_watches_learns_how_the_board_is_to_look_from_now_on() -> None:
    async def story(stage: Stage) -> None:
        snapshot = await stage.engine.snapshot()
        assert (snapshot["title"], snapshot["timezone"]) == ("Ops", "UTC")
        look = Appearance(theme="light", keys={"mark": ("V",)}, mouse=False)
        await stage.reload(title="Night", timezone="Asia/Tokyo", appearance=look)
        changes = await stage.engine.changes(snapshot["cursor"], 5.0)
        assert (changes.board["title"], changes.board["timezone"]) == ("Night", "Asia/Tokyo")
        assert "reloaded" in [event["kind"] for event in changes.events]
        config = await stage.engine.history("config")
        assert (config["title"], config["timezone"]) == ("Night", "Asia/Tokyo")
        assert decode(Appearance, config["appearance"]) == look

    Stage(WEB, routes=QUICK).play(story)


def test_a_reload_in_the_middle_of_a_store_that_does_not_answer_loses_nothing() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        stage.store.held, stage.store.holds_all = asyncio.Event(), True
        stage.becomes("web", DOWN)
        await stage.wait(20)
        await stage.reload(services=stage.of(WEB, API))
        stage.becomes("api", DOWN)
        await stage.wait(30)
        assert await status(stage) == {"web": "major", "api": "major"}
        assert stage.ops.heard == []
        stage.store.held.set()
        await stage.wait(30)
        assert sorted(stage.ops.news) == ["opened api", "opened web"]
        await stage.kill()
        stage.plan = replace(stage.plan, services=stage.of(WEB, API))
        await stage.start()
        await stage.wait(30)
        assert sorted(stage.ops.news) == ["opened api", "opened web"]
        events = await stage.store.timeline("board")
        assert [event.n for event in events] == list(range(1, len(events) + 1))

    Stage(WEB, routes=QUICK).play(story)


def test_a_service_that_comes_back_before_its_end_was_written_down_begins_anew() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(30)
        stage.store.full = True
        await stage.reload(services=stage.of(API))
        await stage.wait(10)
        await stage.reload(services=stage.of(WEB, API))
        stage.becomes("web", UP)
        await stage.wait(30)
        assert await status(stage) == {"web": "operational", "api": "operational"}
        stage.store.full = False
        await stage.wait(30)
        assert stage.ops.news == ["opened web", "resolved web"]
        (incident,) = await stage.incidents()
        assert ends(incident) == ["this service is no longer watched"]

    Stage(WEB, API, routes=QUICK).play(story)


def test_a_face_that_watches_sees_what_is_gone_and_what_is_new() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        cursor = (await stage.engine.snapshot())["cursor"]
        await stage.reload(services=stage.of(API))
        changes = await stage.engine.changes(cursor, 5.0)
        assert changes.services["web"] is None
        assert changes.services["api"]["name"] == "API"

    Stage(WEB, routes=QUICK).play(story)
