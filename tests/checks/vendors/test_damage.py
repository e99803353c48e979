"""A page that is damaged is never an error of ours, never a hang, and never green where it has lost its meaning.

It has lost it where the row of an open incident is there and anything in it is missing, empty, misnamed or of another
type: the incident is then still open, or the page cannot be read. A row that is gone as a whole is none, and a word
that says that it is over may close it.
"""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.checks.vendors.damage import at, by_chance, paths, put, scratched, wrongs
from tests.checks.vendors.laws import KNOWN, read
from tests.checks.vendors.recordings import FOLDER
from tests.checks.vendors.samples import SAMPLES, Path, spelt
from tests.checks.vendors.test_every_page import RECORDINGS, keeps_its_word, recorded
from tui_monitor.core.model import Reading, VendorIncident
from tui_monitor.core.status import Status

XML = [kind for kind in KNOWN if isinstance(SAMPLES[kind].bad, bytes)]
JSON = [kind for kind in KNOWN if not isinstance(SAMPLES[kind].bad, bytes)]


@pytest.mark.parametrize("kind", JSON)
def test_whatever_is_wrong_in_an_incident_does_not_hide_it(kind: str):
    """What is said of it and what it names, its words, its times, its very id."""
    sample = SAMPLES[kind]
    hidden = [
        (path, what)
        for path in paths(sample.bad)
        if path[: len(sample.row)] == sample.row and path != sample.row and path[-1] not in sample.clears
        for what, data in wrongs(sample.bad, path)
        if read(kind, spelt(data)).status is Status.OPERATIONAL
    ]
    assert not hidden


@pytest.mark.parametrize("kind", JSON)
def test_a_row_that_is_no_row_is_not_passed_over(kind: str):
    sample = SAMPLES[kind]
    for wrong in (None, 7, "zzz", [], {}, True):
        assert read(kind, spelt(put(sample.bad, sample.row, wrong))).status is not Status.OPERATIONAL, wrong


@pytest.mark.parametrize("kind", JSON)
def test_what_holds_the_rows_is_a_list_or_the_page_is_unreadable(kind: str):
    sample = SAMPLES[kind]
    for wrong in (None, 7, "zzz", {}, {"zzz": []}, True):
        data = put(sample.bad, sample.row[:-1], wrong)
        assert read(kind, spelt(data)).status is not Status.OPERATIONAL, wrong


@pytest.mark.parametrize("kind", XML)
def test_whatever_is_wrong_in_an_entry_of_a_feed_does_not_hide_it(kind: str):
    """Each of its elements is missing, misnamed, empty or of other words."""
    whole = ElementTree.fromstring(SAMPLES[kind].bad)
    hidden = []
    for number, element in enumerate(whole.find("channel/item") or ()):
        for what in ("gone", "misnamed", "empty", "other"):
            tree = copy.deepcopy(whole)
            row = tree.find("channel/item")
            assert row is not None
            row[number].tag = f"{element.tag}x" if what == "misnamed" else element.tag
            row[number].text = {"empty": "", "other": "zzz"}.get(what, element.text)
            if what == "gone":
                del row[number]
            if read(kind, ElementTree.tostring(tree)).status is Status.OPERATIONAL:
                hidden.append((element.tag, what))
    assert len(whole.find("channel/item") or ()) > 3
    assert not hidden


# -- what was recorded ---------------------------------------------------------------------------------------------


@cache
def recording(name: str) -> Any:
    """What it holds; None where it is no JSON."""
    body = (FOLDER / name).read_bytes()
    try:
        return json.loads(body.decode("utf-16") if body[:2] == b"\xfe\xff" else body)
    except ValueError:
        return None


def rows_of(data: Any, ref: str) -> Iterator[Path]:
    """The mappings that bear this id."""
    for path in paths(data):
        value = at(data, path)
        if isinstance(value, dict) and any(str(one) == ref for one in value.values() if isinstance(one, str | int)):
            yield path


MOST = 120
"""Ways to damage one recording: of a large one, some that are the same each time."""


@recorded
def test_whatever_is_wrong_in_an_incident_that_was_recorded_does_not_hide_it(kind: str, name: str):
    data = recording(name)
    before = outages(read(kind, (FOLDER / name).read_bytes()))
    if data is None or not before:
        pytest.skip("nothing is open there")
    rows = [row for one in before[:3] for row in list(rows_of(data, one.ref))[:1]]
    places = [row + path for row in rows for path in paths(at(data, row)) if len(path) in (1, 2)]
    places = [path for path in places if path[-1] not in SAMPLES[kind].clears]
    places = sorted(Random(name).sample(places, min(MOST, len(places))), key=repr)
    hidden = []
    for path, what, changed in ((one, *wrong) for one in places for wrong in some(data, one)):
        after = read(kind, spelt(changed))
        if after.status is not Status.UNKNOWN and len(outages(after)) < len(before):
            hidden.append((path, what))
    assert not hidden


def some(data: Any, path: Path) -> Iterator[tuple[str, Any]]:
    """All that can be wrong there; of a large page that it is missing, or is no text."""
    size = len(spelt(data))
    return itertools.islice(wrongs(data, path), 3 if size > 50_000 else None)


def outages(reading: Reading) -> list[VendorIncident]:
    return [one for one in reading.incidents or () if not one.maintenance]


ANY_DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
).map(lambda data: json.dumps(data).encode())


# -- by chance -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", JSON)
@given(dice=st.randoms(use_true_random=False), times=st.integers(1, 5), is_bad=st.booleans())
def test_any_page_at_all_is_read_or_refused(kind: str, dice: Random, times: int, is_bad: bool):
    data = SAMPLES[kind].bad if is_bad else SAMPLES[kind].calm
    keeps_its_word(read(kind, spelt(by_chance(dice, data, times))))


@pytest.mark.parametrize("kind", [kind for kind in KNOWN if SAMPLES[kind].others])
@given(dice=st.randoms(use_true_random=False), times=st.integers(1, 5))
def test_so_is_any_of_its_other_documents(kind: str, dice: Random, times: int):
    keeps_its_word(read(kind, spelt(by_chance(dice, dice.choice(SAMPLES[kind].others), times)), role=""))


@pytest.mark.parametrize("kind", KNOWN)
@given(dice=st.randoms(use_true_random=False), times=st.integers(1, 8), is_bad=st.booleans())
def test_any_bytes_at_all_are_read_or_refused(kind: str, dice: Random, times: int, is_bad: bool):
    keeps_its_word(read(kind, scratched(dice, SAMPLES[kind].bodies[is_bad], times)))


@pytest.mark.parametrize("kind", KNOWN)
@given(body=ANY_DATA)
def test_data_that_is_no_page_is_never_green(kind: str, body: bytes):
    assert read(kind, body).status is Status.UNKNOWN or json.loads(body) == SAMPLES[kind].calm


@recorded
def test_a_recording_that_is_damaged_is_read_or_refused(kind: str, name: str):
    """The same damage each time, so that whoever sees it fail sees it again."""
    dice = Random(name)
    body, data = (FOLDER / name).read_bytes(), recording(name)
    for _ in range(30):
        keeps_its_word(read(kind, scratched(dice, body, dice.randint(1, 5))))
        if data is not None and len(body) < 30_000:
            keeps_its_word(read(kind, spelt(by_chance(dice, data, dice.randint(1, 3)))))


def test_the_recordings_are_of_kinds_that_are_known():
    assert {kind for kind, _ in RECORDINGS} <= set(KNOWN)


def test_an_id_of_which_nothing_is_left_is_none():
    """Found by chance: an event without a name, whose id ends where its name should begin."""
    event = {key: value for key, value in SAMPLES["azure_health"].bad["value"][0].items() if key != "name"}
    keeps_its_word(read("azure_health", spelt({"value": [{**event, "id": "/subscriptions/s/events/"}]})))
