"""What holds for every format and any source: it is taken or refused in sentences, and nothing is lost unsaid."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.config.imports.small import HERE, made
from tests.config.imports.test_asl import FULL as ASL
from tests.config.imports.test_cachet import FULL as PAGE
from tests.config.imports.test_cachet_url_monitor import FULL as CACHET
from tests.config.imports.test_gatus import KINDS
from tests.config.imports.test_gatus_alerts import ALERTED
from tests.config.imports.test_server_status_check import FULL as STATUS
from tui_monitor.config.imports import FORMATS, carry_over
from tui_monitor.config.reader import read
from tui_monitor.core.errors import ConfigError
from tui_monitor.core.text import clean

GATUS = f"""{ALERTED}{KINDS.partition(chr(10))[2]}\
external-endpoints:
  - {{name: job, group: core, token: t, heartbeat: {{interval: 30m}}, alerts: [{{type: slack}}]}}
maintenance: {{start: 23:00, duration: 1h, timezone: Europe/Amsterdam, every: [Monday]}}
connectivity: {{checker: {{target: 192.0.2.1:53, interval: 60s}}}}
ui: {{title: Ours}}
"""
SAMPLES = {"asl": ASL, "cachet": PAGE, "cachet-url-monitor": CACHET, "gatus": GATUS, "server-status-check": STATUS}
"""A config of each program with every option that it documents."""

FREE = {"header", "headers", "params", "placeholders"}
"""Mappings in which any name may stand."""

Place = tuple[str | int, ...]


def test_there_is_a_sample_of_every_format():
    assert SAMPLES.keys() == FORMATS.keys()


# -- nothing is lost unsaid -----------------------------------------------------------------------------------------


def mappings(value: Any, place: Place = ()) -> Iterator[Place]:
    if isinstance(value, dict):
        yield place
        for key, one in value.items():
            if key not in FREE:
                yield from mappings(one, (*place, key))
    elif isinstance(value, list):
        for n, one in enumerate(value):
            yield from mappings(one, (*place, n))


def at(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


EVERYWHERE = [(form, place) for form, text in SAMPLES.items() for place in mappings(yaml.safe_load(text))]


@pytest.mark.parametrize(("form", "place"), EVERYWHERE, ids=lambda one: one if isinstance(one, str) else str(one))
def test_a_key_that_nobody_knows_is_told_wherever_it_stands(form: str, place: Place):
    tree = yaml.safe_load(SAMPLES[form])
    at(tree, place)["nobody-knows"] = 1
    text = yaml.safe_dump(tree, sort_keys=False)
    found = made(form, text, MAIL="x")
    (line,) = [n for n, one in enumerate(text.split("\n"), 1) if "nobody-knows" in one]
    line = 0 if FORMATS[form].fetch else line
    told = [one for one in found.imported.left if one.path.endswith("nobody-knows")]
    holders = ["", *(spell(place[:n]) for n in range(1, len(place) + 1))]
    whole = [one for one in found.imported.left if one.path and one.path in holders]
    assert (told and told[0].line == line) or whole


def spell(place: Place) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")


@pytest.mark.parametrize("form", SAMPLES)
def test_what_is_told_stands_in_the_config_too_with_its_line(form: str):
    found = made(form, SAMPLES[form], MAIL="x")
    comments = " ".join(line.strip().lstrip("# ") for line in found.text.split("\n") if line.lstrip().startswith("#"))
    for left in found.imported.left:
        assert left.reason in comments
        assert f"line {left.line}" in comments if left.line else FORMATS[form].fetch


@pytest.mark.parametrize("form", SAMPLES)
def test_no_secret_of_a_source_is_said(form: str):
    found = made(form, SAMPLES[form], MAIL="x")
    comments = "".join(line for line in found.text.split("\n") if line.lstrip().startswith("#"))
    assert "s3cr3t" not in comments + "".join(map(str, found.imported.left))


@pytest.mark.parametrize("form", SAMPLES)
def test_the_same_source_gives_the_same_config(form: str):
    texts = {carry_over(form, SAMPLES[form].encode(), "x", {}, HERE).text for _ in range(3)}
    assert len(texts) == 1


# -- anything may stand in a source ---------------------------------------------------------------------------------

SHARDS = st.sampled_from(
    (
        *(
            "{}[]:|>'#?%\\\t\n\0\x7f\u2028\U0001f600",
            '"',
            ": ",
            "- ",
            "&a ",
            "*a",
            "<<: ",
            "!!binary ",
            "${",
            "$$",
            "${A}",
        ),
        *(
            "~",
            "null",
            "-1",
            "0",
            "1e999",
            ".nan",
            "9" * 400,
            "2.5",
            "yes",
            "{name}",
            "{0}",
            "{{",
            "}}",
            "é",
            "\ue000A\ue001",
        ),
        *(
            "http://[",
            "http://a b",
            "tcp://",
            "icmp://",
            "dns",
            "(a+)+$",
            "[BODY]",
            " == ",
            "pat(",
            "any(",
            "[x",
            "0x",
        ),
        *("2024-01-01", "12:30", "1_000", "0o7", "[STATUS] < -", "len(", "age(", "200-", "-200", "1h-", "99999999h"),
    )
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), SHARDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6) | SHARDS, inner, max_size=3),
    max_leaves=6,
)


def judge(form: str, raw: bytes) -> None:
    """A config that our reader takes, or problems; no other error, and no line that is none."""
    try:
        found = carry_over(form, raw, "theirs.yaml", {}, HERE)
    except ConfigError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.text
            assert problem.file == "theirs.yaml"
            assert "\n" not in str(problem)
        return
    assert found.services
    for left in found.left:
        assert left.line == 0 if FORMATS[form].fetch else left.line >= 1
        assert clean(str(left), 100_000) == str(left).strip()
    environ = {name: value for name in found.needs for value in ("200",)}
    try:
        read(found.text, "ours.yaml", environ, HERE)
    except ConfigError as error:
        assert found.needs, error  # a variable may have to look like an address
        told = "must|not|begin|address|url|URL|mail"
        assert any(word in str(error) for word in told.split("|"))


@pytest.mark.parametrize("form", SAMPLES)
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_value_at_any_place_is_taken_or_told(form: str, data: st.DataObject):
    tree = yaml.safe_load(SAMPLES[form])
    for _ in range(data.draw(st.integers(1, 3))):
        holder = at(tree, data.draw(st.sampled_from(list(mappings(tree)))))
        if holder:
            key = data.draw(st.sampled_from(sorted(holder, key=str)))
            holder[key] = copy.deepcopy(data.draw(VALUES))
    judge(form, yaml.safe_dump(tree, sort_keys=False, allow_unicode=data.draw(st.booleans())).encode())


@pytest.mark.parametrize("form", SAMPLES)
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_text_that_was_damaged_is_taken_or_told(form: str, data: st.DataObject):
    text = SAMPLES[form]
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 20)))
        text = text[:start] + data.draw(SHARDS | st.text(max_size=4)) + text[end:]
    judge(form, text.encode(errors="replace"))


@pytest.mark.parametrize("form", SAMPLES)
@given(raw=st.binary(max_size=60))
def test_any_bytes_are_taken_or_told(form: str, raw: bytes):
    judge(form, raw)


@pytest.mark.parametrize("form", SAMPLES)
def test_thousands_of_services_are_carried_over_at_once(form: str):
    many = {
        "asl": "services:\n" + "".join(f"  - {{name: s{n}, url: http://a.example/{n}}}\n" for n in range(2000)),
        "cachet-url-monitor": "endpoints:\n"
        + "".join(f"  - {{name: s{n}, url: http://a.example/{n}, component_id: {n}}}\n" for n in range(2000)),
        "cachet": "url: http://a.example\ncomponents:\n"
        + "".join(f"  {n}: {{name: s{n}, link: http://a.example/{n}}}\n" for n in range(1, 2001)),
        "gatus": "endpoints:\n"
        + "".join(
            f"  - {{name: s{n}, url: http://a.example/{n}, conditions: ['[STATUS] == 200']}}\n" for n in range(2000)
        ),
        "server-status-check": "servers:\n"
        + "".join(f"  s{n}: {{name: s{n}, adress: http://a.example/{n}}}\n" for n in range(2000)),
    }[form]
    assert carry_over(form, many.encode(), "x", {}, HERE).services == 2000


def test_a_few_lines_that_mean_a_billion_values_are_refused():
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    names = "abcdefghij"
    for before, name in itertools.pairwise(names):
        bomb += f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    with pytest.raises(ConfigError, match="more than 1,000,000 values"):
        made("gatus", bomb)
