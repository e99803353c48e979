"""Conditions of Gatus mean here what they mean there: held against its own way of comparing, written down again."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.imports.small import Made, answer, verdict
from tests.config.imports.small import made as made_of
from tui_monitor.config.imports.gatus_conditions import Unsaid, amount, conditions_of, is_equal, number
from tui_monitor.config.imports.source import Source


def made(*conditions: str, more: str = "") -> Made:
    """One endpoint over HTTP with these conditions."""
    return made_of(
        "gatus", f"endpoints: [{{name: A, url: http://a.example, conditions: {json.dumps(conditions)}{more}}}]"
    )


def is_well(condition: str, status: int = 200, body: bytes = b"", took: float = 0.1, **headers: str) -> bool:
    expect = made(condition).services["A"].check.expect
    return verdict(expect, answer(status, body, took, **headers)) == "operational"


# -- statuses -------------------------------------------------------------------------------------------------------


def theirs(code: int, operator: str, value: str) -> bool:
    """The slow and obvious way: a status is a text for `==`, and a number for the others."""
    if operator in ("==", "!="):
        if value.startswith("any("):
            same = str(code) in [one.strip() for one in value[4:-1].split(",")]
        elif value.startswith("pat("):
            same = re.fullmatch(value[4:-1].replace("*", ".*").replace("?", "."), str(code)) is not None
        else:
            same = int(value) == code
        return same is (operator == "==")
    limit = int(value)
    return {"<": code < limit, "<=": code <= limit, ">": code > limit, ">=": code >= limit}[operator]


VALUES = st.one_of(
    st.integers(90, 620).map(str),
    st.lists(st.integers(190, 210), min_size=1, max_size=3).map(lambda some: f"any({', '.join(map(str, some))})"),
    st.sampled_from(["pat(2*)", "pat(20?)", "pat(*4)"]),
)


@given(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), VALUES, st.booleans())
def test_a_condition_on_the_status_means_the_same_for_every_status(operator: str, value: str, flipped: bool):
    if "(" in value and operator not in ("==", "!="):
        operator = "=="
    shown = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(operator, operator) if flipped else operator
    found = made(f"{value} {shown} [STATUS]" if flipped else f"[STATUS] {shown} {value}")
    expect = found.services["A"].check.expect
    good = [code for code in range(100, 1000) if theirs(code, operator, value)]
    if not good:
        assert "no status fulfils it" in found.left[0]
        return
    assert [code for code in range(100, 1000) if verdict(expect, answer(code)) == "operational"] == good


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("[STATUS] == 200", 200),
        ("[STATUS] < 300", "100-299"),
        ("[STATUS] <= 299", "100-299"),
        ("[STATUS] > 400", "401-999"),
        ("[STATUS] == any(200, 429)", "200, 429"),
        ("[STATUS] != 500", "100-499, 501-999"),
        ("[status] == 0xC8", 200),
    ],
)
def test_statuses_stay_readable(condition: str, status: object):
    assert made(condition).row("A")["http"]["expect"] == [{"status": status}]


def test_where_no_condition_is_on_the_status_any_is_good():
    assert is_well("[RESPONSE_TIME] < 500", status=500)


# -- times ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "milliseconds"),
    [
        ("[RESPONSE_TIME] < 500", 500),
        ("[RESPONSE_TIME] <= 500", 501),
        ("500 > [RESPONSE_TIME]", 500),
        ("[RESPONSE_TIME] < 500ms", 500),
        ("[RESPONSE_TIME] < 2s", 2000),
        ("[RESPONSE_TIME] < 1m", 60_000),
    ],
)
def test_a_response_time_is_in_milliseconds(condition: str, milliseconds: int):
    found = made(condition)
    (limit,) = [expect.latency for expect in found.services["A"].check.expect if expect.latency is not None]
    assert limit * 1000 == pytest.approx(milliseconds)
    assert not is_well(condition, took=(milliseconds + 1) / 1000)
    assert is_well(condition, took=(milliseconds - 1) / 1000)


def test_what_misses_any_condition_is_down_as_it_was():
    found = made("[STATUS] == 200", "[RESPONSE_TIME] < 10", "[BODY] == x", "[BODY].a == 1", "[HEADER].X == y")
    expect = found.services["A"].check.expect
    for part in expect:
        assert verdict((part,), answer(500, took=9)) == "major", part


def test_what_a_certificate_is_still_good_for_is_in_days():
    assert made("[CERTIFICATE_EXPIRATION] > 48h").row("A")["http"]["expect"][1]["certificate_days"] == 2
    assert made("[CERTIFICATE_EXPIRATION] >= 36h").row("A")["http"]["expect"][1]["certificate_days"] == 1.5
    assert made("[CERTIFICATE_EXPIRATION] > 172800000").row("A")["http"]["expect"][1]["certificate_days"] == 2


# -- bodies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "good", "bad"),
    [
        ("[BODY] == 1", ["1", " 1\n"], ["2", "11", "{}"]),
        ("[BODY] == a.b(c)", ["a.b(c)"], ["axb(c)", "a.b(c) d"]),
        ("[BODY] != down", ["up", "down up"], ["down", " down "]),
        ("[BODY] == pat(*<h1>It works</h1>*)", ["x<h1>It works</h1>y", "<h1>It works</h1>"], ["<h1>it works</h1>"]),
        ("[BODY] == pat(a?c*)", ["abc", "axcd\ne"], ["bac", "ac"]),
        ("[BODY] != pat(*error*)", ["fine"], ["an error here"]),
        ("[BODY] == any(up, ok)", ["up", "ok "], ["upok", "down"]),
        ("has([BODY]) == true", ["x"], ["", " \n"]),
        ("has([BODY]) == false", ["", " "], ["x"]),
        ("len([BODY]) == 2", ["[1, 2]"], ["[1]"]),
        ("[BODY].status == UP", ['{"status": "UP"}'], ['{"status": "up"}', "{}", "[]", "text"]),
        ("[BODY].status != DOWN", ['{"status": "UP"}', "{}"], ['{"status": "DOWN"}']),
        ("[BODY].id == 1", ['{"id": 1}', '{"id": "1"}'], ['{"id": 11}', "{}", '{"id": true}']),
        ("[BODY].on == true", ['{"on": true}', '{"on": "true"}'], ['{"on": false}', '{"on": 1}']),
        ("[BODY].data[0].id == 1", ['{"data": [{"id": 1}]}'], ['{"data": []}', '{"data": [{"id": 2}]}']),
        ("[BODY][1].a-b == x", ['[0, {"a-b": "x"}]'], ['[{"a-b": "x"}]']),
        ("[BODY].age == [BODY].id", ['{"age": 1, "id": 1}'], ['{"age": 1, "id": 2}']),
        ("[BODY].age != [BODY].id", ['{"age": 1, "id": 2}'], ['{"age": 1, "id": 1}']),
        ("len([BODY].data) < 3", ['{"data": [1, 2]}'], ['{"data": [1, 2, 3]}']),
        ("len([BODY].data) <= 3", ['{"data": [1, 2, 3]}'], ['{"data": [1, 2, 3, 4]}']),
        ("len([BODY].data) >= 3", ['{"data": [1, 2, 3]}'], ['{"data": [1, 2]}']),
        ("len([BODY].name) == 8", ['{"name": "john.doe"}'], ['{"name": "bob"}']),
        ("has([BODY].errors) == false", ["{}"], ['{"errors": []}']),
        ("has([BODY].users) == true", ['{"users": []}'], ["{}"]),
        ("has([BODY].users) != true", ["{}"], ['{"users": []}']),
        ("[BODY].name == pat(john*)", ['{"name": "john.doe"}'], ['{"name": "bob"}', "{}"]),
        ("[BODY].name != pat(john*)", ['{"name": "bob"}', "{}"], ['{"name": "john.doe"}']),
        ("[BODY].id == any(1, 2)", ['{"id": 1}', '{"id": "2"}'], ['{"id": 12}', "{}"]),
        ("[BODY].load > 5", ['{"load": 5.5}', '{"load": "6"}'], ['{"load": 5}', "{}", '{"load": "x"}']),
        ("[BODY].load < 5", ['{"load": 4}'], ['{"load": 5}']),
        ("[BODY].load <= 5", ['{"load": 5}', '{"load": 5.9}'], ['{"load": 6}']),
        ("[BODY].load >= 5", ['{"load": 5}', '{"load": "7"}'], ['{"load": 4.9}', '{"load": "x"}']),
        ("UP == [BODY].status", ['{"status": "UP"}'], ['{"status": "DOWN"}']),
    ],
)
def test_bodies(condition: str, good: list[str], bad: list[str]):
    assert made(condition).left == []
    for body in good:
        assert is_well(condition, body=body.encode()), body
    for body in bad:
        assert not is_well(condition, body=body.encode()), body


def test_headers():
    assert is_well("[HEADER].Content-Type == text/plain", content_type="text/plain")
    assert not is_well("[HEADER].Content-Type == text/plain", content_type="text/html")
    assert is_well("[HEADER].Content-Type == pat(text/*)", content_type="text/html")
    assert is_well("has([HEADER].X-Id) == true", x_id="1")
    assert not is_well("has([HEADER].X-Id) == true")
    assert is_well("[HEADER].X-Left > 10", x_left="11")
    assert not is_well("[HEADER].X-Left > 10", x_left="10")


# -- what cannot be said --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("[STATUS]", "is no condition"),
        ("[STATUS]==200", "is no condition"),
        ("1 == 1", "looks at nothing"),
        ("[STATUS] > 1000", "no status fulfils it"),
        ("[STATUS] < many", "'many' is not a number"),
        ("len([STATUS]) == 3", "len and has say nothing of a status"),
        ("[RESPONSE_TIME] > 10", "can be too slow here, not too quick"),
        ("[RESPONSE_TIME] < 0", "no response is as quick"),
        ("[RESPONSE_TIME] == 5", "can be too slow here, not too quick"),
        ("[CERTIFICATE_EXPIRATION] < 48h", "can run out too soon here, not too late"),
        ("[CONNECTED] == false", "a look that finds nobody is always a failure here"),
        ("[IP] == 127.0.0.1", "an answer over HTTP is not held against this"),
        ("[DNS_RCODE] == NOERROR", "an answer over HTTP is not held against this"),
        ("[BODY].ip == [CONTEXT].ip", "both sides of it are looked up"),
        ("[BODY] == [BODY].a", "both sides of it are looked up"),
        ("[BODY].a < [BODY].b", "can only be compared for being the same"),
        ("[BODY] > 5", "can be compared with a text or a pattern, not counted"),
        ("[BODY] == pat(*)", "everything fulfils it"),
        ("[BODY].a == pat([x)", "a bracket in it is not closed"),
        ("[BODY].a == null", "null is a word there"),
        ("[BODY].a..b == 1", "leads through more than names"),
        ("[BODY].a[*].b == 1", "leads through more than names"),
        ("[BODY].a[-1] == 1", "leads through more than names"),
        ("age([BODY].at) < 10m", "the check `freshness` tells it"),
        ("[HEADER].X >= 5", "a header is compared by < and >"),
        ("[HEADER].X != pat(a*)", "not one that it lacks"),
        ("[CONTEXT].a == 1", "an answer over HTTP is not held against this"),
    ],
)
def test_what_no_expectation_says_is_told_and_not_bent(condition: str, reason: str):
    found = made("[STATUS] == 200", condition)
    assert found.row("A")["http"]["expect"] == [{"status": 200}]
    assert len(found.left) == 1
    assert found.left[0].startswith("1: endpoints[0].conditions[1]: ")
    assert reason in found.left[0]


def test_being_connected_is_what_every_look_is_about():
    assert made("[CONNECTED] == true", "[CONNECTED] != false").left == []


@pytest.mark.parametrize(
    ("text", "whole"),
    [("10", 10), ("0x10", 16), ("010", 8), ("0b11", 3), ("1_000", 1000), ("-5", -5), ("1.5", None), ("", None)],
)
def test_whole_numbers_are_read_as_go_reads_them(text: str, whole: int | None):
    assert number(text) == whole


def test_numbers_are_compared_as_such_and_anything_else_as_text():
    assert is_equal("16", "0x10")
    assert is_equal("UP", "UP")
    assert not is_equal("UP", "up")
    assert amount("1.9") == 1.9
    assert amount("2s") == 2000
    with pytest.raises(Unsaid):
        amount("soon")


@given(st.text(st.sampled_from("[]STAUBODYHER._ =<>!()patlenhs,x1*\n"), max_size=30))
def test_any_text_is_a_condition_or_is_told(text: str):
    source = Source(f"c: [{json.dumps(text)}]".encode(), "x")
    rows = source.branch().rows("c")
    found: Any = conditions_of(rows)
    assert bool(found) != bool(source.left) or source.left == []
