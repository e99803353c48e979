"""The pages of the vendors of the demo are pages of a Statuspage, and tell a story that goes on from mood to mood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tui_monitor.checks import read
from tui_monitor.core.model import Reading
from tui_monitor.core.status import Status
from tui_monitor.fakes.demo.script import CARRIER, PAGE
from tui_monitor.fakes.demo.town import HOUSES

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def page(vendor: str, mood: str) -> Reading:
    text = HOUSES[vendor].moods[mood].at(NOW, NOW - timedelta(seconds=5))
    return read("statuspage", text.encode(), now=NOW, url="http://127.0.0.1")


@pytest.mark.parametrize("vendor", ["payments", "carrier"])
def test_all_is_well_on_a_page_that_lists_nothing(vendor: str):
    seen = page(vendor, "well")
    assert seen.status is Status.OPERATIONAL
    assert seen.incidents == ()
    assert len(seen.components) >= 3


def test_an_incident_begins_worsens_and_eases_and_stays_the_same_one():
    moods = [cue.what for cue in PAGE.cues if cue.whom == "payments"][:-1]
    seen = [page("payments", mood) for mood in moods]
    assert [one.status.value for one in seen] == ["degraded", "degraded", "major", "degraded"]
    listed = [one.incidents[0] for one in seen if one.incidents]
    assert {one.ref for one in listed} == {"i1"}
    assert [[update.text for update in one.updates][:n] for n, one in enumerate(listed, 1)] == [
        [update.text for update in listed[-1].updates][:n] for n in range(1, 5)
    ]
    assert [len(one.updates) for one in listed] == [1, 2, 3, 4]
    assert {one.group for one in seen[0].components} == {"Europe", "America", ""}


def test_maintenance_is_announced_before_it_begins():
    moods = [cue.what for cue in CARRIER.cues if cue.act == "turn"]
    announced, at_it = page("carrier", moods[0]), page("carrier", moods[1])
    assert [one.ref for one in announced.maintenances] == ["m1"]
    assert announced.status is Status.OPERATIONAL
    assert [one.ref for one in at_it.incidents or ()] == ["m1"]
    assert at_it.status is Status.MAINTENANCE
