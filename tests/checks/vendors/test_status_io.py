"""Status.io: codes for the page, its components, its incidents, and maintenance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.checks.vendors.pages import addresses, cut_short, parts_of, told_of, without
from tests.checks.vendors.pages import read as read_page
from tests.checks.vendors.recordings import NOW, each, expected, recording
from tests.checks.vendors.strange import DAMAGED, strangers
from tui_monitor import checks
from tui_monitor.checks.status_io import StatusIo
from tui_monitor.core.model import Reading
from tui_monitor.core.status import Status

CODES = {100: "operational", 200: "maintenance", 300: "degraded", 400: "partial", 500: "major", 600: "major"}
STATES = {100: "investigating", 200: "identified", 300: "monitoring", 400: "resolved"}


def read(data: Any, **options: Any) -> Reading:
    return read_page("status_io", data, **options)


@each("statusio")
def test_each_recording_is_read_rightly(name: str):
    right = expected()[name]
    reading = checks.read("status_io", recording(name), now=NOW)
    listed = reading.incidents or ()
    outages = [one for one in listed if not one.maintenance]
    assert [(one.title, one.state, one.status.value) for one in outages] == [
        (one["name"].strip(), STATES[one["last_state"]], CODES[one["last_status"]]) for one in right["incidents"]
    ]
    assert [one.title for one in listed if one.maintenance] == right["maint_active"]
    assert len(reading.maintenances) == right["maint_upcoming"]
    ill = [[one.name, one.status] for one in reading.components if one.status is not Status.OPERATIONAL]
    assert ill == [[part, CODES[code]] for part, code in right["not_operational"]]
    heaviest = max([Status(CODES[right["overall"]["status_code"]]), *(one.status for one in outages)], key=rank)
    assert reading.status is heaviest
    assert reading.as_of == datetime.fromisoformat(right["overall"]["updated"])


def rank(status: Status) -> int:
    return status.rank


@strangers("statusio")
def test_what_others_serve_is_never_green(name: str):
    assert checks.read("status_io", recording(name), now=NOW).status is Status.UNKNOWN


def page(*incidents: Any, code: Any = 100, active: Any = (), upcoming: Any = (), **parts: Any) -> dict[str, Any]:
    return {
        "result": {
            "status_overall": {"updated": "2026-09-01T11:00:00Z", "status": "Operational", "status_code": code},
            "status": [part(), part("Labels", id="c2")],
            "incidents": list(incidents),
            "maintenance": {"active": list(active), "upcoming": list(upcoming)},
            **parts,
        }
    }


def part(name: str = "API", code: Any = 100, **more: Any) -> dict[str, Any]:
    return {"id": "c1", "name": name, "status_code": code, "containers": [], **more}


def message(minute: int, state: Any, status: Any, text: str = "words") -> dict[str, Any]:
    return {"details": text, "state": state, "status": status, "datetime": f"2026-09-01T10:{minute:02}:00.000Z"}


def incident(*messages: Any, **parts: Any) -> dict[str, Any]:
    row = {"_id": "i1", "name": "No labels", "datetime_open": "2026-09-01T10:00:00Z", "messages": list(messages)}
    return {**row, "components_affected": [{"name": "Labels", "_id": "c2"}], **parts}


@pytest.mark.parametrize(
    ("code", "status"), [*CODES.items(), ("300", "degraded"), (700, "unknown"), ("x", "unknown")]
)
def test_the_code_for_all_of_the_page(code: Any, status: str):
    assert read(page(code=code)).status == status


@pytest.mark.parametrize(
    ("code", "status"), [(100, "degraded"), (300, "degraded"), (500, "major"), (999, "unknown"), (None, "unknown")]
)
def test_an_open_incident_weighs_what_its_last_message_says_although_all_is_green(code: Any, status: str):
    assert read(page(incident(message(1, 100, code)))).status == status


@pytest.mark.parametrize("turn", [1, -1])
def test_the_last_message_is_the_newest_whichever_way_they_are_listed(turn: int):
    messages = [message(1, 100, 500, "first"), message(9, 200, 300, "second")][::turn]
    (said,) = read(page(incident(*messages))).incidents or ()
    assert (said.state, said.impact, said.status) == ("identified", "degraded performance", Status.DEGRADED)
    assert [one.text for one in said.updates] == ["first", "second"]
    assert said.updated_at == datetime(2026, 9, 1, 10, 9, tzinfo=UTC)


def test_what_was_resolved_is_over_and_what_was_opened_again_is_not():
    over = incident(message(1, 100, 500), message(5, 400, 100))
    again = incident(message(1, 400, 100), message(5, 300, 300), _id="i2")
    reading = read(page(over, again))
    assert [one.ref for one in reading.over] == ["i1"]
    assert [one.ref for one in reading.incidents or ()] == ["i2"]


@pytest.mark.parametrize("messages", [[], None, "x", ["x"], [{}]])
def test_an_incident_of_which_nothing_is_said_is_open_and_of_unknown_weight(messages: Any):
    reading = read(page(incident(messages=messages)))
    assert [(one.ref, one.status) for one in reading.incidents or ()] == [("i1", Status.UNKNOWN)]
    assert reading.status is Status.UNKNOWN


def test_a_component_is_as_ill_as_where_it_is_worst_and_is_shown_once():
    rows = [part(containers=[{"name": "Oslo", "status_code": 100}, {"name": "Rome", "status_code": 500}]), part()]
    assert parts_of(read(page(status=rows))) == {"API": "major"}
    assert read(page(status=[part(code="?")])).status is Status.UNKNOWN


def test_maintenance_is_no_outage_and_is_shown_before_it_begins():
    planned = {"datetime_planned_start": "2026-09-02T10:00:00Z", "datetime_planned_end": "2026-09-02T12:00:00Z"}
    active = incident(message(1, 200, 200), _id="m1", name="New racks")
    coming = incident(message(1, 100, 200), _id="m2", **planned)
    done = incident(message(1, 200, 200), message(9, 400, 100), _id="m3")
    reading = read(page(code=200, active=[active, done], upcoming=[coming]))
    assert [one.ref for one in reading.over] == ["m3"]
    assert (reading.status, reading.message) == (Status.MAINTENANCE, "in maintenance: New racks")
    assert [(one.ref, one.state) for one in reading.incidents or ()] == [("m1", "active")]
    (told,) = reading.maintenances
    assert (told.ref, told.state) == ("m2", "scheduled")
    assert (told.started_at, told.until) == (
        datetime(2026, 9, 2, 10, tzinfo=UTC),
        datetime(2026, 9, 2, 12, tzinfo=UTC),
    )


def test_only_what_concerns_a_chosen_component_is_listed_and_weighs():
    data = page(incident(message(1, 100, 500)), code=500)
    assert read(data, components=["API"]).status is Status.OPERATIONAL
    assert read(data, components=["labels"]).status is Status.MAJOR
    assert read(data, components=["Label"]).message == "its page has no component 'Label'; did you mean 'Labels'?"


def test_a_story_is_told_word_by_word():
    first, second, third = message(1, 100, 300), message(5, 200, 300), message(9, 200, 500)
    assert told_of(
        "status_io",
        page(incident(first)),
        page(incident(first)),
        page(incident(first, second)),
        page(incident(first, second, third)),
        page(incident(first, second, third, message(11, 400, 100))),
        page(),
    ) == [["opened degraded"], [], ["updated degraded"], ["worsened major"], ["resolved operational"], []]


@pytest.mark.parametrize("body", DAMAGED)
def test_what_is_no_page_is_unknown_with_the_reason(body: bytes):
    reading = checks.read("status_io", body, now=NOW)
    assert reading.status is Status.UNKNOWN
    assert reading.message


@pytest.mark.parametrize("way", [["status_overall"], ["status"], ["incidents"], ["status_overall", "status_code"]])
def test_a_page_that_lacks_what_it_means_is_never_green(way: list[str]):
    assert read(without(page(), "result", *way)).status is Status.UNKNOWN


def test_a_page_that_breaks_off_is_never_green():
    for body in cut_short(page(incident(message(1, 100, 300)))):
        assert checks.read("status_io", body, now=NOW).status is Status.UNKNOWN


def test_a_row_that_is_damaged_does_not_vanish():
    assert read(page(without(incident(), "_id"))).status is Status.UNKNOWN
    assert read(page("x")).status is Status.UNKNOWN


class TestWhereThePageIs:
    def test_is_said_by_its_id_at_either_host(self):
        check = StatusIo(page_id="5b36dc65")
        assert addresses(check) == ["/1.0/status/5b36dc65"]
        assert check.asked[0].request.place.host == "status-api.hostedstatus.com"
        assert StatusIo(page_id="5b", host="api.status.io").asked[0].request.place.host == "api.status.io"

    def test_or_by_its_whole_address(self):
        assert addresses(StatusIo(url="https://api.status.io/1.0/status/5b")) == ["/1.0/status/5b"]

    @pytest.mark.parametrize("options", [{}, {"page_id": "a", "url": "https://status.example"}])
    def test_but_never_twice_nor_not_at_all(self, options: Any):
        with pytest.raises(ValueError, match="exactly one of page_id and url"):
            StatusIo(**options)

    @pytest.mark.parametrize("ident", ["../x", "a b", "a?b", "a" * 65])
    def test_and_an_id_leads_nowhere_else(self, ident: str):
        with pytest.raises(ValueError, match=r"page_id: .* is not an id"):
            StatusIo(page_id=ident)

    def test_while_a_body_can_be_read_without_any(self):
        assert read(page()).status is Status.OPERATIONAL
        assert read(page(), page_id="5b").status is Status.OPERATIONAL
