"""Destinations that people push to: the banner has no route, and a ticket needs none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_monitor import config
from tui_monitor.config import unheard_of
from tui_monitor.core.errors import ConfigError

TEXT = """\
services: [{name: A, tcp: {host: h, port: 1}}]
destinations:
  ops: {log: {}}
  sign: {webhook: {url: "https://sign.example/", banner: true}}
  wall: {json_files: {banner: true}}
  tickets: {webhook: {url: "https://tickets.example/", ticket: true}}
"""


def test_without_routes_everything_goes_to_all_that_hear_of_incidents() -> None:
    plan = config.read(TEXT, "c.yaml", {}, Path())
    assert [route.to for route in plan.routes] == [("ops", "tickets")]
    assert unheard_of(plan) == []


def test_where_there_is_only_a_banner_nobody_is_told_of_incidents() -> None:
    text = TEXT.partition("  ops:")[0] + '  sign: {webhook: {url: "https://sign.example/", banner: true}}\n'
    plan = config.read(text, "c.yaml", {}, Path())
    assert plan.routes == ()
    wanted = "nobody will be told of anything: there is no destination that is told of incidents"
    assert unheard_of(plan) == [wanted]


def test_what_only_people_push_to_needs_no_route() -> None:
    plan = config.read(TEXT + "routes: [{to: ops}]\n", "c.yaml", {}, Path())
    assert unheard_of(plan) == []


@pytest.mark.parametrize("to", ["sign", "[ops, sign]"])
def test_a_route_to_what_shows_the_banner_is_a_mistake(to: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.read(f"{TEXT}routes: [{{to: {to}}}]\n", "c.yaml", {}, Path())
    (problem,) = caught.value.problems
    assert (problem.line, problem.path) == (7, "routes[0].to")
    assert problem.text == "'sign' shows the banner and is told of no incident: no route leads there"
