"""Templates put in values and do nothing else."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from tui_monitor.core.template import faults, fill

FIELDS = {"name": "API", "status": "major", "tricky": "{name} {{ }} }"}
BRACES = st.text(st.sampled_from("{}ab name.0[]!:_"), max_size=30)


def test_a_field_is_replaced_by_its_value():
    assert fill("{name} is { status }", FIELDS) == "API is major"


def test_a_value_is_never_filled_again():
    assert fill("{tricky}", FIELDS) == FIELDS["tricky"]


def test_a_value_is_escaped_and_the_rest_is_not():
    assert fill('"{name}" é', {"name": 'é"'}, lambda text: json.dumps(text)[1:-1]) == '"\\u00e9\\"" é'


def test_attributes_indexes_calls_and_formats_are_only_text():
    for text in ("{name.__class__}", "{name[0]}", "{name!r}", "{name:>99}", "{0}", "{}", "{name()}"):
        assert fill(text, FIELDS) == text
        assert faults(text, FIELDS)


@given(BRACES)
@example("}}{{")
@example("{{{name}}}")
def test_doubled_braces_stand_for_themselves(text: str):
    written = text.replace("{", "{{").replace("}", "}}")
    assert fill(written, FIELDS) == text
    assert faults(written, FIELDS) == []


@given(BRACES | st.text(max_size=30))
def test_only_a_faultless_template_uses_up_all_its_braces(text: str):
    """No template makes it fail, and whatever is no known field stays readable as it was written."""
    filled = fill(text, dict.fromkeys(FIELDS, "v"))
    if not faults(text, FIELDS) and "{{" not in text and "}}" not in text:
        assert "{" not in filled and "}" not in filled


def test_a_misspelt_field_is_told_with_the_nearest_one():
    assert faults("{nmae} down", FIELDS) == ["unknown field {nmae}; did you mean {name}?"]


def test_a_field_like_no_other_is_told_with_all_there_are():
    assert faults("{xyzzy}", FIELDS) == ["unknown field {xyzzy}; known are name, status, tricky"]


def test_a_lone_brace_is_a_fault():
    assert len(faults("50 } or { of it", FIELDS)) == 2


def test_every_fault_is_told_at_once():
    assert len(faults("{a1} {b2} {name} }", FIELDS)) == 3
