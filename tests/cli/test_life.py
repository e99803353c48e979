"""An engine from start to signal, as a process: it answers, ends in time, and its death stands in nobody's way."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from tests.cli.program import COMMAND, PATIENCE, Setting, Site
from tui_monitor.daemon.lock import EngineLock


def is_down(board: dict, service: str) -> bool:
    return any(one["id"] == service and one["incident"] for one in board["services"])


def test_an_engine_answers_and_ends_on_a_signal_with_its_statistics(setting: Setting) -> None:
    with setting.start() as engine:
        engine.until_open()
        setting.until(lambda board: is_down(board, "gone"))
        board = setting.ask("status")
        assert (board["source"], board["title"]) == ("engine", "Shop board")
        assert setting.call("status").returncode == setting.call("status", "--json").returncode == 1
        code, last, took = engine.end()
    assert code == 0, engine.narration
    assert took < 10  # two seconds are promised; a loaded machine gets more before this says that it hangs
    assert re.search(r"^  incidents total +1$", last, re.MULTILINE)
    assert re.search(r"^  incidents active +1$", last, re.MULTILINE)
    assert re.search(r"^  uptime +Gone +0\.00 %$", last, re.MULTILINE)
    assert re.search(r"^  looks made +[1-9]\d* since the engine started$", last, re.MULTILINE)
    assert "mean time to resolve" in last
    assert "Traceback" not in engine.narration


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_either_signal_is_an_orderly_end(setting: Setting, number: signal.Signals) -> None:
    with setting.start() as engine:
        engine.until_open()
        code, last, _ = engine.end(number)
    assert (code, last.splitlines()[0][:10]) == (0, "Statistics")
    assert not setting.places.socket.exists()


def test_a_second_signal_ends_it_at_once(setting: Setting) -> None:
    with setting.start() as engine:
        engine.until_open()
        engine.process.send_signal(signal.SIGSTOP)  # so that it meets both at the same moment
        engine.process.send_signal(signal.SIGTERM)
        engine.process.send_signal(signal.SIGINT)
        code, last, _ = engine.end(signal.SIGCONT)
    assert (code, last) == (130, "")


def test_looks_that_hang_do_not_hold_the_end(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        rows = f"services:\n  - {{name: Silent, every: 60s, timeout: 50s, http: {{url: '{address}'}}}}\n"
        hanging = Setting(tmp_path / "hanging", rows)
        with hanging.start() as engine:
            engine.until_open()
            looking, _ = silent.accept()
            code, _, took = engine.end()
            looking.close()
    assert code == 0
    assert took < 20  # far below the 50 seconds that its look may take


def test_hanging_up_the_terminal_does_not_end_it(setting: Setting) -> None:
    with setting.start() as engine:
        engine.until_open()
        engine.process.send_signal(signal.SIGHUP)
        engine.until_it_says("config read anew")
        assert setting.ask("status")["source"] == "engine"
        assert engine.end()[0] == 0


def test_its_state_is_for_its_owner_alone(setting: Setting) -> None:
    with setting.start() as engine:
        engine.until_open()
        modes = {
            path.relative_to(setting.home).name: stat.S_IMODE(path.stat().st_mode)
            for path in [setting.home, *setting.home.rglob("*")]
        }
        engine.end()
    folders = {name: mode for name, mode in modes.items() if mode & 0o100}
    assert set(folders.values()) == {0o700}
    assert {modes[name] for name in modes if name not in folders} == {0o600}
    assert {"store.db", "engine.sock", "engine.lock", "tui-monitor.log"} <= modes.keys()


def test_a_second_engine_is_refused_and_the_first_goes_on(setting: Setting) -> None:
    with setting.start() as first:
        first.until_open()
        second = setting.call("--no-tui")
        assert second.returncode == 1
        assert second.stdout == ""
        assert f"(process {first.process.pid})" in second.stderr
        assert len(second.stderr.splitlines()) == 1
        assert setting.ask("status")["source"] == "engine"
        assert first.end()[0] == 0


def test_of_two_that_start_at_the_same_moment_exactly_one_runs(setting: Setting) -> None:
    with setting.start() as one, setting.start() as two:
        codes = []
        while not codes:
            codes = [engine.process.poll() for engine in (one, two) if engine.process.poll() is not None]
            setting.call("--version", config=False)  # lets a moment pass
        assert codes == [1]
        (winner,) = [engine for engine in (one, two) if engine.process.poll() is None]
        winner.until_open()
        assert winner.end()[0] == 0


def test_two_configs_are_two_engines(setting: Setting, tmp_path: Path) -> None:
    other = Setting(tmp_path / "other", setting.text, {"TUI_MONITOR_HOME": str(setting.home)})
    with setting.start() as one, other.start() as two:
        one.until_open()
        two.until_open()
        assert [one.end()[0], two.end()[0]] == [0, 0]


def test_after_a_kill_everything_goes_on_where_it_stopped(setting: Setting, site: Site) -> None:
    site.status = 500
    with setting.start() as engine:
        engine.until_open()
        setting.until(lambda board: is_down(board, "shop"))
        (incident,) = [one for one in setting.ask("incidents") if one["service"] == "shop"]
        assert setting.call("ack", incident["id"], "-m", "on it").returncode == 0
        engine.end(signal.SIGKILL)
    assert setting.places.socket.exists()
    site.status = 200
    with setting.start() as engine:
        engine.until_open()
        setting.until(lambda board: not is_down(board, "shop") and not board["deliveries"][1:])
        story = setting.ask("incidents", "show", incident["id"])
        told = next(row for row in story["told"] if row["destination"] == "hook")
        late = setting.here("deliveries", "retry", told["id"])
        assert late.err == f"tui-monitor: hook has been told of {incident['id']} already\n"
        assert engine.end()[0] == 0
    assert story["state"] == "resolved"
    kinds = [event["kind"] for event in story["timeline"]]
    assert [kinds[0], kinds[-1]] == ["opened", "resolved"]
    assert "acknowledged" in kinds


def test_the_store_answers_while_no_engine_runs(setting: Setting) -> None:
    with setting.start() as engine:
        engine.until_open()
        setting.until(lambda board: is_down(board, "gone") and board["places"][1]["state"] == "failing")
        engine.end()
    shown = setting.call("status")
    assert shown.returncode == 1
    assert "no engine runs on this state; from the store" in shown.stderr
    assert "\nFailing: nobody (webhook) for " in shown.stderr
    assert "Gone" in shown.stdout
    board = setting.ask("status")
    assert board["source"] == "store"
    assert [(one["name"], one["state"], one["owed"]) for one in board["places"]] == [
        ("hook", "well", 0),
        ("nobody", "failing", 1),
    ]
    assert board["counts"]["major"] == 1
    assert [one["service"] for one in setting.ask("incidents")] == ["gone"]
    assert setting.ask("stats")["incidents"]["active"] == 1
    assert [one["destination"] for one in setting.ask("deliveries")] == ["nobody"]
    refused = setting.call("ack", board["services"][0]["incident"] or "x")
    said = "tui-monitor: no engine runs on this state: start one with tui-monitor --no-tui\n"
    assert (refused.returncode, refused.stderr) == (3, said)


def test_a_door_that_vanishes_is_told_of_and_opened_again(setting: Setting) -> None:
    with setting.start() as engine:
        engine.until_open()
        setting.until(lambda board: is_down(board, "gone"))
        engine.process.send_signal(signal.SIGSTOP)  # so that it cannot mend it before we have asked
        setting.places.socket.unlink()
        said = f"an engine runs on this state (process {engine.process.pid}), but its door is shut"
        status = setting.here("status")
        assert (status.code, status.err.partition("; ")[0]) == (1, f"Shop board: {said}")
        assert setting.here("stats").err == f"{said.capitalize()}; from the store.\n"
        refused = setting.here("ack", "x")
        assert (refused.code, refused.out, refused.err) == (3, "", f"tui-monitor: {said}\n")
        engine.process.send_signal(signal.SIGCONT)
        engine.until_it_says("the door was gone, and is open again")
        assert setting.ask("status")["source"] == "engine"
        assert engine.end()[0] == 0
    assert not setting.places.socket.exists()
    assert "Traceback" not in engine.narration


def test_a_door_that_could_not_open_opens_when_nothing_is_in_its_way_any_more(setting: Setting) -> None:
    setting.places.make()
    setting.places.socket.write_text("in the way")
    with setting.start() as engine:
        engine.until_it_says("the door stays shut")
        setting.places.socket.unlink()
        engine.until_open()
        assert setting.ask("status")["source"] == "engine"
        assert engine.end()[0] == 0
    assert engine.narration.count("the door stays shut") == 1


def test_an_engine_that_is_only_starting_is_not_denied(setting: Setting) -> None:
    setting.places.make()
    with EngineLock(setting.places.lock):
        for words in (["status"], ["ack", "x"], ["stats"]):
            asked = setting.here(*words)
            said = f"tui-monitor: an engine runs on this state (process {os.getpid()}), but its door is shut\n"
            assert (asked.code, asked.out, asked.err) == (3, "", said)


def test_a_store_of_no_engine_is_not_made_by_asking(setting: Setting) -> None:
    asked = setting.call("status")
    assert asked.returncode == 3
    assert asked.stdout == ""
    said = "no engine runs on this state, and none has run before: start one with tui-monitor --no-tui"
    assert asked.stderr == f"tui-monitor: {said}\n"
    assert not setting.home.exists()


def test_what_answers_on_the_socket_and_is_no_engine_is_told(setting: Setting) -> None:
    setting.places.make()
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(str(setting.places.socket))
        stranger.listen(1)
        with subprocess.Popen(
            [*COMMAND, "ack", "x", "-c", str(setting.config)],
            env=setting.variables,
            stderr=subprocess.PIPE,
            text=True,
        ) as asking:
            talk, _ = stranger.accept()
            talk.sendall(b"220 mail.example ESMTP\r\n")
            talk.close()
            _, said = asking.communicate(timeout=PATIENCE)
    assert (asking.returncode, said.count("\n")) == (3, 1)


def test_where_the_door_cannot_open_services_are_watched_all_the_same(setting: Setting, site: Site) -> None:
    setting.places.make()
    setting.places.socket.write_text("in the way")
    site.status = 500
    with setting.start() as engine:
        engine.until_it_says("the door stays shut")
        while not site.bodies:
            setting.call("--version", config=False)  # lets a moment pass
        assert engine.end()[0] == 0
    assert setting.places.socket.read_text() == "in the way"


def test_a_home_that_cannot_be_used_is_told_before_anything_runs(setting: Setting) -> None:
    setting.home.touch()
    refused = setting.call("--no-tui")
    assert refused.returncode == 2
    assert re.fullmatch(r"tui-monitor: the folder .* cannot be used: Not a directory\n", refused.stderr)


def test_a_home_too_deep_for_a_socket_still_has_a_door(setting: Setting, tmp_path: Path) -> None:
    runtime = tmp_path / "run"
    deep = Setting(
        setting.folder,
        setting.text,
        {"TUI_MONITOR_HOME": str(tmp_path / ("d" * 100)), "XDG_RUNTIME_DIR": str(runtime)},
    )
    with deep.start() as engine:
        engine.until_open()
        assert deep.ask("status")["source"] == "engine"
        assert engine.end()[0] == 0


def test_the_supervisor_hears_that_it_is_ready_alive_and_stopping(setting: Setting, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "n"))
        ear.settimeout(PATIENCE)
        setting.environ = {"NOTIFY_SOCKET": str(tmp_path / "n"), "WATCHDOG_USEC": "200000"}
        with setting.start() as engine:
            said = [ear.recv(1000).decode().splitlines()[0] for _ in range(4)]
            assert setting.client is not None
            engine.end()
        ear.setblocking(False)
        while True:
            try:
                said.append(ear.recv(1000).decode().splitlines()[0])
            except BlockingIOError:
                break
    assert said.count("READY=1") == 1
    assert said.count("WATCHDOG=1") >= 2
    assert said[-1] == "STOPPING=1" or "STOPPING=1" in said


@pytest.mark.parametrize(
    "signals", [[signal.SIGTERM], [signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGCONT]]
)
def test_the_demo_runs_without_a_board_too_and_leaves_no_trace(
    signals: list[signal.Signals], setting: Setting, tmp_path: Path
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    setting.environ = {"TMPDIR": str(temporary)}
    before = sorted(setting.folder.rglob("*"))
    with setting.start("--demo", "--no-tui", cwd=temporary, config=False) as engine:
        engine.until_open()
        for number in signals[:-1]:
            engine.process.send_signal(number)
        code, last, _ = engine.end(signals[-1])
    assert code == (0 if len(signals) == 1 else 130)
    assert engine.narration.startswith("The demo watches")
    assert ("uptime  Website" in last) == (code == 0)
    assert list(temporary.iterdir()) == []
    assert sorted(setting.folder.rglob("*")) == before


@pytest.mark.parametrize("words", [[], ["--demo"], ["--read-only", "--ascii", "--theme", "dark"]])
def test_without_a_terminal_one_sentence_says_how_to_do_without_a_board(words: list[str], setting: Setting) -> None:
    said = setting.call(*words, config="--demo" not in words)
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == (
        "tui-monitor: the board needs a terminal, and this is none: --no-tui runs the engine without a board\n"
    )
    assert not setting.home.exists()


def test_a_headless_start_loads_nothing_that_only_faces_need(setting: Setting) -> None:
    program = "import sys, tui_monitor.daemon, tui_monitor.cli.running; print(*sorted(sys.modules))"
    found = subprocess.run([COMMAND[0], "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert not {"rich", "starlette", "uvicorn", "textual"} & set(found.stdout.split())
