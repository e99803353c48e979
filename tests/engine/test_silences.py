"""Silences, from the word of whoever asks for one to what is heard when it is over."""

from __future__ import annotations

import pytest

from tests.engine.stage import DOWN, SLOW, UP, Stage
from tui_monitor.core.errors import DeliveryError, Rejected
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.plan import Route

QUICK = (Route(to=("ops",), group_wait=0.0),)
AT_ONCE = Patience(down_after=1, up_after=1)
SERVICES = (
    Service("web", "Web", every=10.0, patience=AT_ONCE, group="Own", tags=("prod",)),
    Service("api", "API", every=10.0, patience=AT_ONCE, group="Own"),
    Service("mail", "Mail", every=10.0, patience=AT_ONCE, tags=("prod",)),
)
NAMES = [one.id for one in SERVICES]


@pytest.mark.parametrize(
    ("target", "heard"),
    [
        ("web", ["api", "mail"]),
        ("API", ["mail", "web"]),
        ("group:Own", ["mail"]),
        ("prod", ["api"]),
        ("all", []),
    ],
)
def test_a_silence_is_of_a_service_a_group_a_tag_or_all(target: str, heard: list[str]) -> None:
    async def story(stage: Stage) -> None:
        outcome = await stage.do("silence", target, "moving house", for_="10m")
        for name in NAMES:
            stage.becomes(name, DOWN)
        await stage.wait(30)
        assert sorted(stage.ops.news) == [f"opened {name}" for name in heard]
        silent = [name for name in NAMES if (await stage.service(name))["silenced"]]
        assert silent == [name for name in NAMES if name not in heard] == outcome.data["services"]
        (silence,) = (await stage.engine.snapshot())["silences"]
        assert (silence["by"], silence["reason"]) == ("ann", "moving house")
        for name in silent:
            assert (await stage.service(name))["quiet"] == "silenced by ann until 12:10: moving house"

    Stage(*SERVICES, routes=QUICK).play(story)


def test_what_begins_and_ends_in_a_silence_is_never_told() -> None:
    async def story(stage: Stage) -> None:
        await stage.do("silence", "web", for_="10m")
        stage.becomes("web", DOWN)
        await stage.wait(60)
        stage.becomes("web", UP)
        await stage.wait(700)
        assert stage.ops.heard == []
        assert len(await stage.incidents()) == 1

    Stage(*SERVICES, routes=QUICK).play(story)


def test_what_still_burns_when_it_is_over_is_told_and_the_board_warns_before() -> None:
    async def story(stage: Stage) -> None:
        await stage.do("silence", "web", "known", for_="10m")
        stage.becomes("web", DOWN)
        await stage.wait(470)
        assert await stage.events("silence-ends") == []
        await stage.wait(20)
        warned = ["the silence of Web by ann ends soon; still failing: Web"]
        assert await stage.events("silence-ends") == warned
        await stage.wait(105)
        assert stage.ops.heard == []
        await stage.wait(10)
        assert stage.ops.lines == ["opened: Web is major: 503, expected 200-204"]
        assert await stage.events("unsilenced") == ["the silence of Web by ann is over"]
        assert await stage.events("silence-ends") == warned
        assert (await stage.engine.snapshot())["silences"] == []

    Stage(*SERVICES, routes=QUICK).play(story)


def test_what_fails_only_when_the_silence_is_about_to_end_is_warned_of_too() -> None:
    async def story(stage: Stage) -> None:
        await stage.do("silence", "web", for_="20m")
        await stage.wait(1100)
        assert await stage.events("silence-ends") == []
        stage.becomes("web", DOWN)
        await stage.wait(90)
        assert await stage.events("silence-ends") == ["the silence of Web by ann ends soon; still failing: Web"]

    Stage(*SERVICES, routes=QUICK).play(story)


def test_nobody_is_warned_of_the_end_of_a_silence_in_which_all_is_well() -> None:
    async def story(stage: Stage) -> None:
        await stage.do("silence", "all", for_="5m")
        await stage.wait(400)
        assert await stage.events("silence-ends") == []
        assert await stage.events("unsilenced") == ["the silence of all services by ann is over"]

    Stage(*SERVICES, routes=QUICK).play(story)


def test_what_was_told_before_is_told_again_after_but_not_to_whoever_has_acknowledged() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        stage.becomes("api", DOWN)
        await stage.wait(30)
        api = next(one for one in await stage.incidents() if one["service"] == "api")
        await stage.do("silence", "Own", for_="10m")
        await stage.do("ack", api["id"])
        stage.becomes("web", SLOW)
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(500)
        told = ["opened api", "opened web"]
        assert sorted(stage.ops.news) == told
        await stage.wait(100)
        assert sorted(stage.ops.news[2:]) == ["changed api", "changed web"]
        await stage.do("silence", "Own", for_="1m")
        await stage.wait(120)
        assert stage.ops.news[4:] == ["reminder web"]

    Stage(*SERVICES, routes=QUICK).play(story)


def test_the_end_of_what_was_told_comes_through_a_silence() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(30)
        await stage.do("silence", "web", for_="10m")
        await stage.wait(30)
        stage.becomes("web", UP)
        await stage.wait(30)
        assert stage.ops.news == ["opened web", "resolved web"]
        await stage.wait(700)
        assert len(stage.ops.heard) == 2

    Stage(*SERVICES, routes=QUICK).play(story)


def test_the_end_of_what_could_not_be_told_is_not_told_in_a_silence() -> None:
    async def story(stage: Stage) -> None:
        stage.ops.refusing = DeliveryError("no such channel", retry=False)
        stage.becomes("web", DOWN)
        await stage.wait(30)
        assert len(await stage.events("gave-up")) == 1
        stage.ops.refusing = None
        await stage.do("silence", "web", for_="2m")
        stage.becomes("web", UP)
        await stage.wait(200)
        assert stage.ops.heard == []

    Stage(*SERVICES, routes=QUICK).play(story)


def test_a_delivery_that_may_not_go_out_now_is_not_retried_and_the_reason_is_given() -> None:
    """Whoever was told that it is tried now would wait for nothing."""

    async def story(stage: Stage) -> None:
        stage.ops.refusing = DeliveryError("no such channel", retry=False)
        stage.becomes("web", DOWN)
        await stage.wait(30)
        stage.ops.refusing = None
        silence = await stage.do("silence", "web", "moving house", for_="1h")
        (row,) = (await stage.engine.snapshot())["deliveries"]
        with pytest.raises(
            Rejected, match=r"ops cannot be told of \w+ now: silenced by ann until 13:00: moving house"
        ):
            await stage.do("retry", row["id"])
        assert [one["state"] for one in (await stage.engine.snapshot())["deliveries"]] == ["given-up"]
        await stage.do("unsilence", str(silence.data["id"]))
        await stage.do("retry", row["id"])
        await stage.wait(5)
        assert stage.ops.news == ["opened web"]

    Stage(*SERVICES, routes=QUICK).play(story)


def test_a_silence_is_lifted_by_hand_and_of_two_the_longer_one_holds() -> None:
    async def story(stage: Stage) -> None:
        short = await stage.do("silence", "web", for_="5m")
        long = await stage.do("silence", "Own", for_="1h", by="bob")
        stage.becomes("web", DOWN)
        await stage.wait(400)
        assert (await stage.service("web"))["quiet"] == "silenced by bob until 13:00"
        with pytest.raises(Rejected, match="no silence has an id that begins with"):
            await stage.do("unsilence", str(short.data["id"]))
        assert stage.ops.heard == []
        outcome = await stage.do("unsilence", str(long.data["id"])[:5], by="cas")
        assert outcome.text == "group Own: heard again"
        await stage.wait(2)
        assert stage.ops.news == ["opened web"]
        assert await stage.events("silenced", "unsilenced") == [
            "Web: silenced until 12:05",
            "group Own: silenced until 13:00",
            "the silence of Web by ann is over",
            "the silence of group Own is lifted",
        ]

    Stage(*SERVICES, routes=QUICK).play(story)


@pytest.mark.parametrize("is_killed", [True, False])
def test_a_silence_survives_a_restart_and_ends_in_time(is_killed: bool) -> None:
    async def story(stage: Stage) -> None:
        await stage.do("silence", "web", for_="10m")
        stage.becomes("web", DOWN)
        await stage.wait(60)
        await (stage.kill() if is_killed else stage.stop())
        await stage.start()
        await stage.wait(500)
        assert (await stage.service("web"))["silenced"]
        assert stage.ops.heard == []
        await stage.wait(60)
        assert stage.ops.news == ["opened web"]

    Stage(*SERVICES, routes=QUICK).play(story)


def test_a_silence_that_ran_out_while_no_engine_ran_ends_at_the_next_start_with_all_that_follows() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(30)
        await stage.do("silence", "all", for_="10m")
        stage.becomes("api", DOWN)
        await stage.wait(60)
        await stage.kill()
        await stage.wait(3600)
        await stage.start()
        await stage.wait(5)
        assert sorted(stage.ops.news) == ["opened api", "opened web", "reminder web"]
        assert await stage.events("unsilenced") == ["the silence of all services by ann is over"]

    Stage(*SERVICES, routes=QUICK).play(story)


def test_what_opens_in_the_last_second_of_a_silence_is_told_after_it() -> None:
    services = tuple(Service(f"s{n}", f"S{n}", every=7.0, patience=AT_ONCE) for n in range(20))

    async def story(stage: Stage) -> None:
        """Looks are spread over all of a second, so some fall between the end and the tick that notices it."""
        await stage.wait(30.35)
        for n in range(8):
            await stage.do("silence", "all", for_="3s")
            name = f"s{n % 20}"
            stage.becomes(name, DOWN)
            while not (await stage.service(name))["incident"]:
                await stage.wait(0.1)
            await stage.wait(15)
            assert stage.ops.news[-1] == f"opened {name}"
            stage.becomes(name, UP)
            await stage.wait(10.35)
            assert stage.ops.news[-1] == f"resolved {name}"

    Stage(*services, routes=QUICK).play(story)


@pytest.mark.parametrize(
    ("length", "words"), [("", "say for how long"), ("0.5s", "is not between"), ("2y", "not a d")]
)
def test_a_silence_without_a_sensible_length_is_refused(length: str, words: str) -> None:
    async def story(stage: Stage) -> None:
        with pytest.raises(Rejected, match=words):
            await stage.do("silence", "web", for_=length)
        assert (await stage.engine.snapshot())["silences"] == []

    Stage(*SERVICES, routes=QUICK).play(story)


def test_a_silence_that_could_not_be_written_down_has_never_been() -> None:
    async def story(stage: Stage) -> None:
        kept = await stage.do("silence", "api", for_="1h")
        stage.becomes("web", DOWN)
        await stage.wait(2)
        before = await stage.engine.snapshot()
        stage.store.full = True
        for name, target, options in (
            ("silence", "web", {"for_": "1h"}),
            ("unsilence", str(kept.data["id"]), {}),
            ("maintenance", "web", {"for_": "1h"}),
            ("test-mode", "on", {}),
            ("simulate", "mail", {"status": "major"}),
        ):
            with pytest.raises(Rejected, match="not done: nothing can be written down: the disk is full"):
                await stage.do(name, target, **options)
        stage.store.full = False
        after = await stage.engine.snapshot()
        for what in ("silences", "maintenance", "simulations", "test_mode"):
            assert after[what] == before[what]
        await stage.wait(30)
        assert stage.ops.news == ["opened web"]
        assert not (await stage.service("mail"))["incident"]
        assert await stage.events("silenced", "unsilenced", "maintenance", "test-mode", "simulated") == [
            "API: silenced until 13:00"
        ]
        await stage.kill()
        await stage.start()
        assert [one["target"] for one in (await stage.engine.snapshot())["silences"]] == ["API"]

    Stage(*SERVICES, routes=QUICK).play(story)
