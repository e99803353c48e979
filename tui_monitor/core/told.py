"""The one rule for everything outside: a destination is told the difference between what it was last told and what
is true now. A row per destination and subject (an incident, or the banner of the board) remembers both sides; these
functions only move it on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from tui_monitor.core.banner import Banner
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import News
from tui_monitor.core.model import Event, Incident, Kind, Owing, State, Told
from tui_monitor.core.ports import Receipt
from tui_monitor.core.routing import Answer

Subject = Incident | Banner

_ENDS = (News.RESOLVED, News.OVER)

FIRST_RETRY = 5.0
LONGEST_RETRY = 600.0


def owe(
    row: Told | None,
    incident: Incident,
    answer: Answer,
    heard: int,
    now: datetime,
    settled_at: datetime,
    *,
    is_quiet: bool = False,
) -> Told | None:
    """What is owed after a change: `heard` is the n of the newest event that this destination hears, or 0.

    While it is quiet only the end of what was told is owed; what else has changed is owed when that is over.
    """
    if row is None or _is_withdrawn(row):
        if not answer.is_told or not incident.is_open:
            return row
        return _due(Told(answer.destination, incident.id, since=now), max(heard, 1), answer, now, settled_at)
    if _is_unwanted(row, incident, answer, is_quiet=is_quiet):
        return replace(row, state=Owing.DROPPED, reason=answer.reason, due_at=None, owed=0)
    if heard <= max(row.owed, row.told) or (is_quiet and incident.is_open):
        return row
    if row.state is Owing.DROPPED and not row.said:
        return row
    if row.state in (Owing.OWED, Owing.SENDING, Owing.HELD):
        return replace(
            row, owed=heard, since=row.since if incident.is_open else now
        )  # its end has patience of its own
    return _due(replace(row, since=now, attempts=0, error=""), heard, answer, now, settled_at)


def _due(row: Told, owed: int, answer: Answer, now: datetime, settled_at: datetime) -> Told:
    due_at = max(now + timedelta(seconds=answer.group_wait), settled_at)
    reason = answer.reason if answer.is_told or not row.reason else row.reason
    return replace(row, state=Owing.OWED, owed=owed, due_at=due_at, reason=reason, remind_at=None)


def _is_unwanted(row: Told, incident: Incident, answer: Answer, *, is_quiet: bool) -> bool:
    """Whether what was about to be told for the first time is no longer to be told (acknowledged in time)."""
    if row.said or row.claim or row.is_pushed:
        return False
    if is_quiet:
        return row.state is Owing.OWED or (row.state is Owing.GIVEN_UP and not incident.is_open)
    return row.state is Owing.OWED and not row.attempts and incident.is_open and not answer.is_told


def _is_withdrawn(row: Told) -> bool:
    """Whether the routes took back what they had asked for, as if they never had: they may ask for it again."""
    return row.state is Owing.DROPPED and not row.owed


def remind(row: Told, incident: Incident, answer: Answer, now: datetime) -> Told:
    """Owed once more when a reminder is due; people who have acknowledged are left alone, and so is what flaps.

    What was given up is tried again with the next reminder: one refusal must not silence a whole outage.
    """
    if row.state not in (Owing.TOLD, Owing.GIVEN_UP):
        return row
    if row.remind_at is None:
        return _reminded(row, answer, now) if incident.state is State.OPEN else row
    if incident.state is not State.OPEN or (answer.remind_every is None and answer.again_at is None):
        return replace(row, remind_at=None)
    if now < row.remind_at or incident.flapping:
        return row
    return replace(row, state=Owing.OWED, due_at=now, since=now, remind_at=None, attempts=0, error="")


def say_again(row: Told, incident: Incident, now: datetime) -> Told:
    """After a silence, what still burns is told once more, unless somebody is on it."""
    if row.state is not Owing.TOLD or row.said in _ENDS or incident.state is not State.OPEN:
        return row
    return replace(row, state=Owing.OWED, due_at=now, since=now, remind_at=None, attempts=0, error="")


def spare(row: Told, seconds: float, now: datetime) -> Told:
    """While the monitor was cut off no patience ran out, and now there is nothing to wait for."""
    since = row.since and row.since + timedelta(seconds=seconds)
    return replace(row, due_at=row.due_at and min(row.due_at, now), since=since and min(since, now))


def _reminded(row: Told, answer: Answer, now: datetime) -> Told:
    return replace(row, remind_at=now + timedelta(seconds=answer.remind_every)) if answer.remind_every else row


def news_of(row: Told, incident: Subject) -> News | None:
    """The difference between what was last told and what is true now, by its kind; None where there is none."""
    if isinstance(incident, Banner):
        return _news_of_banner(row, incident)
    if row.said in _ENDS:
        return None
    if not row.said:
        return News.OPENED if incident.is_open else News.OVER
    if not incident.is_open:
        return News.RESOLVED
    if row.owed > row.told:
        return News.CHANGED
    return News.REMINDER if incident.state is State.OPEN else None


def _news_of_banner(row: Told, banner: Banner) -> News | None:
    """A banner comes back after its end. One that may stand, for all that is known, is cleared like one that does."""
    stands = row.said not in ("", *_ENDS)
    if banner.cleared:
        return News.RESOLVED if stands or row.claim else None
    if row.owed <= row.told:
        return News.REMINDER if stands else None
    return News.CHANGED if stands else News.OPENED


def claim(row: Told, incident: Subject, key: str, now: datetime, lease: float) -> Told:
    """Marked as being sent, which is written down before anything goes out. Patience begins with the first try."""
    until = now + timedelta(seconds=lease)
    tries = row.attempts + 1
    row = row if row.attempts else replace(row, since=now)
    return replace(
        row, state=Owing.SENDING, claim=key, claimed=incident.revision, claimed_until=until, attempts=tries
    )


def settle(row: Told, news: News, receipt: Receipt, answer: Answer, now: datetime) -> Told:
    """The destination has taken it: this is now what it was last told."""
    told = replace(
        row,
        state=Owing.TOLD,
        told=row.claimed,
        said=news.value,
        ref=receipt.ref or row.ref,
        url=receipt.url or row.url,
        told_at=now,
        due_at=None,
        since=None,
        error="",
        remind_at=None,
    )
    told = _unclaimed(told if news in _ENDS else _reminded(told, answer, now))
    if told.owed > told.told:
        due_at = now if told.is_pushed else now + timedelta(seconds=answer.group_wait)
        return replace(told, state=Owing.OWED, due_at=due_at, since=now, remind_at=None, attempts=0)
    return told


def fail(row: Told, error: DeliveryError, now: datetime, wait: float, give_up_after: float, *, unsure: bool) -> Told:
    """The destination has not taken it, or may not have: later again, or given up for a person to see."""
    left = replace(row, claimed_until=None) if unsure else _unclaimed(row)
    failed = replace(left, error=str(error))
    is_late = row.since is not None and (now - row.since).total_seconds() >= give_up_after
    if not error.retry or is_late:
        return replace(failed, state=Owing.GIVEN_UP, due_at=None)
    return replace(failed, state=Owing.OWED, due_at=now + timedelta(seconds=wait))


def hold(row: Told) -> Told:
    """It may or may not have been sent: left for a person to decide."""
    text = "the engine stopped while this was being sent, and this destination cannot be asked: retry or drop it"
    return replace(row, state=Owing.HELD, due_at=None, error=text, claimed_until=None)


def resend(row: Told, now: datetime) -> Told:
    """It may or may not have been sent, and is owed again under the key it had."""
    text = "cut off while it was being sent: sent again under the same key"
    return replace(row, state=Owing.OWED, due_at=now, error=text, claimed_until=None)


def in_doubt(row: Told, news: News | None) -> str:
    """The key under which just this may have been told before; empty where it was not, or is no longer the truth."""
    said, _, key = row.claim.partition(":")
    return key if said == news and row.owed <= row.claimed else ""


def release(row: Told, now: datetime) -> Told:
    """A claim that nobody holds any more is owed again."""
    return replace(_unclaimed(row), state=Owing.OWED, due_at=now, attempts=max(0, row.attempts - 1))


def retry(row: Told, now: datetime) -> Told:
    """By hand: now, with all its patience again."""
    return replace(row, state=Owing.OWED, due_at=now, since=now, attempts=0, error="")


def push(row: Told, number: int, reason: str, now: datetime) -> Told:
    """By hand: owed now up to this event, whoever the routes name and whatever keeps quiet."""
    known = row.told if row.said else 0  # what was dropped before its first word is told after all
    pushed = replace(row, owed=max(row.owed, number), pushed=max(row.owed, number), told=known, reason=reason)
    if row.state is Owing.SENDING:
        return pushed
    return replace(pushed, state=Owing.OWED, due_at=now, since=now, remind_at=None, attempts=0, error="")


def show(row: Told, number: int, reason: str, now: datetime) -> Told:
    """By the board itself: owed now up to this banner."""
    return replace(push(row, number, reason, now), pushed=row.pushed)


def renew(row: Told, now: datetime) -> Told:
    """What runs out outside is told once more, though nothing has changed."""
    return replace(row, state=Owing.OWED, due_at=now, since=now, attempts=0, error="")


def unsay(row: Told, banner: Banner, now: datetime) -> Told:
    """A banner that was shown as a test is shown in earnest."""
    if row.state is not Owing.TOLD or row.said in _ENDS or banner.cleared:
        return row
    return replace(row, state=Owing.OWED, told=banner.revision - 1, due_at=now, since=now, attempts=0, error="")


def drop(row: Told) -> Told:
    """By hand: not told. What comes later is told only if something was told before, or may have been."""
    said = row.said or row.claim.partition(":")[0]
    return replace(_unclaimed(row), state=Owing.DROPPED, told=row.owed, due_at=None, remind_at=None, said=said)


def strand(row: Told, reason: str) -> Told:
    """Its place is gone: nothing is owed there, and should it come back, it hears what it has missed."""
    known = row.claimed if row.claim else row.told
    return replace(drop(row), told=known, owed=known, pushed=0, reason=reason)


def misses(row: Told, incident: Incident) -> bool:
    """Whether it was told the beginning of something, and not yet what became of it."""
    return bool(row.said) and row.said not in _ENDS and row.told < incident.revision


def _unclaimed(row: Told) -> Told:
    return replace(row, claim="", claimed=0, claimed_until=None)


def backoff(attempts: int, jitter: float) -> float:
    """Seconds until the next try; `jitter` from 0 to 1 spreads tries over the upper half of the wait."""
    wait = min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(attempts, 20))
    return wait * (0.5 + 0.5 * jitter)


def newest_heard(events: Iterable[Event], destination: str, hears: frozenset[Kind]) -> int:
    """The n of the newest event that is for this destination, or 0."""
    return max((event.n for event in events if event.is_for(destination, hears)), default=0)
