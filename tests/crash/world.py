"""A world by its number: services that fail by a script, an engine that is ended again and again, and what was seen.

Everything that is chosen comes from one seed, so that a world which failed can be lived through again; when exactly
the kernel runs whom is not ours to repeat.
"""

from __future__ import annotations

import json
import random
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.crash.life import Corpse, Home, is_quiet
from tests.crash.person import Person
from tests.crash.town import ERROR, POOR, SILENT, WELL, Town, Turn
from tui_monitor.fakes.http import Heard

HTTP, TCP = 52, 8
QUIET_WITHIN = 90.0
START, WATCHING, TELLING = "its start", "it watches", "a telling"
LASTS = {START: 0.3, WATCHING: 0.6, TELLING: 2.0}
"""Seconds that it takes to come to such a moment, about."""

REST = """
defaults: {{timeout: 900ms, down_after: 2, up_after: 2, retry_after: 100ms, flapping: {{after: 0}}}}
destinations:
  hook: {{timeout: 3s, webhook: {{url: 'http://127.0.0.1:{port}/'}}}}
  files: {{json_files: {{path: incidents}}}}
routes:
  - {{to: [hook, files], group_wait: 200ms, remind_every: 1500ms}}
engine: {{settle: 300ms}}
"""


FLAPPING = "flapping: {after: 2, within: 1m, calm: 2s}, "
"""For some; the others would rather be told each time."""


@dataclass(frozen=True)
class End:
    """When one life ends: so many seconds after its start, after it watches, or after the recorder hears from it."""

    after: float
    what: str

    def __str__(self) -> str:
        return f"{self.after:.3f} s after {self.what}"


@dataclass(frozen=True)
class Script:
    """Everything that is chosen."""

    seed: int
    ends: tuple[End, ...]
    turns: tuple[Turn, ...]
    dropped_at: tuple[float, ...]
    refused_at: tuple[float, ...]
    answers_after: float

    def __str__(self) -> str:
        ends = "\n  ".join(str(end) for end in self.ends)
        trouble = f"hangs up at {self.dropped_at}, refuses at {self.refused_at}"
        return f"seed {self.seed}: answers after {self.answers_after:.3f} s, {trouble}; the lives end\n  {ends}"


def script_of(seed: int, lives: int, *, kill: bool = True) -> Script:
    dice = random.Random(seed)
    ends = tuple(_end(dice) for _ in range(lives))
    length = sum(end.after + LASTS[end.what] for end in ends)
    turns = [turn for number in range(HTTP + TCP) for turn in _turns(dice, number, length)]
    troubles = [tuple(dice.uniform(0, length / 2) for _ in range(int(kill))) for _ in range(2)]
    return Script(seed, ends, tuple(sorted(turns)), troubles[0], troubles[1], dice.uniform(0.03, 0.12))


def _end(dice: random.Random) -> End:
    what = dice.choices([START, WATCHING, TELLING], [2, 3, 5])[0]
    if what == TELLING:
        return End(dice.choice([0.0, dice.uniform(0, 0.2)]), TELLING)
    return End(dice.uniform(0.02, 1.0), what)


def _turns(dice: random.Random, number: int, length: float) -> list[Turn]:
    turns, at = [], dice.uniform(0, 3)
    while at < length:
        turns.append((at, number, dice.choice([ERROR, SILENT, POOR])))
        if dice.random() < 0.3:
            at += dice.uniform(0.5, 2)
            turns.append((at, number, dice.choice([ERROR, SILENT, POOR])))
        at += dice.uniform(0.5, 3)
        turns.append((at, number, WELL))
        at += dice.uniform(1, 5)
    return turns


@dataclass
class Lived:
    """What was seen of a world from outside."""

    script: Script
    home: Home
    corpses: list[Corpse] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    ending: list[float] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    person: Person | None = None
    listed: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    between_send_and_settle: int = 0
    """Ends that fell after the recorder had heard a message and before the engine had written that down."""

    @property
    def files(self) -> Path:
        return self.home.folder / "incidents"


def live(script: Script, folder: Path, number: signal.Signals = signal.SIGKILL) -> Lived:
    """Lets a world pass, until it is well and quiet and its last engine has been stopped in order."""
    dice = random.Random(script.seed + 1)
    with Town(HTTP, TCP, folder / "heard.jsonl", script.answers_after) as town:
        rows = town.rows(lambda n: 0.5 if n % 3 else 1.0, lambda n: "" if n % 4 else FLAPPING)
        home = Home(folder / "world", rows + REST.format(port=town.hook.port))
        lived = Lived(script, home)
        lived.person = Person(home.places.socket, dice)
        acting = town.run(lived.person.act())
        end_play = town.play(script.turns)
        _make_trouble(town, script)
        for end in script.ends:
            _live_once(town, lived, end, number)
        end_play()
        _end_well(town, lived)
        town.run(lived.person.leave()).result(10)
        acting.result(10)
        lived.heard, lived.refused = town.heard, town.hook.refused
    return lived


def _make_trouble(town: Town, script: Script) -> None:
    """The recorder hangs up after it has heard, and refuses with a time to come back."""
    for at in script.dropped_at:
        town.later(at, town.hook.drop)
    for at in script.refused_at:
        town.later(at, lambda: town.hook.answer(503, Retry_After="1"))


def _live_once(town: Town, lived: Lived, end: End, number: signal.Signals) -> None:
    heard = len(town.heard)
    with lived.home.start() as life:
        if end.what == WATCHING:
            life.watches()
        elif end.what == TELLING:
            town.hears_more(heard, 5.0)
        life.lives_for(end.after)
        if number is signal.SIGKILL:
            life.kill()
        else:
            lived.ending.append(life.stop())
        code = life.process.returncode
        # before it could listen for signals it had done nothing yet, and the kernel ends it
        lived.codes.append(0 if code == -signal.SIGTERM and "watching" not in life.said else code)
    corpse = lived.home.corpse()
    claims = {row["claim"].partition(":")[2] for row in corpse.sending("hook")}
    lived.between_send_and_settle += bool(claims & {one.headers["idempotency-key"] for one in town.heard[heard:]})
    lived.corpses.append(corpse)


def _end_well(town: Town, lived: Lived) -> None:
    town.turn_all(WELL)
    with lived.home.start() as life:
        life.awaits(is_quiet, QUIET_WITHIN, "peace")
        lived.ending.append(life.stop())
        lived.codes.append(life.process.returncode)
    lived.corpses.append(lived.home.corpse())
    lived.listed = json.loads(lived.home.run("incidents", "--all", "--json").stdout)
