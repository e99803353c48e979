"""An incident that ended under the hands of whoever wrote about it: they hear of its end."""

from __future__ import annotations

import pytest

from tests.engine.stage import Stage
from tests.engine.test_tickets import broken, desk, town
from tui_monitor.core.errors import Rejected


@pytest.mark.parametrize("wanted", ["ack", "note", "resolve", "notify", "ticket"])
def test_what_is_asked_of_an_incident_that_has_just_ended_is_refused_with_its_end(wanted: str) -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        await stage.do("resolve", name, by="mia")
        with pytest.raises(Rejected, match=f"{name} is over: it was resolved by mia"):
            await stage.do(wanted, name, "a word")

    town(desk()).play(story)
