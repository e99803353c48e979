"""Pages of vendors as the engine shows them: made by the very code that the engine uses, of invented vendors."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.board.stage import T0, incident
from tui_monitor.core import views
from tui_monitor.core.model import (
    Belief,
    Event,
    Kind,
    Observation,
    Reading,
    Service,
    Suspect,
    VendorComponent,
    VendorIncident,
    VendorUpdate,
)
from tui_monitor.core.status import Status

WORK_UPDATE = "We will move to new racks.\nShort breaks are possible."


def ago(minutes: float, now: datetime = T0) -> datetime:
    return now - timedelta(minutes=minutes)


def outage(now: datetime = T0) -> VendorIncident:
    return VendorIncident(
        ref="x1",
        title="Mail is slow",
        status=Status.PARTIAL,
        url="https://status.example.org/x1",
        started_at=ago(9, now),
        updated_at=ago(4, now),
        components=("Inbox", "Outbox"),
        updates=(
            VendorUpdate("Mail may take an hour.", ago(9, now), "investigating"),
            VendorUpdate("We know\nwhy", ago(4, now), "identified"),
        ),
        state="identified",
        impact="major",
    )


def racks(now: datetime = T0, hours: float = 3.0) -> VendorIncident:
    """Maintenance that is announced, or for a negative number of hours under way."""
    return VendorIncident(
        ref="m1" if hours > 0 else "m2",
        title="New racks" if hours > 0 else "New discs",
        status=Status.MAINTENANCE,
        url="https://status.example.org/m1",
        started_at=now + timedelta(hours=hours),
        until=now + timedelta(hours=hours + 7),
        maintenance=True,
        components=("Archive",),
        updates=(VendorUpdate(WORK_UPDATE, ago(60, now), "scheduled"),),
        state="scheduled" if hours > 0 else "in progress",
    )


COMPONENTS = (
    *(VendorComponent(f"Relay {n}", Status.OPERATIONAL, "Europe") for n in range(14)),
    VendorComponent("Outbox", Status.DEGRADED, "America"),
    VendorComponent("Search", Status.OPERATIONAL, "America"),
    VendorComponent("Inbox", Status.PARTIAL, "America"),
    VendorComponent("Archive", Status.OPERATIONAL),
)


def page(
    id: str = "mail-co",
    *incidents: VendorIncident,
    announced: tuple[VendorIncident, ...] = (),
    components: tuple[VendorComponent, ...] = COMPONENTS,
    now: datetime = T0,
    name: str = "Mail co",
) -> dict[str, Any]:
    """What the engine answers when it is asked for a vendor."""
    said = Reading(
        Status.PARTIAL,
        "Partial outage: Mail is slow",
        incidents=incidents,
        maintenances=announced,
        components=components,
        as_of=ago(2, now),
    )
    standing = views.Standing(read_at=now, said=said)
    shown = Service(id, name, kind="statuspage")
    return views.vendor_view(shown, Belief(id, Status.PARTIAL), Observation(id, now, 0.1, said), standing)


def as_rows(*incidents: VendorIncident) -> list[dict[str, Any]]:
    """Maintenance as a row of the board carries it."""
    kept = ("ref", "title", "url", "state", "started_at", "until", "components")
    return [{key: views.listed_view(one)[key] for key in kept} for one in incidents]


def its_incident(id: str = "bbbb2222", service: str = "mail-co", **other: Any) -> dict[str, Any]:
    """The incident of ours that `outage` is."""
    told = outage()
    line = (
        Event(id, 1, Kind.OPENED, ago(9), by="vendor", text=told.title),
        Event(id, 2, Kind.UPDATED, ago(4), by="vendor", text="We know\nwhy"),
        Event(id, 3, Kind.NOTED, ago(3), by="ada", text="not for strangers"),
    )
    view = incident(id, service, told.title, status="partial", started=ago(9), events=line)
    listed = views.listed_view(told)
    known = {"vendor_ref": "x1", "url": told.url, "words": "identified, major"}
    return {**view, **known, "components": listed["components"], "updates": listed["updates"], **other}


def suspects() -> list[dict[str, Any]]:
    """One of each sort."""
    return [
        views.suspect_view(one)
        for one in (
            Suspect(
                "mail-co", "Mail co", Status.PARTIAL, "bbbb2222", "Mail is slow", "https://status.example.org/x1"
            ),
            Suspect("cloud", "Cloud co", Status.OPERATIONAL),
            Suspect("pay", "Pay co", Status.UNKNOWN),
            Suspect("dns", "Names co", Status.MAINTENANCE, title="New racks"),
        )
    ]
