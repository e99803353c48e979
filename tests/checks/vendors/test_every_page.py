"""What every reader of vendors' pages promises, ours like a stranger's: tried on each kind that is registered."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.checks.vendors.laws import KINDS, KNOWN, check_of, read
from tests.checks.vendors.recordings import FOLDER, NOW
from tests.checks.vendors.samples import SAMPLES, Path, spelt
from tui_monitor import checks
from tui_monitor.checks.craft.vendor.document import LONGEST_WORD, MOST_AT_ONCE, MOST_VALUES, Document, word
from tui_monitor.core.codec import decode, encode
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.harmless import MOST_COMPONENTS, MOST_INCIDENTS, MOST_NAMES, MOST_UPDATES, harmless
from tui_monitor.core.model import Reading, VendorIncident
from tui_monitor.core.ports import Check
from tui_monitor.core.status import Status
from tui_monitor.core.text import _BIDI

each = pytest.mark.parametrize("kind", KNOWN)
"""Where a recording is known to be of a kind, it is read by that kind too."""
RECORDED = {
    "aws_health": "aws_health",
    "azure_devops_health": "azure_devops",
    "azure_service_health": "azure_health",
    "betterstack": "better_stack",
    "cachet": "cachet_status",
    "firehydrant": "firehydrant",
    "gcp": "google_cloud",
    "heroku": "heroku",
    "incidentio": "incident_io",
    "instatus": "instatus",
    "ms_graph": "microsoft365",
    "rss_feeds": "feed",
    "salesforce": "salesforce",
    "slack_status": "slack_status",
    "statusio": "status_io",
    "statuspage": "statuspage",
    "uptime_kuma": "uptime_kuma",
}
RECORDINGS = [
    (kind, str(path.relative_to(FOLDER)))
    for folder, kind in RECORDED.items()
    for path in sorted((FOLDER / folder).rglob("*"))
    if path.is_file() and kind in KNOWN
]
NONE = [pytest.param("", "", marks=pytest.mark.skip("no recordings here"))]
recorded = pytest.mark.parametrize(("kind", "name"), RECORDINGS or NONE)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_sample_here(kind: str):
    assert kind in SAMPLES


def test_no_more_of_a_word_is_kept_than_a_word_has():
    """Words are kept from page to page; a stranger may write one of megabytes, another one each time."""
    row = {"status": "x" * 1_000_000}
    held = sys.getrefcount(row["status"])
    said = word(row, "status")
    still_held = sys.getrefcount(row["status"])
    assert (said, still_held) == ("x" * LONGEST_WORD, held)


def texts_of(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for one in value for text in texts_of(one)] if isinstance(value, list) else []


def keeps_its_word(reading: Reading) -> None:
    """What holds of every reading of every page."""
    listed = (*(reading.incidents or ()), *reading.maintenances, *reading.over)
    refs = [one.ref for one in listed]
    assert all(refs)
    assert len(refs) == len(set(refs))
    assert all(one.title for one in listed)
    for one in listed:
        times = [update.at for update in one.updates if update.at is not None]
        assert times == sorted(times)
        assert len(one.updates) <= MOST_UPDATES
        assert len(one.components) <= MOST_NAMES
        assert all(
            at.tzinfo is not None for at in (one.started_at, one.updated_at, one.until, *times) if at is not None
        )
    assert not any(one.maintenance and one.status.is_bad for one in listed)
    assert all(one.maintenance or one.status is not Status.MAINTENANCE for one in listed)
    assert max(map(len, (reading.incidents or (), reading.maintenances, reading.over))) <= MOST_INCIDENTS
    assert len(reading.components) <= MOST_COMPONENTS
    for text in texts_of(encode(reading)):
        assert all(map(_is_harmless, text.split("\n"))), text
        assert not set(text) & _BIDI
    assert _is_harmless(reading.message)
    assert reading.message
    assert decode(Reading, json.loads(json.dumps(encode(reading)))) == reading


def _is_harmless(line: str) -> bool:
    """Neither a control character nor half of one, whatever else a script may need."""
    return not any(ord(char) < 32 or 127 <= ord(char) < 160 or 0xD800 <= ord(char) < 0xE000 for char in line)


@each
class TestEveryPage:
    def test_is_a_frozen_value_of_options(self, kind: str):
        one, other = check_of(kind), checks.find(kind)(**SAMPLES[kind].options)
        assert isinstance(one, Check)
        assert is_dataclass(one)
        assert one == other
        assert one.vendor
        assert one.asked
        with pytest.raises(AttributeError):
            setattr(one, fields(one)[0].name, "another")
        assert not hasattr(one, "__dict__")

    def test_says_nothing_of_where_it_asks_and_of_no_secret(self, kind: str):
        assert "vendor.example" not in repr(check_of(kind))
        assert "'s'" not in repr(check_of(kind)).replace("subscriptions=('s',)", "")

    def test_a_calm_day_is_operational_and_a_bad_one_is_not(self, kind: str):
        calm, bad = (read(kind, body) for body in SAMPLES[kind].bodies)
        assert (calm.status, calm.cause) == (Status.OPERATIONAL, "")
        assert bad.status.is_bad
        assert not calm.incidents

    def test_a_reading_keeps_its_word(self, kind: str):
        for body in SAMPLES[kind].bodies:
            keeps_its_word(read(kind, body))

    def test_the_same_body_gives_the_same_reading(self, kind: str):
        for body in SAMPLES[kind].bodies:
            assert read(kind, body) == read(kind, body)

    def test_what_is_open_can_be_told_apart_from_look_to_look(self, kind: str):
        """An hour later, the same page has the same ids."""
        document = SAMPLES[kind].bodies[1]
        known = [one.ref for one in checks.read(kind, document, now=NOW, **plain_options(kind)).incidents or ()]
        later = datetime(2026, 9, 1, 13, tzinfo=UTC)
        assert [
            one.ref for one in checks.read(kind, document, now=later, **plain_options(kind)).incidents or ()
        ] == known

    @pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
    def test_a_mark_at_the_beginning_says_how_to_read_it(self, kind: str, codec: str):
        for body in SAMPLES[kind].bodies:
            if not body.startswith(b"<?xml"):
                assert read(kind, body.decode().encode(codec)) == read(kind, body)


def plain_options(kind: str) -> dict[str, Any]:
    return dict(SAMPLES[kind].options)


def test_ids_that_differ_stay_apart_however_long_and_hostile_they_are():
    refs = ["x" * 300 + "a", "x" * 300 + "b", "a\x1bb", "a\x07b", "\u202e", "\ud800", "a b", "plain"]
    listed = tuple(VendorIncident(ref, "t") for ref in refs)
    clean = harmless(Reading(Status.MAJOR, "m", "components: \x1b[31m\u202e", incidents=listed))
    keeps_its_word(clean)
    assert clean.cause == "components: [31m"
    assert [one.ref for one in clean.incidents or ()][-2:] == ["a b", "plain"]
    assert harmless(clean) == clean


@recorded
def test_what_is_read_of_a_recording_keeps_its_word(kind: str, name: str):
    body = (FOLDER / name).read_bytes()
    keeps_its_word(read(kind, body))
    assert read(kind, body) == read(kind, body)


# -- whatever comes instead ----------------------------------------------------------------------------------------

DEEP = b"[" * 10_000 + b"]" * 10_000
NONSENSE = random.Random(5).randbytes(5_000_000)
HOSTILE = {
    "nothing": b"",
    "blanks": b" \r\n\t ",
    "a zero": b"\0",
    "html": b"<!DOCTYPE html><html><title>Log in</title><body>All systems operational</body></html>",
    "xhtml": b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head/><body>ok</body></html>",
    "a text": b"All systems operational",
    "a word": b'"operational"',
    "true": b"true",
    "null": b"null",
    "a number": b"100",
    "not a number": b"NaN",
    "an empty mapping": b"{}",
    "a list of lists": b"[[]]",
    "a list of nothing": b"[null]",
    "a list of empty mappings": b"[{}]",
    "a list of words": b'["operational"]',
    "a refusal": b'{"error": "rate limited"}',
    "another refusal": b'{"error": {"code": "AuthorizationFailed", "message": "No."}}',
    "refusals": b'{"errors": [{"message": "No."}]}',
    "a message": b'{"message": "Not Found"}',
    "ok": b'{"ok": true}',
    "status ok": b'{"status": "ok"}',
    "nested lists": DEEP,
    "nested mappings": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "nested elements": b"<rss>" * 10_000,
    "half a letter": b'{"a": "\xc3',
    "half a pair": b'{"a": "\\ud83d"}',
    "nonsense": NONSENSE,
    "much of nothing": b" " * 5_000_000,
    "many nothings": b"[" + b"null," * 1_000_000 + b"null]",
    "many words": b"[" + b'"ok",' * 1_000_000 + b'"ok"]',
    "many rows": b"[" + b"{}," * 1_000_000 + b"{}]",
    "a long number": b'{"status": ' + b"9" * 100_000 + b"}",
    "many bombs": b"<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><rss>&b;</rss>",
}


def is_refused(reading: Reading) -> None:
    assert reading.status is Status.UNKNOWN
    assert reading.message
    assert len(reading.message) < 500
    assert reading.message.isprintable()
    assert not reading.incidents


@each
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_page_is_unknown_with_the_reason(kind: str, body: bytes):
    is_refused(read(kind, body))
    is_refused(read(kind, body, role=""))


@pytest.mark.parametrize("one", [b"[]", b"{}", b"1", b'"ok"', b"[[[1]]]"])
def test_more_values_than_anybody_could_have_written_are_not_read(one: bytes):
    """To make them all would keep everybody waiting, whichever list they are in."""
    with pytest.raises(Unreadable, match="nobody could have written"):
        _ = Document(b"[" + (one + b",") * MOST_VALUES + one + b"]", NOW).json


def test_very_many_mappings_are_read_as_few_are():
    body = b"[" + b'{"a": {"b": [1.5, null, "\\u00e9"]}},' * MOST_AT_ONCE + b'{"a": NaN}]'
    *rows, last = Document(body, NOW).json
    assert rows == [{"a": {"b": [1.5, None, "é"]}}] * MOST_AT_ONCE
    assert repr(last) == repr(Document(b'{"a": NaN}', NOW).json)
    with pytest.raises(Unreadable, match="broken off"):
        _ = Document(body[:-1], NOW).json


@pytest.mark.parametrize("kind", [kind for kind in KNOWN if isinstance(SAMPLES[kind].bad, dict | list)])
def test_a_list_that_nobody_could_have_written_is_not_read(kind: str):
    sample = SAMPLES[kind]
    path = sample.row[:-1]
    rows = at(sample.bad, path) * 10_001
    assert read(kind, spelt(changed(sample.bad, path, rows) if path else rows)).cause == "unreadable"


@each
def test_a_page_that_breaks_off_anywhere_is_unknown(kind: str):
    for body in SAMPLES[kind].bodies:
        for length in range(len(body.rstrip())):
            is_refused(read(kind, body[:length]))


RELATED = {("incident_io", "statuspage"), ("statuspage", "incident_io")}
"""Who serves what another does as well: incident.io has all that a Statuspage has."""


@each
def test_the_page_of_another_kind_is_never_green(kind: str):
    strangers = {other: sample for other, sample in SAMPLES.items() if other != kind and (other, kind) not in RELATED}
    found = {}
    for other, sample in strangers.items():
        for body in sample.bodies:
            reading = read(kind, body)
            is_same = body in SAMPLES[kind].bodies
            if not is_same and reading.status is Status.OPERATIONAL:
                found[other] = reading.message
    assert not found


@recorded
def test_a_recording_that_breaks_off_is_unknown(kind: str, name: str):
    body = (FOLDER / name).read_bytes().rstrip()
    for length in range(0, len(body) - 1, max(1, len(body) // 25)):
        assert read(kind, body[:length]).status is Status.UNKNOWN


@each
def test_what_carries_the_meaning_must_be_there_and_be_what_it_should(kind: str):
    found = []
    for path in SAMPLES[kind].carriers:
        for wrong in (GONE, RENAMED, None, 7, "zzz", True, *([] if is_listed(kind, path) else [[]]), {}):
            if read(kind, spelt(changed(SAMPLES[kind].calm, path, wrong))).status is Status.OPERATIONAL:
                found.append((path, wrong))
    assert not found


GONE, RENAMED = object(), object()


def at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def is_listed(kind: str, path: Path) -> bool:
    """An empty list is what a calm page has there."""
    return at(SAMPLES[kind].calm, path) == [] or not path


def changed(data: Any, path: Path, wrong: Any) -> Any:
    """A copy in which something else stands there, or nothing."""
    if not path:
        return {} if wrong in (GONE, RENAMED) else wrong
    copy = json.loads(json.dumps(data))
    inner = at(copy, path[:-1])
    if wrong is GONE:
        del inner[path[-1]]
    elif wrong is RENAMED and isinstance(inner, dict):
        inner = inner | {f"{path[-1]}x": inner[path[-1]]}
        del inner[path[-1]]
        return changed(copy, path[:-1], inner)
    else:
        inner[path[-1]] = None if wrong is RENAMED else wrong
    return copy
