"""Why a service is shown as it is, why nobody or somebody is told of it, and what would change that, in sentences.

Nothing is decided here: every answer is asked of the code that decides, so that no page can say otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tui_monitor.core import views
from tui_monitor.core.errors import Rejected
from tui_monitor.core.incident import Leaning
from tui_monitor.core.model import Belief, Incident, Owing, Service, State, Told
from tui_monitor.core.quiet import Quiet, Why
from tui_monitor.core.routing import Answer, speaks_at
from tui_monitor.core.status import Status
from tui_monitor.core.text import spell_duration, spell_number
from tui_monitor.core.upstream import sentence
from tui_monitor.core.window import spell_moment
from tui_monitor.engine.asked import Asked, find_incident, service_of

if TYPE_CHECKING:
    from tui_monitor.engine.board import Board

MOST = 10
"""Sentences about other services; more help nobody."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be explained. `incident` is what is open, or was asked for; else `pretended` stands in for it."""

    board: Board
    service: Service
    incident: Incident
    pretended: bool
    quiet: Quiet | None
    now: datetime

    @property
    def belief(self) -> Belief:
        return self.board.shown.beliefs.get(self.service.id) or Belief(self.service.id)

    def at(self, moment: datetime) -> str:
        """`at 12:30, in 5 m`."""
        left = (moment - self.now).total_seconds()
        clock = spell_moment(moment, self.now, self.board.plan.timezone)
        return f"at {clock}, in {spell_duration(left)}" if left > 0 else f"at {clock}"


async def explain(board: Board, asked: Asked) -> views.View:
    case = await _case(board, asked.text("id"), asked.now)
    given = board.desk.ledger.answers(case.incident, case.service, case.quiet, case.now)
    rows = {row.destination: row for row in await _rows(case)}
    return {
        "service": case.service.id,
        "name": case.service.name,
        "incident": None if case.pretended else case.incident.id,
        "red": list(_why_it_is_so(case)),
        "silent": list(_why_it_is_quiet(case, given, rows)),
        "told": [await _told(case, one, rows.get(one.destination)) for one in (*given, *_left_out(case, given))],
        "next": list(_what_comes(case, given, rows)),
    }


async def _case(board: Board, target: str, now: datetime) -> Case:
    try:
        service = service_of(board, target)
    except Rejected:
        incident = await find_incident(board, target) if target else None
        if incident is None:
            raise
        quiet = board.desk.quiet_of(incident, now) if incident.is_open else None
        return Case(board, board.desk.ledger.service_of(incident), incident, False, quiet, now)
    standing = board.shown.beliefs[service.id].incidents
    if standing:
        return Case(board, service, standing[0], False, board.desk.quiet_of(standing[0], now), now)
    quiet = board.shown.standing_of(service, now).quiet
    return Case(board, service, _pretended(board, service, now), True, quiet, now)


def _pretended(board: Board, service: Service, now: datetime) -> Incident:
    """The incident that there would be if the next look found it as bad as can be, or is about to be."""
    belief, last = board.shown.beliefs[service.id], board.shown.last.get(service.id)
    reading = last.reading if last is not None and last.reading.status.is_bad else None
    status = reading.status if reading else Status.MAJOR
    title = reading.message if reading else "it cannot be reached"
    began = belief.streak_since if reading and belief.streak_since else now
    suspects = board.desk.suspicion.of(service.id)
    return Incident("", service.id, "", title, status, status, began, suspects=suspects)


async def _rows(case: Case) -> Sequence[Told]:
    if case.pretended:
        return ()
    rows = case.board.shown.told_of(case.incident.id)
    return rows or await case.board.store.told_of(case.incident.id)


# -- why it is as it is -------------------------------------------------------------------------------------------


def _why_it_is_so(case: Case) -> Iterator[str]:
    board, service, belief = case.board, case.service, case.belief
    if service.id not in board.shown.services:
        yield f"{service.name} is no longer watched"
        return
    last = board.shown.last.get(service.id)
    if last is None:
        yield "nobody has looked at it since the engine started"
    else:
        clock = spell_moment(last.at, case.now, board.plan.timezone)
        found = "could not tell" if last.reading.status is Status.UNKNOWN else f"found it {last.reading.status}"
        message = f": {last.reading.message}" if last.reading.message else ""
        yield f"the last look, at {clock}, {found}{message}"
    yield from _pending(belief, service)
    yield from _what_stands(case)
    played = board.shown.simulations.get(service.id)
    if played is not None:
        yield f"it is a rehearsal by {played.by}: it is taken to be {played.status}"
    work = board.desk.hush.maintenance_of(service, case.now)
    if work is not None:
        yield f"planned work on {work[0].target} holds, so it is shown as in maintenance"
    yield from _kin(case)
    patience = service.patience
    yield (
        f"it is looked at every {spell_duration(service.every)}; {_looks(patience.down_after, 'failing')} in a row "
        f"open an incident, {_looks(patience.up_after, 'good')} in a row end it"
    )


def _looks(number: int, kind: str) -> str:
    return spell_number(number, f"{kind} look")


def _pending(belief: Belief, service: Service) -> Iterator[str]:
    patience, streak = service.patience, belief.streak
    if not streak or not belief.leaning:
        return
    if belief.leaning in (Leaning.BAD, Leaning.WORSE):
        worse = "found it worse" if belief.leaning == Leaning.WORSE else "failed"
        yield f"{streak}/{patience.down_after}: so many looks in a row have {worse}, of those that it takes"
    elif belief.leaning in (Leaning.GOOD, Leaning.EASIER):
        better = "found it well" if belief.leaning == Leaning.GOOD else "found it better"
        yield f"{streak}/{patience.up_after}: so many looks in a row have {better}, of those that it takes"


def _what_stands(case: Case) -> Iterator[str]:
    belief = case.belief
    if views.is_forgiven(belief):
        yield "its incident was closed by hand, and stays closed while the same cause lasts"
    shown = belief.incidents if case.pretended or case.incident in belief.incidents else (case.incident,)
    for one in shown[:MOST]:
        began = spell_moment(one.started_at, case.now, case.board.plan.timezone)
        state = f"{one.state} by {one.by}" if one.state is State.ACKNOWLEDGED and one.by else one.state
        flaps = ", it keeps failing and recovering" if one.flapping else ""
        yield f"incident {one.id} ({one.severity}, {state}) began at {began}: {one.title}{flaps}"
        yield from _held_open(case, one)


def _held_open(case: Case, incident: Incident) -> Iterator[str]:
    """Of a vendor's incident that its page lists no longer, why it is not over yet."""
    known = {one.ref: one for one in case.belief.comings}
    coming = known.get(incident.vendor_ref or "") if incident in case.belief.vendor else None
    if coming is None or coming.doubted is None:
        return
    patience, zone = case.service.patience, case.board.plan.timezone
    since = spell_moment(coming.doubted, case.now, zone)
    ends = coming.doubted + timedelta(seconds=patience.flap_calm)
    yield (
        f"the page has not listed {incident.id} since {since}, but began to list it at least {len(coming.at)} times "
        f"within {spell_duration(patience.flap_within)}: so it is over only if the page goes on without it until "
        f"{spell_moment(ends, case.now, zone)}"
    )


def _kin(case: Case) -> Iterator[str]:
    desk, services = case.board.desk, case.board.shown.services
    for name in desk.kinship.above.get(case.service.id, ())[:MOST]:
        if name in services:
            yield f"it depends on {services[name].name}, which is {desk.status_of(name)}"
    for name in getattr(case.service.check, "members", ())[:MOST]:
        yield f"it is made of {name}, which is {desk.status_of(name)}"
    said = desk.suspicion.of(case.service.id)
    if said:
        yield f"of the vendors that it stands on: {sentence(said)}"
    for one in case.board.concerned_by(case.incident)[:MOST]:
        yield f"it is a suspect of what is wrong with {case.board.name_of(one)} ({one.id})"


# -- who is told --------------------------------------------------------------------------------------------------


def _why_it_is_quiet(case: Case, given: Sequence[Answer], rows: dict[str, Told]) -> Iterator[str]:
    board = case.board
    if board.trouble:
        yield f"nobody is told before it is written down: {board.trouble}"
    if board.cut_off is not None:
        yield "the monitor itself is cut off from the network; what is owed goes out when it is back"
    if case.pretended:
        yield "no incident is open, so there is nothing to tell; below is what would be if it failed now"
    if case.quiet is not None:
        yield f"nobody is told now: {case.quiet.reason}"
    if board.shown.is_test or case.incident.rehearsal:
        yield "it is a test: what goes out is marked as one, and nothing public changes"
    if not given:
        yield "no route leads anywhere"
    for one in given:
        if not one.is_told and (case.quiet is None or one.reason != case.quiet.reason):
            yield f"{one.destination} is not told: {one.reason}"
    for name, row in rows.items():
        if row.state in (Owing.GIVEN_UP, Owing.HELD, Owing.DROPPED):
            why = row.error or row.reason
            yield f"what {name} is to be told is {row.state.value.replace('-', ' ')}" + (f": {why}" if why else "")
        elif row.state is Owing.OWED and row.error:
            yield f"{name} has not taken it yet: {row.error}"


def _left_out(case: Case, given: Sequence[Answer]) -> Iterator[Answer]:
    """The places to which no route leads, and none could: what they are there for instead."""
    ledger, named = case.board.desk.ledger, {one.destination for one in given}
    for name, place in ledger.places.items():
        if name not in named and (why := ledger.shut(place, case.incident)):
            yield Answer(name, False, why)


async def _told(case: Case, given: Answer, row: Told | None) -> views.View:
    place = case.board.desk.ledger.places.get(given.destination)
    timeline = case.board.shown.timelines.get(case.incident.id, ())
    if not timeline and not case.pretended:
        timeline = tuple(await case.board.store.timeline(case.incident.id))
    ledger = case.board.desk.ledger
    words = ""
    if place is not None and not ledger.shut(place, case.incident):
        words = ledger.words.title(place, row, case.incident, timeline, case.now)
    return {
        "destination": given.destination,
        "told": given.is_told,
        "reason": given.reason,
        "state": row.state.value if row else None,
        "said": row.said if row else "",
        "would_say": words,
    }


# -- what would change it -----------------------------------------------------------------------------------------


def _what_comes(case: Case, given: Sequence[Answer], rows: dict[str, Told]) -> Iterator[str]:
    board, service = case.board, case.service
    if service.id in board.shown.services:
        yield from _looks_needed(case)
        wait = board.runner.next_in(service.id)
        if wait is not None:
            yield f"the next look is {case.at(case.now + timedelta(seconds=wait))}"
    yield from _end_of_quiet(case)
    for name, row in rows.items():
        if row.is_owed and row.due_at is not None:
            opening = speaks_at(name, service, board.plan.routes, case.now)
            yield f"{name} is told {case.at(max(row.due_at, opening or case.now))}"
        if row.remind_at is not None:
            yield f"{name} is reminded {case.at(row.remind_at)}, if nobody acknowledges it"
    for one in given:
        if one.again_at is not None and not one.is_told:
            yield f"whether {one.destination} is told is asked again {case.at(one.again_at)}"
    played = board.shown.simulations.get(service.id)
    if played is not None:
        yield f"the rehearsal ends {case.at(played.until)}"


def _looks_needed(case: Case) -> Iterator[str]:
    belief, patience = case.belief, case.service.patience
    streak = belief.streak if belief.leaning else 0
    if belief.incident is not None or views.is_forgiven(belief):
        has = streak if belief.leaning == Leaning.GOOD else 0
        what = "end the incident" if belief.incident is not None else "let it be told again when it fails anew"
        yield f"{_looks(max(1, patience.up_after - has), 'good')} in a row would {what}"
    elif not belief.vendor:
        has = streak if belief.leaning == Leaning.BAD else 0
        yield f"{_looks(max(1, patience.down_after - has), 'failing')} in a row would open an incident"


def _end_of_quiet(case: Case) -> Iterator[str]:
    quiet, services = case.quiet, case.board.shown.services
    if quiet is None:
        return
    if quiet.until is not None:
        what = "the planned work" if quiet.why is Why.MAINTENANCE else "the silence"
        yield f"{what} ends {case.at(quiet.until)}, and what still fails is told then"
    elif quiet.by in services:
        name = services[quiet.by].name
        again = f"once {name} has been looked at" if quiet.why is Why.WAITING else f"once {name} is back"
        yield f"{again} it is looked at again, and told if it still fails"
