"""What the source must not do, wherever it would be easiest to do it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

import pytest

from tests.house.sources import Source, dotted, package, suite

MOCKS = re.compile(r"unittest\.mock|\bMagicMoc[k]\b|\bmock\.patch|\bmocke[r]\b|import (respx|responses)")

CATCH_ALL = {"tui_monitor/engine/runner.py", "tui_monitor/engine/outbox.py", "tui_monitor/engine/supervisor.py"}
"""Where a stranger's plugin or a task of ours may fail in ways nobody named, and the rest must go on."""

CARRIES = {"tui_monitor/net/flow.py"}
"""Where nothing is judged: whoever awaits gets the very error, as from a task."""

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError|placeholder(?!=)|\bfor now\b")
"""A `placeholder=` is what the toolkit calls the hint in an empty field."""
EXEMPTION = re.compile(r"#\s*(noqa|type:\s*ignore)(?P<codes>:\s*[A-Z0-9, ]+|\[[^\]]*\])?(?P<rest>.*)")


def broad(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or dotted(kind) in {"Exception", "BaseException"} for kind in kinds)


def passes_on(handler: ast.ExceptHandler) -> bool:
    """Whether it tidies up and lets the error go on."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def catch_alls(source: Source) -> list[str]:
    handlers = [node for node in source.walk() if isinstance(node, ast.ExceptHandler)]
    found = [source.where(node) for node in handlers if broad(node) and not passes_on(node)]
    calls = [node for node in source.walk() if isinstance(node, ast.Call) and dotted(node.func).endswith("suppress")]
    hushed = [source.where(node) for node in calls if {"Exception", "BaseException"} & set(map(dotted, node.args))]
    return found + hushed


def test_everything_is_caught_in_three_places_at_most():
    found = {source.name: catch_alls(source) for source in package() if source.name not in CARRIES}
    found = {name: places for name, places in found.items() if places}
    assert set(found) <= CATCH_ALL, found
    assert all(len(places) == 1 for places in found.values()), found


def prints(source: Source) -> list[str]:
    loud = {"print", "sys.stdout.write", "sys.stderr.write"}
    calls = (node for node in source.walk() if isinstance(node, ast.Call))
    return [source.where(call) for call in calls if dotted(call.func) in loud]


def test_only_the_command_line_prints():
    """A fake is a command too when it is started alone: it says on which port it listens."""
    quiet = [source for source in package() if source.name.split("/")[1] not in {"cli", "fakes"}]
    assert not [place for source in quiet for place in prints(source)]


def test_each_exemption_from_a_rule_names_the_rule_and_its_reason():
    assert not [place for source in (*package(), *suite()) for place in unexplained(source)]


def unexplained(source: Source) -> list[str]:
    numbered = enumerate(source.lines, 1)
    found = [(number, exempt) for number, line in numbered if (exempt := EXEMPTION.search(line))]
    return [f"{source.name}:{number}" for number, exempt in found if not is_explained(exempt)]


def is_explained(found: re.Match[str]) -> bool:
    return bool(found["codes"]) and len(re.findall(r"[A-Za-z]{2,}", found["rest"])) >= 2


def test_nothing_is_left_to_be_done_later():
    assert not [place for source in package() for place in unfinished(source)]


def unfinished(source: Source) -> list[str]:
    numbered = enumerate(source.lines, 1)
    return [f"{source.name}:{number}: {line.strip()}" for number, line in numbered if UNFINISHED.search(line)]


def test_each_file_says_what_must_live_there():
    silent = [source.name for source in package() if source.lines and not ast.get_docstring(source.tree)]
    assert not silent


# -- of the tests themselves ----------------------------------------------------------------------------------------


def is_asleep(call: ast.Call) -> bool:
    if dotted(call.func) not in {"time.sleep", "asyncio.sleep", "sleep", "anyio.sleep"}:
        return False
    length = call.args[0] if call.args else None
    return not (isinstance(length, ast.Constant) and length.value == 0)


VIRTUAL = {"tests/engine/stage.py"}
"""Whose loop jumps over the time that nobody is busy: a sleep there takes none."""


def timeless() -> list[Source]:
    """The tests; a bench measures time and so may let it pass."""
    return [source for source in suite() if not source.name.startswith("tests/bench/")]


def test_no_test_sleeps():
    assert not [place for source in timeless() if source.name not in VIRTUAL for place in naps(source)]


def test_no_plugin_waits_by_itself():
    plugins = ("tui_monitor/checks/", "tui_monitor/destinations/")
    assert not [place for source in package() if source.name.startswith(plugins) for place in naps(source)]


def naps(source: Source) -> list[str]:
    calls = (node for node in source.walk() if isinstance(node, ast.Call))
    return [source.where(call) for call in calls if is_asleep(call)]


def test_no_test_puts_a_mock_in_place_of_the_real_thing():
    assert not [place for source in timeless() for place in mocks(source)]


def mocks(source: Source) -> list[str]:
    return [f"{source.name}:{number}" for number, line in enumerate(source.lines, 1) if MOCKS.search(line)]


def test_the_name_of_each_test_is_a_sentence():
    names = [
        f"{source.where(node)} {node.name}"
        for source in timeless()
        for node in source.walk()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    assert not [name for name in names if name.count("_") < 3]


# -- and of these very rules: each must be able to say no -----------------------------------------------------------


def sample(text: str) -> Source:
    """A file that never was; the tilde keeps these lines themselves from breaking the rule."""
    return Source("tui_monitor/core/sample.py", text.replace("~", ""))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (catch_alls, "try:\n    pass\nexcept Exception as error:\n    log(error)\n"),
        (catch_alls, "try:\n    pass\nexcept (OSError, BaseException):\n    pass\n"),
        (catch_alls, "try:\n    pass\nexcept:\n    pass\n"),
        (catch_alls, "with contextlib.suppress(Exception):\n    pass\n"),
        (prints, "print('hello')\n"),
        (prints, "sys.stdout.write('hello')\n"),
        (unexplained, "import a  # no~qa\n"),
        (unexplained, "import a  # no~qa: F401\n"),
        (unexplained, "a = b()  # type: ig~nore[no-any-return]\n"),
        (unfinished, "# TO~DO: write this\n"),
        (unfinished, "raise NotImplemented~Error\n"),
        (unfinished, "return 0  # a place~holder\n"),
        (naps, "time.sleep(1)\n"),
        (naps, "await asyncio.sleep(delay)\n"),
        (mocks, "from unittest.mo~ck import patch\n"),
    ],
)
def test_a_breach_is_seen(rule: Callable[[Source], list[str]], text: str):
    assert rule(sample(text))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (catch_alls, "try:\n    pass\nexcept BaseException:\n    undo()\n    raise\n"),
        (catch_alls, "try:\n    pass\nexcept OSError:\n    pass\n"),
        (unexplained, "import a  # no~qa: F401  # shown to plugins under this name\n"),
        (unfinished, 'Input(place~holder="type to find")\n'),
        (naps, "await asyncio.sleep(0)\n"),
    ],
)
def test_what_is_allowed_is_let_pass(rule: Callable[[Source], list[str]], text: str):
    assert not rule(sample(text))
