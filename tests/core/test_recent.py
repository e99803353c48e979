"""The ring of the newest looks holds what it was given, the newest of it, in little room."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tui_monitor.core.model import Observation, Phases, Reading
from tui_monitor.core.status import Status
from tui_monitor.engine.recent import KEPT, Recent

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
seconds = st.floats(0, 1e5, width=32)
readings = st.builds(
    Reading,
    st.sampled_from(list(Status)),
    st.sampled_from(["", "503, expected 200", "timeout"]),
    latency=st.none() | seconds,
    phases=st.none() | st.builds(Phases, seconds, seconds, seconds, seconds, seconds),
)


def look(n: int, reading: Reading, confirming: bool = False) -> Observation:
    return Observation("web", NOON + timedelta(seconds=10 * n, microseconds=n), 0.25, reading, confirming=confirming)


@given(st.lists(st.tuples(readings, st.booleans()), max_size=40))
def test_the_newest_looks_are_as_they_were_seen(seen: list[tuple[Reading, bool]]) -> None:
    recent = Recent()
    looks = [look(n, reading, confirming) for n, (reading, confirming) in enumerate(seen)]
    for one in looks:
        recent.saw(one)
    found = list(recent.of("web"))
    expected = looks[-KEPT:]
    assert len(found) == len(expected)
    assert all(abs(one.at - other.at) < timedelta(milliseconds=1) for one, other in zip(found, expected, strict=True))
    assert [one.status for one in found] == [one.reading.status for one in expected]
    assert [one.confirming for one in found] == [one.confirming for one in expected]
    for one, other in zip(found, expected, strict=True):
        said = other.reading.message if not other.reading.status.is_good else ""
        assert (one.message or "") == said
        assert (one.latency is None) is (other.reading.latency is None)
        assert one.latency is None or abs(one.latency - other.reading.latency) <= 1e-6 * other.reading.latency + 1e-6
        assert (one.phases is None) is (other.reading.phases is None)
        assert one.phases is None or abs(one.phases.tls - other.reading.phases.tls) < 1e-2
        assert one.took == 0.25


def test_twelve_looks_at_a_service_take_less_than_six_hundred_bytes() -> None:
    recent = Recent()
    for n in range(100):
        recent.saw(look(n, Reading(Status.OPERATIONAL, f"200 in {n} ms", latency=0.1, phases=Phases(0.1))))
    assert sys.getsizeof(recent._looks["web"]) < 600
    assert recent._words == {}


def test_the_same_words_again_are_the_same_text_and_go_with_their_looks() -> None:
    recent = Recent()
    for n in range(30):
        recent.saw(look(n, Reading(Status.MAJOR, f"{'x' * 1000}{n // 100}")))
    words = recent._words["web"]
    assert len(words) == KEPT
    assert len({id(text) for _, text in words}) == 1
    assert len(words[0][1]) == 160
    for n in range(30, 30 + KEPT):
        recent.saw(look(n, Reading(Status.OPERATIONAL, "200")))
    assert recent._words == {}


def test_figures_that_are_none_are_no_obstacle() -> None:
    recent = Recent()
    for value in (float("nan"), float("inf"), -1.0, 1e300):
        recent.saw(look(0, Reading(Status.OPERATIONAL, latency=value, phases=Phases(value, value))))
    assert [one.latency for one in recent.of("web")] == [0.0, 1e9, 0.0, 1e9]


def test_services_that_are_gone_are_forgotten() -> None:
    recent = Recent()
    recent.saw(look(0, Reading(Status.MAJOR, "down")))
    recent.keep_only({"api"})
    assert (list(recent.of("web")), repr(recent)) == ([], "<Recent looks at 0 services>")
