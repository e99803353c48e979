"""Heroku's page: the colours of its systems, what is open, and what is planned."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.checks.vendors.recordings import NOW, each, expected, recording
from tests.checks.vendors.strange import DAMAGED, addresses, strangers
from tests.core.small import Life
from tui_monitor import checks
from tui_monitor.checks.heroku import Heroku
from tui_monitor.core.model import Kind, Reading
from tui_monitor.core.status import Status

COLOURS = {"green": "operational", "yellow": "degraded", "red": "major", "blue": "maintenance"}
SEVERITIES = {"minor": Status.DEGRADED}


def read(data: Any, **options: Any) -> Reading:
    return checks.read("heroku", json.dumps(data).encode(), now=NOW, **options)


@each("heroku")
def test_each_recording_is_read_rightly(name: str):
    right = expected()[name]
    reading = checks.read("heroku", recording(name), now=NOW)
    listed = reading.incidents or ()
    assert {one.name: one.status.value for one in reading.components} == {
        system: COLOURS[colour] for system, colour in right["systems"].items()
    }
    assert [one.title for one in listed] == right["active_incidents"]
    assert not any(one.maintenance for one in listed)
    assert {one.status for one in listed} == {reading.status} == {SEVERITIES[right["severity"]]}
    assert reading.over == reading.maintenances == ()


def incident(**parts: Any) -> dict[str, Any]:
    return {
        "id": 9,
        "title": "Dynos nap",
        "state": "open",
        "resolved": False,
        "created_at": "2026-09-01T10:00:00.123Z",
        "updated_at": "2026-09-01T10:30:00Z",
        "full_url": "https://heroku.example/9",
        "updates": [],
        **parts,
    }


def page(*incidents: Any, scheduled: Any = (), **colours: str) -> dict[str, Any]:
    shown = {"Apps": "green", "Data": "green", "Tools": "green", **colours}
    systems = [{"system": name, "status": colour} for name, colour in shown.items()]
    return {"status": systems, "incidents": list(incidents), "scheduled": list(scheduled)}


def note(at: str, text: str = "news", **parts: Any) -> dict[str, Any]:
    return {"created_at": at, "contents": text, "update_type": "issue", **parts}


def test_a_page_that_is_well():
    reading = read(page())
    assert (reading.status, reading.message) == (Status.OPERATIONAL, "Apps, Data, Tools: green")
    assert reading.incidents == ()


@pytest.mark.parametrize(("colour", "status"), [*COLOURS.items(), ("purple", "unknown"), ("", "unknown")])
def test_each_colour_has_its_weight(colour: str, status: str):
    assert read(page(Data=colour)).status == status


class TestHowBadAnIncidentIs:
    def test_by_the_colours_of_what_was_written_last_in_either_order(self):
        notes = [
            note("2026-09-01T10:40:00Z", status_prod="red", status_dev="green"),
            note("2026-09-01T10:00:00Z", status_prod="yellow"),
        ]
        for updates in (notes, notes[::-1]):
            (said,) = read(page(incident(updates=updates))).incidents or ()
            assert said.status is Status.MAJOR

    def test_by_the_systems_where_it_has_no_colour(self):
        (said,) = read(page(incident(), Data="red")).incidents or ()
        assert said.status is Status.MAJOR

    def test_never_nothing(self):
        green = [note("2026-09-01T10:00:00Z", status_prod="green")]
        for updates in ([], green):
            assert read(page(incident(updates=updates))).status is Status.DEGRADED

    def test_unknown_where_its_colour_is(self):
        purple = [note("2026-09-01T10:00:00Z", status_prod="purple")]
        assert read(page(incident(updates=purple))).status is Status.UNKNOWN


@pytest.mark.parametrize("parts", [{"state": "watching"}, {"state": "open", "resolved": True}, {"state": None}])
def test_what_is_not_known_to_be_over_is_open(parts: dict[str, Any]):
    assert [one.ref for one in read(page(incident(**parts))).incidents or ()] == ["9"]


@pytest.mark.parametrize("parts", [{"state": "resolved"}, {"state": None, "resolved": True}, {"state": "Resolved"}])
def test_what_is_over_is_over(parts: dict[str, Any]):
    reading = read(page(incident(**parts)))
    assert (reading.status, reading.incidents) == (Status.OPERATIONAL, ())
    assert [(one.ref, one.until) for one in reading.over] == [("9", datetime(2026, 9, 1, 10, 30, tzinfo=UTC))]


class TestWhatIsPlanned:
    def test_is_announced_and_no_outage(self):
        reading = read(page(scheduled=[incident()]))
        assert (reading.status, reading.incidents) == (Status.OPERATIONAL, ())
        assert [(one.ref, one.maintenance) for one in reading.maintenances] == [("9", True)]

    def test_is_on_once_a_system_is_blue(self):
        reading = read(page(scheduled=[incident()], Data="blue"))
        assert reading.status is Status.MAINTENANCE
        assert [(one.ref, one.status) for one in reading.incidents or ()] == [("9", Status.MAINTENANCE)]

    def test_is_not_on_for_another_one_that_is(self):
        reading = read(page(scheduled=[incident(state="scheduled")], Data="blue"))
        assert (reading.incidents, [one.ref for one in reading.maintenances]) == ((), ["9"])

    def test_ends_when_it_says_so(self):
        reading = read(page(scheduled=[incident(state="resolved")]))
        assert (reading.maintenances, [one.ref for one in reading.over]) == ((), ["9"])


def test_updates_stand_in_the_order_of_time_as_plain_text():
    notes = [note("2026-09-01T10:40:00Z", "Up <b>again</b>"), note("2026-09-01T10:00:00Z", "Down"), None]
    (said,) = read(page(incident(updates=notes))).incidents or ()
    assert [(one.text, one.state) for one in said.updates] == [("Down", "issue"), ("Up again", "issue")]
    assert said.updated_at == datetime(2026, 9, 1, 10, 40, tzinfo=UTC)


@pytest.mark.parametrize("when", ["", None, "soon", 0, {}])
def test_a_time_that_cannot_be_read_loses_no_incident(when: Any):
    (said,) = read(page(incident(created_at=when, updated_at=when, updates=[note(when)]))).incidents or ()
    assert (said.started_at, said.updated_at, said.update) == (None, None, "news")


class TestOnlyWhatWasChosen:
    def test_by_system(self):
        assert read(page(Data="red"), components="Apps").status is Status.OPERATIONAL
        assert read(page(Data="red"), components=["data"]).status is Status.MAJOR

    def test_a_system_that_is_not_there_is_never_green(self):
        reading = read(page(), components="App")
        assert (reading.status, reading.message) == (
            Status.UNKNOWN,
            "its page has no component 'App'; did you mean 'Apps'?",
        )

    def test_by_weight(self):
        assert read(page(incident(), Apps="yellow"), severity="major").status is Status.OPERATIONAL


@pytest.mark.parametrize(
    "url", ["https://h.example", "https://h.example/", "https://h.example/api/v4/current-status"]
)
def test_what_is_asked(url: str):
    assert addresses(Heroku(url)) == ["https://h.example/api/v4/current-status"]


def test_an_incident_from_its_begin_to_its_end():
    life = Life(now=NOW)
    first = note("2026-09-01T10:00:00Z", "looking", status_prod="yellow")
    second = note("2026-09-01T10:20:00Z", "found", status_prod="yellow")
    third = note("2026-09-01T10:40:00Z", "worse", status_prod="red")
    story = [
        page(),
        page(incident(updates=[first]), Apps="yellow"),
        page(incident(updates=[second, first]), Apps="yellow"),
        page(incident(updates=[third, second, first]), Apps="red"),
        page(),
    ]
    for one in story:
        life.see(checks.read("heroku", json.dumps(one).encode(), now=life.now))
    assert [event.kind for event in life.events] == [Kind.OPENED, Kind.UPDATED, Kind.WORSENED, Kind.RESOLVED]


WELL = page()


def test_an_error_is_told_in_its_own_words():
    reading = read({"ok": False, "error": "ratelimited"})
    assert (reading.status, "ratelimited" in reading.message) == (Status.UNKNOWN, True)


@pytest.mark.parametrize(
    "body",
    [
        *DAMAGED,
        json.dumps(page(incident())).encode()[:-20],
        *(
            json.dumps(one).encode()
            for one in (
                {**WELL, "status": []},
                {**WELL, "status": None},
                {**WELL, "status": [{"status": "green"}]},
                {**WELL, "incidents": None},
                {**WELL, "incidents": ["x"]},
                {**WELL, "scheduled": "none"},
                {key: value for key, value in WELL.items() if key != "incidents"},
                page(incident(id=None)),
            )
        ),
    ],
)
def test_what_cannot_be_read_is_unknown_with_the_reason(body: bytes):
    reading = checks.read("heroku", body, now=NOW)
    assert reading.status is Status.UNKNOWN
    assert reading.message


@strangers("heroku")
def test_the_pages_of_others_are_unknown(name: str):
    assert checks.read("heroku", recording(name), now=NOW).status is Status.UNKNOWN
