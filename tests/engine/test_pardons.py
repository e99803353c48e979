"""What a person has closed although it lasts stays closed, whatever is rehearsed meanwhile."""

from __future__ import annotations

import pytest

from tests.engine.stage import DOWN, UP, Stage
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.plan import Route

WEB = Service("web", "Web", every=10.0, patience=Patience(down_after=1, up_after=1))
ROUTES = (Route(("ops",), group_wait=0.0),)


@pytest.mark.parametrize("status", ["operational", "degraded", "major"])
@pytest.mark.parametrize("ends", ["in time", "by hand", "while nobody looked"])
def test_a_rehearsal_does_not_open_again_what_somebody_has_closed(status: str, ends: str) -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(20)
        (incident,) = await stage.incidents()
        await stage.do("resolve", incident["id"], "it is known")
        await stage.wait(20)
        await stage.do("simulate", "web", status=status, for_="2m")
        await stage.wait(30)
        if ends == "by hand":
            await stage.do("simulate", "web", status="off")
        elif ends == "while nobody looked":
            await stage.kill()
            await stage.wait(200)
            await stage.start()
        await stage.wait(200)
        assert [one["id"] for one in await stage.incidents() if not one["rehearsal"]] == [incident["id"]]
        service = await stage.service("web")
        assert (service["status"], service["forgiven"]) == ("major", True)
        stage.becomes("web", UP)
        await stage.wait(20)
        stage.becomes("web", DOWN)
        await stage.wait(20)
        assert len([one for one in await stage.incidents() if not one["rehearsal"]]) == 2, "what fails anew is new"

    Stage(WEB, routes=ROUTES).play(story)


def test_to_close_a_rehearsal_pardons_nothing_real() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(20)
        await stage.do("simulate", "web", status="major", for_="1m")
        await stage.wait(5)
        (played,) = await stage.incidents()
        await stage.do("resolve", played["id"], "seen")
        stage.becomes("web", DOWN)
        await stage.wait(100)
        (real,) = [one for one in await stage.incidents() if not one["rehearsal"]]
        assert real["state"] == "open"
        assert stage.ops.news == ["opened web", "resolved web", "opened web"]

    Stage(WEB, routes=ROUTES).play(story)
