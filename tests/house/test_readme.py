"""What the README tells people to type can be typed."""

from __future__ import annotations

import re
import shlex
import tomllib
from datetime import UTC, datetime

import pytest

from tests.house.sources import TREE
from tui_monitor.cli.parser import parser
from tui_monitor.core import views
from tui_monitor.core.model import Belief, Event, Incident, Kind, Service, Told
from tui_monitor.core.plan import Plan
from tui_monitor.core.quiet import Silence, Simulation
from tui_monitor.core.status import Status
from tui_monitor.core.window import Scope, Span, Window

README = (TREE / "README.md").read_text("utf-8")
SETTING = re.compile(r"^[A-Z_]+=")


def typed(text: str, program: str) -> list[list[str]]:
    """The words after `program`, of each line of a code block that calls it."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()]
    found = []
    for line in lines:
        words = shlex.split(line.removeprefix("$ ").partition("  #")[0], comments=True) if program in line else []
        while words and SETTING.match(words[0]):
            words.pop(0)
        if words and words[0] == program:
            found.append(words[1:])
    return found


def test_every_command_of_the_readme_exists():
    found = typed(README, "tui-monitor")
    assert found, "the README shows no command, or this test cannot see them"
    for words in found:
        assert parser().parse_args(words) is not None


def test_what_make_run_is_given_in_the_readme_is_a_command_too():
    given = [
        word.removeprefix("ARGS=") for words in typed(README, "make") if words[:1] == ["run"] for word in words[1:]
    ]
    assert given
    for words in given:
        parser().parse_args(shlex.split(words))


def test_every_command_of_the_readmes_table_exists_with_and_without_what_is_optional():
    rows = README.partition("| command |")[2].partition("\n\n")[0].splitlines()[2:]
    forms = [form for row in rows for form in re.findall(r"`([^`]+)`", row.split("|")[1])]
    assert len(forms) > 10
    for form in forms:
        for words in (re.sub(r"\[[^\]]*\]", "", form), re.sub(r"[\[\]…]", "", form)):
            parser().parse_args(words.replace("…", "").removeprefix("tui-monitor").split())


def test_every_key_of_the_board_is_in_the_readme():
    """Of each kind of row one is made, as the engine makes them."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    span = Span(now, now)
    ill = Incident("a", "s", "c", "t", Status.MAJOR, Status.MAJOR, now)
    event = Event("a", 1, Kind.OPENED, now)
    board = views.board_view(Plan(), [], now, "engine")
    rows = [
        views.service_view(Service("s", "S"), Belief("s"), None),
        views.incident_view(ill, [event], [Told("d", "a")], now),
        views.event_view(event),
        views.told_view(Told("d", "a")),
        views.silence_view(Silence("i", "t", Scope(), now, now, "b"), []),
        views.window_view(Window("i", "t", span=span), span, [], now),
        views.simulation_view(Simulation("s", Status.MAJOR, now, now, "b")),
        {key: None for key in board if key != "counts"},
    ]
    documented = set(re.findall(r'"(\w+)"', README.partition("## JSON")[2].partition("\n## ")[0]))
    assert not {key for row in rows for key in row} - documented


@pytest.mark.parametrize(("head", "group"), [("check", "checks"), ("destination", "destinations")])
def test_every_kind_has_a_row_in_the_readme(head: str, group: str):
    rows = README.partition(f"| {head} |")[2].partition("\n\n")[0].splitlines()[2:]
    named = [row.split("|")[1].strip(" `") for row in rows]
    project = tomllib.loads((TREE / "pyproject.toml").read_text("utf-8"))
    assert sorted(named) == sorted(project["project"]["entry-points"][f"tui_monitor.{group}"])


def test_every_make_target_of_the_readme_exists():
    targets = set(re.findall(r"^([a-z-]+):", (TREE / "Makefile").read_text("utf-8"), re.MULTILINE))
    wanted = [words for words in typed(README, "make") if words]
    assert wanted
    for words in wanted:
        assert {word for word in words if "=" not in word} <= targets


def test_commands_are_found_in_code_blocks_and_only_there():
    text = "tui-monitor outside\n```sh\n$ A=b tui-monitor check shop  # look\n```\n"
    assert typed(text, "tui-monitor") == [["check", "shop"]]
