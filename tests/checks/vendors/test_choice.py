"""What of a page is chosen, whoever wrote the page: groups with all that is in them, and lists that stand alone."""

from __future__ import annotations

from typing import Any

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


def test_a_component_is_chosen_by_its_group_too_where_the_page_names_no_groups():
    row = {
        "id": "i1",
        "name": "Late",
        "status": "investigating",
        "impact": "major",
        "components": [{"name": "Labels"}],
    }
    page = {"page": {}, "incidents": [row]}
    found = {
        wanted: read("statuspage", page, components=wanted).status for wanted in ("Shop / Labels", "Shop / Maps")
    }
    assert found == {"Shop / Labels": Status.PARTIAL, "Shop / Maps": Status.OPERATIONAL}


def test_components_in_maintenance_are_named_where_the_page_says_that_all_is_well():
    parts = [{"id": f"c{n}", "name": f"Belt {n}", "status": "under_maintenance"} for n in range(5)]
    page = {"page": {}, "status": {"indicator": "none", "description": "All well"}, "components": parts}
    assert read("statuspage", page).message == "in maintenance: Belt 0, Belt 1, Belt 2 and 2 more"
    page["status"] = {"indicator": "maintenance", "description": "We oil the belts"}
    assert read("statuspage", page).message == "We oil the belts"


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        ("incident_io", {"ongoing_incidents": [{"id": "1", "current_worst_impact": "under_maintenance"}]}),
        (
            "instatus",
            {"page": {"status": "UNDERMAINTENANCE"}, "activeIncidents": [{"id": "1", "impact": "UNDERMAINTENANCE"}]},
        ),
        (
            "better_stack",
            {
                "data": {"attributes": {"aggregate_state": "maintenance"}},
                "included": [
                    {"type": "status_report", "id": "1", "attributes": {"aggregate_state": "maintenance"}},
                ],
            },
        ),
    ],
)
def test_what_weighs_as_maintenance_is_one_in_whichever_list_it_stands(kind: str, page: Any):
    reading = read(kind, page)
    assert [(one.maintenance, one.status) for one in reading.incidents or ()] == [(True, Status.MAINTENANCE)]
    assert reading.message.startswith("in maintenance: ")
