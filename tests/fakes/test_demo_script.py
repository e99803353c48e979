"""The script of the demo as data: what it promises to show, that it repeats, and that nobody has time to be bored."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_monitor.core.model import Kind
from tui_monitor.core.status import Status
from tui_monitor.fakes.demo.audience import AUDIENCE
from tui_monitor.fakes.demo.colleague import ACTS as HERS
from tui_monitor.fakes.demo.config import CONFIG, EDITS, NAMES
from tui_monitor.fakes.demo.fleet import ACTS
from tui_monitor.fakes.demo.script import FIRST, LANES, LAP, PATIENCE, UNEVEN, Cue, Scene, programme
from tui_monitor.fakes.demo.servers import GONE, HANGS
from tui_monitor.fakes.demo.town import DISK, HOUSES

seeds = st.text(max_size=20)
SCENES = [scene for lane in LANES for scene in lane]
OF_THE_ENGINE = {Kind.STARTED, Kind.STOPPED}
"""What every engine says without a script."""


def in_order(scene: Scene) -> list[Cue]:
    return sorted(scene.cues, key=lambda cue: cue.at)


@given(seeds)
def test_every_status_and_every_kind_of_event_is_shown(seed: str):
    shown = {sight for cue in programme(seed) for sight in cue.shows}
    assert shown >= {*Kind, *Status} - OF_THE_ENGINE


@given(seeds, st.integers(0, 20))
def test_the_same_seed_is_the_same_demo(seed: str, lap: int):
    assert programme(seed, lap) == programme(seed, lap)


def test_another_seed_or_lap_is_another_demo():
    assert len({programme(seed, lap) for seed in ("1", "2", "3") for lap in range(3)}) == 9


@given(seeds, st.integers(0, 20))
def test_nobody_waits_long_for_something_new(seed: str, lap: int):
    news = [cue.at for cue in programme(seed, lap) if cue.shows]
    news += [LAP + cue.at for cue in programme(seed, lap + 1) if cue.shows]
    assert news[0] <= FIRST + UNEVEN
    assert max(later - sooner for sooner, later in pairwise(news)) <= PATIENCE


@given(seeds)
def test_a_lap_ends_within_its_time(seed: str):
    cues = programme(seed)
    assert cues == tuple(sorted(cues, key=lambda cue: cue.at))
    assert all(FIRST <= cue.at <= LAP + FIRST for cue in cues)


@pytest.mark.parametrize("lane", LANES, ids=[lane[0].name for lane in LANES])
def test_the_scenes_of_a_lane_fit_into_a_lap(lane: tuple[Scene, ...]):
    assert sum(scene.lasts for scene in lane) <= LAP
    assert all(cue.at + UNEVEN < scene.lasts for scene in lane for cue in scene.cues)


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_a_scene_ends_with_all_well(scene: Scene):
    moods = {cue.whom: cue.what for cue in in_order(scene) if cue.act == "turn"}
    assert set(moods.values()) <= {"well"}
    edits = [cue.what for cue in in_order(scene) if cue.act == "edit"]
    assert not edits or edits[-1] == "plain"
    clock = [float(cue.what) for cue in scene.cues if cue.act == "set"]
    assert sum(clock) == 0
    counted = [cue.act for cue in scene.cues]
    assert counted.count("cut") == counted.count("mend")
    assert counted.count("rest") == counted.count("work")


@given(seeds)
def test_every_cue_can_be_carried_out(seed: str):
    for cue in programme(seed):
        assert (cue.act in HERS) is not (cue.act in ACTS)
        assert "{" not in cue.whom
        if cue.act == "turn":
            assert cue.what in (GONE, HANGS) or cue.what in (DISK if cue.whom == "disk" else HOUSES[cue.whom].moods)
        elif cue.act == "edit":
            assert cue.what in EDITS
        elif cue.act == "refuse":
            assert cue.whom in AUDIENCE


@given(seeds)
def test_scenes_that_run_together_do_not_share_a_service(seed: str):
    """Else one would heal what the other has broken."""
    players = [
        {cue.whom for scene in lane for role in scene.roles.values() for cue in map(as_cue, role)}
        | {cue.whom for scene in lane for cue in scene.cues if cue.act == "turn" and "{" not in cue.whom}
        for lane in LANES
    ]
    for number, some in enumerate(players):
        for others in players[number + 1 :]:
            assert not some & others


def as_cue(name: str) -> Cue:
    return Cue(0, "turn", name)


def test_every_server_is_watched():
    assert not [name for name in HOUSES if f"${name}" not in CONFIG + NAMES]
