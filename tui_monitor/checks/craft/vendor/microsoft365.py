"""The service health of Microsoft 365, as Microsoft Graph tells it: issues, or an overview of the services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from tui_monitor.checks.craft.vendor.document import Row, needed, refuse_error, rows, text_of, when, word
from tui_monitor.checks.craft.vendor.prose import plain
from tui_monitor.checks.craft.vendor.said import Part, Said, Stage, Told, dated, has_words, in_order
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean

ALERT = "https://admin.microsoft.com/Adminportal/Home#/servicehealth/:/alerts/"
WELL = frozenset({
    "serviceoperational",
    "servicerestored",
    "falsepositive",
    "postincidentreviewpublished",
    "resolved",
    "resolvedexternal",
})  # fmt: skip
ILL = {
    "serviceinterruption": Status.MAJOR,
    "servicedegradation": Status.PARTIAL,
    "restoringservice": Status.PARTIAL,
    "investigating": Status.DEGRADED,
    "confirmed": Status.DEGRADED,
    "reported": Status.DEGRADED,
    "extendedrecovery": Status.DEGRADED,
    "verifyingservice": Status.DEGRADED,
    "investigationsuspended": Status.DEGRADED,
    "mitigated": Status.DEGRADED,
    "mitigatedexternal": Status.DEGRADED,
}


def said_of(data: Row, now: datetime, services: Sequence[str]) -> Said:
    """A list of issues or of services, or a single one of them."""
    refuse_error(data)
    found = [data] if "value" not in data and data.keys() >= {"service", "status"} else rows(data, "value")
    overviews = [one for one in found if not _is_issue(one)]
    if not overviews and "healthOverviews" not in text_of(data, "@odata.context"):
        told = [_told(one, now) for one in found if _is_ours(one, services)]
        return Said(words="no open issue", told=tuple(told))
    if not overviews or len(overviews) < len(found):
        raise Unreadable("its page names no service, or issues among its services")
    return _overview(overviews, now, services)


def _is_issue(row: Row) -> bool:
    return bool(row.keys() & {"isResolved", "classification", "title"})


def _is_ours(row: Row, services: Sequence[str]) -> bool:
    """An issue that names no service may concern any of them."""
    names = [name for name in (text_of(row, "service"), "" if _is_issue(row) else text_of(row, "id")) if name]
    return not services or not names or any(has_words(one, name) for one in services for name in names)


def _overview(overviews: list[Row], now: datetime, services: Sequence[str]) -> Said:
    """Services, with their issues where they were asked for too."""
    for one in services:
        if not any(_is_ours(row, (one,)) for row in overviews):
            raise Unreadable(f"its page has no service {clean(one, 60)!r}")
    parts: list[Part] = []
    told: list[Told] = []
    for row in overviews:
        if not _is_ours(row, services):
            continue
        issues = [_told(one, now) for one in rows(row, "issues", optional=True)]
        lasting = [one for stage, one in issues if stage is Stage.OPEN]
        is_mere_notice = bool(lasting) and all(one.status is Status.OPERATIONAL for one in lasting)
        parts.append(Part(needed(row, "service", "a service"), _state(row), counts=not is_mere_notice))
        told += issues
    has_issues = any("issues" in row for row in overviews)
    return Said(words="no open issue", parts=tuple(parts), told=tuple(told) if has_issues else None)


def _state(row: Row) -> Status:
    state = word(row, "status")
    return Status.OPERATIONAL if state in WELL else ILL.get(state, Status.UNKNOWN)


def _told(row: Row, now: datetime) -> Told:
    """Over is only what says that it is resolved, whatever else it says."""
    ref = needed(row, "id", "an issue")
    is_over = row.get("isResolved") is True
    said = VendorIncident(
        ref=ref,
        title=text_of(row, "title") or text_of(row, "impactDescription", "an issue without a title"),
        status=_weight(row),
        url=ALERT + quote(ref, safe=""),
        started_at=when(row.get("startDateTime"), now),
        updated_at=when(row.get("lastModifiedDateTime"), now),
        components=tuple(filter(None, (text_of(row, "service"),))),
        updates=in_order(_updates(row, now)),
        state=text_of(row, "status"),
        impact=text_of(row, "classification"),
        until=when(row.get("endDateTime"), now) if is_over else None,
    )
    return Stage.OVER if is_over else Stage.OPEN, dated(said)


def _weight(row: Row) -> Status:
    """An advisory is a notice; an incident that is open has the least weight at least, whatever its state says."""
    state = word(row, "status")
    if word(row, "classification") == "advisory":
        return Status.OPERATIONAL
    return Status.DEGRADED if state in WELL else ILL.get(state, Status.UNKNOWN)


def _updates(row: Row, now: datetime) -> list[VendorUpdate]:
    given = row.get("posts")
    posts = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    found = [VendorUpdate(_text(one), when(one.get("createdDateTime"), now)) for one in posts]
    told = text_of(row, "impactDescription")
    return found or ([VendorUpdate(plain(told), when(row.get("startDateTime"), now))] if told else [])


def _text(post: Row) -> str:
    description = post.get("description")
    return plain(text_of(description, "content") if isinstance(description, dict) else text_of(post, "description"))
