"""The arithmetic of the benches: a figure that cannot come out bad proves nothing."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime

import pytest

from tests.bench import __main__ as bench
from tests.bench import board, ground, load, looks
from tests.bench.actor import Actor, rows_of
from tests.bench.server import Server
from tui_monitor.board.gaze import place_of
from tui_monitor.core.ports import Changes, Command
from tui_monitor.core.schedule import phase

SINCE, UNTIL = 1000.0, 1100.0


def punctual(number: int, every: int) -> list[float]:
    offset = phase(f"s{number}", every)
    first = int((SINCE - offset) // every) + 1
    return [offset + n * every for n in range(first, first + 100) if offset + n * every < UNTIL]


def test_looks_on_time_are_not_late_and_none_is_lost():
    paces = {number: 5 + number for number in range(20)}
    seen = load.judge({number: punctual(number, pace) for number, pace in paces.items()}, paces, SINCE, UNTIL)
    assert max(map(abs, seen.lateness)) < 0.001
    assert seen.lost == 0


def test_a_late_look_is_late_by_as_much():
    late = [moment + 0.25 for moment in punctual(3, 10)]
    assert load.judge({3: late}, {3: 10}, SINCE, UNTIL).at(0.5) == pytest.approx(0.25, abs=0.001)


def test_a_missing_look_and_a_silent_service_are_lost():
    came = punctual(3, 10)
    del came[4]
    assert load.judge({3: came}, {3: 10}, SINCE, UNTIL).lost >= 1
    assert load.judge({}, {3: 10}, SINCE, UNTIL).lost >= 9


def test_a_cost_is_a_median_beside_which_ours_is_put():
    other = looks.Cost("other", each=[400.0, 380.0, 900.0], rates=[450.0])
    assert other.cpu == 400.0
    assert other.row(100.0)[-1] == "0.25"


def test_a_verdict_can_say_no():
    assert ground.verdict(0.5, 0.6, " x").endswith("yes)")
    assert ground.verdict(0.7, 0.6, " x").endswith("NO)")


def test_what_is_missing_is_named_with_its_package():
    with pytest.raises(ground.Unready, match="apt-get install nothing-like-it"):
        ground.need("no-such-command-here", "nothing-like-it")


def test_the_kernels_count_grows_with_work():
    own = ground.Process(type("Own", (), {"pid": os.getpid(), "poll": lambda self: None})(), ground.Path("none"))
    before = own.cpu()
    while own.cpu() < before + 0.05:
        sum(range(10_000))
    assert own.memory() > 5


def test_every_bench_says_on_one_line_what_it_measures():
    assert {"board", "looks", "load", "start", "storm"} <= set(bench.names())


@pytest.mark.parametrize("size", [50, 1000, 5000])
def test_a_figure_of_the_board_that_is_too_high_is_missed(size: int):
    missed = board.Missed()
    assert missed(board.AIMS["busy cpu"].holds(8.0, size)) == "ok"
    assert missed(board.AIMS["busy cpu"].holds(8.1, size)) == "MISSED"
    assert missed.number == 1


def test_a_size_that_nothing_is_promised_for_misses_nothing():
    assert not board.AIMS["key p95"].holds(41.0, 1000)
    assert board.AIMS["key p95"].holds(41.0, 5000)


def test_the_engine_that_plays_changes_as_many_services_as_it_is_told():
    async def play() -> Changes:
        actor = Actor(100)
        playing = asyncio.create_task(actor.play())
        await actor.do(Command("play", options={"rate": "1000", "among": "7"}))
        seen = set()
        while len(seen) < 7:
            changes = await actor.changes("0", 2.0)
            seen = set(changes.services)
        playing.cancel()
        return changes

    changes = asyncio.run(play())
    shown = sorted(rows_of(100, datetime.now(UTC)).values(), key=lambda row: place_of(row, "worst"))
    assert set(changes.services) == {row["id"] for row in shown[:7]}, "those that a board shows first"


def test_the_small_server_notes_who_asked_and_when():
    with Server(lambda path: (200, b"ok") if path != "/bad" else (500, b"no")) as server:
        door = ground.urllib.request.urlopen(f"http://127.0.0.1:{server.port}/s/1", timeout=10)
        assert door.read() == b"ok"
        with pytest.raises(OSError, match="500"):
            ground.urllib.request.urlopen(f"http://127.0.0.1:{server.port}/bad", timeout=10)
    assert len(server.asked["/s/1"]) == len(server.asked["/bad"]) == 1
