"""What the README tells people to type can be typed."""

from __future__ import annotations

import re
import shlex

from tests.house.sources import TREE
from tui_monitor.cli.parser import parser

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


def test_every_make_target_of_the_readme_exists():
    targets = set(re.findall(r"^([a-z-]+):", (TREE / "Makefile").read_text("utf-8"), re.MULTILINE))
    wanted = [words for words in typed(README, "make") if words]
    assert wanted
    for words in wanted:
        assert {word for word in words if "=" not in word} <= targets


def test_commands_are_found_in_code_blocks_and_only_there():
    text = "tui-monitor outside\n```sh\n$ A=b tui-monitor check shop  # look\n```\n"
    assert typed(text, "tui-monitor") == [["check", "shop"]]
