"""Google Cloud and Workspace: one list of the past and of what is open, by product and region."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.checks.vendors.recordings import NOW, each, expected, recording
from tests.checks.vendors.strange import DAMAGED, addresses, strangers
from tests.core.small import Life
from tui_monitor import checks
from tui_monitor.checks.google_cloud import GoogleCloud
from tui_monitor.core.model import Kind, Reading
from tui_monitor.core.status import Status


def read(data: Any, **options: Any) -> Reading:
    return checks.read("google_cloud", json.dumps(data).encode(), now=NOW, **options)


def refs(reading: Reading) -> list[str]:
    return [one.ref for one in reading.incidents or ()]


@each("gcp")
def test_each_recording_is_read_rightly(name: str):
    right = expected()[name]
    reading = checks.read("google_cloud", recording(name), now=NOW)
    listed = reading.incidents or ()
    assert len(listed) + len(reading.over) == right["count"]
    assert refs(reading) == [one["id"] for one in right["open"]]
    for said, one in zip(listed, right["open"], strict=True):
        assert (said.title[:90], said.impact) == (one["title"], one["impact"])
        assert (one["severity"], said.status) == ("medium", Status.PARTIAL)
        assert list(said.updates) == sorted(said.updates, key=lambda update: update.at or NOW)
    assert reading.status is (Status.PARTIAL if listed else Status.OPERATIONAL)
    assert not any(one.maintenance for one in listed)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"regions": "europe-west4"}, ["3BvH3LVGcupoYqV6F4Nw"]),
        ({"regions": ["Frankfurt"]}, ["T8gmtofFSTGT5tbhyciF"]),
        ({"regions": ["europe"]}, ["3BvH3LVGcupoYqV6F4Nw", "T8gmtofFSTGT5tbhyciF"]),
        ({"regions": ["us-east1"]}, []),
        ({"products": ["NetApp Volumes"]}, ["3BvH3LVGcupoYqV6F4Nw"]),
        ({"products": ["BigQuery"]}, []),
    ],
)
def test_a_recording_by_product_and_region(options: dict[str, Any], found: list[str]):
    assert refs(checks.read("google_cloud", recording("gcp/DERIVED_two_open.json"), now=NOW, **options)) == found


def where(ref: str, title: str = "") -> dict[str, str]:
    return {"id": ref, "title": title or f"Somewhere ({ref})"}


def incident(**parts: Any) -> dict[str, Any]:
    return {
        "id": "Kx1",
        "begin": "2026-09-01T10:00:00+00:00",
        "created": "2026-09-01T10:05:00+00:00",
        "modified": "2026-09-01T10:30:00+00:00",
        "external_desc": "Buckets leak",
        "updates": [],
        "status_impact": "SERVICE_DISRUPTION",
        "severity": "medium",
        "service_key": "zall",
        "service_name": "Multiple Products",
        "affected_products": [{"title": "Google Cloud Storage", "id": "p1"}],
        "uri": "incidents/Kx1",
        "currently_affected_locations": [where("us-east1", "South Carolina (us-east1)")],
        "previously_affected_locations": [],
        **parts,
    }


ENDED = {"end": "2026-09-01T11:00:00+00:00"}


@pytest.mark.parametrize(
    "parts", [{}, {"end": ""}, {"end": None}, {"end": "soon"}, {"end": -1}, {"end": "2027-01-01T00:00:00Z"}]
)
def test_open_is_what_has_no_end_that_is_past(parts: dict[str, Any]):
    reading = read([incident(**parts)])
    assert (refs(reading), reading.over) == (["Kx1"], ())


@pytest.mark.parametrize(("left", "ref"), [({"uri": "/incident/iam/20005"}, "/incident/iam/20005"), ({}, "20005")])
def test_an_old_list_knows_its_incidents_by_address_or_number(left: dict[str, str], ref: str):
    row = {key: value for key, value in incident(number="20005").items() if key not in ("id", "uri")}
    assert refs(read([{**row, **left}])) == [ref]


def test_what_has_ended_is_over():
    reading = read([incident(**ENDED)])
    assert (reading.status, reading.message, refs(reading)) == (Status.OPERATIONAL, "no open incident", [])
    assert [(one.ref, one.until) for one in reading.over] == [("Kx1", datetime(2026, 9, 1, 11, tzinfo=UTC))]


@pytest.mark.parametrize(
    ("impact", "severity", "status"),
    [
        ("SERVICE_INFORMATION", "low", "operational"),
        ("SERVICE_DISRUPTION", "low", "degraded"),
        ("SERVICE_DISRUPTION", "medium", "partial"),
        ("SERVICE_OUTAGE", "high", "major"),
        ("SERVICE_OUTAGE", "low", "major"),
        ("SERVICE_INFORMATION", "high", "major"),
        ("SERVICE_OUTAGE", None, "major"),
        ("", "medium", "partial"),
        ("SERVICE_INFORMATION", None, "operational"),
        ("SERVICE_ODDITY", "low", "unknown"),
        ("SERVICE_INFORMATION", "odd", "unknown"),
        (None, None, "unknown"),
    ],
)
def test_the_worse_of_impact_and_severity_holds(impact: Any, severity: Any, status: str):
    reading = read([incident(status_impact=impact, severity=severity)])
    assert [one.status for one in reading.incidents or ()] == [status]
    assert reading.status == status


NOTES = [
    {"when": "2026-09-01T10:05:00+00:00", "text": "We look", "status": "SERVICE_DISRUPTION"},
    {"when": "2026-09-01T10:45:00+00:00", "text": "See <https://g.example/x>", "status": "AVAILABLE"},
]


@pytest.mark.parametrize("notes", [NOTES, NOTES[::-1], [None, *NOTES, 7]])
def test_updates_of_either_order_stand_in_the_order_of_time(notes: list[Any]):
    (said,) = read([incident(updates=notes)]).incidents or ()
    assert [one.text for one in said.updates] == ["We look", "See <https://g.example/x>"]
    assert (said.state, said.updated_at) == ("AVAILABLE", datetime(2026, 9, 1, 10, 45, tzinfo=UTC))


@pytest.mark.parametrize("when", ["", None, "soon", 0, []])
def test_a_time_that_cannot_be_read_loses_no_incident(when: Any):
    row = incident(begin=when, created=when, modified=when, updates=[{"when": when, "text": "hm"}])
    (said,) = read([row]).incidents or ()
    assert (said.started_at, said.updated_at, said.update) == (None, None, "hm")


class TestWhere:
    @pytest.mark.parametrize(
        ("wanted", "there", "found"),
        [
            ("us-east1", [where("us-east1")], True),
            ("South Carolina", [where("us-east1", "South Carolina (us-east1)")], True),
            ("us", [where("us-east1", "South Carolina")], True),
            ("us-east1", [where("us", "Multi-region: us")], True),
            ("europe-west4-a", [where("europe-west4")], True),
            ("us", [where("australia-southeast2", "Melbourne (australia-southeast2)")], False),
            ("us-east1", [where("us-east4")], False),
            ("us-east1", [where("global", "Global")], True),
            ("us-east1", [where("us-east4"), where("us-east1")], True),
            ("us-east1", [], True),
            ("us-east1", None, True),
            ("us-east1", ["us-east4"], True),
        ],
    )
    def test_it_concerns_a_region(self, wanted: str, there: Any, found: bool):
        reading = read([incident(currently_affected_locations=there)], regions=[wanted])
        assert bool(reading.incidents) is found

    def test_while_it_lasts_where_it_is_no_longer_counts_only_if_it_is_nowhere(self):
        gone = {"previously_affected_locations": [where("us-east4")]}
        reading = read([incident(**gone)], regions="us-east4")
        assert (refs(reading), [one.ref for one in reading.over]) == ([], ["Kx1"])
        assert refs(read([incident(currently_affected_locations=[], **gone)], regions="us-east4")) == ["Kx1"]

    def test_when_it_is_over_it_is_so_wherever_it_was(self):
        places = {"currently_affected_locations": [], "previously_affected_locations": [where("us-east4")]}
        assert [one.ref for one in read([incident(**ENDED, **places)], regions="us-east4").over] == ["Kx1"]
        assert read([incident(**ENDED, **places)], regions="us-west1").over == ()


class TestWhich:
    @pytest.mark.parametrize(
        ("wanted", "parts", "found"),
        [
            ("Cloud Storage", {}, True),
            ("cloud storage", {}, True),
            ("p1", {}, True),
            ("*Storage", {}, True),
            ("Storage Transfer", {}, False),
            ("BigQuery", {"affected_products": []}, True),
            ("BigQuery", {"affected_products": None, "service_key": "k", "service_name": "Google BigQuery"}, True),
            ("BigQuery", {"affected_products": None, "service_key": "k", "service_name": "Google Chat"}, False),
        ],
    )
    def test_it_concerns_a_product(self, wanted: str, parts: dict[str, Any], found: bool):
        assert bool(read([incident(**parts)], products=wanted).incidents) is found

    def test_lighter_ones_are_left_out(self):
        assert refs(read([incident()], severity="major")) == []

    def test_what_is_not_chosen_does_not_hide_how_far_back_the_list_goes(self):
        old = incident(id="Kx0", begin="2026-01-01T00:00:00Z", **ENDED)
        reading = read([incident(), old], products="BigQuery")
        assert (refs(reading), reading.reach) == ([], datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("base", ["https://status.cloud.google.com", "https://www.google.com/appsstatus/dashboard"])
def test_what_is_asked_and_where_an_incident_leads(base: str):
    for url in (base, f"{base}/", f"{base}/incidents.json"):
        assert addresses(GoogleCloud(url)) == [f"{base}/incidents.json"]
        assert [one.url for one in read([incident()], url=url).incidents or ()] == [f"{base}/incidents/Kx1"]


def test_an_incident_from_its_begin_to_its_end():
    life = Life(now=NOW)
    old = incident(id="Kx0", begin="2026-01-01T00:00:00Z", modified="2026-01-02T00:00:00Z", **ENDED)
    worse = {"status_impact": "SERVICE_OUTAGE", "severity": "high", "modified": "2026-09-01T11:00:00Z"}
    mended = {**worse, **ENDED, "modified": "2026-09-01T11:30:00Z"}
    story = [
        [old],
        [incident(), old],
        [incident(updates=NOTES[:1]), old],
        [incident(updates=NOTES[::-1]), old],
        [incident(updates=NOTES, **worse), old],
        [incident(updates=NOTES, **mended), old],
        [incident(updates=NOTES, **mended), old],
    ]
    for page in story:
        life.see(checks.read("google_cloud", json.dumps(page).encode(), now=life.now))
    assert [event.kind for event in life.events] == [
        Kind.OPENED,
        Kind.UPDATED,
        Kind.UPDATED,
        Kind.WORSENED,
        Kind.RESOLVED,
    ]


def test_what_began_before_the_list_does_is_not_over_for_being_missing():
    life = Life(now=NOW)
    newer = incident(id="Kx2", begin="2026-09-01T11:00:00Z", **ENDED)
    for page in ([incident()], [newer]):
        life.see(checks.read("google_cloud", json.dumps(page).encode(), now=life.now))
    assert [one.vendor_ref for one in life.belief.vendor] == ["Kx1"]


@pytest.mark.parametrize(
    "body",
    [
        *DAMAGED,
        b"[]",
        json.dumps([incident()]).encode()[:-20],
        *(
            json.dumps(one).encode()
            for one in (
                {"incidents": []},
                incident(),
                [incident(id=None)],
                [incident(), {"id": "Kx2", "begin": "2026-09-01T11:00:00Z"}],
                [{key: value for key, value in incident().items() if key != "begin"}],
            )
        ),
    ],
)
def test_what_cannot_be_read_is_unknown_with_the_reason(body: bytes):
    reading = checks.read("google_cloud", body, now=NOW)
    assert reading.status is Status.UNKNOWN
    assert reading.message


@strangers("gcp")
def test_the_pages_of_others_are_unknown(name: str):
    assert checks.read("google_cloud", recording(name), now=NOW).status is Status.UNKNOWN
