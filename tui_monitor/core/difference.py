"""What another config changes, in one sentence for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tui_monitor.core.model import Service
from tui_monitor.core.plan import Plan

_NAMED = 5


def difference(old: Plan, new: Plan) -> str:
    """`2 services added (A, B), 1 renamed (C is now D); destinations: ops changed; routes changed`."""
    parts = [
        _of_services(old.services, new.services),
        _of_places(old, new),
        *(f"{name} changed" for name in ("routes", "messages", "maintenance") if _differs(old, new, name)),
        *(["network guard changed"] if old.guard != new.guard else []),
        *(["board changed"] if any(_differs(old, new, one) for one in ("title", "timezone", "appearance")) else []),
        *_after_a_restart(old, new),
    ]
    return "; ".join(part for part in parts if part) or "nothing has changed"


def _differs(old: Plan, new: Plan, name: str) -> bool:
    return bool(getattr(old, name) != getattr(new, name))


def _after_a_restart(old: Plan, new: Plan) -> list[str]:
    kept = ("keep_looks", "keep_history", "size_limit", "concurrency", "settle")
    changed = [name for name in kept if _differs(old, new, name)]
    return [f"{', '.join(changed)} after a restart"] if changed else []


def _of_services(old: Sequence[Service], new: Sequence[Service]) -> str:
    before, after = {one.id: one for one in old}, {one.id: one for one in new}
    both = [name for name in after if name in before]
    renamed = [name for name in both if before[name].name != after[name].name]
    changed = [name for name in both if replace(after[name], name=before[name].name) != before[name]]
    parts = [
        _counted("added", [after[name].name for name in after if name not in before]),
        _counted("removed", [before[name].name for name in before if name not in after]),
        _counted("renamed", [f"{before[name].name} is now {after[name].name}" for name in renamed]),
        _counted("changed", [after[name].name for name in changed]),
    ]
    told = ", ".join(part for part in parts if part)
    return f"services: {told}" if told else ""


def _of_places(old: Plan, new: Plan) -> str:
    before, after = {one.name: one for one in old.places}, {one.name: one for one in new.places}
    parts = [
        _counted("added", [name for name in after if name not in before]),
        _counted("removed", [name for name in before if name not in after]),
        _counted("changed", [name for name in after if name in before and before[name] != after[name]]),
    ]
    told = ", ".join(part for part in parts if part)
    return f"destinations: {told}" if told else ""


def _counted(what: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{len(names)} {what} ({', '.join(names[:_NAMED])}{more})"
