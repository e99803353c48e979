"""Times are shown in the zone of the board, whoever answers and wherever the reader is; scripts are given UTC."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.cli.conftest import CONFIG
from tests.cli.program import Setting, Site, free_port
from tui_monitor.cli.words import clock, zone_of


@pytest.fixture
def board_far_away(setting: Setting, site: Site) -> Setting:
    text = CONFIG.replace("title: Shop board", "title: Shop board, timezone: Asia/Kolkata")
    return Setting(setting.folder, text.format(site=site.url, hook=site.url, gone=free_port()), {"TZ": "EST5EDT"})


def there(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(ZoneInfo("Asia/Kolkata")).strftime("%Y-%m-%d %H:%M:%S IST")


def hold_to_the_zone(setting: Setting) -> None:
    (incident,) = setting.ask("incidents")
    assert incident["started_at"].endswith("Z")
    begun = there(incident["started_at"])
    assert begun in setting.here("incidents").out
    shown = setting.here("incidents", "show", incident["id"]).out
    assert shown.count("IST") == 1 + len(incident["timeline"]) + len(incident["told"])
    assert begun in shown
    assert "IST" in setting.here("deliveries").out
    stats = json.loads(setting.here("stats", "--json").out)
    assert stats["since"].endswith("Z")
    first = setting.here("stats").out.splitlines()[0]
    assert first.endswith(" IST")


def test_the_zone_of_the_board_is_that_of_every_table(board_far_away: Setting) -> None:
    with board_far_away.start() as engine:
        engine.until_open()
        board_far_away.until(lambda board: board["incidents"] and board["deliveries"])
        hold_to_the_zone(board_far_away)
        _, last, _ = engine.end()
    assert last.splitlines()[0].endswith(" IST")
    assert "from the store" in board_far_away.here("incidents").err
    hold_to_the_zone(board_far_away)


@pytest.mark.parametrize("name", ["UTC", "No/Where", "", "Europe", "../../etc/passwd", "\x00", "é" * 300])
def test_a_zone_that_this_machine_does_not_know_is_utc_and_says_so(name: str) -> None:
    assert clock("2026-01-02T03:04:05Z", zone_of(name)) == "2026-01-02 03:04:05 UTC"


def test_summer_and_winter_are_told_apart() -> None:
    paris = zone_of("Europe/Paris")
    assert clock("2026-10-25T00:30:00Z", paris) == "2026-10-25 02:30:00 CEST"
    assert clock("2026-10-25T01:30:00Z", paris) == "2026-10-25 02:30:00 CET"
    assert clock(None, paris) == ""
