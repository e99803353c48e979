"""Components and metrics at Cachet: only what differs is written, and each look is a point once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.destinations.cachets import API, TOKEN, VERSIONS, plugin, sample, serving, standing, writes
from tests.destinations.small import NOON, Out
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.destinations.cachet import Cachet
from tui_monitor.destinations.craft.cachet import Published
from tui_monitor.destinations.craft.cachet_shown import value_of
from tui_monitor.fakes.cachet import Cachet as Server
from tui_monitor.fakes.cachet import Row
from tui_monitor.fakes.cachet2 import Cachet2


@pytest.fixture(params=VERSIONS)
async def there(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    async with serving(request.param) as one:
        one.metric("Time of API")
        yield one


# -- components -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.DEGRADED, Status.PARTIAL, Status.MAJOR])
async def test_a_component_is_shown_as_its_service_is_and_that_is_said(there: Server, outside: Out, status: Status):
    said = await plugin(there).keep([standing(status)], outside)
    assert there.status_of(1) == {"degraded": 2, "partial": 3, "major": 4}[status]
    names = {"degraded": "performance issues", "partial": "partial outage", "major": "major outage"}
    assert said == f"API is {names[status]}, and not operational"
    assert there.page.mails == []


async def test_what_is_right_already_is_not_written_again(there: Server, outside: Out):
    await plugin(there).keep([standing(Status.MAJOR)], outside)
    before = writes(there)
    assert before == ["PUT /components/1"]
    assert await plugin(there).keep([standing(Status.MAJOR)], outside) == ""
    assert writes(there) == before


async def test_what_somebody_else_has_changed_is_put_right(there: Server, outside: Out):
    there.page.components[1]["status"] = 3
    assert await plugin(there).keep([standing(Status.OPERATIONAL)], outside) == (
        "API is operational, and not partial outage"
    )
    assert there.status_of(1) == 1


async def test_a_service_of_which_nothing_is_known_changes_nothing(there: Server, outside: Out):
    for state in (1, 4):
        there.page.components[1]["status"] = state
        assert await plugin(there).keep([standing(Status.UNKNOWN)], outside) == ""
        assert there.status_of(1) == state


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        ([Status.OPERATIONAL, Status.PARTIAL], 3),
        ([Status.MAJOR, Status.UNKNOWN], 4),
        ([Status.OPERATIONAL, Status.UNKNOWN], 2),
        ([Status.OPERATIONAL, Status.OPERATIONAL], 1),
    ],
)
async def test_of_several_services_the_worst_counts(there: Server, outside: Out, statuses: list[Status], state: int):
    there.page.components[1]["status"] = 2
    await plugin(there).keep([standing(one, name=f"s{n}") for n, one in enumerate(statuses)], outside)
    assert there.status_of(1) == state


async def test_planned_work_is_shown_in_the_word_that_there_is(there: Server, outside: Out):
    await plugin(there).keep([standing(Status.MAINTENANCE)], outside)
    assert there.status_of(1) == (2 if isinstance(there, Cachet2) else 6)


async def test_components_are_found_on_every_page_of_the_list(there: Server, outside: Out):
    numbers = [there.component(f"c{n}") for n in range(250)]
    await plugin(there).keep([standing(Status.MAJOR, numbers[-1]), standing(Status.PARTIAL, numbers[120])], outside)
    assert (there.status_of(numbers[-1]), there.status_of(numbers[120])) == (4, 3)
    assert len([one for one in there.heard if one.path.endswith("/components")]) == 3


async def test_one_that_is_not_there_is_named_and_keeps_no_other_back(there: Server, outside: Out):
    with pytest.raises(DeliveryError, match=r"^127.0.0.1 has no component 9 \(of Shop\)$") as caught:
        await plugin(there).keep([standing(Status.MAJOR, 9, "Shop"), standing(Status.MAJOR)], outside)
    assert not caught.value.retry
    assert there.status_of(1) == 4


class Spelt(Cachet2):
    """On a database that gives numbers as texts."""

    def component_row(self, row: Row) -> Row:
        return {**row, "status": str(row["status"])}


async def test_a_state_that_a_database_spells_as_text_is_a_state(outside: Out):
    async with Spelt(token=TOKEN) as there:
        there.component("API")
        assert await plugin(there).keep([standing(Status.OPERATIONAL)], outside) == ""
        assert await plugin(there).keep([standing(Status.MAJOR)], outside) != ""


# -- metrics --------------------------------------------------------------------------------------------------------


async def test_each_look_is_a_point_at_its_own_time(there: Server, outside: Out):
    await plugin(there).record([sample(0.5), sample(0.25, at=NOON - timedelta(seconds=61))], outside)
    points = [(one["value"], one["created_at"]) for one in there.page.points.values()]
    assert points == [(500.0, "2026-11-20 12:00:00"), (250.0, "2026-11-20 11:58:30")]
    bodies = [one.json for one in there.heard if one.body]
    assert bodies[0] == {"value": 500.0, "timestamp": int(NOON.timestamp())}


@pytest.mark.parametrize(("unit", "value"), [("ms", 90_000.0), ("s", 90.0), ("m", 1.5), ("h", 0.025)])
def test_a_time_is_told_in_the_unit_of_the_metric(unit: str, value: float):
    assert value_of(sample(90.0, unit=unit)) == value


async def test_a_look_that_measured_no_time_is_no_point(there: Server, outside: Out):
    await plugin(there).record([sample(None)], outside)
    assert writes(there) == []


@pytest.mark.parametrize("zone", [0, 5])
@pytest.mark.parametrize("version", VERSIONS)
async def test_what_was_given_before_a_failure_is_not_given_twice(outside: Out, version: str, zone: int):
    async with serving(version, zone=zone) as there:
        there.metric("Time")
        samples = [sample(0.1 * n, at=NOON - timedelta(seconds=40 * n)) for n in range(1, 5)]
        there.let((1 if version != "3" else 2) + 1 + 2)
        there.drop()
        with pytest.raises(DeliveryError) as caught:
            await plugin(there).record(samples, outside)
        assert caught.value.retry
        assert len(there.page.points) == 3
        await plugin(there).record(samples, outside)
        assert [(one["value"], one["counter"]) for one in there.page.points.values()] == [
            (100.0, 1),
            (200.0, 1),
            (300.0, 1),
            (400.0, 1),
        ]


async def test_of_two_looks_that_were_alike_the_one_that_is_missing_is_given(there: Server, outside: Out):
    alike = [sample(0.5, at=NOON - timedelta(minutes=1)) for _ in range(2)]
    there.let(_reads(there) + 1)
    there.answer(503)
    with pytest.raises(DeliveryError) as caught:
        await plugin(there).record(alike, outside)
    assert caught.value.retry
    await plugin(there).record(alike, outside)
    assert [one["counter"] for one in there.page.points.values()] == [2]


def _reads(there: Server) -> int:
    """Requests before the first point of an aged look."""
    return 2 if isinstance(there, Cachet2) else 3


async def test_fresh_looks_are_given_without_asking_what_is_there(there: Server, outside: Out):
    await plugin(there).record([sample(1.0, at=NOON - timedelta(seconds=2))], outside)
    assert not [one for one in there.heard if one.method == "GET" and one.path.endswith("/points")]


async def test_two_looks_that_were_alike_are_two_points(there: Server, outside: Out):
    there.page.metrics[1]["threshold"] = 0
    alike = [sample(0.5, at=NOON - timedelta(minutes=n)) for n in (10, 9)]
    await plugin(there).record(alike, outside)
    assert len(there.page.points) == 2


async def test_a_metric_that_is_not_there_keeps_no_other_from_its_points(there: Server, outside: Out):
    with pytest.raises(DeliveryError, match=r"^127.0.0.1 has no metric 9$") as caught:
        old = NOON - timedelta(minutes=5)
        await plugin(there).record([sample(1.0, 9), sample(1.0, 9, at=old), sample(0.5)], outside)
    assert not caught.value.retry
    assert [one["value"] for one in there.page.points.values()] == [500.0]


async def test_however_soon_it_may_be_tried_again_what_was_given_is_asked_for_first(there: Server, outside: Out):
    fresh = [sample(0.1 * n, at=NOON - timedelta(seconds=1)) for n in (1, 2)]
    there.let(_reads(there))
    there.answer(429, Retry_After="1")
    with pytest.raises(DeliveryError) as caught:
        await plugin(there).record(fresh, outside)
    assert len(there.page.points) == 1
    later = Out(outside.net, now=NOON + timedelta(seconds=caught.value.after or 0.0))
    await plugin(there).record(fresh, later)
    assert [one["counter"] for one in there.page.points.values()] == [1, 1]


@pytest.mark.parametrize("status", [429, 503])
async def test_what_passes_is_tried_again(there: Server, outside: Out, status: int):
    for act in (plugin(there).record([sample(1.0)], outside), plugin(there).keep([standing(Status.MAJOR)], outside)):
        there.answer(status, Retry_After="9")
        with pytest.raises(DeliveryError) as caught:
            await act
        assert (caught.value.retry, caught.value.after) == (True, 9.0)


# -- whether it is all there ----------------------------------------------------------------------------------------


async def test_the_numbers_of_services_are_proved(there: Server, outside: Out):
    there.component("Web")
    given = {"API": replace(API, metric=1), "Shop": Published(component=2), "Web": Published(component=2)}
    assert await plugin(there).prove_published(given, outside) == "it has 2 components and 1 metric"
    assert await plugin(there).prove_published({"x": Published()}, outside) == ""
    with pytest.raises(DeliveryError, match=r"has no component 7 \(of Shop\), metric 8 \(of Shop\)"):
        await plugin(there).prove_published({"Shop": Published(component=7, metric=8)}, outside)


async def test_an_address_that_nobody_answers_is_tried_again(outside: Out):
    with pytest.raises(DeliveryError) as caught:
        await Cachet("http://127.0.0.1:9", Secret(TOKEN)).keep([standing(Status.MAJOR)], outside)
    assert caught.value.retry
