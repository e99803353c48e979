"""What a Cachet shows beside incidents: how components are, and how quick services were."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.ports import Sample, Standing
from tui_monitor.core.status import Status, worst
from tui_monitor.core.text import clean, spell_number
from tui_monitor.destinations.craft.cachet import Api, Published, Refusal, Row, spell_state, state_of, whole
from tui_monitor.destinations.craft.document import listed

PER_SECOND = {"ms": 1000.0, "s": 1.0, "m": 1 / 60, "h": 1 / 3600}
AGED = 4.0
"""Seconds after which a look may have been given before, by a try of which no word came: then its metric is asked."""

_HALF = 30
_QUARTER = 900
"""Clocks of all zones agree on the minutes within a quarter of an hour; Cachet shows moments without their zone."""
_CLOCK = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:(\d\d):(\d\d)")

Point = tuple[int, float]
"""The half minute in its quarter of an hour, and the value."""


# -- components -----------------------------------------------------------------------------------------------------


async def keep(api: Api, scene: Sequence[Standing]) -> str:
    """Shows each component as bad as the worst of its services; what has the right state already is left alone.

    One of which nothing bad is known and not everything is known stays as it is: not knowing is no evidence.
    """
    rows = {whole(row.get("id")): row for row in await api.rows("components")}
    changed = []
    for number, status in _statuses(scene).items():
        row, wanted = rows.get(number), api.number_of(status)
        if row is None or wanted is None or wanted == state_of(row):
            continue
        await api.set_component(number, wanted)
        name, before = clean(str(row.get("name")), 60), spell_state(state_of(row))
        changed.append(f"{name} is {spell_state(wanted)}, and not {before}")
    missing = _missing(scene, rows)
    if missing:
        raise DeliveryError(f"{api.host} has no {missing}", retry=False)
    return listed(changed, 400, 10, "; ")


def _kept(scene: Sequence[Standing]) -> list[tuple[int, Standing]]:
    """Each service with the number of its component."""
    given = [(one.publish.component, one) for one in scene if isinstance(one.publish, Published)]
    return [(number, one) for number, one in given if number is not None and one.publish.does("update_status")]


def _statuses(scene: Sequence[Standing]) -> dict[int, Status]:
    found: dict[int, list[Status]] = {}
    for number, one in _kept(scene):
        found.setdefault(number, []).append(one.status)
    return {number: worst(statuses) for number, statuses in found.items()}


def _missing(scene: Sequence[Standing], rows: Mapping[int, Row]) -> str:
    lost = {number: one.service.name for number, one in _kept(scene) if number not in rows}
    return listed([f"component {number} (of {clean(name, 60)})" for number, name in lost.items()], 300, 5, ", ")


# -- metrics --------------------------------------------------------------------------------------------------------


async def record(api: Api, samples: Sequence[Sample]) -> None:
    """A point for each look that measured a time. A metric that refuses keeps no other from getting its own."""
    given = await _given(api, samples)
    refused: dict[int, str] = {}
    for sample in samples:
        metric, value = _metric_of(sample), value_of(sample)
        if metric is None or value is None or metric in refused:
            continue
        point = _point(sample.at, value)
        if given.get((metric, *point), 0) > 0:
            given[(metric, *point)] -= 1
            continue
        body = {"value": value, "timestamp": int(sample.at.timestamp())}
        try:
            await api.write("POST", f"metrics/{metric}/points", body)
        except Refusal as error:
            if error.retry:
                raise _later(error) from None
            refused[metric] = f"no metric {metric}" if error.status == 404 else f"metric {metric}: {error}"
    if refused:
        raise DeliveryError(f"{api.host} has {listed(refused.values(), 400, 5, '; ')}", retry=False)


def _later(error: Refusal) -> Refusal:
    """However soon it allows another try: the points before this one are only asked for once their looks are old."""
    if error.after is not None:
        error.after = max(error.after, AGED + 1)
    return error


def value_of(sample: Sample) -> float | None:
    """The latency in the unit of the metric."""
    if sample.latency is None or not isinstance(sample.publish, Published):
        return None
    return float(f"{sample.latency * PER_SECOND[sample.publish.latency_unit]:.6g}")


def _metric_of(sample: Sample) -> int | None:
    return sample.publish.metric if isinstance(sample.publish, Published) else None


async def _given(api: Api, samples: Sequence[Sample]) -> Counter[tuple[int, int, float]]:
    """The newest points of those metrics of which a look may have been given before."""
    aged = Counter(
        metric
        for sample in samples
        if (metric := _metric_of(sample)) is not None
        and (api.now - sample.at).total_seconds() - (sample.latency or 0.0) > AGED
    )
    found: Counter[tuple[int, int, float]] = Counter()
    for metric, count in aged.items():
        try:
            rows = await api.rows(f"metrics/{metric}/points", 1 + count // 100, newest=True)
        except Refusal as error:
            if error.status != 404:
                raise
            continue
        for row in rows:
            clock, value = _CLOCK.match(str(row.get("created_at"))), _number(row.get("value"))
            if clock and value is not None:
                seconds = int(clock[1]) * 60 + int(clock[2])
                found[(metric, seconds % _QUARTER // _HALF, round(value, 3))] += max(1, whole(row.get("counter"), 1))
    return found


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _point(at: datetime, value: float) -> Point:
    return int(at.timestamp()) % _QUARTER // _HALF, round(value, 3)


# -- whether all of it is there -------------------------------------------------------------------------------------


async def prove(api: Api, given: Mapping[str, Published]) -> str:
    """That what the config says of services, by their names, is there. DeliveryError names what is not."""
    wanted = [(kind, getattr(one, kind), name) for name, one in given.items() for kind in ("component", "metric")]
    wanted = [one for one in wanted if one[1] is not None]
    known = {
        kind: {whole(row.get("id")) for row in await api.rows(f"{kind}s")} for kind in {one[0] for one in wanted}
    }
    lost = [
        f"{kind} {number} (of {clean(name, 60)})"
        for kind, number, name in wanted
        if number not in known.get(kind, ())
    ]
    if lost:
        raise DeliveryError(f"{api.host} has no {listed(lost, 300, 5, ', ')}", retry=False)
    counts = Counter(kind for kind, _ in {(kind, number) for kind, number, _ in wanted})
    return " and ".join(spell_number(counts[kind], kind) for kind in ("component", "metric") if counts[kind])
