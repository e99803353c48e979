"""Opsgenie: an incident is one alert under one alias, with notes, acknowledged by people, closed when it is over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from tui_monitor.core.message import Message, News
from tui_monitor.core.model import Kind
from tui_monitor.core.options import naming
from tui_monitor.core.ports import LOUD, Outside, Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.craft import alerting, filling, genie
from tui_monitor.destinations.craft.genie import Desk

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Responder:
    """Whom an alert is for, by name or id: exactly one of these."""

    team: str = ""
    user: str = ""
    schedule: str = ""
    escalation: str = ""

    def __post_init__(self) -> None:
        if sum(map(bool, (self.team, self.user, self.schedule, self.escalation))) != 1:
            raise ValueError("a responder is exactly one of team, user, schedule and escalation")

    def spelt(self) -> dict[str, str]:
        """As Opsgenie wants it."""
        kind = next(one for one in ("team", "user", "schedule", "escalation") if getattr(self, one))
        name: str = getattr(self, kind)
        by = "id" if _ID.fullmatch(name) else "username" if kind == "user" else "name"
        return {"type": kind, by: name}


@dataclass(frozen=True, slots=True)
class Opsgenie:
    """Options. `url` is another address than that of the region; `priorities` say how urgent each status is there."""

    api_key: Secret
    region: Literal["us", "eu"] = "us"
    url: str = ""
    responders: tuple[Responder, ...] = ()
    tags: tuple[str, ...] = ()
    priorities: Mapping[alerting.Graded, genie.Priority] = field(default_factory=dict)

    hears: ClassVar[frozenset[Kind]] = LOUD
    grouped: ClassVar[bool] = False
    pace: ClassVar[float] = 0.5

    def __post_init__(self) -> None:
        with naming("api_key"):
            filling.check_headers({"Authorization": self.api_key})
        if self.url:
            with naming("url"):
                filling.check_address(self.url)

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        if not message.items:  # a banner is no alert
            return Receipt()
        found: Mapping[str, Any] = {}
        for step in genie.steps_of(message, self._usual(), self.priorities):
            found = await self._desk(outside).do(step)
        note = alerting.NEVER_OPEN if message.news is News.OVER else "" if found else genie.UNREAD
        return Receipt(alerting.key_of(message), self._link(found.get("alertId")) or message.url, note)

    async def find(self, message: Message, outside: Outside) -> Receipt | None:
        alert = await self._desk(outside).find(message) if message.items else None
        if alert is None:
            return None
        return Receipt(alerting.key_of(message), self._link(alert.get("id")) or message.url)

    async def prove(self, outside: Outside) -> str:
        """The key reads the newest alert; nothing is made."""
        await self._desk(outside).read("/v2/alerts?limit=1")
        unproved = "whether it may create them, and the responders are there, is seen only when one is sent"
        return f"Opsgenie takes the key, which may read alerts; {unproved}"

    def _usual(self) -> dict[str, Any]:
        responders = {"responders": [one.spelt() for one in self.responders]} if self.responders else {}
        return {"tags": self.tags, **responders}

    def _desk(self, outside: Outside) -> Desk:
        usual = {"us": "https://api.opsgenie.com", "eu": "https://api.eu.opsgenie.com"}[self.region]
        return Desk((self.url or usual).rstrip("/"), self.api_key, outside)

    def _link(self, alert: Any) -> str:
        app = {"us": "https://app.opsgenie.com", "eu": "https://app.eu.opsgenie.com"}[self.region]
        return f"{app}/alert/detail/{alert}/details" if re.fullmatch(r"[\w-]{1,100}", str(alert or "")) else ""
