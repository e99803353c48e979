"""The public events of AWS: in UTF-16, without an end, and the older file of current and archived ones."""

from __future__ import annotations

import codecs
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.checks.vendors.recordings import NOW, each, expected, recording
from tests.checks.vendors.strange import DAMAGED, addresses, strangers
from tests.core.small import Life
from tui_monitor import checks
from tui_monitor.checks.aws_health import AwsHealth
from tui_monitor.core.model import Kind, Reading
from tui_monitor.core.status import Status

LEVELS = {"1": Status.OPERATIONAL, "2": Status.DEGRADED, "3": Status.MAJOR}
BEGAN = int(datetime(2026, 9, 1, 10, tzinfo=UTC).timestamp())


def read(data: Any, **options: Any) -> Reading:
    return checks.read("aws_health", spelt(data), now=NOW, **options)


def spelt(data: Any) -> bytes:
    return codecs.BOM_UTF16_BE + json.dumps(data, ensure_ascii=False).encode("utf-16-be")


def refs(reading: Reading) -> list[str]:
    return [one.ref for one in reading.incidents or ()]


@each("aws_health")
def test_each_recording_is_read_rightly(name: str):
    right = expected()[name]["events"]
    reading = checks.read("aws_health", recording(name), now=NOW)
    listed = reading.incidents or ()
    assert [one.title for one in listed] == [one["summary"] for one in right]
    assert [one.status for one in listed] == [LEVELS[one["status"]] for one in right]
    assert [one.components[0] for one in listed] == [one["region"] for one in right]
    assert [len(one.updates) for one in listed] == [one["log"] for one in right]
    assert all(one.ref.startswith("arn:aws:health:") for one in listed)
    assert (reading.status, reading.over, reading.maintenances) == (Status.MAJOR, (), ())


@pytest.mark.parametrize(
    ("options", "many"),
    [
        ({"regions": "me-south-1"}, 1),
        ({"regions": ["UAE"]}, 1),
        ({"regions": ["me"]}, 2),
        ({"regions": "eu-west-1"}, 0),
        ({"services": ["RDS"]}, 2),
        ({"services": ["Route 53 Resolver"], "regions": ["eu-west-1"]}, 0),
        ({"services": ["Teapot"]}, 0),
    ],
)
def test_a_recording_by_service_and_region(options: dict[str, Any], many: int):
    reading = checks.read("aws_health", recording("aws_health/currentevents.utf16be.bin"), now=NOW, **options)
    assert (len(reading.incidents or ()), reading.status.is_bad) == (many, many > 0)


def event(**parts: Any) -> dict[str, Any]:
    return {
        "date": str(BEGAN),
        "arn": "arn:aws:health:eu-west-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/AWS_EC2_1",
        "region_name": "Ireland",
        "status": "2",
        "service": "ec2-eu-west-1",
        "service_name": "Amazon Elastic Compute Cloud",
        "summary": "Slow starts",
        "event_log": [],
        "impacted_services": {},
        **parts,
    }


def entry(minutes: int, **parts: Any) -> dict[str, Any]:
    said = {"summary": "Slow starts", "message": f"after {minutes}", "status": 2, "timestamp": BEGAN + minutes * 60}
    return {**said, **parts}


ARN = event()["arn"]


def test_nothing_listed_is_well():
    reading = read([])
    assert (reading.status, reading.message, reading.incidents) == (Status.OPERATIONAL, "no open event", ())


@pytest.mark.parametrize("level", ["1", "2", "3", 1, 2, 3])
def test_each_level_has_its_weight(level: Any):
    reading = read([event(status=level)])
    (said,) = reading.incidents or ()
    assert said.status is reading.status is LEVELS[str(level)]


@pytest.mark.parametrize("level", ["4", "", None, "high", True])
def test_an_unknown_level_is_open_and_of_unknown_weight(level: Any):
    reading = read([event(status=level)])
    assert ([one.status for one in reading.incidents or ()], reading.status) == ([Status.UNKNOWN], Status.UNKNOWN)


@pytest.mark.parametrize(
    "parts",
    [
        {"status": "0"},
        {"status": 0},
        {"summary": "[RESOLVED] Slow starts"},
        {"summary": "[Resolved] Slow starts", "status": "1"},
        {"event_log": [entry(60, summary="[RESOLVED] Slow starts", status=0), entry(0)]},
    ],
)
def test_what_is_resolved_stays_listed_and_is_over(parts: dict[str, Any]):
    reading = read([event(**parts)])
    assert (reading.status, refs(reading), [one.ref for one in reading.over]) == (Status.OPERATIONAL, [], [ARN])


def test_it_ended_when_the_last_word_of_it_was_written():
    (said,) = read([event(status="0", event_log=[entry(50), entry(0)])]).over
    assert said.until == datetime(2026, 9, 1, 10, 50, tzinfo=UTC)


def test_a_resolution_that_was_taken_back_is_none():
    log = [entry(0, summary="[RESOLVED] Slow starts", status=0), entry(60)]
    assert refs(read([event(event_log=log)])) == [ARN]


@pytest.mark.parametrize("log", [[entry(0), entry(30)], [entry(30), entry(0)], [entry(0), None, 7, entry(30)]])
def test_the_log_of_either_order_stands_in_the_order_of_time(log: list[Any]):
    (said,) = read([event(event_log=log)]).incidents or ()
    assert [(one.text, one.state) for one in said.updates] == [
        ("after 0", "degradation"),
        ("after 30", "degradation"),
    ]
    assert (said.started_at, said.updated_at, said.until) == (
        datetime(2026, 9, 1, 10, tzinfo=UTC),
        datetime(2026, 9, 1, 10, 30, tzinfo=UTC),
        None,
    )


@pytest.mark.parametrize("when", ["", None, "soon", 0, []])
def test_a_time_that_cannot_be_read_loses_no_event(when: Any):
    (said,) = read([event(date=when, event_log=[entry(0, timestamp=when)])]).incidents or ()
    assert (said.started_at, said.updated_at, said.update) == (None, None, "after 0")


class TestIdentity:
    def test_an_event_is_known_by_its_arn_whatever_its_words(self):
        assert refs(read([event(summary="Other words", date="1", service="x")])) == [ARN]

    def test_without_one_by_its_service_and_its_begin(self):
        bare = event(arn="", summary="Other words")
        assert refs(read([bare])) == [f"ec2-eu-west-1@{BEGAN}"]
        assert len(refs(read([bare, event(arn="", service="s3-eu-west-1")]))) == 2

    @pytest.mark.parametrize("gone", ["service", "date"])
    def test_without_any_of_it_is_none(self, gone: str):
        assert read([event(arn="", **{gone: ""})]).status is Status.UNKNOWN


class TestWhere:
    @pytest.mark.parametrize(
        ("wanted", "parts", "found"),
        [
            ("eu-west-1", {}, True),
            ("Ireland", {"arn": "", "service": "ec2"}, True),
            ("ireland", {}, True),
            ("eu", {}, True),
            ("eu-west-1", {"arn": "", "region_name": ""}, True),
            ("eu-west-2", {}, False),
            ("eu-west-2", {"arn": "", "region_name": ""}, False),
            ("eu-west-2", {"region_name": "", "service": "ec2"}, False),
            ("us", {"arn": "", "region_name": "Australia", "service": "ec2-ap-southeast-2"}, False),
            ("us-east-1", {"region_name": "Global"}, True),
            ("us-east-1", {"arn": "arn:aws:health:global::event/IAM/1", "region_name": "", "service": "iam"}, True),
            ("us-east-1", {"arn": "", "region_name": "", "service": "iam"}, True),
            ("us-gov-west-1", {"arn": "", "region_name": "", "service": "s3-us-gov-west-1"}, True),
            (
                "N. Virginia",
                {"arn": "", "region_name": "", "service_name": "Amazon S3 (N. Virginia)", "service": "s3"},
                True,
            ),
            (
                "Ohio",
                {"arn": "", "region_name": "", "service_name": "Amazon S3 (N. Virginia)", "service": "s3"},
                False,
            ),
        ],
    )
    def test_it_concerns_a_region(self, wanted: str, parts: dict[str, Any], found: bool):
        assert bool(refs(read([event(**parts)], regions=[wanted]))) is found


def impacted(**levels: Any) -> dict[str, Any]:
    known = {
        f"{key}-eu-west-1": {"service_name": f"Amazon {key.upper()}", "current": one} for key, one in levels.items()
    }
    return {"service": "multipleservices-eu-west-1", "service_name": "Multiple services", "impacted_services": known}


class TestWhich:
    @pytest.mark.parametrize(
        ("wanted", "parts", "found"),
        [
            ("EC2", {}, True),
            ("Elastic Compute Cloud", {}, True),
            ("S3", {}, False),
            ("S3", impacted(s3="3"), True),
            ("S3", impacted(s3rtc="3"), False),
            ("Amazon RDS", impacted(s3="3", rds="2"), True),
            ("S3", {**impacted(), "impacted_services": None}, True),
            ("S3", {"service": "", "service_name": ""}, True),
        ],
    )
    def test_it_concerns_a_service(self, wanted: str, parts: dict[str, Any], found: bool):
        assert bool(refs(read([event(**parts)], services=[wanted]))) is found

    def test_it_is_as_bad_as_it_is_for_that_service(self):
        page = [event(status="3", **impacted(s3="2", rds="3", sqs="0"))]
        assert read(page).status is Status.MAJOR
        assert read(page, services="S3").status is Status.DEGRADED
        assert read(page, services=["S3", "RDS"]).status is Status.MAJOR

    def test_a_service_that_is_well_again_makes_the_others_no_better(self):
        page = [event(status="3", **impacted(s3="1", rds="2", sqs="0"))]
        for chosen, status in ((["RDS", "SQS"], Status.DEGRADED), (["S3", "SQS"], Status.OPERATIONAL)):
            (said,) = read(page, services=chosen).incidents or ()
            assert said.status is status

    def test_what_is_over_on_the_whole_is_over_for_each(self):
        assert refs(read([event(status="0", **impacted(s3="2"))], services="S3")) == []

    def test_it_is_over_once_it_is_for_that_service(self):
        reading = read([event(status="3", **impacted(s3="2", sqs="0"))], services="SQS")
        assert (reading.status, refs(reading), [one.ref for one in reading.over]) == (Status.OPERATIONAL, [], [ARN])

    def test_it_names_the_region_and_the_services_that_are_still_ill_in_order(self):
        (said,) = read([event(**impacted(**dict.fromkeys("gcebdhf", "2"), s3="0"))]).incidents or ()
        assert said.components == ("Ireland", *(f"Amazon {letter}" for letter in "BCDEFGH"))
        (said,) = read([event()]).incidents or ()
        assert said.components == ("Ireland", "Amazon Elastic Compute Cloud")

    def test_lighter_ones_are_left_out(self):
        assert refs(read([event()], severity="major")) == []


class TestTheOlderFile:
    OLD = event(arn="", description="<div><span>9:00 AM</span> It <b>fails</b></div>", event_log=None)

    def test_tells_what_is_current_and_what_is_archived(self):
        page = {"current": [self.OLD], "archive": [{**self.OLD, "date": "1", "status": "3"}]}
        reading = checks.read("aws_health", json.dumps(page).encode(), now=NOW)
        assert (refs(reading), reading.status) == ([f"ec2-eu-west-1@{BEGAN}"], Status.DEGRADED)
        assert [one.ref for one in reading.over] == ["ec2-eu-west-1@1"]
        assert [one.update for one in reading.incidents or ()] == ["9:00 AM It fails"]
        assert read(page, regions="eu-west-2").over == ()

    def test_nothing_current_is_well(self):
        assert read({"current": [], "archive": [self.OLD]}).status is Status.OPERATIONAL

    @pytest.mark.parametrize("page", [{"archive": []}, {"current": None}, {"current": [], "archive": {}}])
    def test_what_is_damaged_is_unknown(self, page: Any):
        assert read(page).status is Status.UNKNOWN


def test_what_is_asked():
    assert addresses(AwsHealth()) == ["https://health.aws.amazon.com/public/currentevents"]
    assert addresses(AwsHealth("https://a.example/data.json")) == ["https://a.example/data.json"]


def test_an_event_from_its_begin_to_its_end():
    life = Life(now=NOW)
    done = entry(50, summary="[RESOLVED] Slow starts", status=0, message="done")
    story: list[list[Any]] = [
        [],
        [event(event_log=[entry(0)])],
        [event(event_log=[entry(0), entry(20)])],
        [event(status="3", event_log=[entry(0), entry(20), entry(40, status=3)])],
        [event(status="0", summary="[RESOLVED] Slow starts", event_log=[entry(0), entry(20), done])],
        [],
    ]
    for page in story:
        life.see(checks.read("aws_health", spelt(page), now=life.now))
    assert [(one.kind, one.text) for one in life.events] == [
        (Kind.OPENED, "Slow starts"),
        (Kind.UPDATED, "after 20"),
        (Kind.WORSENED, "after 40"),
        (Kind.RESOLVED, "done"),
    ]
    ended = life.rows[-1]
    assert ended.resolved_at == datetime(2026, 9, 1, 10, 50, tzinfo=UTC)


def test_an_error_is_told_in_its_own_words():
    reading = read({"ok": False, "error": "ratelimited"})
    assert (reading.status, "ratelimited" in reading.message) == (Status.UNKNOWN, True)


@pytest.mark.parametrize(
    "body",
    [
        *DAMAGED,
        spelt([event()])[:-20],
        spelt([event()])[:-21],
        spelt([event()])[2:],
        *(
            spelt(one)
            for one in (
                event(),
                [event(), {"arn": "x"}],
                [{key: value for key, value in event().items() if key not in ("arn", "service")}],
            )
        ),
    ],
)
def test_what_cannot_be_read_is_unknown_with_the_reason(body: bytes):
    reading = checks.read("aws_health", body, now=NOW)
    assert reading.status is Status.UNKNOWN
    assert reading.message


@strangers("aws_health")
def test_the_pages_of_others_are_unknown(name: str):
    assert checks.read("aws_health", recording(name), now=NOW).status is Status.UNKNOWN
