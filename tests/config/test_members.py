"""Groups in a config: their members must be services, the right ones, and no ring; beside the heading of the name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tui_monitor import config
from tui_monitor.core.errors import ConfigError
from tui_monitor.core.plan import Plan

SERVICES = """
services:
  - {name: Web one, id: web1, group: Own, tcp: {host: a, port: 1}}
  - {name: Web two, tcp: {host: a, port: 2}}
"""


def plan_of(rows: str) -> Plan:
    return config.read(SERVICES + rows, "c.yaml", {}, Path())


def problems_of(rows: str) -> list[str]:
    """`line: path: sentence` of each problem; none where the config is right."""
    try:
        plan_of(rows)
    except ConfigError as error:
        return [f"{one.line}: {one.path}: {one.text}" for one in error.problems]
    return []


def test_members_are_named_by_name_or_id():
    plan = plan_of("  - {name: Web, group: {any: [Web two, web1]}}\n")
    (web,) = [service for service in plan.services if service.kind == "group"]
    assert web.check.members == ("Web two", "web1")
    assert (web.every, web.patience.down_after, web.patience.up_after) == (10.0, 1, 1)


def test_members_are_named_as_loosely_as_services_are():
    plan = plan_of(
        '  - {name: " Web   three", tcp: {host: a, port: 3}}\n  - {name: W, group: {all: ["Web  three "]}}\n'
    )
    assert plan.services[-1].check.members == (plan.services[-2].name,) == ("Web three",)


def test_the_key_is_a_heading_above_a_text_and_a_check_above_a_mapping():
    plan = plan_of("  - {name: Web, group: {all: web1, heading: Ours}}\n")
    assert [(service.kind, service.group) for service in plan.services] == [
        ("tcp", "Own"),
        ("tcp", ""),
        ("group", "Ours"),
    ]


def test_routes_know_the_heading_of_a_group():
    rows = """\
  - {name: Web, group: {all: web1, heading: Ours}}
destinations: {journal: {log: {}}}
routes:
  - {when: {group: Ours}, to: journal}
  - {when: {group: [Own]}, to: journal}
"""
    assert problems_of(rows) == []
    assert len(problems_of(rows.replace("[Own]", "[web1]"))) == 1


def test_a_service_that_is_not_there_is_told_with_what_was_meant():
    rows = "  - name: Web\n    group:\n      all:\n        - web1\n        - Web tow\n"
    assert problems_of(rows) == [
        "9: services[2].group.all[1]: no service is called 'Web tow'; did you mean 'Web two'?"
    ]
    assert problems_of("  - {name: Web, group: {any: none-at-all}}\n") == [
        "5: services[2].group.any: no service is called 'none-at-all'"
    ]


def test_of_a_member_with_a_problem_of_its_own_only_that_one_is_told():
    rows = "  - {name: Bad, tcp: {host: a}}\n  - {name: Web, group: {all: [Bad]}}\n"
    assert problems_of(rows) == ["5: services[2].tcp: 'port' is missing"]


def test_a_member_counts_once():
    rows = "  - {name: Web, group: {at_least: 1, of: [web1, Web one]}}\n"
    assert problems_of(rows) == ["5: services[2].group.of[1]: 'Web one' stands twice"]


def test_a_word_that_could_mean_two_services_is_told():
    rows = "  - {name: web1, id: other, tcp: {host: a, port: 3}}\n  - {name: Web, group: {all: [web1]}}\n"
    assert problems_of(rows) == [
        "6: services[3].group.all[0]: 'web1' is the name of one service and the id of another: use the id 'other'"
    ]


def test_nobody_is_made_of_itself():
    assert problems_of("  - {name: Web, group: {all: [web1, Web]}}\n") == [
        "5: services[2].group.all[1]: a service cannot be made of itself"
    ]
    rows = """\
  - {name: X, group: {all: [web1, y]}}
  - {name: Y, group: {all: [Z]}}
  - {name: Z, group: {any: [x, web1]}}
"""
    (problem,) = problems_of(rows)
    assert "].group: services are made of each other in a ring: " in problem
    assert {"x", "y", "z"} < set(problem.split())


def test_groups_may_be_made_of_groups():
    assert problems_of("  - {name: X, group: {all: [web1, y]}}\n  - {name: Y, group: {all: [web1]}}\n") == []


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ("  - {name: W, group: {}}", "group has exactly one of all, any and at_least"),
        ("  - {name: W, group: {al: [web1]}}", "unknown key 'al'; did you mean 'all'?"),
        ("  - {name: W, group: [web1]}", "has no check"),
        ("  - {name: W, group: Own}", "has no check"),
        ("  - {name: W, group: {all: [web1]}, tcp: {host: a, port: 1}}", "a second check"),
    ],
)
def test_what_is_no_group_is_told(rows: str, text: str):
    assert any(text in problem for problem in problems_of(rows)), problems_of(rows)


def test_texts_may_use_the_options_of_a_group_only_where_there_is_one():
    rows = "messages: {opened: '{at_least} {name}'}\n"
    assert any("at_least" in problem for problem in problems_of(rows))
    assert problems_of("  - {name: W, group: {at_least: 1, of: [web1]}}\n" + rows) == []


def test_editors_are_told_the_same():
    judge: Any = jsonschema.Draft202012Validator(config.schema())

    def is_right(rows: str) -> bool:
        return bool(judge.is_valid(yaml.safe_load(SERVICES + rows)))

    assert is_right("  - {name: W, group: {all: [web1]}}")
    assert is_right("  - {name: W, group: {at_least: 1, of: [web1], heading: Own}, critical: true}")
    assert not is_right("  - {name: W, group: {every: [web1]}}")
    assert not is_right("  - {name: W, group: Own}")
    assert not is_right("  - {name: W, group: [web1]}")
    assert not is_right("  - {name: W, group: {all: [web1]}, tcp: {host: a, port: 1}}")
