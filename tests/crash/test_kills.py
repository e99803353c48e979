"""Fifty engines killed under load, and ten stopped in order: what was promised is there, and is told once.

`python -m tests.crash --rounds 1000` goes on where this ends.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence

import pytest

from tests.crash.__main__ import LIVES, worlds
from tests.crash.life import PROMISED
from tests.crash.verdict import faults, unsettled
from tests.crash.world import Lived

KILLED, STOPPED = range(1, 6), range(1, 2)

Worlds = Sequence[Lived]


def lived(seeds: range, number: signal.Signals) -> Callable[[pytest.TempPathFactory], Worlds]:
    @pytest.fixture(scope="module")
    def made(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
        return list(worlds(seeds, tmp_path_factory.mktemp("worlds"), 2, number))

    return made


killed = lived(KILLED, signal.SIGKILL)
stopped = lived(STOPPED, signal.SIGTERM)


def hold(found: Worlds) -> None:
    broken = [f"{one.script}\n" + "\n".join(faults(one)) for one in found if faults(one)]
    assert not broken, "\n".join(broken)


def test_kills_lose_nothing_double_nothing_and_leave_everything_told(killed: Worlds):
    hold(killed)


def test_every_life_was_ended_by_the_kill_and_none_by_itself(killed: Worlds):
    codes = [code for one in killed for code in one.codes[:-1]]
    assert codes == [-signal.SIGKILL] * LIVES * len(KILLED)


def test_kills_fell_between_send_and_settle_too(killed: Worlds):
    assert sum(one.between_send_and_settle for one in killed) >= len(KILLED)


def test_the_killed_engines_had_a_lot_to_do(killed: Worlds):
    assert sum(len(one.corpses[-1].incidents) for one in killed) >= 10 * len(KILLED)
    assert sum(len(one.person.promised) for one in killed if one.person) >= len(KILLED)


def test_engines_stopped_in_order_tell_nothing_twice(stopped: Worlds):
    hold(stopped)
    assert not [row for one in stopped for corpse in one.corpses for row in unsettled(corpse)]


def test_engines_end_soon_and_well_when_they_are_asked_to(stopped: Worlds):
    assert {code for one in stopped for code in one.codes} == {0}
    assert max(seconds for one in stopped for seconds in one.ending) < PROMISED
