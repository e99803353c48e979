"""A board on a stage: a scripted engine behind a real `Control`, a clock that the test sets, and no terminal."""

from __future__ import annotations

import asyncio
import os
import unicodedata
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from textual import events
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot

from tui_monitor.board.app import BoardApp
from tui_monitor.board.face import Connection, Face
from tui_monitor.core import views
from tui_monitor.core.errors import EngineUnreachable, Rejected
from tui_monitor.core.model import Belief, Event, Incident, Kind, Observation, Reading, Service, State, Told
from tui_monitor.core.plan import Appearance, Plan
from tui_monitor.core.ports import Changes, Command, Outcome, Uptime
from tui_monitor.core.status import Status

T0 = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def row(
    name: str,
    status: str = "operational",
    *,
    id: str = "",
    group: str = "",
    message: str = "",
    latency: float | None = 0.042,
    since: datetime | None = None,
    incident: Incident | None = None,
    **other: Any,
) -> dict[str, Any]:
    """A service as the engine shows it, made by the very code that the engine uses; `other` sets keys of the row."""
    service = Service(id or name.lower().replace(" ", "-"), name, kind="http", group=group)
    belief = Belief(service.id, Status(status), since or T0 - timedelta(minutes=12), incident=incident)
    seen = Observation(service.id, T0, latency or 0.0, Reading(Status(status), message or status, latency=latency))
    uptimes = [Uptime(up=9998, down=2)] * len(views.SPANS)
    return {**views.service_view(service, belief, seen, uptimes, views.Standing(read_at=T0)), **other}


def incident(
    id: str,
    service: str,
    title: str = "503, expected 200-204",
    *,
    status: str = "major",
    state: str = "open",
    started: datetime | None = None,
    events: tuple[Event, ...] = (),
    told: tuple[Told, ...] = (),
    **other: Any,
) -> dict[str, Any]:
    """An incident as the engine shows it."""
    begun = started or T0 - timedelta(minutes=12)
    worst = Status(status)
    one = Incident(id, service, title, title, worst, worst, begun, State(state))
    line = events or (Event(id, 1, Kind.OPENED, begun, text=title, service=service, status=worst),)
    view = {**views.incident_view(one, line, told, T0), "quiet": "", "why": []}
    return {**view, **other}


def snapshot(
    services: list[dict[str, Any]],
    incidents: list[dict[str, Any]] | None = None,
    events: list[dict[str, Any]] | None = None,
    **other: Any,
) -> dict[str, Any]:
    """The whole board, as a `Control` gives it."""
    return {
        **views.board_view(Plan(), services, T0, "engine"),
        "trouble": "",
        "cut_off": None,
        "test_mode": False,
        "silences": [],
        "maintenance": [],
        "simulations": [],
        "cursor": "1-0",
        "incidents": incidents or [],
        "deliveries": [],
        "events": events or [],
        **other,
    }


@dataclass
class Script:
    """A `Control` that says what a test wrote: the board, its changes, answers and refusals."""

    board: dict[str, Any]
    answers: dict[str, Any] = field(default_factory=dict)
    """What `history` gives: by the question, a value or a function of its options."""
    outcomes: dict[str, Outcome | str] = field(default_factory=dict)
    """What comes of a command: by its name, an outcome, or a text with which it is refused."""
    asked: list[Command] = field(default_factory=list)
    questions: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    is_gone: str = ""
    _queue: asyncio.Queue[Changes] = field(default_factory=asyncio.Queue)

    async def snapshot(self) -> dict[str, Any]:
        self._be_there()
        return self.board

    async def changes(self, cursor: str, wait: float) -> Changes:
        self._be_there()
        return await self._queue.get()

    async def history(self, what: str, **options: str) -> Any:
        self._be_there()
        self.questions.append((what, options))
        if what not in self.answers:
            raise Rejected(f"there is no history of {what!r}")
        answer = self.answers[what]
        return answer(options) if callable(answer) else answer

    async def do(self, command: Command) -> Outcome:
        self._be_there()
        self.asked.append(command)
        outcome = self.outcomes.get(command.name, Outcome(f"{command.target} {command.name}: done"))
        if isinstance(outcome, str):
            raise Rejected(outcome)
        return outcome

    def change(
        self,
        *,
        services: Mapping[str, Any] | None = None,
        incidents: Mapping[str, Any] | None = None,
        deliveries: Mapping[str, Any] | None = None,
        events: tuple[Any, ...] = (),
        at: datetime = T0,
        **around: Any,
    ) -> None:
        """What the engine says next."""
        kept = (
            "trouble",
            "cut_off",
            "test_mode",
            "silences",
            "maintenance",
            "simulations",
            "banner",
            "title",
            "places",
        )
        board = {key: self.board[key] for key in kept if key in self.board}
        board.update(around, at=at.isoformat())
        self._queue.put_nowait(Changes("1-1", services or {}, incidents or {}, deliveries or {}, events, board))

    def _be_there(self) -> None:
        if self.is_gone:
            raise EngineUnreachable(self.is_gone)


class StageClock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Stage:
    app: BoardApp
    pilot: Pilot[int]
    script: Script
    clock: StageClock

    async def settle(self) -> None:
        """Until what was asked and said has been drawn."""
        for _ in range(3):
            await self.turn()
            self.app.tick()
        await self.turn()

    async def turn(self) -> None:
        """Until every widget has heard what was said before, and what that led to. No time passes meanwhile."""
        for _ in range(3):
            await self.pilot.pause(0)

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.send(key)
            await self.turn()
        await self.settle()

    def send(self, key: str) -> None:
        """As a terminal does. The toolkit's own way waits after each key until the whole process is at rest."""
        name = key if len(key) > 1 or key.isalnum() else _character_to_key(key)
        try:
            char = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(name, name)))
        except KeyError:
            char = name if len(name) == 1 else None
        pressed = events.Key(name, char)
        pressed.set_sender(self.app)
        driver = self.app._driver
        assert driver is not None
        driver.send_message(pressed)

    async def until(self, holds: Callable[[], bool], turns: int = 400) -> None:
        """Wait for something that comes by itself; fails when it does not come."""
        for _ in range(turns):
            if holds():
                return
            await self.settle()
        raise AssertionError("it never came")

    def text(self) -> str:
        """What the terminal shows."""
        height = self.app.size.height
        compositor = self.app.screen._compositor
        strips = compositor.render_strips() if hasattr(compositor, "render_strips") else []
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips[:height])


@asynccontextmanager
async def stage(
    script: Script | None,
    size: tuple[int, int] = (120, 40),
    *,
    appearance: Appearance | None = None,
    read_only: bool = False,
    ascii: bool = False,
    theme: str = "dark",
    environ: Mapping[str, str] = os.environ,
    **face: Any,
) -> AsyncIterator[Stage]:
    """A board that has drawn its first picture; with no script, one that has no config yet."""
    clock = StageClock()
    loop = asyncio.get_running_loop()
    config = Path("config.yaml")

    def open_it(path: Path | None) -> Connection:
        assert script is not None
        look = appearance or Appearance()
        return Connection(script, loop, "this process", config, look, "Ops", "UTC", lambda: None, lambda: "")

    made = Face(
        **{
            "open": open_it,
            "starter": lambda path: f"{path} is written",
            "config": config if script else None,
            "is_read_only": read_only,
            "is_ascii": ascii,
            "theme": theme,
            **face,
        }
    )
    app = BoardApp(made, clock=clock, environ=environ, gather=0.0)
    async with app.run_test(size=size) as pilot:
        here = Stage(app, pilot, script or Script(snapshot([])), clock)
        if script is not None:
            await here.until(lambda: not app.board.is_empty)
        await here.settle()
        yield here
