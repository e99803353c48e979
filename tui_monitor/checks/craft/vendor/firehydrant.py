"""The one document of FireHydrant: components, incidents of now and before, and what its words for health mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from tui_monitor.checks.craft.vendor.document import Row, mapping, needed, refuse_error, rows, text_of, when, word
from tui_monitor.checks.craft.vendor.prose import plain
from tui_monitor.checks.craft.vendor.said import Part, Said, Stage, Told, dated, in_order, latest
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.status import Status, worst

CONDITIONS = {
    "operational": Status.OPERATIONAL,
    "degraded": Status.DEGRADED,
    "offline": Status.MAJOR,
}
SEVERITIES = {
    "sev1": Status.MAJOR,
    "sev2": Status.PARTIAL,
    "sev3": Status.DEGRADED,
    "sev4": Status.DEGRADED,
    "maintenance": Status.MAINTENANCE,
}
UNSET = "unset"
RESOLVED = "resolved"

Meanings = Mapping[str, Status]
"""What each page's own names of conditions mean, such as `Unavailable`."""


def said_of(data: Row, now: datetime) -> Said:
    """A component is as well as the incidents that are open say: the page has no other word for it."""
    refuse_error(data)
    config = mapping(data.get("config"), "its config")
    words = mapping(data.get("conditions"), "its list of conditions")
    meanings = {name: CONDITIONS.get(word(words, name), Status.UNKNOWN) for name in words}
    listed = rows(data, "incidents")
    told = [_told(row, meanings, now) for row in listed]
    running = [row for row, (stage, _) in zip(listed, told, strict=True) if stage is Stage.OPEN]
    return Said(
        words=text_of(config, "operationalMessage", "it lists no incident"),
        parts=tuple(_parts(rows(data, "components"), running, meanings)),
        told=tuple(told),
    )


def _parts(components: list[Row], running: list[Row], meanings: Meanings) -> Iterator[Part]:
    hurt: dict[str, list[Status]] = {}
    for incident in running:
        for name, status in _affected(incident, meanings).items():
            hurt.setdefault(name, []).append(Status.MAINTENANCE if _is_planned(incident) else status)
    for row in components:
        name = text_of(row, "name", "a component without a name")
        own = [meanings.get(text_of(row, "condition"), Status.UNKNOWN)] if row.get("condition") else []
        yield Part(name, worst([*own, *hurt.get(name, [])]))


def _is_planned(row: Row) -> bool:
    return word(row, "severitySlug") == "maintenance"


def _affected(row: Row, meanings: Meanings) -> dict[str, Status]:
    """The components of an incident, each as it is in it."""
    given, conditions = row.get("components"), row.get("componentConditions")
    found = {
        text_of(one, "name"): meanings.get(text_of(one, "condition"), Status.UNKNOWN)
        for one in (given if isinstance(given, list) else [])
        if isinstance(one, dict) and text_of(one, "name")
    }
    if isinstance(conditions, dict):
        found |= {name: meanings.get(text_of(conditions, name), Status.UNKNOWN) for name in conditions}
    return found


def _weight(row: Row, affected: Mapping[str, Status]) -> Status:
    """By its severity; where that was not set, by what has become of its components."""
    slug = word(row, "severitySlug")
    if slug == UNSET and affected:
        heaviest = worst(affected.values())
        return heaviest if heaviest.is_bad or heaviest is Status.UNKNOWN else Status.DEGRADED
    return SEVERITIES.get(slug, Status.UNKNOWN)


def _told(row: Row, meanings: Meanings, now: datetime) -> Told:
    """Over once it has a moment at which it was resolved; a time that cannot be read is none."""
    given = row.get("timestamps")
    moments = {name: when(value, now) for name, value in given.items()} if isinstance(given, dict) else {}
    begins = moments.get("started") or moments.get("detected")
    ended = moments.get(RESOLVED)
    affected, updates = _affected(row, meanings), in_order(_updates(row, now))
    said = VendorIncident(
        ref=needed(row, "id", "an incident"),
        title=text_of(row, "title", "an incident without a title"),
        status=_weight(row, affected),
        started_at=begins,
        updated_at=latest(updates),
        maintenance=_is_planned(row),
        components=tuple(affected),
        updates=updates,
        state=RESOLVED if ended is not None else _latest(moments),
        impact=text_of(row, "severitySlug"),
        until=ended,
    )
    if ended is not None:
        return Stage.OVER, dated(said)
    is_to_come = said.maintenance and begins is not None and begins > now
    return Stage.ANNOUNCED if is_to_come else Stage.OPEN, dated(said)


def _latest(moments: Mapping[str, datetime | None]) -> str:
    """The milestone that was reached last; of several at once, the one that the page names last."""
    known = [(at, n, name) for n, (name, at) in enumerate(moments.items()) if at is not None]
    return max(known)[2] if known else ""


def _updates(row: Row, now: datetime) -> Iterator[VendorUpdate]:
    """Notes, and the milestones that were reached without a word."""
    given = row.get("timeline")
    for one in given if isinstance(given, list) else []:
        details = one.get("details") if isinstance(one, dict) else None
        if not isinstance(details, dict):
            continue
        at = when(one.get("occurredAt"), now) or when(one.get("time"), now)
        note, reached = details.get("note"), details.get("milestoneUpdate")
        text = text_of(note if isinstance(note, dict) else details, "note")
        state = text_of(reached, "currentMilestone") if isinstance(reached, dict) else ""
        yield VendorUpdate(plain(text), at, state)
