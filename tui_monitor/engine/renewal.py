"""Another config while the engine runs: what was believed of services that stay is kept, by their ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tui_monitor.core.errors import Rejected
from tui_monitor.core.incident import forget_streak
from tui_monitor.core.model import BOARD, Belief, Service
from tui_monitor.core.plan import Plan
from tui_monitor.core.ports import Checkpoint
from tui_monitor.engine.desk import Desk


def _cannot_read() -> Plan:
    raise Rejected("this engine cannot read its config anew")


def _ignore(plan: Plan) -> None:
    """Nobody else needs to know."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """`read` gives the config as it is now, or raises ConfigError; `adopted` is told of the plan that is in force."""

    read: Callable[[], Plan] = _cannot_read
    adopted: Callable[[Plan], None] = _ignore


def renewed(old: Desk, plan: Plan, known: Sequence[Belief], now: datetime) -> Desk:
    """A desk over another plan that goes on where the old one stands; `known` is believed of services now added.

    What was open when they were taken out is over, also where that is not written down yet.
    """
    now_looked_at = {service.id: service for service in plan.services}
    kept = [_seen_anew(belief, old.services[name], now_looked_at.get(name)) for name, belief in old.beliefs.items()]
    returned = [belief if not belief.incidents else Belief(belief.service) for belief in known]
    checkpoint = Checkpoint(
        beliefs=[*returned, *kept],
        incidents=list(old.incidents.values()),
        told=list(old.ledger.rows.values()),
        revisions={BOARD: old.revision},
        settings=old.settings(),
    )
    desk = Desk(plan, checkpoint, old.timelines, now)
    desk.succeed(old, now)
    return desk


def _seen_anew(belief: Belief, before: Service, after: Service | None) -> Belief:
    """Of a service that is looked at in another way now, what was leaning proves nothing any more."""
    if after is None or after.check == before.check:
        return belief
    return replace(forget_streak(belief), memo=belief.memo if after.kind == before.kind else "")
