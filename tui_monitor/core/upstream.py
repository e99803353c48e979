"""What the vendors that a service stands on say of themselves while it fails, and when that is news.

A vendor's word silences nobody: it says where to look. Of a vendor that keeps changing its word, each thing is said
once: however often its page lists an incident anew, whoever is told of ours is not told of that again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from tui_monitor.core.incident import Verdict
from tui_monitor.core.model import Belief, Incident, Kind, Observation, Suspect
from tui_monitor.core.orders import swap
from tui_monitor.core.quiet import Kin
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean
from tui_monitor.core.timeline import append

MOST_OF_ONE = 10
"""Incidents of one vendor that are suspects of one of ours, the worst of them."""

MOST_NAMED = 3
"""Suspects whose names a sentence holds."""

MOST_SAID = 30
"""Things said of the suspects of one incident; whatever comes then is shown, and no event any more."""

_OVER = "over"


def suspects_of(upstreams: Iterable[Kin], before: Sequence[Suspect] = ()) -> tuple[Suspect, ...]:
    """What each says of itself, in their order; of one that nobody has looked at yet, what it said `before`."""
    found: list[Suspect] = []
    for kin in upstreams:
        named = _at_fault(kin)
        if named:
            found.extend(named)
        elif kin.last is None:
            found.extend(one for one in before if one.service == kin.service.id and not one.is_named)
        else:
            found.extend(_at_peace(kin, kin.last))
    return tuple(found)


def _at_fault(kin: Kin) -> list[Suspect]:
    """What is open there and may be the reason, the worst first; a mere notice is none."""
    standing = [one for one in kin.belief.incidents if one.status.is_bad or one.status is Status.UNKNOWN]
    standing.sort(key=lambda one: (-_weight(one.status), one.started_at, one.id))
    return [_named(kin, one) for one in standing[:MOST_OF_ONE]]


def _named(kin: Kin, fault: Incident) -> Suspect:
    return Suspect(kin.service.id, kin.service.name, fault.status, fault.id, fault.title, fault.url, fault.cause)


def _at_peace(kin: Kin, last: Observation) -> Iterator[Suspect]:
    """Of what a person has closed, or what is not sure yet, nothing is said: its page is not well either."""
    reading, service = last.reading, kin.service
    if reading.status is Status.UNKNOWN:
        if reading.incidents is None:
            yield Suspect(service.id, service.name, Status.UNKNOWN)
    elif reading.status is Status.OPERATIONAL:
        yield Suspect(service.id, service.name, Status.OPERATIONAL)
    elif reading.status is Status.MAINTENANCE:
        work = next((one for one in reading.incidents or () if one.maintenance), None)
        title, url = (work.title, work.url) if work else ("", "")
        yield Suspect(service.id, service.name, Status.MAINTENANCE, title=title, url=url)


def _weight(status: Status) -> float:
    """What is of unknown severity stands beside what is partial, as in a bound of a route."""
    return (Status.PARTIAL if status is Status.UNKNOWN else status).rank


# -- in words -----------------------------------------------------------------------------------------------------


def sentence(suspects: Sequence[Suspect]) -> str:
    """For people; empty where nothing is known. Where there is a suspect, nobody asks who else is well."""
    named = [one for one in suspects if one.is_named]
    parts = [_accusation(named)] if named else []
    if not named:
        parts += _of(suspects, Status.OPERATIONAL, "own page", "says that all is well", "say that all is well")
    parts += [_work(one) for one in suspects if one.status is Status.MAINTENANCE]
    parts += _of([one for one in suspects if not one.is_named], Status.UNKNOWN, "page", "cannot be read")
    return "; ".join(parts)


def _accusation(named: Sequence[Suspect]) -> str:
    """The worst first."""
    ranked = sorted(named, key=lambda one: -_weight(one.status))
    shown = ", ".join(f"{one.name} ({_fault(one)})" for one in ranked[:MOST_NAMED])
    is_cut = MOST_OF_ONE in Counter(one.service for one in named).values()
    count = f"{'at least ' if is_cut else ''}{len(named) - MOST_NAMED}"
    more = f" and {count} more" if len(named) > MOST_NAMED else ""
    return f"{'suspect' if len(named) == 1 else 'suspects'}: {shown}{more}"


def _fault(suspect: Suspect) -> str:
    severity = "severity unknown" if suspect.status is Status.UNKNOWN else suspect.status.value
    title = clean(suspect.title, 120)
    return f"{title}, {severity}" if title else severity


def _work(suspect: Suspect) -> str:
    title = clean(suspect.title, 120)
    return f"{suspect.name}'s own page speaks of maintenance" + (f" ({title})" if title else "")


def _of(suspects: Sequence[Suspect], status: Status, page: str, says: str, say: str = "") -> list[str]:
    """One clause for all that say the same."""
    names = [one.name for one in suspects if one.status is status]
    if not names:
        return []
    if len(names) == 1:
        return [f"{names[0]}'s {page} {says}"]
    return [f"the {page}s of {', '.join(names[:-1])} and {names[-1]} {say or says}"]


# -- what is news -------------------------------------------------------------------------------------------------


def reconsider(belief: Belief, said: tuple[Suspect, ...], at: datetime) -> Verdict | None:
    """What a service's own incident makes of what the vendors say now; None where nothing is other than it was.

    A new suspect is told outside. That one is worse, better or none any more stays inside.
    """
    before = belief.incident
    if before is None or said == before.suspects:
        return None
    incident, events = replace(before, suspects=said), []
    fresh, turned, marks = _unsaid(before, said)
    if len(before.suspected) < MOST_SAID:
        incident = replace(incident, suspected=(*before.suspected, *marks))
        for kind, text in (
            (Kind.SUSPECT_TURNED, "; ".join(turned)),
            (Kind.SUSPECTED, _accusation(fresh) if fresh else ""),
        ):
            if text:
                incident, event = append(incident, kind, at, text=text)
                events.append(event)
    return Verdict(swap(belief, before, incident), (incident,), tuple(events))


def _unsaid(before: Incident, said: Sequence[Suspect]) -> tuple[list[Suspect], list[str], list[str]]:
    """Suspects that were never named, sentences of what has become of others, and the marks of both."""
    known = {tuple(mark.split("\n")) for mark in before.suspected}
    named = {mark[:2] for mark in known}
    standing = {_key(one): one for one in said if one.is_named}
    was = {_key(one): one for one in before.suspects if one.is_named}
    now = {(*key, one.status.value): one for key, one in standing.items()}
    gone = {(*key, _OVER): one for key, one in was.items() if key not in standing}
    fresh = [one for key, one in standing.items() if key not in named]
    turned = [_turn(one) for mark, one in now.items() if mark not in known and mark[:2] in named]
    turned += [f"no longer a suspect: {_title(one)}" for mark, one in gone.items() if mark not in known]
    return fresh, turned, ["\n".join(mark) for mark in (*now, *gone) if mark not in known]


def _turn(suspect: Suspect) -> str:
    severity = "of unknown severity" if suspect.status is Status.UNKNOWN else suspect.status.value
    return f"{_title(suspect)} is {severity} now"


def _title(suspect: Suspect) -> str:
    title = clean(suspect.title, 120)
    return f"{suspect.name} ({title})" if title else suspect.name


def _key(suspect: Suspect) -> tuple[str, str]:
    return suspect.service, clean(suspect.cause, 200)
