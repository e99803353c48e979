"""Better Stack: the page, its resources under their sections, and reports by hand, of machines and of work."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.checks.vendors.pages import addresses, cut_short, parts_of, told_of, without
from tests.checks.vendors.pages import read as read_page
from tests.checks.vendors.recordings import NOW, each, expected, recording
from tests.checks.vendors.strange import DAMAGED, strangers
from tui_monitor import checks
from tui_monitor.checks.better_stack import BetterStack
from tui_monitor.core.model import Reading
from tui_monitor.core.status import Status


def read(data: Any, **options: Any) -> Reading:
    return read_page("better_stack", data, **options)


@each("betterstack")
def test_each_recording_is_read_rightly(name: str):
    right = expected()[name]
    reading = checks.read("better_stack", recording(name), now=NOW)
    assert reading.status == right["state"]
    assert [one.title for one in reading.incidents or ()] == right["reports_open"]
    assert {one.name: one.status for one in reading.components} == right["resources"]
    assert [one.components for one in reading.incidents or ()] == [("API",)]


@strangers("betterstack")
def test_what_others_serve_is_never_green(name: str):
    assert checks.read("better_stack", recording(name), now=NOW).status is Status.UNKNOWN


def page(*included: Any, state: Any = "operational") -> dict[str, Any]:
    return {
        "data": {"id": "1", "type": "status_page", "attributes": {"aggregate_state": state}},
        "included": list(included),
    }


def row(kind: str, ident: str, **attributes: Any) -> dict[str, Any]:
    return {"id": ident, "type": f"status_{kind}", "attributes": attributes}


def resource(name: str = "API", status: Any = "operational", ident: str = "11", section: Any = 1) -> dict[str, Any]:
    return row("page_resource", ident, public_name=name, status=status, status_page_section_id=section)


def report(*updates: str, ident: str = "7", **attributes: Any) -> dict[str, Any]:
    known = {
        "title": "Labels are slow",
        "report_type": "manual",
        "starts_at": "2026-09-01T10:00:00.000Z",
        "ends_at": None,
        "aggregate_state": "degraded",
        "affected_resources": [{"status_page_resource_id": "11", "status": "degraded"}],
    }
    links = {"status_updates": {"data": [{"id": one, "type": "status_update"} for one in updates]}}
    return {**row("report", ident, **{**known, **attributes}), "relationships": links}


def update(ident: str, at: str, text: str) -> dict[str, Any]:
    return row("update", ident, message=text, published_at=f"2026-09-01T{at}:00.000Z")


SECTION = row("page_section", "1", name="Europe", position=0)


def test_resources_stand_under_their_sections():
    reading = read(page(SECTION, resource(), resource("Docs", ident="12", section=None)))
    assert parts_of(reading) == {"Europe / API": "operational", "Docs": "operational"}
    assert (reading.status, reading.message) == (Status.OPERATIONAL, "its page says operational")


@pytest.mark.parametrize(
    ("word", "status"),
    [("degraded", "degraded"), ("downtime", "major"), ("maintenance", "maintenance"), ("wet", "unknown")],
)
def test_the_worst_of_page_resources_and_reports_holds(word: str, status: str):
    assert read(page(resource(), state=word)).status == status
    assert read(page(resource(status=word))).status == status
    if word != "maintenance":
        assert read(page(resource(), report(aggregate_state=word))).status == status


def test_what_is_not_watched_weighs_only_where_it_is_chosen():
    data = page(resource(status="not_monitored"), resource("Docs", ident="12"))
    assert read(data).status is Status.OPERATIONAL
    assert read(data, components=["API"]).status is Status.UNKNOWN


def test_a_report_of_a_machine_is_an_incident_too():
    reading = read(page(resource(), report(report_type="automatic", aggregate_state="downtime")))
    assert [(one.ref, one.state, one.status) for one in reading.incidents or ()] == [("7", "automatic", Status.MAJOR)]


def test_only_work_is_announced():
    reading = read(page(resource(), report(starts_at="2026-09-02T10:00:00Z")))
    assert ([one.ref for one in reading.incidents or ()], reading.maintenances) == (["7"], ())


@pytest.mark.parametrize("state", ["operational", "resolved"])
def test_an_open_report_is_never_nothing(state: str):
    assert read(page(resource(), report(aggregate_state=state))).status is Status.DEGRADED


@pytest.mark.parametrize(
    ("ends_at", "over"),
    [(None, False), ("", False), ("soon", False), ("2026-09-01T11:00:00Z", True), ("2026-09-01T13:00:00Z", False)],
)
def test_a_report_is_over_once_its_end_has_come(ends_at: Any, over: bool):
    reading = read(page(resource(), report(ends_at=ends_at)))
    assert ([one.ref for one in reading.over], [one.ref for one in reading.incidents or ()]) == (
        (["7"], []) if over else ([], ["7"])
    )


def test_updates_stand_in_the_order_of_time_as_plain_text():
    updates = [
        update("2", "10:30", "<p>It works</p>"),
        update("1", "10:10", "A jam"),
        update("3", "10:20", "of others"),
    ]
    (said,) = read(page(resource(), *updates, report("2", "1", "9"))).incidents or ()
    assert [one.text for one in said.updates] == ["A jam", "It works"]
    assert said.updated_at == datetime(2026, 9, 1, 10, 30, tzinfo=UTC)
    assert said.components == ("API",)


@pytest.mark.parametrize("links", [None, [], {}, {"status_updates": None}, {"status_updates": {"data": ["x", {}]}}])
def test_a_report_without_updates_is_a_report(links: Any):
    assert [one.ref for one in read(page({**report(), "relationships": links})).incidents or ()] == ["7"]


def test_maintenance_is_no_outage_and_is_shown_before_it_begins():
    times = {"starts_at": "2026-09-02T10:00:00Z", "ends_at": "2026-09-02T12:00:00Z"}
    now = {"report_type": "maintenance", "ends_at": "2026-09-01T13:00:00Z", "aggregate_state": "maintenance"}
    rows = [
        report(**now),
        report(ident="8", **{**now, **times}),
        report(ident="9", **{**now, "ends_at": times["ends_at"]}),
    ]
    past = report(ident="6", **{**now, "ends_at": "2026-09-01T11:00:00Z"})
    reading = read(page(resource(), *rows, past, state="maintenance"))
    assert reading.status is Status.MAINTENANCE
    assert [one.ref for one in reading.incidents or ()] == ["7", "9"]
    assert [one.ref for one in reading.maintenances] == ["8"]
    assert [one.ref for one in reading.over] == ["6"]


def test_only_what_concerns_a_chosen_component_is_listed():
    other = report(ident="8", affected_resources=[{"status_page_resource_id": "12"}])
    data = page(SECTION, resource(), resource("Docs", ident="12", section=2), report(), other, state="degraded")
    for wanted in ("API", "Europe", "Europe / API"):
        assert [one.ref for one in read(data, components=[wanted]).incidents or ()] == ["7"]
    assert read(data, components=["Dox"]).status is Status.UNKNOWN


def test_a_story_is_told_word_by_word():
    said, more = update("1", "10:10", "Looking"), update("2", "10:20", "Found")
    assert told_of(
        "better_stack",
        page(resource(), said, report("1")),
        page(resource(), said, report("1"), state="degraded"),
        page(resource(), said, more, report("1", "2")),
        page(resource(), said, more, report("1", "2", aggregate_state="downtime")),
        page(resource(), said, more, report("1", "2", ends_at="2026-09-01T11:04:00Z")),
    ) == [["opened degraded"], [], ["updated degraded"], ["worsened major"], ["resolved operational"]]


@pytest.mark.parametrize("body", DAMAGED)
def test_what_is_no_page_is_unknown_with_the_reason(body: bytes):
    reading = checks.read("better_stack", body, now=NOW)
    assert reading.status is Status.UNKNOWN
    assert reading.message


@pytest.mark.parametrize(
    "way",
    [
        ["included"],
        ["data", "attributes"],
        ["data", "attributes", "aggregate_state"],
        *(["included", row, key] for row in (0, 1) for key in ("id", "type", "attributes")),
    ],
)
def test_a_page_that_lacks_what_it_means_is_never_green(way: list[Any]):
    assert read(without(page(resource(), report(aggregate_state="operational")), *way)).status is Status.UNKNOWN


def test_a_page_that_breaks_off_is_never_green():
    for body in cut_short(page(resource(), report())):
        assert checks.read("better_stack", body, now=NOW).status is Status.UNKNOWN


@pytest.mark.parametrize(
    "url", ["https://status.example", "https://status.example/", "https://status.example/index.json"]
)
def test_the_document_lies_beside_the_page(url: str):
    assert addresses(BetterStack(url)) == ["/index.json"]
