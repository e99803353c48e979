"""The config to begin with is right as it stands, and so is everything in it that only waits to be taken in."""

from __future__ import annotations

import re
from pathlib import Path

from tests.config.imports.small import plain
from tui_monitor.config.reader import read
from tui_monitor.config.starter import starter
from tui_monitor.config.unheard import unheard_of
from tui_monitor.core.plan import Plan

EXAMPLE = re.compile(r"^( *)# ( *(?:- |[a-z_]+:).*)$")
"""A comment that reads like a setting."""


def plan_of(text: str) -> Plan:
    return read(
        text, "config.yaml", {"CHAT_URL": "https://chat.example.com/", "MAIL_PASSWORD": "x"}, Path("/nowhere")
    )


def taken_in() -> str:
    """With every example in it."""
    return "\n".join(EXAMPLE.sub(r"\1\2", line) for line in starter().split("\n"))


def test_it_is_right_as_it_stands_and_somebody_is_told():
    plan = plan_of(starter())
    assert [service.name for service in plan.services] == ["Disk"]
    assert unheard_of(plan) == []


def test_it_needs_no_variable_and_names_no_place_on_a_network_as_it_stands():
    live = "\n".join(line.partition("# ")[0] for line in starter().split("\n"))
    assert "${" not in live
    assert "://" not in live
    assert "host" not in live


def test_every_example_in_it_is_right_too():
    plan = plan_of(taken_in())
    assert [service.kind for service in plan.services] == ["command", "http", "tcp", "heartbeat"]
    assert [place.kind for place in plan.places] == ["log", "webhook", "smtp"]
    assert [route.to for route in plan.routes] == [("journal",), ("chat",), ("mail",)]
    assert plain(taken_in())["maintenance"][0]["groups"] == ["Shop"]
    assert unheard_of(plan) == []


def test_it_is_short_and_its_lines_fit():
    lines = starter().split("\n")
    assert len(lines) < 80
    assert max(map(len, lines)) <= 118
