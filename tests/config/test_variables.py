"""`${VAR}` in values, and the `.env` beside a config."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.small import ONE, plan_of, problems_of
from tui_monitor import config
from tui_monitor.config.variables import parse_env, replace
from tui_monitor.core.errors import ConfigError
from tui_monitor.core.secret import Secret

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
VALUES = st.text(max_size=20)


def test_a_variable_may_stand_in_any_value_also_where_no_text_is_wanted() -> None:
    plan = plan_of(
        """
board: {title: "${TEAM} and ${TEAM}"}
services:
  - {name: A, critical: "${YES}", down_after: "${N:-4}", every: "${EVERY:-30s}",
     port: {host: "${HOST:-h}", port: "${P}"}}
""",
        TEAM="us",
        YES="true",
        P="80",
    )
    (service,) = plan.services
    assert plan.title == "us and us"
    assert (service.critical, service.patience.down_after, service.every) == (True, 4, 30.0)
    assert (service.check.host, service.check.port) == ("h", 80)


def test_a_value_from_the_environment_adds_nothing_but_a_text() -> None:
    plan = plan_of(ONE + "board:\n  title: ${T}\n", T="x}\nstore: {keep_looks: 1d}\n#")
    assert plan.title == "x} store: {keep_looks: 1d} #"
    assert plan.keep_looks == 30 * 86400.0


def test_a_variable_keeps_the_type_that_it_would_have_had_unquoted() -> None:
    text = "services:\n  - name: A\n    odd:\n      from: a\n      whatever: {0}\n      scalar: {0}\n"
    plain, quoted = (plan_of(text.format(one), N="3").services[0].check for one in ("${N}", "'${N}'"))
    assert (plain.whatever, plain.scalar) == (3, 3)
    assert (quoted.whatever, quoted.scalar) == ("3", "3")


def test_what_is_not_set_or_not_understood_is_told_with_its_line() -> None:
    text = ONE + "board:\n  title: ${NOPE} ${NOPE}\n  timezone: ${1BAD}\nengine:\n  settle: ${A:-3s\n"
    text += "destinations: {h: {hook: {url: '${GONE}'}}}\n"
    wrong = "a ${ that is not ${NAME} or ${NAME:-default}: write $${ to mean the characters"
    assert problems_of(text, A="1s") == [
        "4: board.title: the environment variable NOPE is not set: set it, or write ${NOPE:-default}",
        f"5: board.timezone: {wrong}",
        f"7: engine.settle: {wrong}",
        "8: destinations.h.hook.url: the environment variable GONE is not set: set it, or write ${GONE:-default}",
    ]


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("$${A}", "${A}"),
        ("$$${A}", "$${A}"),
        ("$A $", "$A $"),
        ("${A}${A}", "aa"),
        ("${E:-x}", "x"),
        ("${E}", ""),
        ("${NO:-}", ""),
        ("${NO:-a b:c}", "a b:c"),
        ("${A:-x}}", "a}"),
        ("{a}", "{a}"),
    ],
)
def test_variables_are_replaced_as_a_shell_would(text: str, filled: str) -> None:
    assert replace(text, {"A": "a", "E": ""}) == (filled, [])


@given(NAMES, VALUES, VALUES.filter(lambda text: "$" not in text), VALUES.filter(lambda text: "$" not in text))
def test_only_the_variable_changes_and_its_value_is_never_read_again(name: str, value: str, a: str, b: str) -> None:
    assert replace(f"{a}${{{name}}}{b}", {name: value}) == (f"{a}{value}{b}", [])


@given(st.text(max_size=40))
def test_a_text_that_is_escaped_comes_out_as_it_was(text: str) -> None:
    assert replace(text.replace("${", "$${"), {}) == (text, []) or "$$" in text


@given(NAMES, VALUES.filter(lambda text: "}" not in text))
def test_a_default_counts_only_where_nothing_is_set(name: str, default: str) -> None:
    assert replace(f"${{{name}:-{default}}}", {}) == (default, [])
    assert replace(f"${{{name}:-{default}}}", {name: "set"}) == ("set", [])


ENV = """# a comment
export A=1
B = two words  # not this
C='single # $kept ${A}'
D="a\\nb \\"q\\" ${A}" # gone
E=
F=a#b
  G="x"
H=a=b
"""


def test_an_env_file_reads_as_people_write_them() -> None:
    values, problems = parse_env(ENV, ".env")
    assert problems == []
    assert values == {
        "A": "1",
        "B": "two words",
        "C": "single # $kept ${A}",
        "D": 'a\nb "q" ${A}',
        "E": "",
        "F": "a#b",
        "G": "x",
        "H": "a=b",
    }


def test_a_wrong_line_of_an_env_file_is_told_without_its_value(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('A=1\nhunter2hunter2\nB=\'hunter2hunter2\nC="x" hunter2hunter2\n')
    (tmp_path / "config.yaml").write_text(ONE)
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path / "config.yaml", {})
    assert [(one.line, one.text) for one in caught.value.problems[:3]] == [
        (2, "must read NAME=value"),
        (3, "the quote is not closed"),
        (4, "the quote is not closed"),
    ]
    assert "hunter2" not in str(caught.value)


def test_the_env_file_beside_the_config_is_read_and_the_real_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=from file\nB=from file\n")
    path = tmp_path / "config.yaml"
    path.write_text('board: {title: "${A}, ${B}"}\nservices: [{name: A, http: {url: http://a.example}}]\n')
    assert config.load(path, {"B": "from outside"}).title == "from file, from outside"


def test_an_env_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff")
    path = tmp_path / "config.yaml"
    path.write_text("services: [{name: A, http: {url: http://a.example}}]\n")
    with pytest.raises(ConfigError, match=r"\.env: is not UTF-8 text"):
        config.load(path, {})


@given(st.text(max_size=200))
def test_any_env_file_gives_values_and_problems_and_nothing_else(text: str) -> None:
    values, problems = parse_env(text, ".env")
    assert len(values) + len(problems) <= text.count("\n") + 1


def test_a_piece_from_the_environment_inside_a_secret_is_a_secret_too() -> None:
    plan = plan_of(
        "services: [{name: A, web: {url: http://a, headers: {Authorization: 'Bearer ${T}', Accept: text/plain}}}]",
        T="tok-12345",
    )
    headers = plan.services[0].check.headers
    assert headers == {"Authorization": Secret("Bearer tok-12345"), "Accept": "text/plain"}
    assert set(plan.secrets) == {Secret("Bearer tok-12345"), Secret("tok-12345")}
