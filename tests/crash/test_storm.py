"""Much at once, and nothing for a while: a storm is one message, and a process that was stopped saw no outage."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crash.life import Life, is_quiet, until
from tests.crash.quick import home_in
from tests.crash.town import ERROR, WELL, Town

STORM = 100
STOPPED_FOR = 6.5
"""Seconds; a beat that comes five too late is one that was held up."""


@pytest.fixture
def town() -> Iterator[Town]:
    with Town(STORM) as made:
        yield made


def watch(folder: Path, town: Town, group_wait: str) -> Life:
    """An engine that has seen every service well."""
    life = home_in(folder / "world", town, every=1, down_after=2, group_wait=group_wait).start()
    life.awaits(is_seen_well, 30, "a look at every service")
    return life


def is_seen_well(board: dict[str, Any]) -> bool:
    return all(one["checked_at"] for one in board["services"]) and is_quiet(board)


def messages(town: Town, news: str) -> list[dict[str, Any]]:
    """What was heard and taken."""
    found = [one.json for one in town.heard if one.answered == 200]
    return [one for one in found if one["news"] == news]


def test_a_hundred_services_that_fail_at_once_are_one_message_and_so_is_their_end(tmp_path: Path, town: Town):
    with watch(tmp_path, town, "5s") as life:
        town.turn_all(ERROR)
        life.awaits(lambda board: len(board["incidents"]) == STORM, 30, "a hundred incidents")
        until(lambda: messages(town, "opened"), 30, "a message")
        town.turn_all(WELL)
        life.awaits(is_quiet, 30, "peace")
        life.stop()
    assert [len(one["incidents"]) for one in messages(town, "opened")] == [STORM]
    assert [len(one["incidents"]) for one in messages(town, "resolved")] == [STORM]
    assert len(town.heard) == 2
    assert messages(town, "opened")[0]["title"].startswith("100 incidents opened: ")


def test_a_storm_that_is_refused_at_first_stays_one_message(tmp_path: Path, town: Town):
    town.hook.answer(503)
    with watch(tmp_path, town, "5s") as life:
        town.turn_all(ERROR)
        until(lambda: messages(town, "opened"), 40, "a second try")
        town.turn_all(WELL)
        life.awaits(is_quiet, 30, "peace")
        life.stop()
    assert [len(one["incidents"]) for one in messages(town, "opened")] == [STORM]


def test_an_engine_that_was_stopped_for_a_while_takes_that_for_no_outage(tmp_path: Path, town: Town):
    with watch(tmp_path, town, "100ms") as life:
        looks = town.looks
        life.process.send_signal(signal.SIGSTOP)
        life.lives_for(STOPPED_FOR)
        life.process.send_signal(signal.SIGCONT)
        board = life.awaits(lambda board: clocks(board), 20, "a word about the time")
        (event,) = clocks(board)
        assert "looks under way do not count" in event["text"]
        until(lambda: town.looks > looks + 3 * STORM, 30, "more looks")
        shares = [one["uptime"]["24h"] for one in (life.board() or {})["services"]]
        life.stop()
        corpse = life.home.corpse()
    assert not corpse.incidents
    assert not town.heard
    assert set(shares) <= {1.0, None}


def clocks(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [event for event in board["events"] if event["kind"] == "clock"]
