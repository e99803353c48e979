"""Which vendor may be the reason, as `incidents show` says it of both sides, against real pages and a real engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Setting, Site
from tui_monitor.cli import tables
from tui_monitor.cli.paper import draw
from tui_monitor.core import views
from tui_monitor.core.model import Incident, Suspect
from tui_monitor.core.status import Status

CONFIG = """
board: {{title: Shop board}}
engine: {{settle: 0s}}
defaults: {{every: 300ms, timeout: 2s, down_after: 1, up_after: 1, retry_after: 50ms}}
services:
  - {{name: Parcels, every: 300ms, statuspage: {{url: "{vendor}"}}}}
  - {{name: Shop, upstream: [Parcels], http: {{url: "{shop}"}}}}
destinations:
  hook: {{webhook: {{url: "{hook}"}}}}
routes: [{{to: [hook], group_wait: 0s}}]
"""

SLOW = {
    "id": "i1",
    "name": "Slow labels",
    "status": "investigating",
    "impact": "major",
    "created_at": "2026-09-01T10:00:00Z",
    "updated_at": "2026-09-01T10:05:00Z",
    "shortlink": "https://stspg.example/i1",
    "incident_updates": [],
}


def summary(*incidents: dict[str, Any]) -> bytes:
    page = {"id": "p", "name": "Parcels", "url": "https://parcels.example"}
    status = {"indicator": "none", "description": "All Systems Operational"}
    parts = {"page": page, "status": status, "components": [], "scheduled_maintenances": []}
    return json.dumps({**parts, "incidents": list(incidents)}).encode()


@pytest.fixture
def sites() -> Iterator[tuple[Site, Site, Site]]:
    three = Site(), Site(), Site()
    yield three
    for one in three:
        one.close()


def test_both_sides_name_each_other_and_people_are_told(tmp_path: Path, sites: tuple[Site, Site, Site]) -> None:
    vendor, own, hook = sites
    vendor.body = summary()
    setting = Setting(tmp_path, CONFIG.format(vendor=vendor.url, hook=hook.url, shop=own.url))
    with setting.start() as engine:
        engine.until_open()
        setting.until(lambda board: board["counts"]["operational"] == 2)
        own.status = 500
        board = setting.until(lambda board: any(one["suspects"] for one in board["incidents"]))
        (shop,) = board["incidents"]
        shown = setting.here("incidents", "show", shop["id"]).out
        assert "What the vendors say that it stands on" in shown
        assert "its own page says that all is well" in " ".join(shown.split())
        vendor.body = summary(SLOW)
        board = setting.until(lambda board: any(one["concerns"] for one in board["incidents"]))
        parcels = next(one for one in board["incidents"] if one["service"] == "parcels")
        assert parcels["concerns"] == [{"service": "shop", "name": "Shop", "incident": shop["id"]}]
        shown = setting.here("incidents", "show", shop["id"]).out
        assert parcels["id"] in shown and "Slow labels" in shown and "partial" in shown
        shown = setting.here("incidents", "show", parcels["id"]).out
        assert "What of ours fails meanwhile" in shown and shop["id"] in shown
        listed = setting.ask("incidents")
        (suspect,) = next(one["suspects"] for one in listed if one["id"] == shop["id"])
        assert suspect == {
            "service": "parcels",
            "name": "Parcels",
            "status": "partial",
            "incident": parcels["id"],
            "title": "Slow labels",
            "url": "https://stspg.example/i1",
        }
        setting.until(lambda board: len(hook.bodies) >= 3)
        engine.end()
    texts = [str(body) for body in hook.bodies]
    assert len([text for text in texts if "Shop is major" in text]) == 2
    assert "Parcels's own page says that all is well" in texts[0]
    assert any("suspect: Parcels (Slow labels, partial)" in text for text in texts[1:])


def test_every_kind_of_word_of_a_vendor_has_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    said = (
        Suspect("a", "Acme", Status.MAJOR, "7f3a", "all down", "https://acme.example/1"),
        Suspect("b", "Bolt", Status.OPERATIONAL),
        Suspect("c", "Crate", Status.UNKNOWN),
        Suspect("d", "Dial", Status.MAINTENANCE),
        Suspect("e", "Echo", Status.MAINTENANCE, title="new racks"),
    )
    ill = Incident("1", "api", "own:x", "503", Status.MAJOR, Status.MAJOR, now, suspects=said)
    draw(*tables.incident(views.incident_view(ill, (), (), now), UTC))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    for words in (
        ["Acme", "7f3a", "all", "down"],
        ["Bolt", "its", "own", "page", "says", "that", "all", "is", "well"],
        ["Crate", "its", "page", "cannot", "be", "read"],
        ["Dial", "its", "own", "page", "speaks", "of", "maintenance"],
        ["Echo", "new", "racks"],
    ):
        assert any(line[2 : 2 + len(words)] == words for line in lines)


def test_an_engine_of_an_earlier_release_names_no_suspects() -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    ill = Incident("1", "api", "own:x", "503", Status.MAJOR, Status.MAJOR, now)
    view = views.incident_view(ill, (), (), now)
    assert len(tables.incident(view, UTC)) == len(
        tables.incident({key: view[key] for key in view if key not in ("suspects", "concerns")}, UTC)
    )
