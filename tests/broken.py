"""Each decision broken in one way, and what would then go wrong: `tests.mutants` tries whether the tests notice."""

from __future__ import annotations

from tests import broken_outside
from tests.mutant import Mutant

INCIDENT = "tui_monitor/core/incident.py"
LISTED = "tui_monitor/core/listed.py"
STEADY = "tui_monitor/core/steady.py"
TIMELINE = "tui_monitor/core/timeline.py"
TOLD = "tui_monitor/core/told.py"
ROUTING = "tui_monitor/core/routing.py"
LEDGER = "tui_monitor/engine/ledger.py"
DESK = "tui_monitor/engine/desk.py"
ENGINE = "tui_monitor/engine/engine.py"
WINDOW = "tui_monitor/core/window.py"
HUSH = "tui_monitor/engine/hush.py"
KINSHIP = "tui_monitor/engine/kinship.py"

MUTANTS = (
    # -- the incident machine
    Mutant(INCIDENT, "if streak >= needed:", "if streak > needed:", "everything takes one look more than configured"),
    Mutant(
        INCIDENT,
        "belief.streak + 1 if belief.leaning == leaning else 1",
        "belief.streak + 1",
        "failures need not come in a row to open an incident",
    ),
    Mutant(
        INCIDENT,
        "if reading.status is Status.UNKNOWN and reading.incidents is None:",
        "if reading.status is Status.MAINTENANCE and reading.incidents is None:",
        "a look that could not tell counts as a success",
    ),
    Mutant(
        INCIDENT,
        "(Phase.ILL, Leaning.GOOD): (Patient.UP, Act.RESOLVE)",
        "(Phase.ILL, Leaning.GOOD): (Patient.NONE, Act.RESOLVE)",
        "one success ends an incident whatever up_after says",
    ),
    Mutant(
        INCIDENT,
        "(Phase.PARDONED, Leaning.BAD): (Patient.DOWN, Act.OPEN)",
        "(Phase.PARDONED, Leaning.BAD): (Patient.DOWN, Act.KEEP)",
        "after a force-resolve a new cause opens nothing",
    ),
    Mutant(
        INCIDENT,
        "severity=worst([before.severity, reading.status]),\n            title=",
        "severity=reading.status,\n            title=",
        "severity falls when an incident eases",
    ),
    Mutant(
        INCIDENT,
        "forgiven = tuple(cause for cause in belief.forgiven if not cause.startswith(_OWN))",
        "forgiven = belief.forgiven",
        "a pardon outlives its cause",
    ),
    Mutant(
        "tui_monitor/core/orders.py",
        "forgiven = tuple(dict.fromkeys((*belief.forgiven, *lasting)))",
        "forgiven = belief.forgiven",
        "what a person has closed opens again by itself",
    ),
    Mutant(
        INCIDENT,
        "if incident is None or belief.leaning or not belief.flips:",
        "if incident is None or not belief.flips:",
        "flapping ends as well while the last look says down",
    ),
    Mutant(
        INCIDENT,
        "    if incident.status.is_good:\n        ended, event",
        "    if incident.status.is_bad:\n        ended, event",
        "flapping is left with the opposite of the truth",
    ),
    Mutant(
        LISTED,
        "return 0 <= (at - belief.heard_at).total_seconds() < COPIES_LAST",
        "return False",
        "an old copy of a vendor's page opens again what is over",
    ),
    Mutant(
        LISTED,
        "if said.updated_at is None or (said.updated_at - at).total_seconds() > AHEAD:",
        "if said.updated_at is None:",
        "a word that a vendor dated in another year keeps back all that it writes later",
    ),
    Mutant(
        INCIDENT,
        "if before is None or own.belief.incident is not None:",
        "if before is not None or own.belief.incident is not None:",
        "a vendor that names an incident at last is called well again",
    ),
    Mutant(
        DESK,
        "if name in old._rechosen or self.services[name].check != old.services[name].check:",
        "if name in old._rechosen:",
        "the vendor is said to have ended what the config no longer chooses",
    ),
    Mutant(
        LISTED,
        "if ref not in over and (ref not in gone or ref in steady.held):",
        "if ref not in over:",
        "what a vendor lists no longer never ends",
    ),
    Mutant(
        LISTED,
        "for ref in (gone - steady.held) | (over.keys() - outages.keys())}",
        "for ref in gone - steady.held}",
        "what a person closed stays closed although the vendor has ended it and opened it anew",
    ),
    Mutant(STEADY, "held.add(ref)", "pass", "a page that drops and lists the same at each look is told each time"),
    Mutant(STEADY, "since = was.doubted or at", "since = at", "what has flapped on a vendor's page never ends"),
    Mutant(STEADY, "is_believed is (was", "is_believed is not (was", "what goes on flapping is told again each hour"),
    Mutant(
        LISTED,
        "if not _is_news(known, before):",
        "if False:",
        "a page that was touched and says nothing new is told to everybody",
    ),
    Mutant(
        INCIDENT,
        "any(not one.maintenance and not one.status.is_good for one in reading.incidents or ())",
        "any(not one.maintenance for one in reading.incidents or ())",
        "a mere notice hides an outage of the vendor",
    ),
    Mutant(
        LISTED,
        "id=incident_id(service, CAUSE + said.ref, at)",
        "id=incident_id(service, CAUSE + said.ref, said.started_at or at)",
        "a vendor's incident that comes back has two first events",
    ),
    Mutant(
        TIMELINE,
        "replace(incident, revision=incident.revision + 1,",
        "replace(incident, revision=incident.revision + 2,",
        "the numbers of events have gaps",
    ),
    # -- the told rule
    Mutant(
        TOLD,
        "if row.state in (Owing.OWED, Owing.SENDING, Owing.HELD):",
        "if row.state in (Owing.OWED, Owing.HELD):",
        "a change while a message is under way hides that it is, so that a crash repeats it",
    ),
    Mutant(TOLD, "told=row.claimed,", "told=row.owed,", "what happened while a message was under way is never told"),
    Mutant(
        TOLD,
        "return News.OPENED if incident.is_open else News.OVER",
        "return News.OPENED",
        "what is long over is told as if it had just begun",
    ),
    Mutant(
        TOLD,
        "row, state=Owing.SENDING, claim=key,",
        "row, state=Owing.OWED, claim=key,",
        "what is under way is not marked, so it may be sent twice at once",
    ),
    Mutant(
        TOLD,
        "said = row.said or row.claim.partition",
        "said = row.said and row.claim.partition",
        "a drop loses the end",
    ),
    Mutant(TOLD, "if not error.retry or is_late:", "if not error.retry:", "nothing is ever given up, nor said to be"),
    Mutant(
        TOLD,
        "return News.REMINDER if incident.state is State.OPEN else None",
        "return News.REMINDER",
        "people are reminded of what they have acknowledged",
    ),
    # -- the ledger and the desk
    Mutant(
        LEDGER,
        'rule.hold(row) if place.ambiguous == "hold" else rule.resend(row, now)',
        "rule.resend(row, now)",
        "what may have been sent is sent again where a person was to decide",
    ),
    Mutant(
        LEDGER,
        'if hasattr(place.plugin, "find"):\n            unsure',
        'if not hasattr(place.plugin, "find"):\n            unsure',
        "a place that can be asked is not asked after a lost answer",
    ),
    Mutant(
        LEDGER,
        "due = [row for row in owed if row.due_at is not None and row.due_at <= now]",
        "due = [row for row in owed if row.due_at is not None]",
        "nothing waits for company, for its turn or for its retry",
    ),
    Mutant(LEDGER, "if row.ref == first.ref\n", "if row.subject\n", "an end is told under somebody else's message"),
    Mutant(
        DESK,
        "self.draft.beliefs[incident.service] = verdict.belief",
        "self.draft.beliefs.pop(incident.service, None)",
        "a service that comes back goes on with an incident that was ended",
    ),
    # -- routing
    Mutant(
        ROUTING,
        "if first.is_told or second.is_told:",
        "if first.is_told:",
        "a route that matches is not heeded when an earlier one does not",
    ),
    Mutant(
        ROUTING,
        "if route.unless == State.ACKNOWLEDGED and incident.acknowledged_at is not None:",
        "if route.unless == State.ACKNOWLEDGED and incident.acknowledged_at is None:",
        "an escalation comes just when somebody has acknowledged",
    ),
    Mutant(ROUTING, "and now < due_at:", "and now > due_at:", "an escalation comes at once"),
    # -- first written, then sent
    Mutant(
        ENGINE,
        "            if written:\n                self._outbox.send(delivery)",
        "            if delivery:\n                self._outbox.send(delivery)",
        "what could not be written down is sent all the same",
    ),
    Mutant(
        ENGINE,
        "        draft = self._desk.take()\n"
        "        written = await self._books.write(draft)\n"
        "        for delivery in deliveries:\n"
        "            if written:\n"
        "                self._outbox.send(delivery)",
        "        draft = self._desk.take()\n"
        "        for delivery in deliveries:\n"
        "            self._outbox.send(delivery)\n"
        "        written = await self._books.write(draft)\n"
        "        for delivery in deliveries:\n"
        "            if written:\n"
        "                continue",
        "a message leaves before it is written down that it does",
    ),
    # -- quiet when it should be
    Mutant(
        LEDGER,
        "quiet = self._listening.quiet_of(incident, now) if incident.is_open else None",
        "quiet = self._listening.quiet_of(incident, now) if not incident.is_open else None",
        "what was owed before it became quiet is told all the same, and ends are not",
    ),
    Mutant(
        "tui_monitor/core/quiet.py",
        "elif doubtful is None and (one.last is None or one.last.at < since):",
        "elif doubtful is None and one.last is None:",
        "a child is told because its parent was well before",
    ),
    Mutant(
        KINSHIP,
        "since = max(since, self._failed.get(service, since))",
        "since = min(since, self._failed.get(service, since))",
        "a parent is proved well by a look that began while the child's was still under way",
    ),
    Mutant(
        KINSHIP,
        "        for name in below:\n            self._freed",
        "        for name in below[:0]:\n            self._freed",
        "a child is told by what it was before its parent came back",
    ),
    Mutant(
        DESK,
        "        self.kinship.begin(now)\n",
        "",
        "after a restart a child is told before anybody has looked at it",
    ),
    Mutant(
        KINSHIP,
        "return above if service in self._rehearsed else",
        "return above if service else",
        "a rehearsal hides what really fails below it",
    ),
    Mutant(
        DESK,
        "Listening(self.quiet_of, self._note_quiet, self.is_test)",
        "Listening(self.quiet_of, self.quiet_of, self.is_test)",
        "what opens in the last moment of a silence is never told",
    ),
    Mutant(
        DESK,
        "            self.ledger.say_again(self.draft, incident, now)\n\n    def _note_quiet",
        "\n    def _note_quiet",
        "the end of a silence tells nobody that it still burns",
    ),
    Mutant(
        TOLD,
        "return row.state is Owing.OWED or (row.state is Owing.GIVEN_UP and not incident.is_open)",
        "return row.state is Owing.OWED",
        "an end is told in a silence to whoever never heard of the beginning",
    ),
    Mutant(
        WINDOW,
        "return self.since <= at < self.until",
        "return self.since <= at <= self.until",
        "planned work goes on in the moment in which it is over",
    ),
    Mutant(
        WINDOW,
        "(one <= at if is_backward else one > at)",
        "(one < at if is_backward else one > at)",
        "planned work has not begun in its first moment",
    ),
    Mutant(
        WINDOW,
        "return [_turn_between(again, once, zone)] if is_fixed else []",
        "return []",
        "planned work in the hour that is left out in spring is left out too",
    ),
    Mutant(
        WINDOW,
        "return [once] if is_fixed or once == again else [once, again]",
        "return [once] if once == again else [once, again]",
        "planned work in the hour that comes twice begins twice",
    ),
    Mutant(
        HUSH,
        "for span in (self._past.get(window.id), self._spans.get(window.id))",
        "for span in (self._spans.get(window.id),)",
        "a look that began in planned work and came back after it is downtime",
    ),
    Mutant(
        LEDGER,
        "opening = speaks_at(place.name, self.service_of(incident), self._plan.routes, now)",
        "opening = None",
        "ends and changes are told outside the hours of a route",
    ),
    Mutant(
        LEDGER,
        'getattr(place.plugin, "public", False) and',
        'getattr(place.plugin, "public", False) and not',
        "a rehearsal is told in public, and nothing else is",
    ),
    Mutant(
        DESK,
        "reading=pretended, counts_as=Status.UNKNOWN",
        "reading=pretended, counts_as=None",
        "a rehearsal is booked as downtime",
    ),
    *broken_outside.MUTANTS,
)
