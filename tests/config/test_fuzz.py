"""Whatever stands in a config, the reader gives a plan or problems: no other error, no hang, each time the same."""

from __future__ import annotations

import random
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui_monitor import config
from tui_monitor.core.errors import ConfigError
from tui_monitor.core.plan import Plan
from tui_monitor.core.text import clean

EXAMPLE = (Path(__file__).parents[2] / "config.example.yaml").read_text()
LINES = EXAMPLE.splitlines()
SECRETS = {"API_TOKEN": "s3cr3t-of-the-api", "HOOK_TOKEN": "s3cr3t-of-the-hook"}

SIGNS = (*"{}[]:|>'#?%\\\t\n\0\x7f\u2028\U0001f600", '"', ": ", "- ", "&a ", "*a", "<<: ", "!!", "$${", "${", "}}")
WORDS = (
    *("${A}", "${API_TOKEN}", "~", "null", "-1", "0", "1e999", ".nan", "9" * 5000, "2.5", "true", "{name}"),
    *("https://", "http://[", "http://a:99999", "[::1", "(a+)+$", "(", "env: ", "file: /", "file: .", "every: "),
    *("aws_secrets_manager: {", "expect: [{status: ", "json: '", "port: "),
)
SHARDS = st.sampled_from(SIGNS + WORDS)
VALUES = st.one_of(SHARDS, st.text(max_size=8), st.integers().map(str), st.floats().map(str))


def outcome(text: str) -> Plan | ConfigError:
    """What the reader makes of a text; anything but the two raises, and so fails the test."""
    try:
        return config.read(text, "c.yaml", SECRETS, Path("/nowhere"))
    except ConfigError as error:
        return error


def judge(text: str) -> None:
    found = outcome(text)
    if isinstance(found, Plan):
        assert found.services
        return
    assert found.problems
    lines = text.count("\n") + text.count("\r") + text.count("\x85") + text.count("\u2028") + text.count("\u2029") + 2
    for problem in found.problems:
        assert problem.text
        assert "\n" not in str(problem)
        assert clean(str(problem), 100_000) == str(problem).strip()
        assert problem.line is not None
        assert 1 <= problem.line <= lines
    assert [one.line for one in found.problems] == sorted(one.line or 0 for one in found.problems)
    for secret in SECRETS.values():
        assert secret not in str(found)


@given(st.text(max_size=300))
def test_any_text_is_a_plan_or_problems(text: str) -> None:
    judge(text)


@given(st.lists(SHARDS, max_size=30).map("".join))
def test_any_shards_of_yaml_are(text: str) -> None:
    judge(text)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(EXAMPLE)), st.integers(0, 12), VALUES), min_size=1, max_size=4))
def test_the_example_with_pieces_cut_out_and_put_in_is(cuts: list[tuple[int, int, str]]) -> None:
    text = EXAMPLE
    for at, length, piece in cuts:
        text = text[:at] + piece + text[at + length :]
    judge(text)


def places_of_values() -> list[int]:
    """The numbers of lines that give one value to one key."""
    return [n for n, line in enumerate(LINES) if ": " in line.split("#")[0] and not line.lstrip().startswith("#")]


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(places_of_values()), VALUES, st.booleans()), min_size=1, max_size=3))
def test_the_example_with_other_values_is(changes: list[tuple[int, str, bool]]) -> None:
    lines = list(LINES)
    for at, value, quoted in changes:
        key = lines[at].split(": ")[0]
        lines[at] = f"{key}: '{value.replace(chr(39), chr(39) * 2)}'" if quoted else f"{key}: {value}"
    judge("\n".join(lines))


@settings(max_examples=60)
@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_the_example_with_lines_moved_doubled_or_gone_is(chance: random.Random, times: int) -> None:
    lines = list(LINES)
    for _ in range(times):
        at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
        line = lines[at] if chance.random() < 0.3 else lines.pop(at)
        if chance.random() < 0.7:
            lines.insert(to, line)
    judge("\n".join(lines))


def test_the_same_text_gives_the_same_problems() -> None:
    text = EXAMPLE.replace("every: 60s", "every: never").replace("GET", "G ET").replace("to: [hook]", "to: [hok]")
    first, second = outcome(text), outcome(text)
    assert isinstance(first, ConfigError)
    assert isinstance(second, ConfigError)
    assert first.problems == second.problems
