"""The config of the demo: right in each of its edits but the one that is meant to be wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui_monitor.config import load
from tui_monitor.core.errors import ConfigError
from tui_monitor.core.plan import Plan
from tui_monitor.fakes.demo.audience import AUDIENCE, fields, tokens
from tui_monitor.fakes.demo.certificate import Authority
from tui_monitor.fakes.demo.config import ABSENT, EDITS, config_of
from tui_monitor.fakes.demo.fleet import LINES
from tui_monitor.fakes.demo.script import programme
from tui_monitor.fakes.demo.servers import HOST
from tui_monitor.fakes.demo.town import HOUSES
from tui_monitor.fakes.http import Site

TOKENS = tokens()
WORK = {"worked-on": "queue", "from": "2026-03-01T00:00:00+00:00", "until": "2026-03-01T00:00:20+00:00", "work": "x"}


def text_of(edit: str, folder: Path, speed: float = 1.0, told: Mapping[str, str] = {}) -> str:
    (folder / "ca.pem").write_text(Authority.make(datetime.now(UTC)).pem())
    ports = {name: str(40_000 + number) for number, name in enumerate([*HOUSES, *LINES])}
    told = told or fields({name: Site(port=50_000 + n) for n, name in enumerate(AUDIENCE)}, TOKENS)
    return config_of(edit, {"host": HOST, "folder": json.dumps(str(folder)), **ports, **told, **WORK}, speed)


def plan_of(edit: str, folder: Path, speed: float = 1.0, told: Mapping[str, str] = {}) -> Plan:
    """As it is read; `told` are the fields of those who are told, where somebody listens."""
    (folder / "demo.yaml").write_text(text_of(edit, folder, speed, told))
    return load(folder / "demo.yaml", {})


@pytest.mark.parametrize("edit", ["plain", "more"])
def test_it_is_right_as_it_stands(edit: str, tmp_path: Path):
    plan = plan_of(edit, tmp_path)
    assert plan.guard is not None
    assert [window.scope.services for window in plan.maintenance] == [("queue",)]
    assert [place.name for place in plan.places] == ["log", *AUDIENCE]
    assert ("gift-cards" in {one.id for one in plan.services}) is (edit == "more")


def test_one_edit_is_wrong_and_says_where(tmp_path: Path):
    with pytest.raises(ConfigError, match="did you mean 'http'"):
        plan_of("wrong", tmp_path)
    assert set(EDITS) == {"plain", "more", "wrong"}


def test_it_has_a_bit_of_everything(tmp_path: Path):
    services = plan_of("plain", tmp_path).services
    assert 12 <= len(services) <= 20
    assert len({one.group for one in services}) >= 5
    assert len({tag for one in services for tag in one.tags}) >= 4
    assert sum(one.critical for one in services) >= 3
    assert sum(bool(one.depends_on) for one in services) >= 3
    kinds = {one.kind for one in services}
    assert kinds >= {"http", "tcp", "redis", "certificate", "freshness", "heartbeat", "command", "group"}


def test_whoever_the_script_speaks_of_is_watched(tmp_path: Path):
    """Destinations, the line, the clock and the like are no services."""
    others = {*AUDIENCE, "config", "line", "store", "clock", "", *ABSENT}
    known = {one.id for one in plan_of("plain", tmp_path).services}
    assert {cue.whom for seed in "123" for cue in programme(seed)} - others <= known


def test_nothing_in_it_leads_off_this_machine(tmp_path: Path):
    text = text_of("more", tmp_path)
    assert "http://" in text
    assert not [line for line in text.splitlines() if "//" in line and f"//{HOST}:" not in line]
    assert not [line for line in text.splitlines() if "host:" in line and f"host: {HOST}" not in line]


def test_at_twice_the_speed_all_its_times_are_half_as_long(tmp_path: Path):
    slow, fast = (plan_of("plain", tmp_path, speed) for speed in (1.0, 2.0))
    assert fast.settle == slow.settle / 2
    for one, other in zip(slow.services, fast.services, strict=True):
        assert other.timeout == one.timeout / 2
        assert other.every == one.every / 2 or one.kind == "group"  # which has a pace of its own
    assert replace(slow.routes[1], group_wait=1.0, remind_every=22.5) == fast.routes[1]


def test_a_folder_with_a_strange_name_is_no_trouble(tmp_path: Path):
    folder = tmp_path / 'it\'s "odd": {a} #1'
    folder.mkdir()
    assert plan_of("plain", folder).services
