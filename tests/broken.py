"""Each decision broken in one way, and what would then go wrong: `tests.mutants` tries whether the tests notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tui_monitor

SOURCE = Path(tui_monitor.__file__).parents[1]


@dataclass(frozen=True)
class Mutant:
    """One way to break a file: `old` becomes `new`, and this is what then goes wrong."""

    file: str
    old: str
    new: str
    harm: str

    def __str__(self) -> str:
        return f"{self.file}: {self.harm}"

    def fits(self, tree: Path = SOURCE) -> bool:
        """Whether the text to be replaced is there exactly once."""
        return (tree / self.file).read_text("utf-8").count(self.old) == 1

    def apply(self, tree: Path) -> None:
        path = tree / self.file
        path.write_text(path.read_text("utf-8").replace(self.old, self.new), "utf-8")


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
PUSHING = "tui_monitor/engine/pushing.py"
BYHAND = "tui_monitor/engine/byhand.py"
KINSHIP = "tui_monitor/engine/kinship.py"
UPSTREAM = "tui_monitor/core/upstream.py"

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
    # -- what a person sends on purpose
    Mutant(
        LEDGER,
        '        if row.is_pushed:\n            return ""\n',
        "",
        "a silence holds back what a person sends on purpose",
    ),
    Mutant(
        TOLD,
        "if row.said or row.claim or row.is_pushed:",
        "if row.said or row.claim:",
        "what was sent by hand to a place without a route is dropped before it goes out",
    ),
    Mutant(
        "tui_monitor/core/model.py",
        "return destination in self.to if self.to else self.kind in hears",
        "return self.kind in hears",
        "an update for one place is told to all",
    ),
    Mutant(
        TOLD,
        "        return News.RESOLVED if stands or row.claim else None\n",
        "        return News.RESOLVED if stands else None\n",
        "a banner that may stand, for all that is known, is never cleared",
    ),
    Mutant(
        TOLD,
        "return News.CHANGED if stands else News.OPENED",
        "return News.CHANGED",
        "a banner after the end of another edits what is gone",
    ),
    Mutant(
        BYHAND,
        "    if row is not None and row.said:\n",
        "    if row is not None and row.claim:\n",
        "an incident has two tickets",
    ),
    Mutant(
        PUSHING,
        "fresh = [name for name in told if not _shows(asked, name, text, severity)]",
        "fresh = list(told)",
        "a banner is sent again though nothing differs",
    ),
    Mutant(
        PUSHING,
        "number = (row.owed if row is not None else 0) or incident.revision",
        "number = incident.revision",
        "a ticket that may have been opened is asked for under another key",
    ),
    Mutant(
        DESK,
        "            self.ledger.show_in_earnest(self.draft, before, now)\n",
        "            pass\n",
        "a banner that was shown as a test stays so",
    ),
    # -- storms, places that are kept true, and the board's own banner
    Mutant(
        "tui_monitor/engine/ledger.py",
        "        return fits[:MOST_IN_ONE] if is_crowd else [first]",
        "        return fits[:MOST_IN_ONE]",
        "a place that wants few incidents one by one gets them in one message",
    ),
    Mutant(
        "tui_monitor/engine/ledger.py",
        'now + timedelta(seconds=getattr(place.plugin, "pace", 0.0))',
        "now",
        "a storm goes out faster than a place can bear",
    ),
    Mutant(
        "tui_monitor/engine/keeping.py",
        "        if not is_well:\n            return\n",
        "",
        "a dead man's switch hears that all is well while nothing can be written down",
    ),
    Mutant(
        "tui_monitor/engine/keeping.py",
        "if seen.echo or service is None or seen.counts_as is Status.UNKNOWN:",
        "if seen.echo or service is None:",
        "what is only played is recorded as seen",
    ),
    Mutant(
        "tui_monitor/engine/keeping.py",
        "        for _ in range(len(batch) - (duty.lost - lost)):\n            duty.waiting.popleft()\n",
        "        duty.waiting.clear()\n",
        "looks that came while others were recorded are lost",
    ),
    Mutant(
        "tui_monitor/engine/signs.py",
        "if now - self._since < SETTLED and now - (self._unsettled or now) < LATEST:",
        "if now - self._since < SETTLED * 0:",
        "the banner shows what passes in a moment",
    ),
    Mutant(
        "tui_monitor/engine/signs.py",
        "(stands.is_open or (stands.text, stands.severity) == word)",
        "(stands.text, stands.severity) == word",
        "the board replaces the banner that a person has pushed",
    ),
    # -- the line, and another config
    Mutant(
        "tui_monitor/engine/accounts.py",
        "desk.ledger.spare(desk.draft, lasted, now)",
        "desk.listen(now)",
        "patience runs out while the line is cut, and what waited goes on waiting",
    ),
    Mutant(
        "tui_monitor/engine/guard.py",
        "is_doubtful = not is_connected or self._is_too_soon(one)",
        "is_doubtful = self._is_too_soon(one)",
        "the service is blamed when it is the monitor that is cut off",
    ),
    Mutant(
        ENGINE,
        "(observation.reading.status.is_bad or guard.is_holding(observation.service))",
        "observation.reading.status.is_bad",
        "a look overtakes the one before it, which waits for the guard",
    ),
    Mutant(
        LEDGER,
        "if key[0] not in self.places and row.state is Owing.OWED:",
        "if key[0] not in self.places and row.state is Owing.TOLD:",
        "a place that is gone is owed for ever what did not arrive",
    ),
    Mutant(
        "tui_monitor/engine/renewal.py",
        "returned = [belief if not belief.incidents else Belief(belief.service) for belief in known]",
        "returned = list(known)",
        "a service that is watched again goes on with an incident that is over",
    ),
    # -- which vendor may be the reason
    Mutant(UPSTREAM, "one.status.is_bad or one.status", "one.status", "only what is of unknown weight is a suspect"),
    Mutant(
        UPSTREAM, " and not one.is_named)\n        else", ")\n        else", "what is over is a suspect after a start"
    ),
    Mutant(
        UPSTREAM,
        "        if reading.incidents is None:\n            yield",
        "        if True:\n            yield",
        "a page that was read and not understood is said to be unreadable",
    ),
    Mutant(UPSTREAM, "    if not named:\n", "    if True:\n", "beside a suspect it is said who is well"),
    Mutant(UPSTREAM, "if len(before.suspected) < MOST_SAID:", "if True:", "a vendor that renames all floods people"),
    Mutant(UPSTREAM, "if key not in named]", "if key not in was]", "a page that flaps is told again each time"),
    Mutant(
        "tui_monitor/engine/suspicion.py",
        "return above if service in self._rehearsed else [one for one in above if one not in self._rehearsed]",
        "return above",
        "what is only played is a suspect of what is real",
    ),
    Mutant(
        DESK,
        "self._suspect(self.suspicion.around(verdict.belief.service), now)",
        "pass",
        "what a person has closed stays a suspect until the page is read again",
    ),
    Mutant(
        DESK,
        "self.wanted.update(self.suspicion.unsure(service.id))",
        "pass",
        "a vendor is only looked at when its turn comes",
    ),
)
