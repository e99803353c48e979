"""What another config changes, in one sentence for people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.world import Ear
from tui_monitor.core.difference import difference
from tui_monitor.core.model import Service
from tui_monitor.core.plan import Appearance, Guard, Place, Plan, Route
from tui_monitor.core.window import Window

PLAN = Plan(
    services=(Service("a", "A"), Service("b", "B"), Service("c", "C")),
    places=(Place("ops", "ear", Ear()), Place("mail", "ear", Ear())),
    routes=(Route(("ops",)),),
)
MANY = tuple(Service(f"x{number}", f"X{number}") for number in range(7))


def services(*some: Service) -> Plan:
    return replace(PLAN, services=some)


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        (PLAN, "nothing has changed"),
        (services(*PLAN.services, Service("d", "D")), "services: 1 added (D)"),
        (services(*PLAN.services[1:]), "services: 1 removed (A)"),
        (services(Service("a", "A2"), *PLAN.services[1:]), "services: 1 renamed (A is now A2)"),
        (services(Service("a", "A", every=5.0), *PLAN.services[1:]), "services: 1 changed (A)"),
        (
            services(Service("a", "A2", every=5.0), *PLAN.services[1:]),
            "services: 1 renamed (A is now A2), 1 changed (A2)",
        ),
        (services(*PLAN.services[::-1]), "nothing has changed"),
        (
            services(Service("a", "A2"), Service("b", "B", group="Own"), Service("d", "D"), Service("e", "E")),
            "services: 2 added (D, E), 1 removed (C), 1 renamed (A is now A2), 1 changed (B)",
        ),
        (services(*PLAN.services, *MANY), "services: 7 added (X0, X1, X2, X3, X4 and 2 more)"),
        (replace(PLAN, places=PLAN.places[:1]), "destinations: 1 removed (mail)"),
        (
            replace(PLAN, places=(replace(PLAN.places[0], timeout=3.0), Place("sms", "ear", Ear()))),
            "destinations: 1 added (sms), 1 removed (mail), 1 changed (ops)",
        ),
        (replace(PLAN, routes=(), messages={"opened": "x"}), "routes changed; messages changed"),
        (replace(PLAN, maintenance=(Window("w", "all", cron="0 3 * * *", lasts=60.0),)), "maintenance changed"),
        (replace(PLAN, guard=Guard((("192.0.2.1", 443),))), "network guard changed"),
        (replace(PLAN, title="Other"), "board changed"),
        (replace(PLAN, timezone="Europe/Paris"), "board changed"),
        (replace(PLAN, appearance=Appearance(theme="light")), "board changed"),
        (replace(PLAN, settle=3.0, keep_looks=1.0), "keep_looks, settle after a restart"),
        (
            replace(services(*PLAN.services[:2]), routes=(), size_limit=10),
            "services: 1 removed (C); routes changed; size_limit after a restart",
        ),
    ],
)
def test_the_sentence_of_a_reload(new: Plan, sentence: str):
    assert difference(PLAN, new) == sentence
