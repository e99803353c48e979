"""What a config keeps silent about: right as it stands, but hardly meant; for whoever tells people of a plan."""

from __future__ import annotations

from collections.abc import Sequence

from tui_monitor.core.model import Service
from tui_monitor.core.plan import Place, Plan, Route
from tui_monitor.core.routing import unfit
from tui_monitor.core.status import Status

_NAMED = 5
_BAD = [status for status in Status if status.is_bad]


def unheard_of(plan: Plan) -> list[str]:
    """One sentence for each reason why somebody will hear nothing; none where everybody hears of something."""
    if not plan.places:
        return ["nobody will be told of anything: there are no destinations"]
    if not any(map(_is_told, plan.places)):
        return ["nobody will be told of anything: there is no destination that is told of incidents"]
    if not plan.routes:
        return ["nobody will be told of anything: there are no routes"]
    nobody = [service.name for service in plan.services if not _is_heard(service, plan.routes)]
    led_to = {name for route in plan.routes for name in route.to}
    deaf = [place.name for place in plan.places if place.name not in led_to and not _is_led_to_otherwise(place)]
    found = []
    if nobody:
        whom = "anything" if len(nobody) == len(plan.services) else _listed(nobody)
        found.append(f"nobody will be told of {whom}: no route applies")
    if deaf:
        found.append(f"nothing will be told to {_listed(deaf)}: no route leads there")
    return found


def _is_told(place: Place) -> bool:
    """Whether it is told of incidents; what shows the banner is not, and neither is what takes part in other ways."""
    return bool(getattr(place.plugin, "hears", True)) and not getattr(place.plugin, "banner", False)


def _is_led_to_otherwise(place: Place) -> bool:
    """Whether people push to it by hand, a ticket or the banner; or it takes part without being told of anything."""
    return bool(getattr(place.plugin, "tickets", False)) or not _is_told(place)


def _is_heard(service: Service, routes: Sequence[Route]) -> bool:
    return any(not unfit(route, service) and any(map(route.severity.holds, _BAD)) for route in routes)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
