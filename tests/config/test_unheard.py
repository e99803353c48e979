"""A config that will tell nobody is right, and says so in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.small import plan_of
from tui_monitor import config
from tui_monitor.config import unheard_of

WEB = "web: {url: http://a.example}"
SERVICES = f"""services:
  - {{name: A, critical: true, group: Own, {WEB}}}
  - {{name: B, tags: [prod], {WEB}}}
"""
PLACES = "destinations: {x: {paper: }, y: {paper: }}\n"


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        ("", ["nobody will be told of anything: there are no destinations"]),
        (PLACES, []),
        (PLACES + "routes: []", ["nobody will be told of anything: there are no routes"]),
        (PLACES + "routes: [{to: [x, y]}]", []),
        (PLACES + "routes: [{to: x}]", ["nothing will be told to y: no route leads there"]),
        (
            PLACES + "routes: [{to: [x, y], when: {critical: true}}]",
            ["nobody will be told of B: no route applies"],
        ),
        (PLACES + "routes: [{to: x, when: {group: Own}}, {to: y, when: {tag: prod}}]", []),
        (
            PLACES + "routes: [{to: [x, y], when: {severity: <degraded}}]",
            ["nobody will be told of anything: no route applies"],
        ),
        (
            PLACES + "routes: [{to: x, when: {service: A, critical: false}}]",
            [
                "nobody will be told of anything: no route applies",
                "nothing will be told to y: no route leads there",
            ],
        ),
    ],
)
def test_who_will_hear_nothing_is_said(rest: str, told: list[str]) -> None:
    assert unheard_of(plan_of(SERVICES + rest)) == told


def test_of_many_services_some_are_named() -> None:
    rows = "".join(f"  - {{name: S{n}, {WEB}}}\n" for n in range(8))
    text = f"{SERVICES}{rows}{PLACES}routes: [{{to: [x, y], when: {{service: A}}}}]"
    assert unheard_of(plan_of(text)) == ["nobody will be told of B, S0, S1, S2, S3 and 4 more: no route applies"]


def test_of_places_that_are_told_of_no_incident_it_is_said_that_they_are_not() -> None:
    text = "services: [{name: A, tcp: {host: h, port: 1}}]\n"
    text += "destinations: {y: {sql: {url: 'sqlite:///looks.db'}}}\n"
    wanted = "nobody will be told of anything: there is no destination that is told of incidents"
    assert unheard_of(config.read(text, "c.yaml", {}, Path())) == [wanted]


def test_no_route_is_missed_for_a_place_that_only_records() -> None:
    text = "services: [{name: A, tcp: {host: h, port: 1}}]\nroutes: [{to: x}]\n"
    text += "destinations: {x: {log: }, y: {sql: {url: 'sqlite:///looks.db'}}}\n"
    assert unheard_of(config.read(text, "c.yaml", {}, Path())) == []
