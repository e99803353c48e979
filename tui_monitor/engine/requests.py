"""What people ask for: each command a function that changes the desk within one turn, or is Rejected."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tui_monitor.core import orders
from tui_monitor.core.codec import moment
from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import Kind, Service
from tui_monitor.core.ports import Beat, Command, Fed, Outcome
from tui_monitor.core.quiet import Silence, Simulation
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean, spell_duration
from tui_monitor.core.timeline import incident_id
from tui_monitor.core.window import Scope, Span, Window
from tui_monitor.engine.desk import Desk
from tui_monitor.engine.pushing import banner, notify, ticket
from tui_monitor.engine.request import Request

LONGEST_SILENCE = 366 * 86400.0
LONGEST_AHEAD = 5 * 366 * 86400.0
LONGEST_REHEARSAL = 3600.0
REHEARSAL = "2m"


def carry_out(desk: Desk, command: Command, now: datetime, timezone: str) -> Outcome:
    """A request that changes belief, or who is told. Raises Rejected, and then nothing has changed."""
    return CARRIED_OUT[command.name](Request(desk, command, now, timezone))


# -- incidents and deliveries ---------------------------------------------------------------------------------------


def _on_incident(asked: Request, act: Callable[..., Any], done: str) -> Outcome:
    incident = asked.desk.find(asked.command.target)
    belief = asked.desk.beliefs[incident.service]
    asked.desk.accept(act(belief, incident, asked.by, asked.text, asked.now), asked.now)
    return Outcome(f"{incident.id} {done}", {"incident": incident.id, "by": asked.by})


def _acknowledge(asked: Request) -> Outcome:
    return _on_incident(asked, orders.acknowledge, "acknowledged")


def _note(asked: Request) -> Outcome:
    asked.desk.find(asked.command.target)
    if not asked.text:
        raise Rejected("a note needs a text")
    return _on_incident(asked, orders.note, "noted")


def _resolve(asked: Request) -> Outcome:
    return _on_incident(asked, orders.force_resolve, "resolved")


def _retry(asked: Request) -> Outcome:
    row = asked.desk.ledger.retry(asked.desk.draft, asked.command.target, asked.now)
    return Outcome(f"{row.destination} is tried again now", {"destination": row.destination})


def _drop(asked: Request) -> Outcome:
    row = asked.desk.ledger.drop(asked.desk.draft, asked.command.target)
    asked.desk.tell_board(Kind.DROPPED, f"not told to {row.destination}: {row.subject}", asked.now, asked.by)
    return Outcome(f"{row.destination} is not told of {row.subject}", {"destination": row.destination})


# -- who is meant ---------------------------------------------------------------------------------------------------


def scope_of(target: str, services: Mapping[str, Service]) -> tuple[str, Scope, list[str]]:
    """What a word means: its name for people, the scope, and the services in it now. Rejected: it means nothing."""
    kind, colon, name = target.partition(":")
    readings: dict[str, Callable[[str], Scope]] = {
        "group": lambda word: Scope(groups=(word,)),
        "tag": lambda word: Scope(tags=(word,)),
        "service": lambda word: _of_one(word, services),
    }
    if not (name if colon and kind in readings else target).strip():  # else it would be every service without a group
        raise Rejected("say what is meant: a service, group:NAME, tag:NAME or all")
    if target == "all":
        shown, scope = "all services", Scope()
    elif colon and kind in readings:
        shown, scope = f"{kind} {name.strip()}", readings[kind](name.strip())
    else:
        fits = [(one, scope) for one, read in readings.items() if _covered(scope := read(target), services)]
        service = [one for one in fits if one[0] == "service"]
        fits = service or fits
        if len(fits) > 1:
            raise Rejected(f"{clean(target, 60)!r} is a group and a tag: say group:{target} or tag:{target}")
        if not fits:
            raise Rejected(_nobody(target, services))
        shown, scope = f"{fits[0][0]} {target}", fits[0][1]
    covered = _covered(scope, services)
    if not covered:
        raise Rejected(_nobody(target, services))
    return (services[covered[0]].name if scope.services else shown), scope, covered


def _of_one(word: str, services: Mapping[str, Service]) -> Scope:
    return Scope(services=tuple(one.id for one in services.values() if word in (one.id, one.name)) or ("",))


def _covered(scope: Scope, services: Mapping[str, Service]) -> list[str]:
    return [one.id for one in services.values() if scope.covers(one)]


def _nobody(target: str, services: Mapping[str, Service]) -> str:
    known = {word for one in services.values() for word in (one.id, one.name, one.group, *one.tags) if word}
    near = difflib.get_close_matches(target.partition(":")[2] or target, known, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"no service, group or tag is called {clean(target, 60)!r}{hint}"


def one_service(target: str, services: Mapping[str, Service]) -> Service:
    """The service with this id or name."""
    found = [one for one in services.values() if target in (one.id, one.name)]
    if not found:
        raise Rejected(_nobody(target, services).replace("service, group or tag", "service"))
    return found[0]


# -- silences and planned work --------------------------------------------------------------------------------------


def _silence(asked: Request) -> Outcome:
    desk, now = asked.desk, asked.now
    shown, scope, covered = scope_of(asked.command.target, desk.services)
    until = now + timedelta(seconds=asked.seconds("", LONGEST_SILENCE))
    name = incident_id("silence", shown, now)
    desk.hush.put(desk.draft, "silences", name, Silence(name, shown, scope, now, until, asked.by, asked.line))
    why = f", {asked.line}" if asked.line else ""
    desk.tell_board(Kind.SILENCED, f"{shown}: silenced until {asked.until(until)}{why}", now, asked.by)
    desk.listen(now)
    data = {"id": name, "target": shown, "services": covered, "until": moment(until), "by": asked.by}
    return Outcome(f"{shown}: silenced until {asked.until(until)} ({name})", data)


def _unsilence(asked: Request) -> Outcome:
    desk = asked.desk
    silence = _one_of(desk.hush.silences, asked.command.target, "silence")
    desk.hush.remove(desk.draft, "silences", silence.id)
    desk.tell_board(Kind.UNSILENCED, f"the silence of {silence.target} is lifted", asked.now, asked.by)
    desk.listen(asked.now)
    return Outcome(f"{silence.target}: heard again", {"id": silence.id, "by": asked.by})


def _maintain(asked: Request) -> Outcome:
    desk, now = asked.desk, asked.now
    shown, scope, covered = scope_of(asked.command.target, desk.services)
    since = _moment_of(asked.command.options.get("at", ""), now)
    until = since + timedelta(seconds=asked.seconds("", LONGEST_SILENCE))
    if until <= now:
        raise Rejected(f"that would be over already, at {asked.until(until)}")
    name = incident_id("maintenance", shown, now)
    window = Window(name, shown, scope, Span(since, until), reason=asked.line, by=asked.by, since=now)
    desk.hush.put(desk.draft, "windows", name, window)
    desk.replan(now)
    begins = "now" if since <= now else asked.until(since)
    data = {"id": name, "target": shown, "services": covered, "since": moment(since), "until": moment(until)}
    return Outcome(f"maintenance of {shown} from {begins} until {asked.until(until)} ({name})", data)


def _moment_of(text: str, now: datetime) -> datetime:
    if not text:
        return now
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Rejected(f"{clean(text, 60)!r} is not a moment like 2026-11-20T22:00:00Z") from None
    if at.tzinfo is None:
        raise Rejected(f"{clean(text, 60)!r} has no time zone")
    if at > now + timedelta(seconds=LONGEST_AHEAD):
        raise Rejected(f"{clean(text, 60)!r} is more than {spell_duration(LONGEST_AHEAD)} ahead")
    return max(at, now)


def _end_maintenance(asked: Request) -> Outcome:
    desk = asked.desk
    planned = [one.target for one in desk.hush.every_window() if one.id == asked.command.target and not one.since]
    if planned:
        raise Rejected(f"this maintenance of {planned[0]} is written in the config: change it there")
    window = _one_of(desk.hush.windows, asked.command.target, "maintenance")
    desk.hush.remove(desk.draft, "windows", window.id)
    desk.replan(asked.now, by=asked.by)
    return Outcome(f"maintenance of {window.target} is ended", {"id": window.id, "by": asked.by})


def _one_of(table: Mapping[str, Any], prefix: str, noun: str) -> Any:
    fits = [one for name, one in table.items() if prefix and name.startswith(prefix.lower())]
    if len(fits) == 1:
        return fits[0]
    if not fits:
        raise Rejected(f"no {noun} has an id that begins with {clean(prefix, 60)!r}")
    raise Rejected(f"{prefix!r} could be any of {', '.join(sorted(one.id for one in fits))}")


# -- rehearsals -----------------------------------------------------------------------------------------------------


def _test_mode(asked: Request) -> Outcome:
    desk, wanted = asked.desk, asked.command.target
    if wanted not in ("on", "off"):
        raise Rejected(f"test mode is on or off, not {clean(wanted, 40)!r}")
    text = f"test mode is {wanted}"
    if desk.hush.is_test is not (wanted == "on"):
        desk.change_test_mode(moment(asked.now) if wanted == "on" else "", asked.now)
        desk.tell_board(Kind.TEST_MODE, text, asked.now, asked.by)
    return Outcome(text, {"test_mode": wanted == "on", "by": asked.by})


def _simulate(asked: Request) -> Outcome:
    desk, now = asked.desk, asked.now
    service = one_service(asked.command.target, desk.services)
    word = asked.command.options.get("status", "")
    standing = desk.hush.simulations.get(service.id)
    if word == "off":
        if standing is None:
            raise Rejected(f"there is no rehearsal of {service.name}")
        desk.end_simulation(standing, now, asked.by)
        return Outcome(f"the rehearsal of {service.name} is over", {"service": service.id, "by": asked.by})
    if word not in list(Status):
        raise Rejected(f"{clean(word, 40)!r} is no status: it is one of {', '.join(Status)}, or off")
    belief = desk.beliefs[service.id]
    if any(not one.rehearsal for one in belief.incidents):
        raise Rejected(f"{service.name} has a real incident, and a rehearsal would hide it")
    until = now + timedelta(seconds=asked.seconds(REHEARSAL, LONGEST_REHEARSAL))
    fresh = Simulation(service.id, Status(word), now, until, asked.by, belief.status, belief.forgiven)
    played = replace(standing, status=fresh.status, until=until, by=asked.by) if standing else fresh
    desk.hush.put(desk.draft, "simulations", service.id, played)
    desk.wanted.add(service.id)
    desk.tell_board(Kind.SIMULATED, f"rehearsal: {service.name} as if it were {word}", now, asked.by)
    text = f"{service.name} is taken to be {word} until {asked.until(until)}; what is told of it is marked as a test"
    return Outcome(text, {"service": service.id, "status": word, "until": moment(until), "by": asked.by})


# -- signs of life --------------------------------------------------------------------------------------------------

BEATS = {"done": "done", "start": "started", "fail": "failed"}
"""What a person asks for, and what the check then hears."""


def _ping(asked: Request) -> Outcome:
    desk = asked.desk
    service = one_service(asked.command.target, desk.services)
    if not isinstance(service.check, Fed):
        raise Rejected(f"{service.name} takes no signs of life: it is looked at by {service.kind}")
    code = asked.command.options.get("code", "0")
    if not (code.isascii() and code.isdigit() and len(code) <= 3):
        raise Rejected(f"{clean(code, 20)!r} is not an exit code")
    kind = asked.command.options.get("kind") or "done"
    if kind not in BEATS:
        raise Rejected(f"{clean(kind, 40)!r} is no sign of life: it is one of {', '.join(BEATS)}")
    beat = Beat(BEATS[kind], int(code), asked.text)
    try:
        desk.feed(service, beat, asked.now)
    except ValueError as error:
        raise Rejected(clean(str(error))) from None
    return Outcome(f"{service.name} gave a sign of life: {beat.kind}", {"service": service.id, "kind": kind})


CARRIED_OUT: Mapping[str, Callable[[Request], Outcome]] = {
    "ack": _acknowledge,
    "note": _note,
    "resolve": _resolve,
    "retry": _retry,
    "drop": _drop,
    "silence": _silence,
    "unsilence": _unsilence,
    "maintenance": _maintain,
    "end-maintenance": _end_maintenance,
    "test-mode": _test_mode,
    "simulate": _simulate,
    "ping": _ping,
    "notify": notify,
    "ticket": ticket,
    "banner": banner,
}
