"""The banner that the board shows by itself, where a place is automatic."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from tests.engine.stage import DOWN, SLOW, UNKNOWN, UP, Recorder, Stage
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.model import Patience, Service

AT_ONCE = Patience(down_after=1, up_after=1)
WEB = Service("web", "Web", every=10.0, patience=AT_ONCE)
API = Service("api", "API", every=10.0, patience=AT_ONCE)


@dataclass
class Sign(Recorder):
    """Shows the banner by itself; `renewed_every` where it runs out outside."""

    name: str = "sign"
    banner: bool = True
    automatic: bool = True
    renewed_every: float = 0.0

    @property
    def told(self) -> list[str]:
        banners = [(one.message.news, one.message.banner) for one in self.heard]
        return [f"{news}: {shown.severity} {shown.text}" for news, shown in banners if shown is not None]


def staged(sign: Sign, *services: Service) -> Stage:
    return Stage(*(services or (WEB, API)), places=(sign,), routes=())


def test_it_says_what_is_wrong_and_is_cleared_when_all_is_well() -> None:
    sign = Sign()

    async def story(stage: Stage) -> None:
        await stage.wait(60)
        assert sign.told == []
        stage.becomes("web", DOWN)
        await stage.wait(30)
        assert sign.told == ["opened: error Web: 503, expected 200-204"]
        await stage.wait(600)
        assert len(sign.told) == 1
        stage.becomes("api", SLOW)
        await stage.wait(30)
        assert sign.told[1:] == ["changed: error Web: 503, expected 200-204 | API: 1.8 s, over 1 s"]
        stage.becomes("web", UP)
        await stage.wait(30)
        assert sign.told[2:] == ["changed: warning API: 1.8 s, over 1 s"]
        stage.becomes("api", UP)
        await stage.wait(30)
        assert sign.told[3:] == ["resolved: warning API: 1.8 s, over 1 s"]

    staged(sign).play(story)


def test_what_passes_in_a_moment_is_not_shown() -> None:
    sign = Sign()

    async def story(stage: Stage) -> None:
        await stage.wait(21)
        stage.becomes("web", DOWN)
        await stage.wait(9)
        stage.becomes("web", UP)
        await stage.wait(60)
        assert sign.told == []

    staged(sign, replace(WEB, every=5.0)).play(story)


def test_words_that_never_settle_are_shown_within_a_minute() -> None:
    sign = Sign()

    async def story(stage: Stage) -> None:
        stage.becomes("api", DOWN)
        for turn in range(40):
            stage.becomes("web", SLOW if turn % 2 else UP)
            await stage.wait(5)
        assert 1 <= len(sign.told) <= 4
        assert sign.heard[0].at <= 75

    staged(sign, replace(WEB, every=5.0), API).play(story)


def test_a_look_that_cannot_tell_never_reaches_the_banner() -> None:
    sign = Sign()

    async def story(stage: Stage) -> None:
        stage.becomes("web", UNKNOWN)
        await stage.wait(120)
        assert sign.told == []

    staged(sign).play(story)


def test_what_a_person_has_pushed_stands_until_a_person_clears_it() -> None:
    sign = Sign()

    async def story(stage: Stage) -> None:
        await stage.do("banner", "push", "we move tonight")
        await stage.wait(5)
        stage.becomes("web", DOWN)
        await stage.wait(60)
        stage.becomes("web", UP)
        await stage.wait(60)
        assert sign.told == ["opened: info we move tonight"]
        stage.becomes("web", DOWN)
        await stage.wait(60)
        await stage.do("banner", "clear")
        await stage.wait(30)
        assert sign.told[1:] == ["resolved: info we move tonight", "opened: error Web: 503, expected 200-204"]

    staged(sign).play(story)


def test_what_a_person_has_cleared_stays_away_until_there_is_something_else_to_say() -> None:
    sign = Sign()

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(40)
        await stage.do("banner", "clear")
        await stage.wait(300)
        assert [one.partition(":")[0] for one in sign.told] == ["opened", "resolved"]
        stage.becomes("api", DOWN)
        await stage.wait(40)
        (said,) = sign.told[2:]
        assert said.startswith("opened: error ")
        assert "API: 503, expected 200-204" in said

    staged(sign).play(story)


def test_it_is_told_again_before_it_runs_out_and_never_when_it_is_cleared() -> None:
    sign = Sign(renewed_every=300.0)

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(700)
        assert [one.partition(":")[0] for one in sign.told] == ["opened", "reminder", "reminder"]
        await stage.stop()
        await stage.start()
        await stage.wait(290)
        assert [one.partition(":")[0] for one in sign.told][3:] == ["reminder"]
        stage.becomes("web", UP)
        await stage.wait(1000)
        assert [one.partition(":")[0] for one in sign.told][4:] == ["resolved"]

    staged(sign).play(story)


def test_what_only_people_push_is_told_again_too() -> None:
    sign = Sign(automatic=False, renewed_every=300.0)

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(60)
        assert sign.told == []
        await stage.do("banner", "push", "we move tonight")
        await stage.wait(700)
        assert sign.told == ["opened: error we move tonight", *["reminder: error we move tonight"] * 2]

    staged(sign).play(story)


def test_one_that_was_given_up_is_tried_again_when_it_would_be_told_again() -> None:
    sign = Sign(renewed_every=300.0, refusing=DeliveryError("it may not", retry=False))

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(60)
        sign.refusing = None
        await stage.wait(200)
        assert (sign.told, sign.tries) == ([], 1)
        await stage.wait(100)
        assert sign.told == ["opened: error Web: 503, expected 200-204"]

    staged(sign).play(story)


def test_what_the_board_has_shown_is_cleared_where_it_is_to_show_nothing_by_itself_any_more() -> None:
    sign, other = Sign(), Sign(name="other")

    async def story(stage: Stage) -> None:
        await stage.do("banner", "push", "we move tonight", to="other")
        stage.becomes("web", DOWN)
        await stage.wait(40)
        sign.automatic = other.automatic = False
        await stage.wait(40)
        assert sign.told[1:] == ["resolved: error Web: 503, expected 200-204"]
        assert other.told == ["opened: info we move tonight"]

    Stage(WEB, API, places=(sign, other), routes=()).play(story)


def test_a_restart_shows_nothing_twice() -> None:
    sign = Sign()

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(40)
        for end in (stage.stop, stage.kill):
            await end()
            await stage.start()
            await stage.wait(60)
        assert len(sign.told) == 1
        await stage.kill()
        stage.becomes("web", UP)
        await stage.start()
        await stage.wait(60)
        assert [one.partition(":")[0] for one in sign.told] == ["opened", "resolved"]

    staged(sign).play(story)


def test_a_place_that_was_away_shows_what_is_true_when_it_is_back() -> None:
    sign = Sign(refusing=DeliveryError("no route to host", retry=True))

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(40)
        stage.becomes("web", SLOW)
        await stage.wait(40)
        sign.refusing = None
        await stage.wait(200)
        assert sign.told == ["opened: warning Web: 1.8 s, over 1 s"]

    staged(sign).play(story)


def test_in_public_a_rehearsal_is_never_shown() -> None:
    sign = Sign(public=True)

    async def story(stage: Stage) -> None:
        await stage.wait(20)
        await stage.do("simulate", "web", status="major", for_="60s")
        await stage.wait(90)
        await stage.do("test-mode", "on")
        stage.becomes("web", DOWN)
        await stage.wait(60)
        assert sign.told == []
        await stage.do("test-mode", "off")
        await stage.wait(30)
        assert sign.told == ["opened: error Web: 503, expected 200-204"]

    staged(sign).play(story)


def test_what_a_person_has_cleared_is_shown_again_when_it_comes_back_after_all_was_well() -> None:
    sign = Sign()

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(40)
        await stage.do("banner", "clear")
        await stage.wait(60)
        stage.becomes("web", UP)
        await stage.wait(60)
        assert [one.partition(":")[0] for one in sign.told] == ["opened", "resolved"]
        await stage.stop()
        await stage.start()
        stage.becomes("web", DOWN)
        await stage.wait(60)
        assert sign.told[2:] == ["opened: error Web: 503, expected 200-204"]

    staged(sign).play(story)


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_that_is_set_holds_up_no_banner(hours: int) -> None:
    sign = Sign()

    async def story(stage: Stage) -> None:
        await stage.wait(20)
        stage.becomes("web", DOWN)
        await stage.wait(12)
        stage.loop.wall_offset = hours * 3600.0
        await stage.wait(30)
        assert sign.told == ["opened: error Web: 503, expected 200-204"]

    staged(sign).play(story)


def test_a_clock_that_is_set_forward_shows_nothing_sooner() -> None:
    sign = Sign()

    async def story(stage: Stage) -> None:
        await stage.wait(21)
        stage.becomes("web", DOWN)
        await stage.wait(5)
        stage.loop.wall_offset = 7200.0
        await stage.wait(4)
        stage.becomes("web", UP)
        await stage.wait(60)
        assert sign.told == []

    staged(sign, replace(WEB, every=5.0)).play(story)


def test_a_banner_is_told_again_also_after_the_clock_was_set_back() -> None:
    sign = Sign(renewed_every=300.0)

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(60)
        stage.loop.wall_offset = -7200.0
        await stage.wait(100)
        assert [one.partition(":")[0] for one in sign.told] == ["opened", "reminder"]
        await stage.wait(300)
        assert [one.partition(":")[0] for one in sign.told][2:] == ["reminder"]

    staged(sign).play(story)


def test_each_time_that_it_is_told_again_is_a_message_of_its_own() -> None:
    sign = Sign(renewed_every=300.0)

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(700)
        keys = [one.message.key for one in sign.heard]
        assert len(set(keys)) == len(keys) == 3

    staged(sign).play(story)


def test_while_a_person_must_say_what_became_of_it_the_board_shows_nothing_else_there() -> None:
    sign = Sign(stalls=True)

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(25)
        await stage.kill()
        sign.stalls = False
        await stage.start()
        await stage.wait(5)
        stage.becomes("api", DOWN)
        await stage.wait(60)
        assert len(sign.told) == 1
        (row,) = (await stage.engine.snapshot())["deliveries"]
        assert row["state"] == "held"
        await stage.do("retry", row["id"])
        await stage.wait(60)
        assert "API: 503, expected 200-204" in sign.told[-1]

    Stage(WEB, API, places=(sign,), routes=(), ambiguous="hold").play(story)
