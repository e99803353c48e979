"""A storm: 500 services fail within ten seconds and recover, and each place hears of it at a pace it can bear."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from tests.engine.stage import DOWN, UP, AskableRecorder, Recorder, Stage
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.plan import Route

COUNT = 500
AT_ONCE = Patience(down_after=1, up_after=1)
FLEET = tuple(Service(f"s{n:03}", f"Service {n}", every=10.0, patience=AT_ONCE) for n in range(COUNT))


@dataclass
class Crowded(Recorder):
    """One message an incident, as long as there are few."""

    name: str = "chat"
    crowd: int = 5
    pace: float = 1.0


@dataclass
class Paced(AskableRecorder):
    """One message an incident, whatever comes."""

    name: str = "pager"
    grouped: bool = False
    pace: float = 0.5


def spaced(place: Recorder) -> float:
    """The shortest time from one message to the next."""
    moments = [one.at for one in place.heard]
    return min(after - before for before, after in pairwise(moments))


def told(place: Recorder, news: str) -> list[str]:
    return [item.service.id for one in place.heard for item in one.message.items if one.message.news == news]


def test_five_hundred_fail_and_recover_and_nothing_is_lost_or_said_twice() -> None:
    chat, pager = Crowded(), Paced()

    async def story(stage: Stage) -> None:
        await stage.wait(15)
        for service in FLEET:
            stage.becomes(service.id, DOWN)
        await stage.wait(25)
        assert len(chat.heard) <= 10
        assert len(told(chat, "opened")) == COUNT
        places = {one["name"]: one for one in (await stage.engine.snapshot())["places"]}
        assert places["pager"]["owed"] == COUNT - len(pager.heard)
        assert places["pager"]["state"] == "well"
        await stage.wait(300)
        assert sorted(told(pager, "opened")) == [one.id for one in FLEET]
        for service in FLEET:
            stage.becomes(service.id, UP)
        await stage.wait(300)
        for place in (chat, pager):
            assert sorted(told(place, "opened")) == sorted(told(place, "resolved")) == [one.id for one in FLEET]
        assert len(chat.heard) <= 25
        assert spaced(chat) >= 0.99
        assert spaced(pager) >= 0.49
        assert not [one for one in (await stage.engine.snapshot())["places"] if one["owed"]]

    Stage(*FLEET, places=(chat, pager), routes=(Route(to=("chat", "pager"), group_wait=5.0),)).play(story)


def test_a_storm_that_is_over_before_a_slow_place_has_heard_of_it_is_told_there_as_over() -> None:
    pager = Paced(pace=2.0)

    async def story(stage: Stage) -> None:
        await stage.wait(15)
        for service in FLEET[:100]:
            stage.becomes(service.id, DOWN)
        await stage.wait(30)
        for service in FLEET[:100]:
            stage.becomes(service.id, UP)
        await stage.wait(400)
        opened, resolved, over = (told(pager, news) for news in ("opened", "resolved", "over"))
        assert sorted(opened) == sorted(resolved)
        assert sorted(opened + over) == [one.id for one in FLEET[:100]]
        assert over
        assert len(pager.heard) < 2 * 100

    Stage(*FLEET[:100], places=(pager,), routes=(Route(to=("pager",), group_wait=5.0),)).play(story)


def test_few_are_told_one_by_one_and_a_crowd_in_one_go() -> None:
    chat = Crowded()

    async def story(stage: Stage) -> None:
        await stage.wait(15)
        for service in FLEET[:4]:
            stage.becomes(service.id, DOWN)
        await stage.wait(40)
        assert [len(one.message.items) for one in chat.heard] == [1, 1, 1, 1]
        for service in FLEET[4:10]:
            stage.becomes(service.id, DOWN)
        await stage.wait(40)
        assert [len(one.message.items) for one in chat.heard][4:] == [6]

    Stage(*FLEET[:10], places=(chat,), routes=(Route(to=("chat",), group_wait=15.0),)).play(story)


def test_a_message_knows_how_many_others_still_last_under_its_reference() -> None:
    chat = Crowded()

    async def story(stage: Stage) -> None:
        await stage.wait(15)
        for service in FLEET[:6]:
            stage.becomes(service.id, DOWN)
        await stage.wait(40)
        assert [len(one.message.items) for one in chat.heard] == [6]
        for number, service in enumerate(FLEET[:6], 1):
            stage.becomes(service.id, UP)
            await stage.wait(30)
            (told_last,) = chat.heard[number:]
            assert (told_last.message.ref, told_last.message.beside) == ("chat-1", 6 - number)

    Stage(*FLEET[:6], places=(chat,), routes=(Route(to=("chat",), group_wait=12.0),)).play(story)
