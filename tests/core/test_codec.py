"""Whatever we write down we read back as it was: a restart must change nothing that is believed."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_monitor.core import model, ports
from tui_monitor.core.codec import decode, encode, moment
from tui_monitor.core.model import Belief, Event, Incident, Kind, Service, Told
from tui_monitor.core.status import Status

WRITTEN_DOWN = [
    one
    for module in (model, ports)
    for one in vars(module).values()
    if isinstance(one, type) and dataclasses.is_dataclass(one) and one.__module__ == module.__name__
]


MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    Any: st.none() | st.integers() | st.text(max_size=3),
    bool: st.booleans(),
    datetime: MOMENTS,
    float: st.floats(allow_nan=False, allow_infinity=False),
    int: st.integers(),
    str: st.text(max_size=5),
}


@cache
def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Any value that a type hint of the model allows."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint in PLAIN:
        return PLAIN[hint]
    if origin is types.UnionType:
        return st.none() | values_of(inner[0])
    if origin is Mapping:
        return st.dictionaries(st.text(max_size=3), values_of(inner[1]), max_size=2)
    if origin is not None:
        return st.lists(values_of(inner[0]), max_size=2).map(tuple)
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    hints = typing.get_type_hints(hint)
    return st.builds(hint, **{field.name: values_of(hints[field.name]) for field in dataclasses.fields(hint)})


@pytest.mark.parametrize("kind", WRITTEN_DOWN, ids=lambda kind: kind.__name__)
def test_what_is_written_is_read_back_as_it_was(kind: type):
    @given(values_of(kind))
    def reads_back(value: Any) -> None:
        text = json.dumps(encode(value), allow_nan=False)
        assert decode(kind, json.loads(text)) == value

    reads_back()


@given(MOMENTS)
def test_a_moment_survives_to_the_microsecond(at: datetime):
    """A start that lost its microseconds in a restart would give the same incident another id."""
    assert decode(datetime, encode(at)) == at


def test_a_moment_is_written_in_utc_with_a_z():
    elsewhere = timezone(timedelta(hours=2))
    assert encode(datetime(2026, 3, 1, 12, 0, tzinfo=elsewhere)) == "2026-03-01T10:00:00Z"
    assert moment(datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=elsewhere)) == "2026-03-01T10:00:00.123Z"
    assert moment(datetime(2026, 3, 1, 12, 0, tzinfo=UTC)) == "2026-03-01T12:00:00Z"


def test_statuses_and_kinds_are_written_as_their_words():
    assert encode(Status.MAJOR) == "major"
    assert type(encode(Kind.FORCE_RESOLVED)) is str
    assert decode(Status, "partial") is Status.PARTIAL


def test_a_field_that_is_missing_takes_its_default_and_one_too_many_is_ignored():
    """A newer program's rows are read by an older one, and the other way about."""
    assert decode(Belief, {"service": "api", "mood": "fine"}) == Belief("api")


def test_a_field_that_must_be_there_is_missed_by_name():
    with pytest.raises(ValueError, match="Event without at"):
        decode(Event, {"subject": "a", "n": 1, "kind": "opened"})


def test_a_status_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="purple"):
        decode(Status, "purple")


def test_what_has_no_json_is_refused():
    with pytest.raises(TypeError, match="no JSON for object"):
        encode({"a": object()})
    with pytest.raises(TypeError, match="no JSON for type"):
        encode(Incident)


def test_a_mapping_that_cannot_be_changed_is_written_like_any_other():
    service = Service("a", "A", messages=MappingProxyType({"opened": "oh"}))
    assert encode(service)["messages"] == {"opened": "oh"}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_plain_values_are_written_as_they_are(value: Any):
    assert encode(value) == value


def test_every_value_of_the_model_is_frozen():
    assert all(one.__dataclass_params__.frozen for one in WRITTEN_DOWN)
    assert {Belief, Incident, Told, Event} <= set(WRITTEN_DOWN)
    assert not any(issubclass(one, Enum) for one in WRITTEN_DOWN)
