"""Expectations: what is met, what is missed and how badly, and what cannot be told."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_monitor.checks.craft.expect import Expect, compile_pattern, parse_ranges, weigh, worst_miss
from tui_monitor.core.model import Phases, Reading
from tui_monitor.core.status import Status, worst
from tui_monitor.net.answer import Answer, Incoming


def answer(status: int = 200, body: bytes = b"", took: float = 0.1, max_body: int = 1000, **headers: str) -> Answer:
    incoming = Incoming(bodyless=False, max_body=max_body)
    incoming.status, incoming.reason, incoming.body = status, b"OK", [body]
    incoming.headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    made = Answer(incoming, "example.com", max_body)
    made.phases = replace(Phases(), total=took)
    return made


def judged(seen: Answer, **expect: object) -> Reading:
    return weigh((Expect(**expect),), seen)


@pytest.mark.parametrize(
    ("ranges", "code", "met"),
    [
        ("200", 200, True),
        (200, 200, True),
        (200, 201, False),
        ("200-204", 204, True),
        ("200-204", 205, False),
        ("200-204, 301", 301, True),
        ("200 - 204,301", 300, False),
    ],
)
def test_status_ranges_are_inclusive(ranges, code: int, met: bool):
    reading = judged(answer(code), status=ranges)
    assert reading.status is (Status.OPERATIONAL if met else Status.MAJOR)
    if not met:
        assert reading.message == f"{code}, expected {ranges}"
        assert reading.cause == f"status:{code}"


def test_without_any_expectation_a_status_below_400_will_do():
    assert weigh((), answer(399)).status is Status.OPERATIONAL
    assert weigh((), answer(400)).message == "400, expected 200-399"
    assert weigh((), answer(200)).message == "200 OK"


@pytest.mark.parametrize(
    "expect", [{"latency": 2.0}, {"body_matches": "ok"}, {"header": "X-State"}, {"json": "a", "exists": False}]
)
def test_a_list_that_says_nothing_of_the_status_accepts_no_error(expect: dict):
    """A quick error page is no service that is well."""
    reading = judged(answer(500, b'{"ok": 1}', X_State="up"), **expect)
    assert (reading.status, reading.message) == (Status.MAJOR, "500, expected 200-399")
    assert judged(answer(302, b'{"ok": 1}', X_State="up"), **expect).status is Status.OPERATIONAL


def test_whoever_says_a_status_says_which():
    quick = Expect(latency=2.0)
    assert weigh((quick, Expect(status="500")), answer(500)).status is Status.OPERATIONAL
    assert weigh((quick, Expect(status="500")), answer(200)).status is Status.MAJOR
    assert weigh((Expect(status="200", otherwise="degraded"), quick), answer(500)).status is Status.DEGRADED


def test_the_status_is_told_before_what_else_an_error_page_lacks():
    assert judged(answer(503), body_matches="ok", otherwise="major").cause == "status:503"


def test_a_slow_answer_is_degraded():
    assert judged(answer(took=1.0), latency=1.0).status is Status.OPERATIONAL
    reading = judged(answer(took=1.8), latency=1.0)
    assert (reading.status, reading.message, reading.cause) == (Status.DEGRADED, "1.8 s, over 1 s", "latency")
    assert reading.latency == reading.phases.total == 1.8


@pytest.mark.parametrize(
    ("expect", "body", "status", "cause"),
    [
        ({"body_matches": ".*ok.*"}, b"all ok", "operational", ""),
        ({"body_matches": "^ok$"}, b"all ok", "partial", "body_matches:^ok$"),
        ({"body_lacks": "error"}, b"all ok", "operational", ""),
        ({"body_lacks": "error"}, b"an error", "partial", "body_lacks:error"),
        ({"json": "status", "equals": "ok"}, b'{"status": "ok"}', "operational", ""),
        ({"json": "status", "equals": "ok"}, b'{"status": "no"}', "partial", "json:status"),
        ({"json": "status", "equals": "ok"}, b"not json", "partial", "json:status"),
        ({"json": "status", "equals": "ok"}, b"[" * 100_000, "partial", "json:status"),
        ({"json": "n", "equals": 1}, b'{"n": 1.0}', "operational", ""),
        ({"json": "n", "equals": 1}, b'{"n": true}', "partial", "json:n"),
        ({"json": "n", "equals": True}, b'{"n": true}', "operational", ""),
        ({"json": "n", "equals": "1"}, b'{"n": 1}', "partial", "json:n"),
        ({"json": "n", "not_equals": 1}, b'{"n": 1}', "partial", "json:n"),
        ({"json": "n", "less_than": 5}, b'{"n": 4.9}', "operational", ""),
        ({"json": "n", "less_than": 5}, b'{"n": 5}', "partial", "json:n"),
        ({"json": "n", "greater_than": 5}, b'{"n": "6"}', "operational", ""),
        ({"json": "n", "greater_than": 1, "less_than": 5}, b'{"n": 7}', "partial", "json:n"),
        ({"json": "n", "less_than": 5}, b'{"n": "many"}', "partial", "json:n"),
        ({"json": "n", "less_than": 5}, b'{"n": true}', "partial", "json:n"),
        ({"json": "n", "less_than": 5}, b"{}", "partial", "json:n"),
        ({"json": "a.b[0]", "matches": "^v"}, b'{"a": {"b": ["v1"]}}', "operational", ""),
        ({"json": "a.b[0]", "matches": "^v"}, b'{"a": 1}', "partial", "json:a.b[0]"),
        ({"json": "a"}, b'{"a": 0}', "operational", ""),
        ({"json": "a"}, b'{"a": null}', "partial", "json:a"),
        ({"json": "a", "exists": False}, b"{}", "operational", ""),
        ({"json": "a", "exists": False}, b'{"a": 1}', "partial", "json:a"),
        ({"json": "length(a)", "equals": 2}, b'{"a": 5}', "partial", "json:length(a)"),
        ({"header": "X-State", "equals": "up"}, b"", "operational", ""),
        ({"header": "x-state", "equals": "down"}, b"", "partial", "header:x-state"),
        ({"header": "X-State", "matches": "^u"}, b"", "operational", ""),
        ({"header": "X-Other"}, b"", "partial", "header:x-other"),
        ({"header": "X-Other", "exists": False}, b"", "operational", ""),
        ({"certificate_days": 14}, b"", "degraded", "certificate_days"),
    ],
)
def test_what_is_expected_is_met_or_missed(expect: dict, body: bytes, status: str, cause: str):
    seen = answer(body=body, X_State="up")
    reading = judged(seen, **expect)
    assert (reading.status, reading.cause) == (status, cause)
    assert reading.message
    assert len(reading.message) < 200
    again = judged(seen, **expect)
    assert again == reading
    if cause:
        assert judged(seen, **expect, otherwise="major").status is Status.MAJOR


@pytest.mark.parametrize(("days", "status"), [(20, "operational"), (13.9, "degraded"), (-1, "degraded")])
def test_a_certificate_must_be_good_for_long_enough(days: float, status: str):
    seen = answer()
    seen.certificate_until = seen.at + timedelta(days=days)
    reading = judged(seen, certificate_days=14)
    assert reading.status == status
    if days < 0:
        assert "has expired" in reading.message
    if status == "degraded":
        assert reading.message.endswith("expected 14 days or more")
    assert "expires in 1 day " in judged_at(1.1, certificate_days=1.5)
    assert "expires in 13 days " in judged_at(13.9, certificate_days=14)
    assert "expires in less than a day " in judged_at(0.4, certificate_days=1)
    assert judged_at(0.4, certificate_days=1).endswith("expected 1 day or more")


def judged_at(days: float, **expect: float) -> str:
    """What is said of a certificate that is good for so many days."""
    seen = answer()
    seen.certificate_until = seen.at + timedelta(days=days)
    return judged(seen, **expect).message


def test_messages_say_what_was_seen_and_what_was_expected():
    seen = answer(body=b'{"status": "degraded", "n": 7}')
    assert judged(seen, json="status", equals="ok").message == 'status is "degraded", expected "ok"'
    assert judged(seen, json="n", less_than=5).message == "n is 7, expected less than 5"
    assert judged(seen, json="gone").message == "gone is missing"
    assert judged(seen, json="length(gone)").message == "length(gone) cannot be told of this body"
    assert judged(answer(body=b"<html>"), json="status").message == "the body is not JSON"
    assert judged(seen, body_matches="fine").message == 'the body does not match "fine"'


# -- what cannot be told --------------------------------------------------------------------------------------------

CATASTROPHE = "(x+x+)+y"


@pytest.mark.parametrize(
    "expect",
    [{"body_matches": CATASTROPHE}, {"body_lacks": CATASTROPHE}, {"json": "a", "matches": CATASTROPHE}],
)
def test_a_pattern_that_would_take_for_ever_tells_nothing(expect: dict):
    body = json.dumps({"a": "x" * 5000}).encode()
    reading = judged(answer(body=body, max_body=10_000), **expect, otherwise="major")
    assert reading.status is Status.UNKNOWN
    assert "too long" in reading.message


@pytest.mark.parametrize("expect", [{"body_matches": "here"}, {"body_lacks": "here"}, {"json": "a", "equals": 1}])
def test_what_may_stand_in_the_part_that_was_not_read_tells_nothing(expect: dict):
    seen = answer(body=b'{"a": 1, "b": "')
    seen.truncated = True
    assert judged(seen, **expect).status is Status.UNKNOWN


def test_what_stands_in_the_part_that_was_read_counts():
    seen = answer(body=b"it is here")
    seen.truncated = True
    assert judged(seen, body_matches="here").status is Status.OPERATIONAL
    assert judged(seen, body_lacks="here").status is Status.PARTIAL


def test_a_body_that_cannot_be_unpacked_is_missed():
    assert judged(answer(body=b"nonsense", Content_Encoding="gzip"), body_matches="x").status is Status.PARTIAL


# -- several --------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(["degraded", "partial", "major", "met", "untold"]), max_size=6))
def test_the_worst_miss_wins_and_unknown_only_over_what_is_met(kinds: list[str]):
    made = {
        "met": Expect(status=200),
        "untold": Expect(body_matches="later"),
        **{name: Expect(status=500, otherwise=name) for name in ("degraded", "partial", "major")},
    }
    seen = answer()
    seen.truncated = True
    truth = worst({"met": Status.OPERATIONAL, "untold": Status.UNKNOWN}.get(kind) or Status(kind) for kind in kinds)
    assert weigh([made[kind] for kind in kinds], seen).status is truth


def test_of_two_equal_misses_the_first_is_told():
    miss = worst_miss((Expect(header="A"), Expect(header="B")), answer())
    assert miss is not None
    assert miss.cause == "header:a"


# -- what is not an expectation -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "none is given"),
        ({"status": 200, "latency": 1.0}, "status and latency together"),
        ({"equals": 3}, "none is given"),
        ({"status": 200, "equals": 3}, "not compared by equals"),
        ({"status": "2xx"}, "list of statuses"),
        ({"status": "300-200"}, "upside down"),
        ({"status": ""}, "list of statuses"),
        ({"status": "200-"}, "list of statuses"),
        ({"latency": 0.0}, "more than nothing"),
        ({"body_matches": "(("}, "not a regular expression"),
        ({"body_matches": ""}, "in every body"),
        ({"json": "a..b"}, "not a JMESPath"),
        ({"json": ""}, "not a JMESPath"),
        ({"json": "a", "matches": "["}, "not a regular expression"),
        ({"header": ""}, "^header: the header has no name"),
        ({"header": "X-State:"}, "^header: .X-State:. is not the name of a header"),
        ({"certificate_days": 0.0}, "above zero"),
    ],
)
def test_what_cannot_be_expected_is_refused_with_one_sentence(options: dict, text: str):
    with pytest.raises(ValueError, match=text):
        Expect(**options)


@given(st.integers(100, 599), st.integers(100, 599))
def test_ranges_are_read_as_they_are_written(low: int, high: int):
    if low <= high:
        assert parse_ranges(f"{low}-{high}, {low}") == ((low, high), (low, low))


@given(st.text(max_size=30), st.text(max_size=100))
def test_any_pattern_is_one_or_is_refused(pattern: str, text: str):
    try:
        has_it = compile_pattern(pattern)
    except ValueError:
        return
    with contextlib.suppress(TimeoutError):
        assert has_it(text) in (True, False)


def test_the_moment_of_an_answer_is_aware():
    assert answer().at.tzinfo is UTC
    assert abs(answer().at - datetime.now(UTC)) < timedelta(minutes=1)
