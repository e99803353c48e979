"""What the program makes of words: right ones, wrong ones, and a config that is not there or not right."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.program import COMMAND, PATIENCE, Setting, Site, free_port
from tui_monitor import __version__
from tui_monitor.cli import VERBS, asking, main
from tui_monitor.cli.exits import Exit

LATER = ["serve"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No config is found by chance."""
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "empty"))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)


def test_the_exit_codes_are_the_documented_ones() -> None:
    names = Exit.__members__
    assert {name: int(code) for name, code in names.items()} == {
        "FINE": 0, "NOT_OPERATIONAL": 1, "REFUSED": 1, "BAD_USAGE": 2, "NO_ENGINE": 3, "INTERRUPTED": 130,
    }  # fmt: skip


def test_the_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"tui-monitor {__version__}\n"


def test_help_names_every_command_and_none_that_is_to_come(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    words = capsys.readouterr().out.split()
    assert set(VERBS) <= set(words)
    assert not set(LATER) & set(words)


@pytest.mark.parametrize(
    ("words", "said", "unsaid"),
    [
        (["deliveries"], "List what has not reached its destination, and why.", "was told"),
        (["incidents", "show"], "who was told and who is yet to be", ""),
        (["validate"], "or how soon each outage is found", ""),
        (["deliveries", "drop"], "a delivery, or the beginning of its id", ""),
        (["silence"], "a service, group:NAME, tag:NAME or all", ""),
        (["maintenance", "start"], '22:00, "tomorrow 03:00", +2h or RFC 3339, in the zone of the board', ""),
        (["simulate"], "(default 2m)", ""),
        (["ping"], "- takes the end of what comes in on stdin", ""),
    ],
)
def test_help_says_what_a_command_shows_and_nothing_else(
    words: list[str], said: str, unsaid: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert said in text
    assert not unsaid or unsaid not in text


@pytest.mark.parametrize("verb", LATER)
def test_a_command_that_is_to_come_is_bad_usage(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb]) == 2
    assert "there is no command" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["stauts"], "did you mean stats or status?"),
        (["xyzzy"], "there are init, import, check, validate"),
        (["ack"], "required: ID"),
        (["note", "x"], "required: TEXT"),
        (["recheck"], "required: NAME"),
        (["status", "--jsn"], "unrecognized arguments: --jsn"),
        (["--frob"], "unrecognized arguments: --frob"),
        (["status", "x"], "unrecognized arguments: x"),
        (["-c"], "expected one argument"),
        (["--no-tui", "status"], "take no command"),
        (["--demo", "ack", "x"], "take no command"),
        (["--theme", "dark", "status"], "take no command"),
        (["--no-tui", "--read-only"], "--no-tui has none"),
        (["--demo", "-c", "x.yaml"], "a config of its own"),
        (["incidents", "shw", "x"], "did you mean show?"),
        (["deliveries", "kill", "x"], "there are retry, drop"),
        (["stats", "--since", "soon"], "is not a duration"),
        (["stats", "--since", "0"], "above zero"),
        (["stats", "--since", "999999d"], "below a hundred years"),
        (["report", "--since", "soon"], "is not a duration"),
        (["report", "-o"], "expected one argument"),
        (["silence", "web"], "say why, for whoever wonders: -m TEXT"),
        (["silence", "web", "-m", "  "], "say why"),
        (["silence", "web", "-m", "x"], "say for how long: --for 2h"),
        (["silence", "--for", "2h"], "say what is to be silent: a service, group:NAME, tag:NAME or all"),
        (["silence", "web", "-m", "x", "--for", "soon"], "--for: 'soon' is not a duration"),
        (["silence", "web", "-m", "x", "--for", "-1h"], "expected one argument"),
        (["silence", "web", "-m", "x", "--for=-1h"], "is not a duration"),
        (["silence", "web", "-m", "x", "--for", "0"], "--for: name a time above zero"),
        (["silence", "web", "-m", "x" * 5001, "--for", "1h"], "5,000 are kept"),
        (["unsilence"], "required: ID"),
        (["maintenance", "begin"], "there are list, start, end"),
        (["maintenance", "stat"], "did you mean start?"),
        (["maintenance", "start"], "required: TARGET"),
        (["maintenance", "start", "web"], "say why"),
        (["maintenance", "start", "web", "-m", "x"], "say for how long: --for 2h"),
        (["maintenance", "end"], "required: ID"),
        (["test-mode", "maybe"], "test mode is switched on or off, not 'maybe'"),
        (["simulate", "web"], "say what 'web' is to look like: operational, maintenance, degraded"),
        (["simulate", "web", "mayor"], "there is no status 'mayor'; did you mean major?"),
        (["simulate", "web", "xyzzy"], "there is no status 'xyzzy'; there are operational"),
        (["simulate", "web", "major", "--for", "0s"], "--for: name a time above zero"),
        (["reload", "x"], "unrecognized arguments: x"),
        (["ping"], "required: NAME"),
        (["ping", "web", "--start", "--fail"], "not allowed with argument --start"),
        (["ping", "web", "--fail", "--code", "1"], "not allowed with argument --fail"),
        (["ping", "web", "--code", "x"], "--code: an exit code is a number from 0 to 255, not 'x'"),
        (["ping", "web", "--code", "256"], "from 0 to 255"),
        (["ping", "web", "--code", "\u0663"], "from 0 to 255"),
        (["ping", "web", "--code", "9" * 5000], "from 0 to 255"),
    ],
)
def test_bad_usage_is_one_sentence_that_helps(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err


NEEDED = {"ack": ["x"], "resolve": ["x"], "note": ["x", "y"], "recheck": ["x"], "unsilence": ["x"], "ping": ["x"]}
NEEDED |= {"notify": ["x", "y"], "ticket": ["x"]}
"""What a verb does not go without."""


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"schema", "vendors", "init", "import"}))
def test_without_a_config_every_command_says_how_to_name_one(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, *NEEDED.get(verb, [])]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("there is no config: write one with tui-monitor init, or name one by -c FILE")


@pytest.mark.parametrize("words", [["status"], ["ack", "x"], ["--no-tui"], ["validate"], ["check"]])
def test_a_config_that_is_named_and_not_there_is_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "-c", "nowhere.yaml"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "nowhere.yaml" in err


@pytest.mark.parametrize(
    "words", [["status"], ["ack", "x"], ["--no-tui"], ["validate"], ["check"], ["stats"], ["deliveries"], []]
)
@pytest.mark.parametrize(("make", "kind"), [(os.mkdir, "a folder"), (os.mkfifo, "a pipe")])
def test_a_config_that_is_no_file_is_told_at_once(
    words: list[str], make: Callable[[Path], None], kind: str, tmp_path: Path
) -> None:
    make(tmp_path / "thing")
    done = subprocess.run(
        [*COMMAND, *words, "-c", str(tmp_path / "thing")], capture_output=True, text=True, timeout=PATIENCE
    )
    said = f"{tmp_path}/thing: this is {kind}, and a config is a file\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


@pytest.mark.parametrize(
    "words", [["-c", "FILE", "ack", "x"], ["ack", "x", "-c", "FILE"], ["ack", "-c", "FILE", "x"]]
)
def test_the_config_is_named_before_the_verb_or_after_it(
    words: list[str], setting: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(setting.config) if word == "FILE" else word for word in words]) == 3
    assert (
        capsys.readouterr().err == "tui-monitor: no engine runs on this state: start one with tui-monitor --no-tui\n"
    )


@pytest.mark.parametrize("words", [["note", "x"], ["ack", "x", "-m"], ["resolve", "x", "-m"]])
def test_words_that_would_be_cut_are_refused_before_anybody_is_asked(
    words: list[str], setting: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "é" * 5000, "-c", str(setting.config)]) == 3
    assert main([*words, "é" * 5001, "-c", str(setting.config)]) == 2
    said = "the text is 5,001 characters long, and 5,000 are kept: shorten it"
    assert capsys.readouterr().err.splitlines()[1:] == [f"tui-monitor: {said}"]


@pytest.mark.parametrize("words", [["--debug", "ack", "x"], ["ack", "x", "--debug"]])
def test_only_debug_shows_a_traceback(words: list[str], setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-c", str(setting.config), *words]) == 3
    assert "Traceback" in capsys.readouterr().err


def test_the_environment_names_the_config_too(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUI_MONITOR_CONFIG", str(setting.config))
    assert main(["validate"]) == 0
    assert str(setting.config) in capsys.readouterr().err


def test_the_config_of_this_folder_is_taken(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(setting.folder)
    assert main(["validate"]) == 0
    assert "config.yaml" in capsys.readouterr().err


def test_a_right_config_says_how_soon_each_outage_is_found(
    setting: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", "-c", str(setting.config)]) == 0
    out, err = capsys.readouterr()
    shop, gone = out.splitlines()
    assert shop.startswith("Shop [/red] é: http every 300 ms; an outage is found within 1.6 s")
    assert gone.startswith("Gone: tcp every 300 ms")
    assert err.endswith("is right: 2 services, 2 destinations.\n")


def test_a_large_config_is_told_of_in_few_lines_with_the_verdict_last(tmp_path: Path) -> None:
    rows = "".join(f"  - {{name: S{n}, tcp: {{host: x, port: 1}}}}\n" for n in range(1234))
    large = Setting(tmp_path / "large", "services:\n" + rows)
    done = subprocess.run(
        [*COMMAND, "validate", "-c", str(large.config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
    )
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines[:50]] == [f"S{n}" for n in range(50)]
    verdict = f"{large.config} is right: 1,234 services, 0 destinations."
    note = "note: nobody will be told of anything: there are no destinations"
    assert lines[50:] == ["and 1,184 more (--json lists them all)", note, verdict]


def test_of_what_goes_by_others_it_is_said_what_its_outage_is_counted_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        """
services:
  - {name: Job, heartbeat: {period: 1h}}
  - {name: Both, group: {all: [Job]}}
"""
    )
    assert main(["validate", "-c", str(config)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Job: heartbeat; a sign that does not come is found within 16 s after its grace",
        "Both: group every 10 s; an outage is found within 11 s after its members' own",
    ]


def test_a_right_config_is_one_document_for_scripts(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--json", "-c", str(setting.config)]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert err == ""
    assert found["file"] == str(setting.config)
    assert found["problems"] == []
    assert found["destinations"] == ["hook", "nobody"]
    shop = {"id": "shop", "name": "Shop [/red] é", "kind": "http", "every": 0.3}
    assert found["services"][0] == {**shop, "detection": 1.6, "detection_of_hang": 5.35}


def test_a_wrong_config_is_one_document_for_scripts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = Setting(tmp_path / "wrong", "services:\n  - name: A\n    tcp: {host: x, port: y}\n")
    assert main(["validate", "--json", "-c", str(wrong.config)]) == 2
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert err == ""
    assert found["services"] == found["destinations"] == []
    (problem,) = found["problems"]
    assert problem.keys() == {"file", "line", "column", "path", "text"}
    assert (problem["file"], problem["line"], problem["path"]) == (str(wrong.config), 3, "services[0].tcp.port")
    assert main(["validate", "--json", "-c", "nowhere.yaml"]) == 2
    (missing,) = json.loads(capsys.readouterr().out)["problems"]
    assert (missing["line"], missing["path"]) == (None, "")


@pytest.mark.parametrize("words", [["validate"], ["check"], ["--no-tui"]])
def test_every_problem_of_a_wrong_config_is_told_at_once(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = Setting(
        tmp_path / "wrong", "services:\n  - name: A\n    htp: {}\n  - nam: B\n    tcp: {host: x, port: y}\n"
    )
    assert main([*words, "-c", str(wrong.config)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) >= 3
    assert all(line.startswith(f"{wrong.config}:") for line in err.splitlines())
    assert "did you mean 'http'" in err


def test_the_schema_is_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].startswith("https://json-schema.org/")


def test_a_check_of_all_tells_by_its_exit_code_that_one_is_down(
    setting: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "-c", str(setting.config), "--json"]) == 1
    shop, gone = json.loads(capsys.readouterr().out)
    fixed = {"id", "name", "status", "message", "latency", "phases", "incidents", "maintenances"}
    documented = fixed | {"measures", "certificate_until"}
    assert documented == shop.keys() == gone.keys()
    assert (shop["id"], shop["status"], gone["status"]) == ("shop", "operational", "major")
    assert shop["phases"].keys() == {"dns", "connect", "tls", "first_byte", "total"}
    assert shop["latency"] > 0
    assert gone["message"] == "the connection was refused"


@pytest.mark.parametrize("name", ["shop", "Shop [/red] é", "SHOP [/RED] É"])
def test_a_check_of_one_that_is_well_is_fine(name: str, setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", name, name, "-c", str(setting.config)]) == 0
    assert capsys.readouterr().out.count("operational") == 1


def test_a_check_of_a_name_that_is_not_there_suggests_another(
    setting: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "gine", "-c", str(setting.config)]) == 2
    assert capsys.readouterr().err == "tui-monitor: there is no service 'gine' in the config; did you mean 'Gone'?\n"


def test_no_rubbish_on_the_command_line_is_a_crash(
    setting: Setting, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words from a bag, a few hundred times: always an exit code of ours, never a traceback, never silence."""
    monkeypatch.setenv("TUI_MONITOR_CONFIG", str(setting.config))
    bag = [*sorted(set(VERBS) - {"check"}), "show", "retry", "--json", "--all", "--since", "-m", "-c", "--debug"]
    bag += ["list", "start", "end", "off", "major", "--for", "--at", "2h", "--fail", "--code"]
    bag += ["", "x", "-", "--", "-1", "é\x1b[31m", "[/]", "\udcff", "%s", "{}", "--json=1", "@file", "nowhere"]
    dice = random.Random(7)
    for _ in range(300):
        words = [dice.choice(bag) for _ in range(dice.randint(1, 5))]
        if words[0] not in VERBS:
            words.insert(0, dice.choice(["status", "incidents", "ack", "deliveries"]))
        code = main(words)
        out, err = capsys.readouterr()
        assert code in (0, 1, 2, 3), words
        assert out or err, words
        assert "--debug" in words or "Traceback" not in err, words


def run(*words: str, setting: Setting, **environ: str) -> subprocess.CompletedProcess[bytes]:
    setting.environ = environ
    return subprocess.run(
        [*COMMAND, *words, "-c", str(setting.config)], env=setting.variables, capture_output=True, timeout=PATIENCE
    )


def board_of(*statuses: str) -> dict:
    return {"services": [{"status": status} for status in statuses]}


@pytest.mark.parametrize(
    ("board", "code"),
    [
        (board_of(), 0),
        (board_of("operational", "maintenance"), 0),
        *((board_of("operational", status), 1) for status in ("degraded", "partial", "major", "unknown")),
    ],
)
def test_a_script_learns_from_the_status_whether_anything_is_not_well(board: dict, code: int) -> None:
    assert asking.verdict(board) == code


def test_names_that_the_terminal_cannot_write_are_no_crash(setting: Setting) -> None:
    done = run("check", setting=setting, PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0")
    assert done.returncode == 1, done.stderr
    assert b"o operational" in done.stdout
    assert b"\\xe9" in done.stdout


def test_whoever_stops_reading_gets_no_traceback(setting: Setting) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen(
        [*COMMAND, "schema"], stdout=writing, stderr=subprocess.PIPE, text=True, env=setting.variables
    ) as done:
        os.close(writing)
        _, err = done.communicate(timeout=PATIENCE)
    assert (done.returncode, err) == (0, "")


@pytest.mark.parametrize("words", ["schema", "status -c CONFIG", "--version", "nothing"])
def test_streams_that_the_shell_has_closed_are_no_crash(words: str, setting: Setting) -> None:
    command = f"{sys.executable} -m tui_monitor {words} >&- 2>&- <&-".replace("CONFIG", str(setting.config))
    done = subprocess.run(command, shell=True, env=setting.variables, timeout=PATIENCE)
    assert done.returncode == {"s": 0, "-": 0, "n": 2}[words[0]] if "CONFIG" not in words else 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_disk_that_is_full_is_told_in_a_sentence(setting: Setting) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "schema"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=setting.variables,
            timeout=PATIENCE,
        )
    assert (done.returncode, done.stderr) == (1, "tui-monitor: the system refuses: No space left on device\n")


def test_what_the_system_refuses_is_told_with_the_file_that_it_is_about(setting: Setting) -> None:
    elsewhere = {**setting.variables, "TUI_MONITOR_HOME": f"/tmp/{'x' * 300}"}
    words = [*COMMAND, "status", "-c", str(setting.config)]
    done = subprocess.run(words, capture_output=True, text=True, env=elsewhere, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("tui-monitor: the system refuses: /tmp/xxx")
    assert done.stderr.endswith("/store.db: File name too long\n")


def test_a_fault_of_ours_is_one_sentence_without_its_text() -> None:
    program = "import tui_monitor.cli as c; c._run = lambda words: {}['hunter22']; raise SystemExit(c.main(['x']))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "KeyError" in done.stderr
    assert "hunter22" not in done.stderr


def test_a_check_of_many_looks_at_each_once(tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"  - {{name: S{n}, tcp: {{host: 127.0.0.1, port: {free_port()}}}}}\n" for n in range(30))
    many = Setting(tmp_path / "many", "services:\n" + rows)
    assert main(["check", "--json", "-c", str(many.config)]) == 1
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == [f"s{n}" for n in range(30)]
