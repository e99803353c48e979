"""What an engine of containers says of one, and what is made of it. Docker's words, and Podman's where it has others.

Pure. An engine that does not say what it should tells nothing of a container: Unreadable.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

from tui_monitor.checks.craft.expect import Miss
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean

if TYPE_CHECKING:
    from tui_monitor.net import Answer

_DOWN = {
    "created": "created, but never started",
    "configured": "created, but never started",
    "initialized": "created, but never started",
    "paused": "paused",
    "restarting": "restarting again and again",
    "removing": "being removed",
    "stopping": "being stopped",
    "stopped": "exited",
    "exited": "exited",
    "dead": "dead: the engine could not remove all of it",
}
"""States in which it does nothing for anybody, and how they are told."""

_ENDED = {"restarting": ", the last time after code", "stopped": " with code", "exited": " with code"}
"""States in which an exit code says why."""

_HEALTH = {
    "healthy": Miss(Status.OPERATIONAL, "running and healthy", ""),
    "starting": Miss(Status.DEGRADED, "running, but its health check has not passed yet", "starting"),
    "unhealthy": Miss(Status.PARTIAL, "running, but unhealthy", "unhealthy"),
}
_RUNNING = Miss(Status.OPERATIONAL, "running", "")
_UNPROVED = Miss(Status.DEGRADED, "running, but it has no health check", "no health check")


def weigh_container(answer: Answer, *, health: bool) -> Reading:
    """What an engine's answer says of a container; with `health`, it must have a health check."""
    said = _said(answer)
    message = clean(str(said.get("message", "")), 200)
    if answer.status == 404 and "no such container" in message.lower():
        return _reading(answer, Miss(Status.MAJOR, "there is no such container", "missing"))
    if answer.status != 200:
        raise Unreadable(f"the engine answered {answer.title}: {message}".removesuffix(": "))
    state = said.get("State")
    if not isinstance(state, dict):
        raise Unreadable("the engine answered, but not about a container")
    checked = _part(state, "Health") or _part(state, "Healthcheck")
    figures = (("restarts", said.get("RestartCount")), ("failed_health_checks", checked.get("FailingStreak")))
    measures = tuple(Measure(name, float(value)) for name, value in figures if _is_count(value))
    return _reading(answer, _found(state, checked, health=health), measures)


def _reading(answer: Answer, found: Miss, measures: tuple[Measure, ...] = ()) -> Reading:
    phases = answer.phases
    return Reading(found.status, found.text, found.cause, latency=phases.total, phases=phases, measures=measures)


def _said(answer: Answer) -> Mapping[str, Any]:
    try:
        said = answer.json
    except ValueError:
        said = None
    if isinstance(said, dict):
        return said
    if answer.status == 200:
        raise Unreadable("the answer is not that of an engine of containers: it is no JSON object")
    return {}


def _part(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = said.get(name)
    return part if isinstance(part, dict) else {}


def _is_count(value: Any) -> TypeGuard[int]:
    return type(value) is int and 0 <= value < 1 << 53


def _state(state: Mapping[str, Any]) -> str:
    """Its name; the oldest engines have none and only say what it is and what not."""
    if isinstance(name := state.get("Status"), str) and name:
        return name.lower()
    named = {"Restarting": "restarting", "Paused": "paused", "Running": "running", "Dead": "dead"}
    return next((word for key, word in named.items() if state.get(key) is True), "exited")


def _found(state: Mapping[str, Any], checked: Mapping[str, Any], *, health: bool) -> Miss:
    name = _state(state)
    if name == "running":
        return _of_health(checked, health=health)
    if name not in _DOWN:
        raise Unreadable(f"the engine says that it is {clean(name, 40)}, which means nothing here")
    text = _DOWN[name]
    if name in _ENDED and _is_count(code := state.get("ExitCode")):
        text += f"{_ENDED[name]} {code}" + (", out of memory" if state.get("OOMKilled") is True else "")
    if why := clean(str(state.get("Error") or ""), 200):
        text += f": {why}"
    return Miss(Status.MAJOR, text, name)


def _of_health(checked: Mapping[str, Any], *, health: bool) -> Miss:
    name = str(checked.get("Status") or "none").lower()
    if name == "none":
        return _UNPROVED if health else _RUNNING
    if name not in _HEALTH:
        raise Unreadable(f"the engine says that its health is {clean(name, 40)}, which means nothing here")
    found = _HEALTH[name]
    why = _last_words(checked) if name == "unhealthy" else ""
    return Miss(found.status, f"{found.text}: {why}", found.cause) if why else found


def _last_words(checked: Mapping[str, Any]) -> str:
    """What the health check said the last time."""
    log = checked.get("Log")
    last = log[-1] if isinstance(log, list) and log else {}
    return clean(str(last.get("Output") or ""), 200) if isinstance(last, dict) else ""
