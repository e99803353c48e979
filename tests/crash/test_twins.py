"""Two engines started at the same moment on one state: one lives, the other says so and goes, every time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.life import Home, Life, until
from tests.crash.quick import home_in
from tests.crash.town import Town

TIMES = 20


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Home]:
    with Town(2) as town:
        yield home_in(tmp_path / "world", town)


def ended(twins: list[Life]) -> list[Life]:
    return [one for one in twins if one.process.poll() is not None]


def test_of_twins_exactly_one_lives(state: Home):
    """On a new state, then on what a killed twin or one that was stopped has left."""
    for time in range(TIMES):
        with state.start() as first, state.start() as second:
            twins = [first, second]
            until(lambda twins=twins: ended(twins), 30, "the end of one")
            (loser,) = ended(twins)
            (winner,) = [one for one in twins if one is not loser]
            assert loser.ends() == 1
            (sentence,) = loser.said.splitlines()
            assert sentence.startswith("tui-monitor: an engine already runs on this state")
            winner.watches()
            assert state.places.lock.read_text() == f"{winner.process.pid}\n"
            if time % 4 == 3:
                winner.awaits(lambda board: board["source"] == "engine", 30, "an answer")
                winner.stop()
                assert winner.process.returncode == 0
    events = [event["kind"] for event in state.corpse().timeline("board")]
    assert events.count("started") == TIMES
    assert events.count("stopped") == TIMES // 4
