"""The events of Azure Service Health in a subscription: issues, planned work, and what is only good to know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from tui_monitor.checks.craft.vendor.document import Row, mapping, needed, refuse_error, rows, text_of, when, word
from tui_monitor.checks.craft.vendor.prose import plain
from tui_monitor.checks.craft.vendor.said import Said, Stage, Told, has_words, in_order, latest
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.status import Status, worst

NOTICES = frozenset({"healthadvisory", "billing", "security", "securityadvisory", "rca"})
LEVELS = {"critical": Status.MAJOR, "warning": Status.DEGRADED}
EVENT_LEVELS = {
    "critical": Status.MAJOR,
    "error": Status.PARTIAL,
    "warning": Status.DEGRADED,
    "informational": Status.DEGRADED,
}
"""An open issue is never nothing: one that is told for information has the least weight that there is."""

PORTAL = "https://portal.azure.com/#view/Microsoft_Azure_Health/AzureHealthBrowseBlade/~/"
LISTS = {"serviceissue": PORTAL + "serviceIssues", "plannedmaintenance": PORTAL + "plannedMaintenance"}
CLOSED_FOR_GOOD = frozenset({"disabled", "deleted"})
"""States of a subscription in which nothing of ours can run."""

URGENCY = (Stage.OPEN, Stage.ANNOUNCED, Stage.OVER)


@dataclass(frozen=True, slots=True)
class Spot:
    """One service in one region that an event touches; empty where it says nothing of it."""

    service: str = ""
    region: str = ""
    is_over: bool = False

    def __str__(self) -> str:
        return " / ".join(filter(None, (self.service, self.region)))


@dataclass(frozen=True, slots=True)
class Ours:
    """What of Azure we use; whatever is empty is all of it."""

    regions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    def has(self, spot: Spot) -> bool:
        """What is global, or says nothing of a service or a region, concerns everybody."""
        here = not self.regions or not spot.region or has_words("global", spot.region)
        used = not self.services or not spot.service
        return (here or any(_is_region(one, spot.region) for one in self.regions)) and (
            used or any(has_words(one, spot.service) for one in self.services)
        )


ALL = Ours()


def _is_region(wanted: str, name: str) -> bool:
    """`East US 2` as it is shown, `eastus2` as programs write it, or some of its words."""
    return has_words(wanted, name) or "".join(wanted.split()).casefold() == "".join(name.split()).casefold()


def is_list_of_subscriptions(data: Row) -> bool:
    found = data.get("value")
    return isinstance(found, list) and any(isinstance(one, dict) and "subscriptionId" in one for one in found)


def subscriptions_of(data: Row) -> tuple[str, ...]:
    """Those of a list in which anything can run."""
    refuse_error(data)
    listed = [one for one in rows(data, "value") if word(one, "state") not in CLOSED_FOR_GOOD]
    return tuple(needed(one, "subscriptionId", "a subscription") for one in listed)


def said_of(data: Row, now: datetime, ours: Ours) -> Said:
    """The events of a subscription, or a single one."""
    refuse_error(data)
    events = [data] if "properties" in data else rows(data, "value")
    found = [one for event in events for one in _told(event, now, ours)]
    return Said(words="no open issue", told=united(found))


def united(told: Iterable[Told]) -> tuple[Told, ...]:
    """Each event once, whichever subscriptions name it: open in one of them is open."""
    found: dict[str, list[Told]] = {}
    for stage, one in told:
        found.setdefault(one.ref, []).append((stage, one))
    return tuple([_together(same) if len(same) > 1 else same[0] for same in found.values()])


def _together(same: list[Told]) -> Told:
    stage = min((at for at, _ in same), key=URGENCY.index)
    holding = [one for at, one in same if at is stage]
    base = max(holding, key=lambda one: one.updated_at.timestamp() if one.updated_at else float("-inf"))
    components = dict.fromkeys(name for one in holding for name in one.components)
    updates = dict.fromkeys(update for one in holding for update in one.updates)
    return stage, replace(base, components=tuple(components), updates=in_order(updates))


def _told(event: Row, now: datetime, ours: Ours) -> Iterator[Told]:
    """The event, if it concerns us."""
    said = mapping(event.get("properties"), "an event of its page")
    named, is_all = list(_spots(said)), ours == ALL
    spots = named if is_all else [one for one in named if ours.has(one)]
    if named and not spots:
        return
    kind, state = word(said, "eventType"), text_of(said, "status")
    begins, changed = when(said.get("impactStartTime"), now), when(said.get("lastUpdateTime"), now)
    lasting = [one for one in spots if not one.is_over] or spots
    is_over = word(said, "status") == "resolved" or (not is_all and bool(spots) and all(one.is_over for one in spots))
    planned = kind == "plannedmaintenance"
    stage = _stage(is_over, planned, begins, now)
    updates = in_order(_updates(said, state, changed, now))
    incident = VendorIncident(
        ref=text_of(event, "name") or _last(needed(event, "id", "an event")),
        title=text_of(said, "title", "an event without a title"),
        status=_weight(kind, said),
        url=LISTS.get(kind, ""),
        started_at=begins,
        updated_at=latest(updates, changed),
        maintenance=planned,
        components=tuple(dict.fromkeys([name for one in lasting if (name := str(one))])),
        updates=updates,
        state=state,
        impact=", ".join(filter(None, (text_of(said, "eventType"), text_of(said, "level")))),
        until=when(said.get("impactMitigationTime"), now) if planned or is_over else None,
    )
    yield stage, incident


def _spots(said: Row) -> Iterator[Spot]:
    """What is touched. Whatever cannot be read of it may be anything, and so concerns everybody."""
    for one in _rows(said, "impact"):
        service = text_of(one, "impactedService")
        for part in _rows(one, "impactedRegions") or [{}]:
            yield Spot(service, text_of(part, "impactedRegion"), word(part, "status") == "resolved")


def _rows(row: Row, key: str) -> list[Row]:
    """Those of a list that may be none at all; what is no row in it is one that says nothing."""
    value = row.get(key)
    return [one if isinstance(one, dict) else {} for one in value] if isinstance(value, list) else []


def _stage(is_over: bool, planned: bool, begins: datetime | None, now: datetime) -> Stage:
    """Over is what says so, or says so of all that is ours; a word that we do not know is open."""
    is_to_come = planned and begins is not None and begins > now
    return Stage.OVER if is_over else Stage.ANNOUNCED if is_to_come else Stage.OPEN


def _last(path: str) -> str:
    """The name at the end of an id; all of it where there is none."""
    return path.rpartition("/")[2] or path


def _weight(kind: str, said: Row) -> Status:
    """By the worse of the two levels that it has; a kind of event that we do not know weighs we know not what."""
    if kind == "plannedmaintenance":
        return Status.MAINTENANCE
    if kind in NOTICES:
        return Status.OPERATIONAL
    if kind not in ("serviceissue", "emergingissue", "emergingissues"):
        return Status.UNKNOWN
    levels = ((LEVELS, word(said, "level")), (EVENT_LEVELS, word(said, "eventLevel")))
    known = [weights.get(level, Status.UNKNOWN) for weights, level in levels if level]
    return worst(known) if known else Status.UNKNOWN


def _updates(said: Row, state: str, changed: datetime | None, now: datetime) -> Iterable[VendorUpdate]:
    """What is said of the whole, and what of single regions."""
    text = text_of(said, "description") or text_of(said, "summary") or text_of(said, "header")
    found = [VendorUpdate(plain(text), changed, state)] if text else []
    regions = [one for service in _rows(said, "impact") for one in _rows(service, "impactedRegions")]
    told = [one for region in regions for one in _rows(region, "updates")]
    found += [VendorUpdate(plain(text_of(one, "summary")), when(one.get("updateDateTime"), now)) for one in told]
    return dict.fromkeys(found) if len(found) > 1 else found
