"""What every destination was last told and is still owed: bookkeeping over the told rule. Sending is elsewhere."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tui_monitor.core import told as rule
from tui_monitor.core.banner import BANNER, Banner
from tui_monitor.core.errors import DeliveryError, Rejected
from tui_monitor.core.message import News
from tui_monitor.core.model import Event, Incident, Owing, Service, Told
from tui_monitor.core.plan import Place, Plan, Route
from tui_monitor.core.ports import Receipt
from tui_monitor.core.quiet import Quiet
from tui_monitor.core.routing import Answer, answers, hushed, speaks_at
from tui_monitor.core.views import delivery_id
from tui_monitor.core.window import spell_moment
from tui_monitor.engine.delivery import Delivery, Key
from tui_monitor.engine.draft import Draft
from tui_monitor.engine.listening import Listening
from tui_monitor.engine.sparing import Sparing
from tui_monitor.engine.wording import Wording

MOST_IN_ONE = 1000
LONGEST_ASKED = 3600.0
"""Seconds to which a Retry-After is held: a place that asks for a year would never hear of anything."""

NOT_THERE = "this destination is no longer in the config"
DEAF = "a rehearsal changes nothing that is public"
SIGN = "it shows the banner, and is told of no incident"
MUTE = "no incident is told there: it takes part in other ways"
NO_SIGN = "this destination shows no banner any more"
FAR_AHEAD = timedelta(days=1)
_ON_ITS_WAY = frozenset({Owing.OWED, Owing.SENDING, Owing.HELD})


class Ledger:
    """The told rows, and when each destination may next be spoken to."""

    def __init__(
        self,
        plan: Plan,
        rows: Iterable[Told],
        incidents: Mapping[str, Incident],
        timelines: Mapping[str, Sequence[Event]],
        settled_at: datetime,
        seed: int | None = None,
        listening: Listening | None = None,
        banners: Mapping[str, Banner] | None = None,
    ) -> None:
        self._plan = plan
        self._banners = {} if banners is None else banners
        self._listening = listening or Listening()
        self.places = {place.name: place for place in plan.places}
        self.rows: dict[Key, Told] = {row.key: row for row in rows}
        self._incidents = incidents
        self._timelines = timelines
        self._services = {service.id: service for service in plan.services}
        self.words = Wording(plan, timelines, self._listening, self.service_of)
        self._settled_at = settled_at
        self._jitter = random.Random(seed)  # noqa: S311 - spreads retries, guards nothing
        self._owed: defaultdict[str, dict[Key, None]] = defaultdict(dict)
        self._of: defaultdict[str, dict[Key, None]] = defaultdict(dict)
        self._again: dict[str, datetime] = {}
        self._paused_until: dict[str, datetime] = {}
        self._idle_until: dict[str, datetime] = {}
        self._failures: defaultdict[str, int] = defaultdict(int)
        self._sparing = Sparing(plan)
        for row in self.rows.values():
            self._index(row)

    def __repr__(self) -> str:
        return f"<Ledger {len(self.rows)} rows, {sum(map(len, self._owed.values()))} owed>"

    # -- what is owed -------------------------------------------------------------------------------------------

    def consider(self, draft: Draft, incident: Incident, service: Service, now: datetime) -> None:
        """After a change of an incident, or when time alone may have changed an answer."""
        quiet = self._listening.decide_by(incident, now)
        given = {answer.destination: answer for answer in self.answers(incident, service, quiet, now)}
        for key in self._of[incident.id]:
            given.setdefault(key[0], Answer(key[0], False, "no route leads there any more"))
        timeline = self._timelines.get(incident.id, ())
        moments = [answer.again_at for answer in given.values() if answer.again_at is not None]
        for destination, answer in given.items():
            place = self.places.get(destination)
            if place is None:
                continue
            row = self.rows.get((destination, incident.id))
            heard = rule.newest_heard(timeline, destination, place.plugin.hears)
            is_quiet = quiet is not None or self._is_deaf(place, incident)
            owed = rule.owe(row, incident, answer, heard, now, self._settled_at, is_quiet=is_quiet)
            if owed is not None:
                owed = rule.remind(owed, incident, answer, now)
                if owed.remind_at is not None:
                    moments.append(owed.remind_at)
                if owed != row:
                    self._put(draft, owed)
        self._note_again(incident.id, moments)

    def answers(self, incident: Incident, service: Service, quiet: Quiet | None, now: datetime) -> list[Answer]:
        """Who is to be told now, and each who is not with the reason."""
        given = hushed(answers(incident, service, self._plan.routes, now), quiet)
        shut = {name: why for name, place in self.places.items() if (why := self.shut(place, incident))}
        return [
            replace(one, is_told=False, reason=shut[one.destination]) if one.destination in shut else one
            for one in given
        ]

    @property
    def routes(self) -> Sequence[Route]:
        return self._plan.routes

    def shut(self, place: Place, subject: rule.Subject) -> str:
        """Why a place is told nothing of this, whoever asks for it; empty where nothing forbids it."""
        shows = getattr(place.plugin, "banner", False)
        if shows is not isinstance(subject, Banner):
            return SIGN if shows else NO_SIGN
        if not place.plugin.hears:
            return MUTE
        if self._is_deaf(place, subject):
            return DEAF
        return "" if isinstance(subject, Banner) else self._sparing.why(place, self.service_of(subject))

    def _is_deaf(self, place: Place, subject: rule.Subject) -> bool:
        """Whether this is a place in public and the subject a rehearsal."""
        return getattr(place.plugin, "public", False) and self._listening.is_test(subject)

    def say_again(self, draft: Draft, incident: Incident, now: datetime, since: datetime | None = None) -> None:
        """Whoever was told of it before (or since a moment) hears that it is still so."""
        for key in sorted(self._of[incident.id]):
            row = self.rows[key]
            if since is None or (row.told_at is not None and row.told_at >= since):
                again = rule.say_again(row, incident, now)
                if again != row:
                    self._put(draft, again)

    def spare(self, draft: Draft, seconds: float, now: datetime) -> None:
        """The line is back: whatever waits goes out at once."""
        self._paused_until.clear()
        self._failures.clear()
        for row in [row for row in self.rows.values() if row.state is Owing.OWED]:
            self._put(draft, rule.spare(row, seconds, now))

    def _note_again(self, incident: str, moments: Sequence[datetime]) -> None:
        if moments:
            self._again[incident] = min(moments)
        else:
            self._again.pop(incident, None)

    def due_again(self, now: datetime) -> list[str]:
        """Incidents to be considered anew because of the time it is."""
        return [name for name, at in self._again.items() if at <= now]

    def shift(self, draft: Draft, seconds: float) -> None:
        """Moments have moved against durations: whatever waits, waits as long as it would have."""
        if not seconds:
            return
        by = timedelta(seconds=seconds)
        self._settled_at += by
        self._again = {name: at + by for name, at in self._again.items()}
        self._paused_until = {name: at + by for name, at in self._paused_until.items()}
        for row in list(self.rows.values()):
            if row.due_at is not None or row.remind_at is not None:
                due_at = row.due_at + by if row.due_at is not None else None
                remind_at = row.remind_at + by if row.remind_at is not None else None
                since = row.since + by if row.since is not None else None
                self._put(draft, replace(row, due_at=due_at, remind_at=remind_at, since=since))

    def succeed(self, draft: Draft, old: Ledger, now: datetime) -> None:
        """Another config is in force: what is being sent goes on, and nobody has to wait anew."""
        self._settled_at = old._settled_at
        spoken_of = {one.service for one in self._incidents.values()}
        self._services = {
            **{name: old._services[name] for name in spoken_of & old._services.keys()},
            **self._services,
        }
        self._paused_until.update(old._paused_until)
        self._failures.update(old._failures)
        for row in list(self.rows.values()):
            if row.destination not in self.places and row.state in (Owing.OWED, Owing.HELD):
                self._put(draft, rule.strand(row, NOT_THERE))
        self._catch_up(draft, now)

    def resume(self, draft: Draft, now: datetime) -> None:
        """Rows that an earlier engine left: no place any more, or sent but not settled."""
        for row in list(self.rows.values()):
            place = self.places.get(row.destination)
            if place is None and (row.is_owed or row.state is Owing.HELD):
                self._put(draft, rule.strand(row, NOT_THERE))
            elif place is not None and row.state is Owing.SENDING and not hasattr(place.plugin, "find"):
                self._reopen(draft, place, row, now)
        self._catch_up(draft, now)

    def _catch_up(self, draft: Draft, now: datetime) -> None:
        """A place that is back in the config shows what it has missed of the banner."""
        for name, banner in self._banners.items():
            row = self.rows.get((name, BANNER))
            if name in self.places and row is not None and not row.is_owed and row.owed < banner.revision:
                self.push(draft, name, BANNER, banner.revision, row.reason, now)

    def push(self, draft: Draft, destination: str, subject: str, number: int, reason: str, now: datetime) -> None:
        """By hand: owed now, whatever keeps quiet, and however long the place has asked to be left alone."""
        self._paused_until.pop(destination, None)
        row = self.rows.get((destination, subject)) or Told(destination, subject)
        self._put(draft, rule.push(row, number, reason, now))

    def show(self, draft: Draft, banner: Banner, reason: str, now: datetime) -> None:
        """What the board says by itself is owed to the place that shows it."""
        row = self.rows.get((banner.destination, BANNER)) or Told(banner.destination, BANNER)
        self._put(draft, rule.show(row, banner.revision, reason, now))

    def renew(self, draft: Draft, row: Told, now: datetime) -> None:
        self._put(draft, rule.renew(row, now))

    def show_in_earnest(self, draft: Draft, since: datetime, now: datetime) -> None:
        """Test mode is over: what was shown as a test since then is shown as it is meant."""
        for name, banner in self._banners.items():
            row = self.rows.get((name, BANNER))
            if row is not None and row.told_at is not None and row.told_at >= since:
                self._put_if_other(draft, row, rule.unsay(row, banner, now))

    def _put_if_other(self, draft: Draft, before: Told, after: Told) -> None:
        if after != before:
            self._put(draft, after)

    def subject_of(self, row: Told) -> rule.Subject:
        """What a row is about."""
        return self._banners[row.destination] if row.subject == BANNER else self._incidents[row.subject]

    def subjects_of(self, rows: Iterable[Told]) -> list[rule.Subject]:
        return [self.subject_of(row) for row in rows]

    def _reopen(self, draft: Draft, place: Place, row: Told, now: datetime) -> None:
        """Sent or not, nobody knows and nobody can be asked: what the config says of that."""
        self._put(draft, rule.hold(row) if place.ambiguous == "hold" else rule.resend(row, now))

    # -- sending ------------------------------------------------------------------------------------------------

    def claim(self, draft: Draft, place: Place, now: datetime) -> Delivery | None:
        """The next message for a place, its rows marked as being sent; None when nothing is due."""
        if max(self._paused_until.get(place.name, now), self._idle_until.get(place.name, now)) > now:
            return None
        owed = [self.rows[key] for key in self._owed[place.name]]
        due = [row for row in owed if row.due_at is not None and row.due_at <= now]
        unsure = [row for row in owed if row.state is Owing.SENDING]
        if not due and not unsure:
            moments = (row.due_at for row in owed if row.due_at is not None)
            self._idle_until[place.name] = min(moments, default=now + FAR_AHEAD)
            return None
        if hasattr(place.plugin, "find"):
            unsure.extend(row for row in due if row.claim and row.state is Owing.OWED)
        unsure = [row for row in unsure if not self._why_not(place, row, now)]
        if unsure and hasattr(place.plugin, "find"):
            return self._ask(draft, place, unsure, now)
        for row in unsure:  # a send of which no word ever came
            if row.claimed_until is None or row.claimed_until <= now:
                self._reopen(draft, place, row, now)
        due.sort(key=lambda row: row.due_at or now)
        for first in due:  # in a storm there are thousands, and most places are told of one at a time
            if self._why_not(place, first, now):
                continue
            news = rule.news_of(first, self.subject_of(first))
            if news is None:
                self._put(draft, replace(first, state=Owing.TOLD, due_at=None, told=first.owed))
                continue
            return self._send(draft, place, self._members(place, owed, first, news, now), news, now)
        return None

    def _why_not(self, place: Place, row: Told, now: datetime) -> str:
        """What keeps from telling a place of this now, so that it stays owed; empty where nothing does, or a person
        has pushed it.
        """
        incident = self.subject_of(row)
        if isinstance(incident, Banner) or not place.plugin.hears or self._is_deaf(place, incident):
            return self.shut(place, incident)
        if row.is_pushed:
            return ""
        quiet = self._listening.quiet_of(incident, now) if incident.is_open else None
        if quiet is not None:
            return quiet.reason
        opening = speaks_at(place.name, self.service_of(incident), self._plan.routes, now)
        return f"it is not its hour until {spell_moment(opening, now, self._plan.timezone)}" if opening else ""

    def service_of(self, incident: Incident) -> Service:
        """Also of what has been taken out of the config since this process began: people know it by its name."""
        return self._services.get(incident.service) or Service(incident.service, incident.service)

    def _members(self, place: Place, owed: list[Told], first: Told, news: News, now: datetime) -> list[Told]:
        """The rows that go out together: the same kind of news under the same reference.

        What may have been sent before keeps to itself: in other company it would have another key, and a place that
        has it already could not know it again.
        """
        if not place.plugin.grouped or first.subject == BANNER:
            return [first]
        doubt = rule.in_doubt(first, news)
        is_test = self._listening.is_test(self.subject_of(first))
        fits = [
            row
            for row in owed
            if row.ref == first.ref
            and row.subject != BANNER
            and (row.attempts == 0 or (row.due_at is not None and row.due_at <= now))
            and rule.news_of(row, self._incidents[row.subject]) is news
            and rule.in_doubt(row, news) == doubt
            and self._listening.is_test(self._incidents[row.subject]) is is_test
            and not self._why_not(place, row, now)
        ]
        fits.sort(key=lambda row: (self._incidents[row.subject].started_at, row.subject))
        is_crowd = bool(first.ref) or len(fits) >= getattr(place.plugin, "crowd", 2)
        return fits[:MOST_IN_ONE] if is_crowd else [first]

    def _beside(self, rows: Sequence[Told]) -> int:
        """How many other incidents that last were told under the reference of these."""
        first, told = rows[0], {BANNER, *(row.subject for row in rows)}
        if not first.ref or first.subject == BANNER:
            return 0
        others = (row for row in self.rows.values() if row.ref == first.ref and row.destination == first.destination)
        return sum(row.subject not in told and self._incidents[row.subject].is_open for row in others)

    def _send(self, draft: Draft, place: Place, rows: list[Told], news: News, now: datetime) -> Delivery:
        if rows[0].subject == BANNER and news is News.OPENED:
            rows = [replace(rows[0], ref="", url="")]  # what was cleared is not edited: it begins anew
        message = self.words.message(place, rows, self.subjects_of(rows), news, now, self._beside(rows))
        doubt = rule.in_doubt(rows[0], news)
        message = replace(message, key=doubt or message.key)
        for row in rows:
            subject, claim = self.subject_of(row), f"{news}:{message.key}"
            self._put(draft, rule.claim(row, subject, claim, now, lease=2 * place.timeout))
        doubted = frozenset(row.key for row in rows if row.claim)
        self._paused_until[place.name] = now + timedelta(seconds=getattr(place.plugin, "pace", 0.0))
        return Delivery(place, message, tuple(row.key for row in rows), doubted=doubted)

    def _ask(self, draft: Draft, place: Place, unsure: list[Told], now: datetime) -> Delivery:
        """All rows of one message that may or may not have arrived: before an engine died, or without an answer."""
        claimed = [row for row in unsure if row.claim == unsure[0].claim]
        news, _, key = unsure[0].claim.partition(":")
        message = self.words.message(place, claimed, self.subjects_of(claimed), News(news), now)
        message = replace(message, key=key)
        for row in claimed:
            self._put(draft, replace(row, state=Owing.SENDING))
        return Delivery(place, message, tuple(row.key for row in claimed), asks=True)

    # -- what came of it ----------------------------------------------------------------------------------------

    def settle(self, draft: Draft, delivery: Delivery, receipt: Receipt, now: datetime) -> None:
        """The place has taken it."""
        self._failures[delivery.place.name] = 0
        for key in delivery.keys:
            row = self.rows[key]
            subject = self.subject_of(row)
            settled = rule.settle(row, delivery.message.news, receipt, self._answer(key, now), now)
            if delivery.message.is_test and not self._listening.is_test(subject):
                # test mode ended while this was on its way
                if isinstance(subject, Banner):
                    settled = rule.unsay(settled, subject, now)
                else:
                    settled = rule.say_again(settled, subject, now)
            self._put(draft, settled)
            if settled.remind_at is not None:
                again = self._again.get(row.subject, settled.remind_at)
                self._again[row.subject] = min(again, settled.remind_at)

    def fail(self, draft: Draft, delivery: Delivery, error: DeliveryError, now: datetime) -> bool:
        """The place has not taken it; true when that was given up."""
        place = delivery.place
        if error.after is not None and error.after > LONGEST_ASKED:
            error = DeliveryError(str(error), retry=error.retry, after=LONGEST_ASKED, unsure=error.unsure)
        failures = self._failures[place.name] = self._failures[place.name] + 1
        if error.retry:
            pause = error.after or rule.backoff(min(failures - 1, 4), self._roll())
            self._paused_until[place.name] = now + timedelta(seconds=pause)
        given_up, roll = False, self._roll()  # one for all: what went out together stays together
        for key in delivery.keys:
            row = self.rows[key]
            wait = error.after or rule.backoff(row.attempts - 1, roll)
            unsure = delivery.asks or error.unsure or key in delivery.doubted
            failed = rule.fail(row, error, now, wait, place.give_up_after, unsure=unsure)
            given_up = given_up or failed.state is Owing.GIVEN_UP
            self._put(draft, failed)
        self._take_back(draft, delivery, now)
        return given_up

    def release(self, draft: Draft, delivery: Delivery, now: datetime) -> None:
        """Nothing was sent after all: owed as before."""
        for key in delivery.keys:
            row = self.rows[key]
            self._put(draft, rule.resend(row, now) if key in delivery.doubted else rule.release(row, now))
        self._take_back(draft, delivery, now)

    def _take_back(self, draft: Draft, delivery: Delivery, now: datetime) -> None:
        """What was not told after all is owed if it still is to be told, and the place is still there."""
        for key in delivery.keys:
            row, incident = self.rows[key], self._incidents.get(key[1])
            if key[0] not in self.places and row.state is Owing.OWED:
                self._put(draft, rule.strand(row, NOT_THERE))
            elif incident is not None:
                self.consider(draft, incident, self.service_of(incident), now)

    def _answer(self, key: Key, now: datetime) -> Answer:
        if key[1] == BANNER:
            return Answer(key[0], True, self.rows[key].reason)
        incident = self._incidents[key[1]]
        for answer in answers(incident, self.service_of(incident), self._plan.routes, now):
            if answer.destination == key[0]:
                return answer
        return Answer(key[0], False, "no route leads there any more")

    def _roll(self) -> float:
        return self._jitter.random()

    # -- by hand ------------------------------------------------------------------------------------------------

    def retry(self, draft: Draft, prefix: str, now: datetime) -> Told:
        row = self.find(prefix)
        if row.state is Owing.TOLD:
            raise Rejected(f"{row.destination} has been told of {row.subject} already")
        if row.state is Owing.SENDING:
            raise Rejected(f"{row.destination} is being told of {row.subject} just now")
        if row.subject != BANNER and row.subject not in self._incidents:
            raise Rejected(f"{row.subject} is over for too long to be told again")
        place = self.places.get(row.destination)
        why_not = self._why_not(place, row, now) if place else NOT_THERE
        if why_not:
            raise Rejected(f"{row.destination} cannot be told of {row.subject} now: {why_not}")
        self._paused_until.pop(row.destination, None)
        self._put(draft, rule.retry(row, now))
        return self.rows[row.key]

    def drop(self, draft: Draft, prefix: str) -> Told:
        row = self.find(prefix)
        if row.state is Owing.TOLD:
            raise Rejected(f"nothing is owed to {row.destination} of {row.subject}")
        if row.state is Owing.SENDING:
            raise Rejected(f"{row.destination} is being told of {row.subject} just now")
        self._put(draft, rule.drop(row))
        return row

    def find(self, prefix: str) -> Told:
        """The row whose delivery id begins like this."""
        rows = self.rows.values()
        fits = [row for row in rows if prefix and delivery_id(*row.key).startswith(prefix.lower())]
        if len(fits) == 1:
            return fits[0]
        if not fits:
            raise Rejected(f"no delivery has an id that begins with {prefix!r}")
        raise Rejected(f"{prefix!r} could be any of {', '.join(sorted(delivery_id(*row.key) for row in fits))}")

    # -- rows ---------------------------------------------------------------------------------------------------

    def is_owing(self, incident: str, *, given_up: bool = True) -> bool:
        """Whether anything of an incident is still on its way, or (with `given_up`) waits for a person or a place."""
        rows = [self.rows[key] for key in self._of.get(incident, ())]
        if any(row.state in _ON_ITS_WAY for row in rows):
            return True
        known = self._incidents[incident]
        lost = (row.destination not in self.places and rule.misses(row, known) for row in rows)
        return given_up and (any(lost) or any(row.state is Owing.GIVEN_UP for row in rows))

    def forget(self, incident: str) -> None:
        for key in self._of.pop(incident, ()):
            self._owed[key[0]].pop(key, None)
            del self.rows[key]
        self._again.pop(incident, None)

    def reindex(self) -> None:
        """After a draft was taken back."""
        self._owed.clear()
        self._of.clear()
        for row in self.rows.values():
            self._index(row)
        self._again = {name: self._settled_at for name, one in self._incidents.items() if one.is_open}

    def _put(self, draft: Draft, row: Told) -> None:
        draft.put(self.rows, row.key, row)
        draft.told[row.key] = row
        self._index(row)

    def _index(self, row: Told) -> None:
        if row.key not in self._of[row.subject]:
            self._of[row.subject][row.key] = None
        if row.is_owed:
            self._owed[row.destination][row.key] = None
            idle_until = self._idle_until.get(row.destination)
            if idle_until is not None and (row.due_at is None or row.due_at < idle_until):
                del self._idle_until[row.destination]
        else:
            self._owed[row.destination].pop(row.key, None)
