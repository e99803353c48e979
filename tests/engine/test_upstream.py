"""Which vendor may be the reason: who says so, to whom and how often, in whatever order it is noticed."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest

from tests.core.small import page
from tests.engine.stage import DOWN, UNKNOWN, UP, Recorder, Scripted, Stage
from tui_monitor.core.model import Patience, Reading, Service, VendorIncident
from tui_monitor.core.plan import Route
from tui_monitor.core.status import Status

QUICK = (Route(to=("ops",), group_wait=0.0, services=("web", "api")),)
AT_ONCE = Patience(1, 1)

ACTIONS = VendorIncident("v1", "Incident with Actions", Status.PARTIAL, "https://hub.example/v1")
PAGES = VendorIncident("v2", "Incident with Pages", Status.MAJOR, "https://hub.example/v2")
NOTICE = VendorIncident("v3", "A survey", Status.OPERATIONAL)
STRANGE = VendorIncident("v4", "Something", Status.UNKNOWN)
WORK = VendorIncident("v5", "New racks", Status.MAINTENANCE, maintenance=True)

IS_DOWN = "opened: Web is major: 503, expected 200-204"
WELL = "Hub's own page says that all is well"
SUSPECT = "suspect: Hub (Incident with Actions, partial)"


@dataclass(frozen=True)
class Page(Scripted):
    """A check that reads a vendor's page, which says what the story says."""

    vendor: ClassVar[bool] = True


class Town(Stage):
    """Web and api stand on hub; cloud is there too."""

    VENDORS = ("hub", "cloud")

    def _service(self, one: str | Service) -> Service:
        service = super()._service(one)
        return replace(service, check=Page(service.id, self.world)) if service.id in self.VENDORS else service

    def posts(self, vendor: str, *incidents: VendorIncident) -> None:
        self.becomes(vendor, page(*incidents))

    async def newest(self, service: str) -> dict[str, Any]:
        """The newest incident of a service."""
        found = [one for one in await self.incidents() if one["service"] == service]
        return max(found, key=lambda one: (one["started_at"], one["state"] == "open"))

    async def kinds(self, service: str) -> list[str]:
        return [event["kind"] for event in (await self.newest(service))["timeline"]]


def service(name: str, *upstream: str, every: float = 10.0) -> Service:
    return Service(name, name.title(), every=every, retry_after=1.0, patience=AT_ONCE, upstream=upstream)


def play(story: Callable[[Town], Coroutine[Any, Any, None]], *services: Service, **options: Any) -> None:
    stage = Town(*(services or (service("hub"), service("web", "hub"))), **{"routes": QUICK, **options})
    for vendor in Town.VENDORS:
        stage.posts(vendor)
    stage.play(story)  # type: ignore[arg-type]  # a stage of this kind is what it is given


def test_a_vendor_that_posts_first_is_named_in_the_very_first_message_and_in_no_other() -> None:
    async def story(stage: Town) -> None:
        stage.posts("hub", ACTIONS)
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(60)
        web, hub = await stage.newest("web"), await stage.newest("hub")
        assert web["suspects"] == [
            {
                "service": "hub",
                "name": "Hub",
                "status": "partial",
                "incident": hub["id"],
                "title": "Incident with Actions",
                "url": "https://hub.example/v1",
            }
        ]
        assert hub["concerns"] == [{"service": "web", "name": "Web", "incident": web["id"]}]
        assert (web["concerns"], hub["suspects"]) == ([], [])
        stage.becomes("web", UP)
        await stage.wait(60)
        first, last = stage.ops.lines
        assert first == f"{IS_DOWN}; {SUSPECT}"
        assert last.startswith("resolved: Web is operational again after ") and "suspect" not in last
        assert stage.ops.heard[0].message.items[0].fields["suspect"] == SUSPECT
        assert await stage.kinds("web") == ["opened", "suspected", "resolved"]
        assert (await stage.newest("hub"))["concerns"] == []

    play(story)


def test_a_vendor_that_posts_later_is_one_update() -> None:
    async def story(stage: Town) -> None:
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(60)
        assert stage.ops.lines == [f"{IS_DOWN}; {WELL}"]
        assert [(one["status"], one["incident"]) for one in (await stage.newest("web"))["suspects"]] == [
            ("operational", "")
        ]
        stage.posts("hub", ACTIONS)
        await stage.wait(60)
        stage.posts("hub", replace(ACTIONS, status=Status.MAJOR))
        await stage.wait(60)
        stage.posts("hub")
        await stage.wait(60)
        stage.becomes("web", UP)
        await stage.wait(60)
        assert stage.ops.lines[1:-1] == [f"changed: Web is major: {SUSPECT}"]
        assert stage.ops.news == ["opened web", "changed web", "resolved web"]
        timeline = (await stage.newest("web"))["timeline"]
        assert [(one["kind"], one["by"], one["text"]) for one in timeline][1:-1] == [
            ("suspected", "engine", SUSPECT),
            ("suspect-turned", "engine", "Hub (Incident with Actions) is major now"),
            ("suspect-turned", "engine", "no longer a suspect: Hub (Incident with Actions)"),
        ]

    play(story)


def test_what_appears_within_the_group_wait_is_told_with_the_rest() -> None:
    async def story(stage: Town) -> None:
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(15)
        stage.posts("hub", ACTIONS)
        await stage.wait(90)
        assert stage.ops.lines == [f"{IS_DOWN}; {SUSPECT}"]

    play(story, routes=(Route(to=("ops",), group_wait=60.0, services=("web",)),))


def test_the_vendors_page_is_read_at_once_when_something_of_ours_fails() -> None:
    async def story(stage: Town) -> None:
        await stage.wait(700)
        stage.posts("hub", ACTIONS)
        stage.becomes("web", DOWN)
        await stage.wait(30)
        assert stage.ops.lines == [f"{IS_DOWN}; {SUSPECT}"]
        assert len([at for at, name in stage.world.looked if name == "hub" and at > 700]) == 1

    routes = (Route(to=("ops",), group_wait=5.0, services=("web",)),)
    play(story, service("hub", every=600.0), service("web", "hub"), routes=routes)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (page(NOTICE), WELL),
        (page(STRANGE), "suspect: Hub (Something, severity unknown)"),
        (page(WORK), "Hub's own page speaks of maintenance (New racks)"),
        (UNKNOWN, "Hub's page cannot be read"),
        (page(status=Status.UNKNOWN), ""),
        (Reading(Status.PARTIAL, "Partial outage"), "suspect: Hub (Partial outage, partial)"),
        (page(ACTIONS, PAGES, STRANGE), "suspects: Hub (Incident with Pages, major), Hub"),
    ],
)
def test_what_the_page_says_stands_at_the_end_of_the_message(said: Reading, sentence: str) -> None:
    async def story(stage: Town) -> None:
        stage.becomes("hub", said)
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(60)
        (line,) = stage.ops.lines
        assert line.startswith(f"{IS_DOWN}; {sentence}" if sentence else IS_DOWN)
        assert sentence or line == IS_DOWN
        told = (await stage.engine.history("explain", id="web"))["red"]
        assert [one for one in told if "vendors" in one] == (
            [f"of the vendors that it stands on: {line.removeprefix(f'{IS_DOWN}; ')}"] if sentence else []
        )

    play(story)


def test_what_would_be_told_of_a_failure_names_the_suspect_too() -> None:
    async def story(stage: Town) -> None:
        stage.posts("hub", ACTIONS)
        await stage.wait(30)
        explained = await stage.engine.history("explain", id="web")
        assert [one["would_say"] for one in explained["told"]] == [f"Web is major: it cannot be reached; {SUSPECT}"]
        assert f"of the vendors that it stands on: {SUSPECT}" in explained["red"]

    play(story)


def test_a_page_that_cannot_be_read_for_a_while_takes_back_nothing() -> None:
    async def story(stage: Town) -> None:
        stage.posts("hub", ACTIONS)
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(30)
        stage.becomes("hub", UNKNOWN)
        await stage.wait(60)
        assert [one["title"] for one in (await stage.newest("web"))["suspects"]] == ["Incident with Actions"]
        stage.posts("hub", ACTIONS)
        await stage.wait(60)
        assert stage.ops.news == ["opened web"]
        assert await stage.kinds("web") == ["opened", "suspected"]

    play(story)


def test_what_a_person_has_closed_is_no_suspect_any_more() -> None:
    async def story(stage: Town) -> None:
        stage.posts("hub", ACTIONS)
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(30)
        await stage.do("resolve", (await stage.newest("hub"))["id"], "not ours")
        assert (await stage.newest("web"))["suspects"] == []
        await stage.wait(60)
        assert (await stage.newest("web"))["suspects"] == []
        assert (await stage.newest("hub"))["concerns"] == []
        assert await stage.kinds("web") == ["opened", "suspected", "suspect-turned"]
        stage.becomes("web", UP)
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(30)
        assert stage.ops.lines[-1] == IS_DOWN
        stage.posts("hub", ACTIONS, PAGES)
        await stage.wait(30)
        assert stage.ops.lines[-1] == "changed: Web is major: suspect: Hub (Incident with Pages, major)"

    play(story)


def test_of_several_vendors_each_that_is_at_fault_is_named_once() -> None:
    async def story(stage: Town) -> None:
        stage.posts("cloud", PAGES)
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(30)
        stage.posts("hub", ACTIONS)
        await stage.wait(30)
        both = "suspects: Cloud (Incident with Pages, major), Hub (Incident with Actions, partial)"
        assert stage.ops.lines == [
            f"{IS_DOWN}; suspect: Cloud (Incident with Pages, major)",
            f"changed: Web is major: {both}",
        ]
        assert [one["service"] for one in (await stage.newest("web"))["suspects"]] == ["hub", "cloud"]
        stage.posts("hub")
        stage.posts("cloud")
        await stage.wait(30)
        assert stage.ops.news == ["opened web", "changed web"]
        told = (await stage.engine.history("explain", id="web"))["red"]
        assert "of the vendors that it stands on: the own pages of Hub and Cloud say that all is well" in told

    play(story, service("hub"), service("cloud"), service("web", "hub", "cloud"))


def test_a_vendor_knows_all_that_fails_on_top_of_it_and_nothing_else() -> None:
    async def story(stage: Town) -> None:
        stage.posts("hub", ACTIONS, PAGES)
        await stage.wait(30)
        for name in ("web", "api", "shop"):
            stage.becomes(name, DOWN)
        await stage.wait(30)
        hub = [one for one in await stage.incidents() if one["service"] == "hub"]
        assert [[of["service"] for of in one["concerns"]] for one in hub] == [["web", "api"]] * 2
        told = (await stage.engine.history("explain", id=hub[0]["id"]))["red"]
        assert len([one for one in told if one.startswith("it is a suspect of what is wrong with ")]) == 2
        assert sorted(stage.ops.news) == ["opened api", "opened web"]

    play(story, service("hub"), service("web", "hub"), service("api", "hub"), service("shop"))


def test_a_restart_in_between_says_nothing_twice_and_forgets_nothing() -> None:
    async def story(stage: Town) -> None:
        stage.posts("hub", ACTIONS)
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(30)
        before = (await stage.newest("web"))["suspects"]
        for leave in (stage.stop, stage.kill, stage.kill):
            await leave()
            await stage.start()
            assert (await stage.newest("web"))["suspects"] == before
            await stage.wait(60)
        assert stage.ops.news == ["opened web"]
        assert await stage.kinds("web") == ["opened", "suspected"]
        stage.posts("hub")
        await stage.wait(30)
        await stage.kill()
        stage.posts("hub", ACTIONS)
        await stage.start()
        await stage.wait(60)
        assert stage.ops.news == ["opened web"]
        assert (await stage.newest("web"))["suspects"][0]["title"] == "Incident with Actions"

    play(story)


def test_a_start_does_not_call_a_page_unreadable_that_nobody_has_read_yet() -> None:
    async def story(stage: Town) -> None:
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(30)
        await stage.kill()
        stage.world.waits["hub"] = 8.0
        await stage.start()
        await stage.wait(3)
        assert [one["status"] for one in (await stage.newest("web"))["suspects"]] == ["operational"]
        await stage.wait(60)
        assert stage.ops.news == ["opened web"]

    play(story)


def test_what_is_closed_after_a_start_and_before_the_first_look_is_no_suspect_either() -> None:
    async def story(stage: Town) -> None:
        stage.posts("hub", ACTIONS)
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(30)
        await stage.kill()
        stage.world.waits["hub"] = 8.0
        await stage.start()
        await stage.wait(1)
        assert len((await stage.newest("web"))["suspects"]) == 1
        await stage.do("resolve", (await stage.newest("hub"))["id"], "not ours")
        assert (await stage.newest("web"))["suspects"] == []

    play(story)


def test_another_config_may_name_other_vendors() -> None:
    async def story(stage: Town) -> None:
        stage.posts("hub", ACTIONS)
        stage.posts("cloud", PAGES)
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(30)
        hub, cloud = service("hub"), service("cloud")
        await stage.reload(services=stage.of(hub, cloud, service("web", "cloud")))
        await stage.wait(30)
        assert [one["service"] for one in (await stage.newest("web"))["suspects"]] == ["cloud"]
        assert (await stage.newest("hub"))["concerns"] == []
        assert stage.ops.lines[1:] == ["changed: Web is major: suspect: Cloud (Incident with Pages, major)"]
        await stage.reload(services=stage.of(hub, cloud, service("web", "hub", "cloud")))
        await stage.wait(30)
        assert len((await stage.newest("web"))["suspects"]) == 2
        await stage.reload(services=stage.of(hub, cloud, service("web")))
        await stage.wait(30)
        assert (await stage.newest("web"))["suspects"] == []
        await stage.reload(services=stage.of(service("web", "hub")))
        await stage.wait(30)
        assert stage.ops.news == ["opened web", "changed web"]

    play(story, service("hub"), service("cloud"), service("web", "hub"))


def test_a_page_that_cannot_make_up_its_mind_floods_nobody() -> None:
    async def story(stage: Town) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(30)
        for _ in range(50):
            for said in ((ACTIONS,), (replace(ACTIONS, status=Status.MAJOR),), ()):
                stage.posts("hub", *said)
                await stage.wait(10)
        assert stage.ops.news == ["opened web", "changed web"]
        assert await stage.kinds("web") == ["opened", "suspected", "suspect-turned", "suspect-turned"]

    play(story)


def test_a_page_that_names_everything_anew_each_time_is_heard_of_only_so_often() -> None:
    async def story(stage: Town) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(30)
        for n in range(100):
            stage.posts("hub", replace(ACTIONS, ref=f"r{n}", title=f"Number {n}"))
            await stage.wait(10)
        assert len(stage.ops.heard) == 17
        assert (await stage.newest("web"))["suspects"][0]["title"] == "Number 99"

    play(story)


def test_upstream_keeps_nobody_quiet_and_a_silence_keeps_its_updates_quiet() -> None:
    async def story(stage: Town) -> None:
        stage.posts("hub", PAGES)
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(30)
        assert (await stage.newest("web"))["quiet"] == ""
        await stage.do("silence", "web", "I know", for_="1h")
        stage.posts("hub", PAGES, ACTIONS)
        await stage.wait(60)
        assert stage.ops.news == ["opened web"]
        assert len((await stage.newest("web"))["suspects"]) == 2

    play(story)


def test_what_is_only_played_is_no_suspect_of_what_is_real_but_of_what_is_played_too() -> None:
    async def story(stage: Town) -> None:
        await stage.wait(30)
        await stage.do("simulate", "hub", status="major", for_="1h")
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.do("simulate", "api", status="major", for_="1h")
        await stage.wait(60)
        assert (await stage.newest("web"))["suspects"] == []
        assert [one["status"] for one in (await stage.newest("api"))["suspects"]] == ["major"]
        await stage.do("simulate", "hub", status="off")
        await stage.wait(30)
        assert [one["status"] for one in (await stage.newest("web"))["suspects"]] == ["operational"]
        assert [one["status"] for one in (await stage.newest("api"))["suspects"]] == ["operational"]

    play(story, service("hub"), service("web", "hub"), service("api", "hub"))


def test_texts_of_a_config_put_the_suspect_where_they_like() -> None:
    async def story(stage: Town) -> None:
        stage.posts("hub", ACTIONS)
        await stage.wait(30)
        stage.becomes("web", DOWN)
        stage.becomes("api", DOWN)
        await stage.wait(30)
        assert sorted(item.text for one in stage.ops.heard for item in one.message.items) == [
            "Api down [], 503, expected 200-204",
            f"Web down [{SUSPECT}], 503, expected 200-204",
        ]

    text = {"opened": "{name} down [{suspect}], {message}"}
    own = (replace(service("web", "hub"), messages=text), replace(service("api"), messages=text))
    play(story, service("hub"), *own)


def test_faces_see_both_sides_change_without_asking_for_everything_again() -> None:
    async def story(stage: Town) -> None:
        stage.posts("hub", ACTIONS)
        await stage.wait(30)
        cursor = (await stage.engine.snapshot())["cursor"]
        stage.becomes("web", DOWN)
        await stage.wait(30)
        changes = await stage.engine.changes(cursor, 0.0)
        hub, web = await stage.newest("hub"), await stage.newest("web")
        seen = changes.incidents[hub["id"]]
        assert seen is not None and [one["incident"] for one in seen["concerns"]] == [web["id"]]
        stage.becomes("web", UP)
        await stage.wait(30)
        changes = await stage.engine.changes(changes.cursor, 0.0)
        seen = changes.incidents[hub["id"]]
        assert seen is not None and seen["concerns"] == []

    play(story)


def test_a_place_that_could_not_be_reached_hears_of_the_suspect_once() -> None:
    ops = Recorder()

    async def story(stage: Town) -> None:
        stage.cut()
        stage.world.is_cut = False
        stage.becomes("web", DOWN)
        await stage.wait(30)
        stage.posts("hub", ACTIONS)
        await stage.wait(30)
        stage.cut(line=False)
        await stage.wait(600)
        assert stage.ops.lines == [f"{IS_DOWN}; {SUSPECT}"]

    play(story, places=(ops,))
