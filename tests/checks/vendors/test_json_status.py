"""Any page in JSON: examples of how those are mapped that have no reader of their own, and what is damaged."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from tests.checks.vendors.pages import cut_short, parts_of, told_of, without
from tests.checks.vendors.pages import read as read_page
from tests.checks.vendors.recordings import NOW, each, expected, recording
from tests.checks.vendors.strange import DAMAGED, strangers
from tui_monitor import checks
from tui_monitor.checks.craft.vendor.mapped import Incidents, Maintenances, Parts
from tui_monitor.checks.json_status import JsonStatus
from tui_monitor.core.model import Reading
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status

SERVICES: dict[str, Any] = {
    "words": {"UP": "operational", "DOWN": "major", "DEGRADED": "degraded", "MAINTENANCE": "maintenance"},
    "parts": {"path": "services", "name": "name", "status": "displayState", "group": "group"},
    "changed_at": "generatedAt",
}
OUTAGES: dict[str, Any] = {
    "words": {"DOWN": "major", "DEGRADED": "degraded"},
    "incidents": {
        "path": "incidents",
        "id": "id",
        "title": "service.name",
        "severity": "state",
        "started_at": "openedAt",
        "ended_at": "closedAt",
        "components": "service.name",
        "message": "error",
        "most": 50,
    },
}
OPENSTATUS: dict[str, Any] = {
    "status": "status",
    "words": {
        "operational": "operational",
        "degraded_performance": "degraded",
        "partial_outage": "partial",
        "major_outage": "major",
        "under_maintenance": "maintenance",
        "incident": "degraded",
    },
}
ROOTLY: dict[str, Any] = {
    "status": "status.indicator",
    "message": "status.description",
    "words": {"none": "operational", "minor": "degraded", "major": "partial", "critical": "major"},
}
STATUSPAL: dict[str, Any] = {
    "status": "status_page.current_incident_type",
    "words": {"null": "operational", "minor": "degraded", "major": "major", "scheduled": "maintenance"},
    "parts": {"path": "services", "name": "name", "status": "current_incident_type"},
    "incidents": {
        "path": "incidents",
        "id": "id",
        "title": "title",
        "severity": "type",
        "url": "url",
        "started_at": "starts_at",
        "ended_at": "ends_at",
    },
    "maintenances": {
        "path": "upcoming_maintenances",
        "id": "id",
        "title": "title",
        "started_at": "starts_at",
        "ended_at": "ends_at",
    },
}
ZENDESK: dict[str, Any] = {
    "words": {"minor": "degraded", "major": "partial", "critical": "major", "maintenance": "maintenance"},
    "incidents": {
        "path": "data",
        "id": "id",
        "title": "attributes.title",
        "status": "attributes.status",
        "severity": "attributes.impact",
        "started_at": "attributes.started_at",
        "ended_at": "attributes.resolved_at",
        "closed": ["resolved"],
    },
}
STRIPE: dict[str, Any] = {
    "status": "largestatus",
    "message": "message",
    "words": {"up": "operational", "degraded": "degraded", "down": "major"},
    "parts": {"path": "statuses", "name": "key", "status": "value"},
}


def read(data: Any, options: Any) -> Reading:
    return read_page("json_status", data, **options)


@each("generic_json")
def test_each_recording_is_read_rightly(name: str):
    right = expected()[name]
    options: Any = SERVICES if "down" in right else OUTAGES
    reading = checks.read("json_status", recording(name), now=NOW, **options)
    assert reading.status is Status.MAJOR
    if "down" in right:
        assert len(reading.components) == right["total"]
        assert [one.name for one in reading.components if one.status is Status.MAJOR] == right["down"]
        assert reading.incidents is None
        assert reading.as_of is not None
    else:
        listed = reading.incidents or ()
        assert [one.title for one in listed] == right["open"]
        assert len(listed) + len(reading.over) == right["total"]
        began = [one.started_at for one in (*listed, *reading.over) if one.started_at is not None]
        assert reading.reach == min(began)


@pytest.mark.parametrize("options", [SERVICES, OUTAGES, OPENSTATUS, ROOTLY, STATUSPAL, STRIPE])
@strangers("generic_json", "statuspage", "incidentio")
def test_what_others_serve_is_never_green(name: str, options: Any):
    assert checks.read("json_status", recording(name), now=NOW, **options).status is Status.UNKNOWN


class TestOpenstatus:
    @pytest.mark.parametrize(
        ("word", "status"), [*OPENSTATUS["words"].items(), ("unknown", "unknown"), ("", "unknown")]
    )
    def test_is_one_word(self, word: str, status: str):
        assert read({"status": word}, OPENSTATUS).status == status

    def test_says_so_itself(self):
        reading = read({"status": "operational"}, OPENSTATUS)
        assert (reading.message, reading.incidents, reading.components) == ("its page says operational", None, ())


class TestRootly:
    def test_is_much_like_statuspage(self):
        reading = read({"status": {"indicator": "minor", "description": "Slow labels"}}, ROOTLY)
        assert (reading.status, reading.message) == (Status.DEGRADED, "Slow labels")

    @pytest.mark.parametrize(
        "status", [None, {}, "none", {"indicator": None}, {"indicator": ["none"]}, {"x": "none"}]
    )
    def test_without_its_word_is_unknown(self, status: Any):
        reading = read({"status": status}, ROOTLY)
        assert (reading.status, reading.message) == (Status.UNKNOWN, "its page has no word at 'status.indicator'")


class TestStatuspal:
    PAGE: ClassVar[dict[str, Any]] = {
        "status_page": {"name": "Parcels", "current_incident_type": None},
        "services": [{"name": "API", "current_incident_type": None}, {"name": "Docs", "current_incident_type": None}],
        "incidents": [],
        "upcoming_maintenances": [],
    }
    INCIDENT: ClassVar[dict[str, Any]] = {
        "id": 7,
        "title": "No labels",
        "type": "major",
        "starts_at": "2026-09-01T10:00:00",
        "ends_at": None,
    }
    WORK: ClassVar[dict[str, Any]] = {
        "id": 8,
        "title": "New racks",
        "starts_at": "2026-09-02T10:00:00",
        "ends_at": "2026-09-02T12:00:00",
    }

    def test_is_well_where_nothing_stands(self):
        assert read(self.PAGE, STATUSPAL).status is Status.OPERATIONAL

    @pytest.mark.parametrize(
        "way",
        [
            ["status_page"],
            ["status_page", "current_incident_type"],
            ["services", 0, "current_incident_type"],
            ["services"],
            ["incidents"],
            ["upcoming_maintenances"],
        ],
    )
    def test_is_unknown_where_that_is_missing(self, way: list[Any]):
        assert read(without(self.PAGE, *way), STATUSPAL).status is Status.UNKNOWN

    def test_lists_incidents_and_maintenance(self):
        over = {**self.INCIDENT, "id": 6, "ends_at": "2026-09-01T11:00:00"}
        running = {**self.INCIDENT, "id": 5, "type": "scheduled"}
        coming = {**running, "id": 4, "starts_at": "2026-09-03T10:00:00"}
        lists = {"incidents": [self.INCIDENT, over, running, coming], "upcoming_maintenances": [self.WORK]}
        reading = read({**self.PAGE, **lists}, STATUSPAL)
        assert [(one.ref, one.status) for one in reading.incidents or ()] == [("7", "major"), ("5", "maintenance")]
        assert [one.ref for one in reading.over] == ["6"]
        assert [one.ref for one in reading.maintenances] == ["8", "4"]
        assert reading.maintenances[0].until == datetime(2026, 9, 2, 12, tzinfo=UTC)
        assert reading.status is Status.MAJOR


class TestZendesk:
    @staticmethod
    def page(*rows: Any) -> dict[str, Any]:
        known = {"title": "No labels", "status": "investigating", "impact": "major", "resolved_at": None}
        return {
            "data": [{"id": str(n), "attributes": {**known, **row}} for n, row in enumerate(rows)],
            "included": [],
        }

    def test_lists_only_what_is_open(self):
        reading = read(self.page(), ZENDESK)
        assert (reading.status, reading.message) == (Status.OPERATIONAL, "it lists nothing that is wrong")
        assert read(self.page({}), ZENDESK).status is Status.PARTIAL

    def test_knows_what_is_over_by_its_word_or_its_end(self):
        rows = [{"status": "resolved"}, {"resolved_at": "2026-09-01T11:00:00Z"}, {"status": "Pondering"}]
        reading = read(self.page(*rows), ZENDESK)
        assert [one.ref for one in reading.over] == ["0", "1"]
        assert [one.ref for one in reading.incidents or ()] == ["2"]

    @pytest.mark.parametrize("word", ["abysmal", "", None, 3])
    def test_weighs_a_word_that_is_not_known_as_unknown(self, word: Any):
        reading = read(self.page({"impact": word}), ZENDESK)
        assert [one.status for one in reading.incidents or ()] == [Status.UNKNOWN]
        assert reading.status is Status.UNKNOWN

    def test_announces_nothing_but_work(self):
        reading = read(self.page({"started_at": "2026-09-02T10:00:00Z"}), ZENDESK)
        assert ([one.ref for one in reading.incidents or ()], reading.maintenances) == (["0"], ())

    @pytest.mark.parametrize("end", ["", "soon", 0, "2026-09-09T11:00:00Z"])
    def test_is_open_until_an_end_that_has_come(self, end: Any):
        assert [one.ref for one in read(self.page({"resolved_at": end}), ZENDESK).incidents or ()] == ["0"]

    @pytest.mark.parametrize("rows", [None, {}, "none", [7], [{"attributes": {}}]])
    def test_is_unknown_where_its_list_is_damaged(self, rows: Any):
        assert read({"data": rows}, ZENDESK).status is Status.UNKNOWN


class TestStripe:
    def test_names_its_components_in_a_mapping(self):
        page = {
            "largestatus": "degraded",
            "message": "Webhooks are late",
            "statuses": {"api": "up", "webhooks": "down"},
        }
        reading = read(page, STRIPE)
        assert parts_of(reading) == {"api": "operational", "webhooks": "major"}
        assert (reading.status, reading.message) == (Status.MAJOR, "webhooks major")

    def test_may_say_more_of_each_in_a_mapping_of_its_own(self):
        page = {"services": {"api": {"state": "up"}, "web": {"state": "down"}}}
        reading = read(
            page, {**STRIPE, "status": "", "parts": {"path": "services", "name": "key", "status": "state"}}
        )
        assert parts_of(reading) == {"api": "operational", "web": "major"}

    @pytest.mark.parametrize("statuses", [None, {}, [], "up", {"api": None}, {"api": ["up"]}, ["up"]])
    def test_is_never_green_without_them(self, statuses: Any):
        page = {"largestatus": "up", "message": "All is online", "statuses": statuses}
        assert read(page, STRIPE).status is Status.UNKNOWN


class TestWords:
    def test_may_be_numbers_truth_or_nothing(self):
        rows = [{"n": "A", "s": True}, {"n": "B", "s": False}, {"n": "C", "s": 2}, {"n": "D", "s": None}, {"n": "E"}]
        words = {"true": "operational", "false": "major", "2": "degraded", "null": "maintenance"}
        options = {"parts": {"path": "@", "name": "n", "status": "s", "words": words}}
        assert [one.value for one in parts_of(read(rows, options)).values()] == [
            "operational",
            "major",
            "degraded",
            "maintenance",
            "unknown",
        ]

    def test_are_the_same_in_any_case_and_spelling(self):
        assert read({"status": "Degraded Performance"}, OPENSTATUS).status is Status.DEGRADED

    def test_of_a_list_come_before_those_of_the_page(self):
        options = {**STRIPE, "parts": {**STRIPE["parts"], "words": {"down": "degraded"}}}
        page = {"largestatus": "up", "statuses": {"api": "down", "web": "up"}}
        assert read(page, options).status is Status.DEGRADED

    def test_that_are_missing_may_still_have_a_weight(self):
        incidents = {"path": "@", "id": "id", "title": "title"}
        assert read([{"id": 1}], {"incidents": incidents}).status is Status.UNKNOWN
        assert read([{"id": 1}], {"incidents": {**incidents, "weight": "partial"}}).status is Status.PARTIAL

    def test_that_mean_nothing_is_wrong_make_a_notice(self):
        incidents = {"path": "@", "id": "id", "title": "title", "severity": "kind", "words": {"info": "operational"}}
        reading = read([{"id": 1, "title": "A poll", "kind": "info"}], {"incidents": incidents})
        assert (reading.status, reading.message) == (Status.OPERATIONAL, "notice: A poll")


def test_maintenance_goes_by_its_words_and_else_by_its_times():
    works = {
        "path": "works",
        "id": "id",
        "title": "id",
        "status": "state",
        "started_at": "from",
        "ended_at": "to",
        "announced": ["planned"],
        "begun": ["running"],
        "closed": ["done"],
    }
    rows = [
        {"id": "a", "state": "planned", "from": "2026-09-01T11:00:00Z"},
        {"id": "b", "state": "running", "from": "2026-09-02T11:00:00Z"},
        {"id": "c", "state": "done"},
        {"id": "d", "state": "?", "from": "2026-09-02T11:00:00Z"},
        {"id": "e", "state": "?", "from": "2026-09-01T11:00:00Z", "to": "2026-09-01T13:00:00Z"},
        {"id": "f", "state": "?", "from": "2026-09-01T10:00:00Z", "to": "2026-09-01T11:00:00Z"},
    ]
    reading = read({"status": "operational", "works": rows}, {**OPENSTATUS, "maintenances": works})
    assert [one.ref for one in reading.incidents or ()] == ["b", "e"]
    assert sorted(one.ref for one in reading.maintenances) == ["a", "d"]
    assert [one.ref for one in reading.over] == ["c", "f"]
    assert reading.status is Status.MAINTENANCE


def test_an_incident_carries_what_was_said_of_it():
    options = {
        "path": "rows[?live]",
        "id": "no",
        "title": "head",
        "status": "state",
        "url": "link",
        "updated_at": "seen",
        "components": "hurt",
        "message": "text",
    }
    row = {
        "live": True,
        "no": 12,
        "head": "No labels",
        "state": "looking",
        "link": "https://status.example/12",
        "seen": 1788257100,
        "hurt": [{"name": "API"}, "Docs"],
        "text": "We <b>look</b>",
    }
    (said,) = read({"rows": [row, {"live": False}]}, {"incidents": options}).incidents or ()
    assert (said.ref, said.title, said.state, said.url) == ("12", "No labels", "looking", "https://status.example/12")
    assert said.components == ("API", "Docs")
    assert (said.update, said.updated_at) == ("We look", datetime(2026, 9, 1, 10, 5, tzinfo=UTC))


def test_only_what_is_chosen_weighs():
    page = {"services": [{"name": "API", "displayState": "UP"}, {"name": "Docs", "displayState": "DOWN"}]}
    assert read(page, {**SERVICES, "components": ["API"]}).status is Status.OPERATIONAL
    assert read(page, {**SERVICES, "components": "Docs"}).status is Status.MAJOR
    assert read(page, {**SERVICES, "components": ["Dogs"]}).status is Status.UNKNOWN


def test_a_list_that_is_not_full_goes_back_to_the_beginning():
    row = {"id": "a", "service": {"name": "A"}, "state": "DOWN", "openedAt": "2026-09-01T10:00:00Z"}
    assert read({"incidents": [row]}, OUTAGES).reach is None
    full = {**OUTAGES, "incidents": {**OUTAGES["incidents"], "most": 1}}
    assert read({"incidents": [row]}, full).reach == datetime(2026, 9, 1, 10, tzinfo=UTC)


def test_a_story_is_told_word_by_word():
    def page(**row: Any) -> dict[str, Any]:
        return {"data": [{"id": "1", "attributes": {"title": "No labels", "impact": "minor", **row}}]}

    assert told_of(
        "json_status",
        page(status="investigating"),
        page(status="investigating"),
        page(status="identified"),
        page(status="identified", impact="critical"),
        page(status="resolved", impact="critical"),
        {"data": []},
        **ZENDESK,
    ) == [["opened degraded"], [], ["updated degraded"], ["worsened major"], ["resolved operational"], []]


@pytest.mark.parametrize("body", DAMAGED)
@pytest.mark.parametrize("options", [SERVICES, OUTAGES, ROOTLY, STATUSPAL, ZENDESK, STRIPE])
def test_what_is_no_page_is_never_green(body: bytes, options: Any):
    if options is ROOTLY and b"indicator" in body:
        return
    reading = checks.read("json_status", body, now=NOW, **options)
    assert reading.status is Status.UNKNOWN
    assert reading.message


def test_a_page_that_breaks_off_is_never_green():
    for body in cut_short(TestStatuspal.PAGE):
        assert checks.read("json_status", body, now=NOW, **STATUSPAL).status is Status.UNKNOWN


def test_an_error_that_came_with_200_is_no_page():
    reading = read({"error": {"message": "slow down"}, "status": "operational"}, OPENSTATUS)
    assert reading.message == "its page says that something went wrong: slow down"


def test_a_path_that_does_not_suit_the_page_is_unreadable():
    reading = read({"services": None}, {"status": "length(services)", "words": {"1": "operational"}})
    assert reading.message == "'length(services)' cannot be told of its page"


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({}, "give status, parts or incidents"),
            ({"status": "a["}, "status: 'a.' is not a JMESPath"),
            ({"status": "a", "message": "]"}, "message: "),
        ],
    )
    def test_that_cannot_be_meant_are_refused(self, options: Any, words: str):
        with pytest.raises(ValueError, match=words):
            JsonStatus("https://status.example", **options)

    @pytest.mark.parametrize(
        ("made", "words"),
        [
            (lambda: Parts("a", "b", "c["), "status: "),
            (lambda: Parts("", "b", "c"), "path: is empty"),
            (lambda: Incidents("a", "", "c"), "id: is empty"),
            (lambda: Incidents("a", "b", "c", closed=("over",)), "closed names words of status"),
            (lambda: Maintenances("a", "b", "c", begun=("now",)), "name words of status"),
        ],
    )
    def test_of_its_lists_too(self, made: Any, words: str):
        with pytest.raises(ValueError, match=words):
            made()

    def test_that_are_strange_are_named(self):
        with pytest.raises(ValueError, match="no option 'pth'"):
            read({}, {"parts": {"pth": "a"}})

    def test_may_hold_secrets_that_are_never_shown(self):
        check = JsonStatus("https://status.example/?k=hush", headers={"X-Key": Secret("hush")}, status="status")
        assert "hush" not in repr(check)
        (asked,) = check.asked
        assert dict(asked.request.headers)["X-Key"] == "hush"


def test_what_is_written_in_a_config_is_what_a_library_is_given():
    made = JsonStatus(
        "https://status.example", incidents=Incidents("rows", "id", "title", status="state", closed=("over",))
    )
    body = json.dumps({"rows": [{"id": 1, "title": "A"}]}).encode()
    assert checks.read("json_status", body, now=NOW, incidents=made.incidents).incidents
