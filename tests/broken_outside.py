"""Decisions about what goes outside, each broken in one way: by hand, in a storm, where places are kept true."""

from __future__ import annotations

from tests.mutant import Mutant

TOLD = "tui_monitor/core/told.py"
LEDGER = "tui_monitor/engine/ledger.py"
DESK = "tui_monitor/engine/desk.py"
ENGINE = "tui_monitor/engine/engine.py"
PUSHING = "tui_monitor/engine/pushing.py"
BYHAND = "tui_monitor/engine/byhand.py"
UPSTREAM = "tui_monitor/core/upstream.py"

MUTANTS = (
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
        "is_on = is_well and is_due and",
        "is_on = is_due and",
        "a dead man's switch hears that all is well while nothing can be written down",
    ),
    Mutant(
        ENGINE,
        "is_well = written and self._board.cut_off is None and not self._stopping",
        "is_well = self._board.cut_off is None and not self._stopping",
        "a place is shown what is not written down",
    ),
    Mutant(
        "tui_monitor/engine/keeping.py",
        "if seen.echo or seen.service not in services or seen.counts_as is Status.UNKNOWN:",
        "if seen.echo or seen.service not in services:",
        "what is only played is recorded as seen",
    ),
    Mutant(
        "tui_monitor/engine/keeping.py",
        "        duty.waiting, duty.lost = before.waiting.copy(), before.lost\n",
        "",
        "whoever mends the options of a place loses the looks that wait for it",
    ),
    Mutant(
        "tui_monitor/engine/keeping.py",
        "meant = [seen for seen in batch if seen.service in services and seen.service in (duty.chosen or ())]",
        "meant = [seen for seen in batch if seen.service in services]",
        "a place is given looks that it is not to have any more, and fails on them for ever",
    ),
    Mutant(
        "tui_monitor/engine/keeping.py",
        "_add(duty, _recorded_of(seen))",
        "_add(duty, seen)",
        "thousands of whole pages wait for a place that is away",
    ),
    Mutant(
        "tui_monitor/engine/keeping.py",
        "        return Standing(service, status, publish=publish)  # of what is only played nothing is said\n",
        "        pass\n",
        "a rehearsal is spoken of in public",
    ),
    Mutant(
        "tui_monitor/engine/keeping.py",
        "wait = min(after, LONGEST_ASKED) if after else min(",
        "wait = min(after or 1e9, REPAIRED_EVERY) if after else min(",
        "a place that asks for time is not given it",
    ),
    Mutant(
        "tui_monitor/engine/outbox.py",
        "text = redact(clean(redact(str(refused))))",
        "text = redact(clean(str(refused)))",
        "where an error is cut, half of a secret is left",
    ),
    Mutant(
        ENGINE,
        "        self._keeping.saw(self._desk.draft.observations, self._desk.services)\n",
        "",
        "the last looks before a stop are recorded nowhere",
    ),
    Mutant(
        "tui_monitor/engine/keeping.py",
        "        for _ in range(count):\n            duty.waiting.popleft()\n",
        "        duty.waiting.clear()\n",
        "looks that came while others were recorded are lost",
    ),
    Mutant(
        "tui_monitor/engine/signs.py",
        "if monotonic - since < SETTLED and monotonic - (self._unsettled or since) < LATEST:",
        "if monotonic - since < SETTLED * 0:",
        "the banner shows what passes in a moment",
    ),
    Mutant(
        "tui_monitor/engine/engine.py",
        "self._signs.tick(self._desk, now, self._loop.time())",
        "self._signs.tick(self._desk, now, now.timestamp())",
        "a clock that is set back holds up the banner",
    ),
    Mutant(
        "tui_monitor/engine/signs.py",
        "            if is_automatic and settled == NOTHING:\n                _forgive(desk, place)\n",
        "",
        "what a person has cleared once is never shown again",
    ),
    Mutant(
        "tui_monitor/engine/signs.py",
        "if after is not None and (after.cleared or not is_doubtful(desk, place)):",
        "if after is not None:",
        "the board shows another banner while a person must say what became of the last",
    ),
    Mutant(
        "tui_monitor/engine/signs.py",
        "not -ASTRAY <= now - last < timedelta(seconds=every)",
        "now - last >= timedelta(seconds=every)",
        "a banner runs out because the clock was set back",
    ),
    Mutant(
        "tui_monitor/core/message.py",
        '_digest("\\n".join([banner.destination, news, *_again(news, told_at), fields["test"], subject]))',
        '_digest("\\n".join([banner.destination, news, fields["test"], subject]))',
        "a banner that is told again is taken for what was told before",
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
