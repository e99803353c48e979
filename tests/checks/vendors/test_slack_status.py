"""Slack's status page: all that is active (v2), the one thing that is (v1), and the history."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.checks.vendors.recordings import NOW, each, expected, recording
from tests.checks.vendors.strange import DAMAGED, addresses, strangers
from tests.core.small import Life
from tui_monitor import checks
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.slack_status import SlackStatus
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import Kind, Reading
from tui_monitor.core.status import Status

WEIGHTS = {"outage": Status.MAJOR, "incident": Status.DEGRADED, "notice": Status.OPERATIONAL}


def read(data: Any, **options: Any) -> Reading:
    return checks.read("slack_status", json.dumps(data).encode(), now=NOW, **options)


def refs(reading: Reading) -> list[str]:
    return [one.ref for one in reading.incidents or ()]


@each("slack_status")
def test_each_recording_is_read_rightly(name: str):
    right = expected()[name]
    reading = checks.read("slack_status", recording(name), now=NOW)
    listed = reading.incidents or ()
    if "incidents" in right:
        assert (len(listed), len(reading.over)) == (len(right["not_resolved"]), right["incidents"])
        assert reading.status is Status.OPERATIONAL
        return
    rows = json.loads(recording(name))["active_incidents"]
    assert len(rows) == right["active_count"]
    assert sorted(one.ref for one in listed) == sorted({str(row["id"]) for row in rows})
    assert not any(one.maintenance for one in listed)
    for said, one in zip(listed, right["active_incidents"], strict=False):
        assert (said.ref, said.title, said.state, said.impact) == (
            str(one["id"]),
            one["title"],
            one["status"],
            one["type"],
        )
        assert list(said.components) == one["services"]
        assert (said.status, len(said.updates)) == (WEIGHTS[one["type"]], one["notes"])
        assert list(said.updates) == sorted(said.updates, key=lambda update: update.at or NOW)
    assert reading.status is max((one.status for one in listed), key=lambda one: one.rank, default=Status.OPERATIONAL)


def incident(**parts: Any) -> dict[str, Any]:
    return {
        "id": 71,
        "date_created": "2026-09-01T02:00:00-07:00",
        "date_updated": "2026-09-01T02:30:00-07:00",
        "title": "Emoji run away",
        "type": "incident",
        "status": "active",
        "url": "https://slack.example/2026-09/71",
        "services": ["Messaging"],
        "notes": [],
        **parts,
    }


def current(*listed: Any, **parts: Any) -> dict[str, Any]:
    dates = {"date_created": "2026-09-01T02:00:00-07:00", "date_updated": "2026-09-01T02:30:00-07:00"}
    return {"status": "active" if listed else "ok", **dates, "active_incidents": list(listed), **parts}


@pytest.mark.parametrize("kind", [*WEIGHTS, "maintenance"])
def test_each_type_has_its_weight(kind: str):
    reading = read(current(incident(type=kind)))
    (said,) = reading.incidents or ()
    assert said.status is reading.status is WEIGHTS.get(kind, Status.MAINTENANCE)
    assert said.maintenance is (kind == "maintenance")


def test_a_notice_is_listed_and_no_outage():
    reading = read(current(incident(type="notice")))
    assert (reading.status, reading.message) == (Status.OPERATIONAL, "notice: Emoji run away")


@pytest.mark.parametrize("wrong", [{"type": "earthquake"}, {"type": None}, {"type": 7}])
def test_an_unknown_type_is_of_unknown_weight(wrong: dict[str, Any]):
    reading = read(current(incident(**wrong)))
    assert [one.status for one in reading.incidents or ()] == [Status.UNKNOWN]
    assert reading.status is Status.UNKNOWN


@pytest.mark.parametrize("state", ["escalated", "", None, 7])
def test_an_unknown_state_is_open(state: Any):
    assert [one.ref for one in read(current(incident(status=state))).incidents or ()] == ["71"]


@pytest.mark.parametrize("state", ["resolved", "completed", "cancelled", "Resolved"])
def test_closed_words_close(state: str):
    reading = read(current(incident(status=state)))
    assert (reading.incidents, [one.ref for one in reading.over]) == ((), ["71"])
    assert reading.status is Status.OPERATIONAL
    assert reading.over[0].until == datetime(2026, 9, 1, 9, 30, tzinfo=UTC)


def test_what_is_scheduled_is_announced_and_no_outage():
    reading = read(current(incident(status="scheduled", type="notice", date_created="2026-09-03T02:00:00Z")))
    assert (reading.status, reading.incidents) == (Status.OPERATIONAL, ())
    assert [(one.ref, one.maintenance, one.started_at) for one in reading.maintenances] == [
        ("71", True, datetime(2026, 9, 3, 2, tzinfo=UTC))
    ]


def test_a_date_in_the_past_is_no_begin_of_what_is_scheduled():
    (said,) = read(current(incident(status="scheduled"))).maintenances
    assert said.started_at is None


NOTES = [
    {"date_created": "2026-09-01T02:00:00-07:00", "body": "We look.\r\nSoon more."},
    {"date_created": "2026-09-01T02:45:00-07:00", "body": "<p>We <b>found</b> it &amp; mend it.</p>"},
]


@pytest.mark.parametrize("notes", [NOTES, NOTES[::-1]])
def test_notes_of_either_order_stand_in_the_order_of_time(notes: list[Any]):
    (said,) = read(current(incident(notes=notes))).incidents or ()
    assert [one.text for one in said.updates] == ["We look.\nSoon more.", "We found it & mend it."]
    assert said.updated_at == datetime(2026, 9, 1, 9, 45, tzinfo=UTC)


@pytest.mark.parametrize("when", ["", None, "soon", 0, [], "0001-01-01T00:00:00Z"])
def test_a_time_that_cannot_be_read_loses_no_incident(when: Any):
    notes = [{"date_created": when, "body": "hm"}]
    (said,) = read(current(incident(date_created=when, date_updated=when, notes=notes))).incidents or ()
    assert (said.started_at, said.updated_at, said.update) == (None, None, "hm")


@pytest.mark.parametrize("notes", [None, "x", [None, 7, {}], {"body": "x"}])
def test_damaged_notes_lose_no_incident(notes: Any):
    (said,) = read(current(incident(notes=notes))).incidents or ()
    assert said.updates == ()


class TestTheHead:
    def test_ok_above_an_incident_is_not_well(self):
        assert read(current(incident(type="outage"), status="ok")).status is Status.MAJOR

    @pytest.mark.parametrize("word", ["active", "broken"])
    def test_trouble_without_anything_listed_is_unknown(self, word: str):
        reading = read(current(status=word))
        assert (reading.status, reading.incidents) == (Status.UNKNOWN, None)
        assert "lists nothing" in reading.message

    def test_an_unknown_word_above_a_mere_notice_is_unknown(self):
        assert read(current(incident(type="notice"), status="broken")).status is Status.UNKNOWN

    def test_the_list_of_what_is_active_must_be_there_where_it_was_asked_for(self):
        body = json.dumps({key: value for key, value in current().items() if key != "active_incidents"}).encode()
        check = SlackStatus()
        with pytest.raises(Unreadable, match="active_incidents"):
            check.read(Document(body, NOW, role=check.asked[0].role))


class TestTheFirstVersion:
    def test_ok_is_well(self):
        reading = read({"status": "ok", "date_created": "2026-09-01T02:00:00-07:00"})
        assert (reading.status, reading.incidents, reading.reach) == (Status.OPERATIONAL, (), None)

    def test_ok_with_an_incident_is_not_well(self):
        assert refs(read(incident(status="ok"))) == ["71"]

    def test_one_incident_lies_flat_and_hides_others(self):
        reading = read(incident(type="outage"))
        assert [(one.ref, one.status) for one in reading.incidents or ()] == [("71", Status.MAJOR)]
        assert reading.reach == NOW

    def test_the_last_one_is_still_shown_for_an_hour(self):
        reading = read(incident(status="resolved"))
        assert (reading.status, reading.incidents, reading.reach) == (Status.OPERATIONAL, (), None)
        assert [one.ref for one in reading.over] == ["71"]

    def test_without_an_id_it_is_known_by_its_address(self):
        flat = {key: value for key, value in incident().items() if key != "id"}
        assert [one.ref for one in read(flat).incidents or ()] == ["https://slack.example/2026-09/71"]

    @pytest.mark.parametrize("gone", ["title", "notes"])
    def test_what_says_only_that_something_is_wrong_is_unknown(self, gone: str):
        assert read({key: value for key, value in incident().items() if key != gone}).status is Status.UNKNOWN

    def test_another_incident_that_is_more_urgent_ends_none(self):
        life = Life(now=NOW)
        for flat in (incident(), incident(id=72, type="outage", title="No logins")):
            life.see(checks.read("slack_status", json.dumps(flat).encode(), now=life.now))
        assert [one.vendor_ref for one in life.belief.vendor] == ["72", "71"]


class TestTheHistory:
    def test_what_is_open_in_it_is_open(self):
        reading = read([incident(), incident(id=70, status="resolved")])
        assert ([one.ref for one in reading.incidents or ()], [one.ref for one in reading.over]) == (["71"], ["70"])
        assert reading.reach is None

    def test_a_full_one_may_be_cut_off(self):
        many = [incident(id=n, status="resolved", date_created=f"2026-08-01T00:{n:02}:00Z") for n in range(50)]
        assert read(many).reach == datetime(2026, 8, 1, tzinfo=UTC)

    @pytest.mark.parametrize("gone", ["date_created", "notes"])
    def test_a_row_that_is_none_of_slacks_is_not_read(self, gone: str):
        strange = {key: value for key, value in incident(status="resolved").items() if key != gone}
        assert read([incident(status="resolved"), strange]).status is Status.UNKNOWN

    def test_an_empty_one_is_none(self):
        assert read([]).status is Status.UNKNOWN


class TestOnlyWhatWasChosen:
    @pytest.mark.parametrize(("wanted", "found"), [("messaging", ["71"]), ("Mess*", ["71"]), ("Search", [])])
    def test_by_service(self, wanted: str, found: list[str]):
        assert [one.ref for one in read(current(incident()), components=[wanted]).incidents or ()] == found

    def test_what_names_no_service_concerns_all(self):
        assert read(current(incident(services=[])), components="Search").status is Status.DEGRADED

    def test_by_weight(self):
        page = current(incident(), incident(id=72, type="outage"))
        assert [one.ref for one in read(page, severity="major").incidents or ()] == ["72"]


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://slack-status.com", "https://slack-status.com/api/v2.0.0/current"),
        ("https://slack-status.com/", "https://slack-status.com/api/v2.0.0/current"),
        ("https://slack-status.com/api", "https://slack-status.com/api/v2.0.0/current"),
        ("https://slack-status.com/api/v1.0.0/current", "https://slack-status.com/api/v1.0.0/current"),
        ("https://slack-status.com/api/v2.0.0/history", "https://slack-status.com/api/v2.0.0/history"),
    ],
)
def test_what_is_asked(url: str, asked: str):
    assert addresses(SlackStatus(url)) == [asked]


def test_an_incident_from_its_begin_to_its_end():
    life = Life(now=NOW)
    worse = {"type": "outage", "date_updated": "2026-09-01T05:10:00-07:00"}
    story = [
        current(),
        current(incident()),
        current(incident(notes=NOTES[:1])),
        current(incident(notes=NOTES)),
        current(incident(notes=NOTES, **worse)),
        current(incident(notes=NOTES, title="All emoji ran away", **worse)),
        current(),
    ]
    for page in story:
        life.see(checks.read("slack_status", json.dumps(page).encode(), now=life.now))
    assert [event.kind for event in life.events] == [
        Kind.OPENED,
        Kind.UPDATED,
        Kind.UPDATED,
        Kind.WORSENED,
        Kind.UPDATED,
        Kind.RESOLVED,
    ]
    assert life.belief.incidents == ()


def test_an_error_is_told_in_its_own_words():
    reading = read({"ok": False, "error": "ratelimited"})
    assert (reading.status, "ratelimited" in reading.message) == (Status.UNKNOWN, True)


@pytest.mark.parametrize(
    "body",
    [
        *DAMAGED,
        json.dumps(current(incident())).encode()[:-20],
        *(
            json.dumps(page).encode()
            for page in (
                current(active_incidents=None),
                current(active_incidents={}),
                current(active_incidents=[None]),
                current(status=None),
                current(incident(id=None, url="")),
            )
        ),
    ],
)
def test_what_cannot_be_read_is_unknown_with_the_reason(body: bytes):
    reading = checks.read("slack_status", body, now=NOW)
    assert reading.status is Status.UNKNOWN
    assert reading.message


@strangers("slack_status")
def test_the_pages_of_others_are_unknown(name: str):
    assert checks.read("slack_status", recording(name), now=NOW).status is Status.UNKNOWN
