"""What is made of a unit of systemd: of the state it is in, of how its last run ended, and of what a timer starts.

Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_monitor.checks.craft.expect import Miss
from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.status import Status

if TYPE_CHECKING:
    from tui_monitor.net.protocols.units import Unit, UnitFound

_FINE = ("", "success", "exec-condition")
"""Results that are no failure."""

_ON_ITS_WAY = ("activating", "reloading", "refreshing")
_AT_WORK = ("activating", "deactivating")


def weigh_unit(found: UnitFound, state: str) -> Reading:
    """What a unit says of the service, given the state that it should be in."""
    unit, phases = found.unit, found.phases
    miss = _absence(unit) or (_of_active(unit) if state == "active" else _of_inactive(unit)) or _of_started(unit)
    status, text, cause = (miss.status, miss.text, miss.cause) if miss else (Status.OPERATIONAL, _since(unit), "")
    measures = (Measure("restarts", float(unit.restarts)),) if unit.restarts is not None else ()
    return Reading(status, text, cause, latency=phases.total, phases=phases, measures=measures)


def _absence(unit: Unit) -> Miss | None:
    """One whose file was taken away while it runs still runs."""
    if unit.load == "not-found" and unit.active in ("inactive", "failed"):
        return Miss(Status.MAJOR, f"there is no unit {unit.name}", "not-found")
    return None


def _of_active(unit: Unit) -> Miss | None:
    if unit.active == "active":
        return None
    if unit.active == "maintenance":
        return Miss(Status.MAINTENANCE, _spell(unit), "maintenance")
    if unit.sub.startswith("auto-restart"):
        return Miss(Status.MAJOR, f"failed{_why(unit)}, and is to be started again", "auto-restart")
    if unit.active in _ON_ITS_WAY:
        return Miss(Status.DEGRADED, _spell(unit), unit.active)
    text = _spell(unit)
    if unit.type == "oneshot" and unit.active == "inactive" and unit.result in _FINE:
        text += ", as a oneshot service is that has done its work: if it should be, say state: inactive"
    return Miss(Status.MAJOR, text, unit.active)


def _of_inactive(unit: Unit) -> Miss | None:
    if unit.active == "failed" or unit.result not in _FINE:
        return Miss(Status.MAJOR, f"its last run failed{_why(unit)}", "failed")
    if unit.active == "inactive" or (unit.type == "oneshot" and unit.active in _AT_WORK):
        return None
    return Miss(Status.MAJOR, f"{_spell(unit)}, expected to be inactive", unit.active)


def _of_started(unit: Unit) -> Miss | None:
    """A timer may tick while what it starts fails each time."""
    started = unit.triggers
    if started is None:
        return None
    if missing := _absence(started):
        return Miss(Status.MAJOR, f"{_spell(unit)}, but {missing.text}", "starts nothing")
    if started.active == "failed" or started.result not in _FINE:
        return Miss(Status.MAJOR, f"{_spell(unit)}, but {started.name} failed{_why(started)}", "started failed")
    return None


def _spell(unit: Unit) -> str:
    what = f"{unit.active} ({unit.sub})" if unit.sub and unit.sub != unit.active else unit.active
    return f"{what}{_why(unit)}{', and masked' if unit.load == 'masked' else ''}"


def _why(unit: Unit) -> str:
    """How its last run ended, where it did not end well."""
    if unit.result in _FINE:
        return ""
    words = {"exit-code": "exit code", "signal": "signal", "core-dump": "signal"}
    of_it = f" {unit.status}" if unit.result in words and unit.status is not None else ""
    return f": {words.get(unit.result, unit.result)}{of_it}"


def _since(unit: Unit) -> str:
    return f"{_spell(unit)} since {unit.since:%Y-%m-%d %H:%M} UTC" if unit.since is not None else _spell(unit)
