"""What a person sends outside on purpose: who takes it, who would, and why the others do not.

It goes by the same rows and the same rule as all else that is told; only routes and what keeps quiet have no say.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tui_monitor.core import orders
from tui_monitor.core.banner import BANNER
from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import Incident, Owing
from tui_monitor.core.plan import Place
from tui_monitor.core.routing import answers
from tui_monitor.core.text import clean
from tui_monitor.core.views import View
from tui_monitor.engine.desk import Desk

UNSURE = "it may have been told before, and cannot be asked: retry or drop that first"
BY_HAND = "chosen by hand"
NO_TICKETS = "no destination opens tickets: have an azure_devops_ticket, or say so in webhook: {url: …, ticket: true}"
NO_BANNERS = "no destination shows a banner: one must say so in the config, as in webhook: {url: …, banner: true}"


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether a place is told, and why. What is meant and not free would be told if it might be."""

    place: Place
    is_meant: bool
    reason: str
    is_free: bool = True

    @property
    def is_told(self) -> bool:
        return self.is_meant and self.is_free

    @property
    def name(self) -> str:
        return self.place.name


def names_of(text: str) -> list[str]:
    """Names as an option holds them, with commas between."""
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def check_names(wanted: Iterable[str], places: Sequence[Place], what: str) -> None:
    """Rejected where a name is none of these places, with the nearest."""
    known = [place.name for place in places]
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}" if known else ""
            raise Rejected(f"no {what} is called {clean(name, 60)!r}{hint}")


def carriers(desk: Desk, attribute: str) -> list[Place]:
    """The places of which the plugin says so."""
    return [place for place in desk.ledger.places.values() if getattr(place.plugin, attribute, False)]


def is_held(desk: Desk, place: Place, subject: str) -> bool:
    """Whether a person must say first what became of an earlier message."""
    row = desk.ledger.rows.get((place.name, subject))
    return row is not None and row.state is Owing.HELD


def is_doubtful(desk: Desk, place: Place) -> bool:
    """Whether a person must say first what became of a banner: of one that may stand it is only safe to clear it."""
    shown, row = desk.banners.table.get(place.name), desk.ledger.rows.get((place.name, BANNER))
    is_half_gone = shown is not None and shown.cleared and place.ambiguous == "hold"
    return is_held(desk, place, BANNER) or (is_half_gone and row is not None and bool(row.claim))


def heard_out(chosen: Sequence[Choice], wanted: Sequence[str], nobody: str) -> list[Choice]:
    """Who is told. Rejected where nobody is, or one that was named may not be; of the others it is said beside."""
    told = [one for one in chosen if one.is_told]
    kept = [one for one in chosen if one.is_meant and not one.is_free]
    if kept and (wanted or not told):
        raise Rejected("; ".join(f"{one.name} cannot be told now: {one.reason}" for one in kept))
    if not told:
        raise Rejected(nobody)
    return told


def kept_from(chosen: Iterable[Choice]) -> list[View]:
    """The places that would be told if they might, with the reason."""
    kept = (one for one in chosen if one.is_meant and not one.is_free)
    return [{"destination": one.name, "reason": one.reason} for one in kept]


# -- updates --------------------------------------------------------------------------------------------------------


def choices(desk: Desk, incident: Incident, wanted: Sequence[str], now: datetime) -> list[Choice]:
    """Who hears of an update: whoever is named, else all that have been told of the incident or are to be."""
    places = list(desk.ledger.places.values())
    check_names(wanted, places, "destination")
    routed = answers(incident, desk.ledger.service_of(incident), desk.ledger.routes, now)
    reasons = {one.destination: (one.is_told, one.reason) for one in routed}
    chosen = (
        _choice(desk, place, incident, wanted, reasons.get(place.name))
        for place in places
        if place.name in wanted or not getattr(place.plugin, "banner", False)
    )
    return [_unless_shut(desk, one, incident) for one in chosen]


def _unless_shut(desk: Desk, one: Choice, incident: Incident) -> Choice:
    shut = desk.ledger.shut(one.place, incident) or (UNSURE if is_held(desk, one.place, incident.id) else "")
    return replace(one, reason=shut, is_free=False) if shut else one


def _choice(
    desk: Desk, place: Place, incident: Incident, wanted: Sequence[str], routed: tuple[bool, str] | None
) -> Choice:
    if wanted:
        is_named = place.name in wanted
        return Choice(place, is_named, BY_HAND if is_named else "not chosen")
    row = desk.ledger.rows.get((place.name, incident.id))
    if row is not None and (row.said or row.claim or row.is_owed or row.state is Owing.GIVEN_UP):
        return Choice(place, True, "it is told of this incident")
    return Choice(place, *(routed or (False, "no route leads there")))


def foretold(desk: Desk, prefix: str, text: str, to: str, now: datetime) -> list[View]:
    """What each destination would be told of an update, also those not chosen; of the others only why not."""
    incident = desk.find(prefix)
    chosen = choices(desk, incident, names_of(to), now)
    names = tuple(one.name for one in chosen if one.is_free)
    verdict = orders.update(desk.beliefs[incident.service], incident, "", clean(text), names, now)
    after, timeline = verdict.incidents[0], (*desk.timelines.get(incident.id, ()), *verdict.events)
    found = []
    for one in chosen:
        row = desk.ledger.rows.get((one.name, after.id))
        message = desk.ledger.words.foretold(one.place, row, after, timeline, now) if one.is_free else None
        words = {"title": message.title, "text": message.text} if message else {"title": "", "text": ""}
        who = {"destination": one.name, "kind": one.place.kind, "told": one.is_told, "reason": one.reason}
        opens = {"tickets": bool(getattr(one.place.plugin, "tickets", False)), "free": one.is_free}
        found.append({**who, **words, **opens})
    return found


# -- tickets --------------------------------------------------------------------------------------------------------


def ticket_place(desk: Desk, incident: Incident, wanted: str) -> Place:
    """Where a ticket is to be opened. Rejected where that is nowhere, not clear, or done already."""
    places = carriers(desk, "tickets")
    names = ", ".join(place.name for place in places)
    if not places:
        raise Rejected(NO_TICKETS)
    if not wanted and len(places) > 1:
        raise Rejected(f"say where: tickets are opened by {names}")
    if wanted in desk.ledger.places and desk.ledger.places[wanted] not in places:
        raise Rejected(f"{wanted} opens no tickets: {names} would")
    check_names([wanted] if wanted else (), places, "destination that opens tickets")
    place = desk.ledger.places[wanted] if wanted else places[0]
    row = desk.ledger.rows.get((place.name, incident.id))
    if row is not None and row.said:
        known = " ".join(filter(None, (row.ref, row.url)))
        raise Rejected(f"{incident.id} has a ticket at {place.name} already" + (f": {known}" if known else ""))
    if row is not None and row.state is Owing.SENDING:
        raise Rejected(f"{place.name} is being asked for a ticket of {incident.id} just now")
    shut = desk.ledger.shut(place, incident) or (UNSURE if is_held(desk, place, incident.id) else "")
    if shut:
        raise Rejected(f"{place.name} cannot be asked for a ticket of {incident.id} now: {shut}")
    return place


# -- the banner -----------------------------------------------------------------------------------------------------


def sign_choices(desk: Desk, wanted: Sequence[str], why_not: Callable[[Place], str]) -> list[Choice]:
    """The places that show a banner and are meant, each with what keeps it from being told."""
    places = carriers(desk, "banner")
    if not places:
        raise Rejected(NO_BANNERS)
    for name in wanted:
        if name in desk.ledger.places and desk.ledger.places[name] not in places:
            raise Rejected(f"{name} shows no banner: {', '.join(place.name for place in places)} would")
    check_names(wanted, places, "destination that shows a banner")
    meant = [place for place in places if not wanted or place.name in wanted]
    reasons = [why_not(place) for place in meant]
    return [Choice(place, True, why, is_free=not why) for place, why in zip(meant, reasons, strict=True)]
