"""What of a page is chosen, whoever wrote the page: groups with all that is in them, and lists that stand alone."""

from __future__ import annotations

import pytest

from tests.checks.vendors.pages import read
from tui_monitor.core.status import Status

PARTS = [
    {"id": "g", "name": "Europe", "status": "operational", "group": True},
    {"id": "a", "name": "API", "status": "operational", "group_id": "g"},
    {"id": "b", "name": "Docs", "status": "operational"},
]


@pytest.mark.parametrize(("wanted", "listed"), [("Europe", ["i1"]), ("Europe / API", ["i1"]), ("Docs", ["i2"])])
def test_an_incident_of_a_component_is_one_of_its_group_too(wanted: str, listed: list[str]):
    rows = [
        {"id": "i1", "name": "A", "status": "identified", "impact": "major", "components": [{"name": "API"}]},
        {"id": "i2", "name": "B", "status": "identified", "impact": "minor", "components": [{"name": "Docs"}]},
    ]
    page = {"status": {"indicator": "none"}, "components": PARTS, "incidents": rows}
    assert [one.ref for one in read("statuspage", page, components=[wanted]).incidents or ()] == listed


def test_components_that_stand_alone_all_weigh():
    parts = [{**PARTS[1], "status": "major_outage", "showcase": False}, PARTS[2]]
    assert read("statuspage", {"page": {"id": "p"}, "components": parts}).status is Status.MAJOR
