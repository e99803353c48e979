"""Why places are told nothing of single services, as their plugins say."""

from __future__ import annotations

from typing import Any

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.model import Service
from tui_monitor.core.plan import Place, Plan
from tui_monitor.core.secret import redact
from tui_monitor.engine.outbox import asked


class Sparing:
    """Asks a plugin once of each service: what it says follows from the config alone."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._known: dict[tuple[str, str], str] = {}

    def __repr__(self) -> str:
        return f"<Sparing {sum(map(bool, self._known.values()))} of {len(self._known)} asked>"

    def why(self, place: Place, service: Service) -> str:
        """Empty where nothing is said. A place that cannot say is told, and what is wrong with it is seen there."""
        spared: Any = getattr(place.plugin, "spared", None)
        if spared is None:
            return ""
        key = (place.name, service.id)
        if key not in self._known:
            try:
                why = str(asked(place, self._redact, spared, service, service.publish.get(place.name)))
            except DeliveryError:
                why = ""
            self._known[key] = why
        return self._known[key]

    def _redact(self, text: str) -> str:
        return redact(text, self._plan.secrets)
