"""`command` from the outside: exit codes, plug-ins of Nagios, their figures, and what is expected of the output."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_monitor.checks.command import Command
from tui_monitor.checks.craft.output import MOST_MEASURES, Words, read_measures, split_plugin
from tui_monitor.config import load, read
from tui_monitor.core.errors import ConfigError, Unreachable, Unreadable
from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean
from tui_monitor.net import Ended, Way


async def look(way: Way, script: str, **options) -> Reading:
    check = Command(script, shell=True, **options)
    return check.judge(await check.look(way))


def judge(code: int = 0, out: str = "", err: str = "", **options) -> Reading:
    is_cut = options.pop("is_cut", False)
    return Command(("program",), **options).judge(Ended(code, out.encode(), err.encode(), 0.5, is_cut))


# -- exit codes ---------------------------------------------------------------------------------------------------


async def test_a_program_that_ends_well_is_operational(way: Way):
    check = Command(("echo", "all is well"))
    reading = check.judge(await check.look(way))
    assert (reading.status, reading.message, reading.cause) == (Status.OPERATIONAL, "all is well", "")
    assert reading.latency is not None
    assert 0 < reading.latency < 10


async def test_a_program_that_fails_is_down_and_its_last_words_say_why(way: Way):
    reading = await look(way, "echo starting; echo one >&2; echo disk is full >&2; echo >&2; exit 3")
    assert (reading.status, reading.message, reading.cause) == (
        Status.MAJOR,
        "exit code 3: disk is full",
        "exit code 3",
    )


async def test_a_program_that_is_killed_is_down(way: Way):
    reading = await look(way, "kill -SEGV $$")
    assert (reading.status, reading.message, reading.cause) == (
        Status.MAJOR,
        "killed by SIGSEGV",
        "killed by SIGSEGV",
    )


async def test_what_a_shell_cannot_run_says_nothing_of_the_service(way: Way):
    reading = await look(way, "no-such-program-here")
    assert reading.status is Status.UNKNOWN
    assert reading.message.startswith("exit code 127: ")
    assert (await look(way, "exit 126")).status is Status.UNKNOWN
    assert (await look(way, "exit 127", exit_codes={127: "partial"})).status is Status.PARTIAL
    assert judge(127).status is Status.MAJOR


async def test_a_program_that_cannot_be_started_is_unknown_for_a_reason(way: Way):
    with pytest.raises(Unreadable, match="there is no program check_nothing in"):
        await Command(("check_nothing",)).look(way)


async def test_a_program_that_takes_too_long_has_failed(way: Way):
    with pytest.raises(Unreachable, match="not finished within 50 ms") as caught:
        await Command(("sleep", "1000")).look(Way(way.net, 0.05))
    assert caught.value.cause == "timeout"


def test_an_exit_code_may_mean_what_one_likes():
    codes = {0: "unknown", 1: "operational", 2: "maintenance", 3: "degraded"}
    assert [judge(code, exit_codes=codes).status for code in range(5)] == [
        Status.UNKNOWN,
        Status.OPERATIONAL,
        Status.MAINTENANCE,
        Status.DEGRADED,
        Status.MAJOR,
    ]
    assert judge(2, nagios=True, exit_codes={2: "partial"}).status is Status.PARTIAL
    assert judge(1, "fine\n", exit_codes=codes).message == "fine"


def test_a_secret_that_is_repeated_is_not_shown():
    for options in ({"env": {"KEY": Secret("sesame")}}, {"input": Secret("sesame")}):
        for code in (0, 1):
            reading = judge(code, "open sesame", "with sesame", **options)
            assert "sesame" not in reading.message
            assert "***" in reading.message


def test_what_is_said_is_made_harmless():
    assert judge(0, "\x1b[31mred\x07\n").message == "[31mred"
    assert len(judge(1, "", "x" * 60_000).message) < 300
    assert judge(0, "", "warning only").message == "exit code 0"


# -- plug-ins of Nagios -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (0, Status.OPERATIONAL),
        (1, Status.DEGRADED),
        (2, Status.MAJOR),
        (3, Status.UNKNOWN),
        (4, Status.UNKNOWN),
        (127, Status.UNKNOWN),
        (-signal.SIGSEGV, Status.UNKNOWN),
    ],
)
def test_a_plug_in_has_codes_of_its_own(code: int, status: Status):
    reading = judge(code, "DISK - 5 % free | /=2643MB;5948;5958;0;5968", nagios=True)
    assert (reading.status, reading.message) == (status, "DISK - 5 % free")
    assert reading.measures == (Measure("/", 2643.0, "MB"),)
    assert bool(reading.cause) is bool(code)


LONG = """DISK OK - free space: / 3326 MB (56%); | /=2643MB;5948;5958;0;5968
/ 15272 MB (77%);
/boot 68 MB (69%);
/var/log 819 MB (84%); | /boot=68MB;88;93;0;98
/home=69357MB;253404;253409;0;253414
/var/log=818MB;970;975;0;980
"""


def test_long_text_is_left_out_and_its_figures_are_not():
    message, measures = split_plugin(LONG)
    assert message == "DISK OK - free space: / 3326 MB (56%);"
    assert [(one.name, one.value) for one in measures] == [
        ("/", 2643.0),
        ("/boot", 68.0),
        ("/home", 69357.0),
        ("/var/log", 818.0),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1", [("a", 1, "")]),
        ("rta=0.80ms;100;200;0 pl=0%;20;60;;100", [("rta", 0.8, "ms"), ("pl", 0, "%")]),
        ("'free space'=5B 'it''s'=1 ''=3", [("free space", 5, "B"), ("it's", 1, "")]),
        ("'a=b'=2c", [("a=b", 2, "c")]),
        ("time=1,5s", [("time", 1.5, "s")]),
        ("a=1.234,5 b=1,234.5 c=1,234,567", [("a", 1234.5, ""), ("b", 1234.5, ""), ("c", 1234567, "")]),
        ("a=-1.5e3us;~:5;@1:2", [("a", -1500, "us")]),
        ("a=U;1;2 b=2", [("b", 2, "")]),
        ("a=;1;2 b= c=.5", [("c", 0.5, "")]),
        ("junk a=1 'open b=2", [("a", 1, ""), ("b", 2, "")]),
        ("nonsense , a=1x=2 b=3 c", [("b", 3, "")]),
        ("a=1..2 b=1e999 c=nan d=4", [("d", 4, "")]),
        ("'x\ny'=1\n\tz=2MB\r\n", [("x y", 1, ""), ("z", 2, "MB")]),
    ],
)
def test_figures_are_read_as_they_are_written(text: str, expected: list):
    assert [(one.name, one.value, one.unit) for one in read_measures(text)] == expected


def test_there_is_an_end_to_figures():
    assert len(read_measures(" ".join(f"m{n}=1" for n in range(10_000)))) == MOST_MEASURES


@given(st.text(alphabet="ab'= ;,.1eU|\n\t-+%", max_size=200))
def test_any_figures_are_read_or_passed_over(text: str):
    for one in read_measures(text):
        assert one.name
        assert clean(one.name) == one.name
        assert abs(one.value) < float("inf")


@pytest.mark.parametrize(
    "text", ["'" * 65_536, "' " * 32_768, "'a" * 32_768, "a" * 65_536, " " * 65_536, "1," * 32_768]
)
def test_no_figures_take_long(text: str):
    """A pattern that goes back and forth would take minutes."""
    assert read_measures(text) == ()


@pytest.mark.parametrize(
    ("figures", "latency"),
    [("time=1.5s", 1.5), ("time=15ms", 0.015), ("time=15us", 0.000015), ("time=15", None), ("other=1s", None)],
)
def test_the_latency_may_be_one_of_the_figures(figures: str, latency: float | None):
    assert judge(0, f"OK | {figures}", nagios=True, latency="time").latency == pytest.approx(latency)
    assert judge(0, f"OK | {figures}", nagios=True).latency == 0.5


def test_a_plug_in_that_says_nothing_is_still_told_of():
    assert judge(2, "", nagios=True).message == "exit code 2"
    assert judge(2, "\n", "check_x: cannot open", nagios=True).message == "check_x: cannot open"
    assert judge(2, "| a=1", "no", nagios=True).message == "exit code 2: no"


# -- expectations -------------------------------------------------------------------------------------------------


def test_what_must_be_said_and_what_must_not():
    expect = (Words(matches="^ok$"), Words(lacks="(?i)warn", otherwise="degraded"))
    assert judge(0, "ok", expect=expect).status is Status.OPERATIONAL
    missed = judge(0, "no", expect=expect)
    assert (missed.status, missed.message) == (Status.PARTIAL, 'the output does not match "^ok$"')
    assert missed.cause == "matches:^ok$"
    had = judge(0, "ok", "Warning", expect=(expect[1],))
    assert (had.status, had.message, had.cause) == (
        Status.DEGRADED,
        'the output has "(?i)warn" in it',
        "lacks:(?i)warn",
    )
    assert judge(0, "warn", expect=expect).status is Status.PARTIAL


def test_the_worse_of_exit_code_and_expectation_counts():
    expect = (Words(matches="ok", otherwise="partial"),)
    assert judge(1, "no", expect=expect).cause == "exit code 1"
    assert judge(1, "no", expect=expect, exit_codes={1: "degraded"}).status is Status.PARTIAL
    assert judge(3, "no", expect=expect, nagios=True).status is Status.UNKNOWN


def test_what_cannot_be_told_of_the_output_is_unknown():
    slow = judge(0, "x" * 5000, expect=(Words(matches="(x+x+)+y"),))
    assert (slow.status, slow.cause) == (Status.UNKNOWN, "unreadable")
    assert "took too long" in slow.message
    cut = judge(0, "x", is_cut=True, expect=(Words(matches="y"),))
    assert (cut.status, cut.message) == (Status.UNKNOWN, 'there is too much output to tell whether "y" is in it')
    assert judge(0, "y", is_cut=True, expect=(Words(matches="y"),)).status is Status.OPERATIONAL
    assert judge(0, "y", is_cut=True, expect=(Words(lacks="y"),)).status is Status.PARTIAL
    assert judge(1, "x", is_cut=True, expect=(Words(matches="y"),)).status is Status.MAJOR


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "exactly one of matches and lacks"),
        ({"matches": "a", "lacks": "b"}, "exactly one of matches and lacks"),
        ({"matches": ""}, "matches: an empty pattern"),
        ({"lacks": "("}, "lacks: '\\(' is not a regular expression"),
    ],
)
def test_an_expectation_that_is_none_is_refused(options, text):
    with pytest.raises(ValueError, match=text):
        Words(**options)


# -- the config ---------------------------------------------------------------------------------------------------


def of_config(options: str, folder: Path, **environ: str) -> Command:
    text = f"services:\n  - name: A\n    command:\n      {options}\n"
    return read(text, "config.yaml", environ, folder).services[0].check


def test_a_config_says_it_as_people_write_it(tmp_path: Path):
    options = "{run: [sleep, 5], env: {A: 1, KEY: {env: KEY}}, exit_codes: {1: degraded}, expect: [{lacks: x}]}"
    check = of_config(options, tmp_path, KEY="sesame")
    assert check.program.argv == ("sleep", "5")
    assert dict(check.program.env) == {"A": "1", "KEY": "sesame"}
    assert check.exit_codes == {1: "degraded"}
    assert of_config("{run: ls | wc -l, shell: true}", tmp_path).program.argv == ("/bin/sh", "-c", "ls | wc -l")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ("run: ls -l", r"run: a text is for a shell: say shell: true, or write a list"),
        ("run: []", "run: names no program"),
        ("{run: [ls], latency: time}", "latency is a label of performance data"),
        ("{run: [ls], exit_codes: {256: major}}", "exit_codes: 256 is not a number from 0 to 255"),
        ("{run: [ls], exit_codes: {1: down}}", "must be one of operational, .*, not 'down'"),
        ("{run: [ls], expect: [{matches: '('}]}", "is not a regular expression"),
        ("{run: [ls], env: {A=B: c}}", "is not the name of a variable"),
    ],
)
def test_a_config_that_is_wrong_is_told_with_its_line(options: str, text: str, tmp_path: Path):
    with pytest.raises(ConfigError, match=text) as caught:
        of_config(options, tmp_path)
    assert caught.value.problems[0].line in (3, 4)


def test_secrets_of_the_env_file_do_not_reach_the_program_by_themselves(tmp_path: Path):
    (tmp_path / ".env").write_text("API_TOKEN=sesame\n")
    (tmp_path / "config.yaml").write_text(
        "services:\n  - name: A\n    command: {run: [env], env: {MINE: {env: API_TOKEN}}}\n"
    )
    check = load(tmp_path / "config.yaml", {}).services[0].check
    assert "API_TOKEN" not in os.environ
    assert check.program.environment()["MINE"] == "sesame"
    assert "API_TOKEN" not in check.program.environment()
    assert "sesame" not in repr(check)
