"""The program as a person has it: on a terminal, in a shell, over ssh; however that ends, nothing stays behind."""

from __future__ import annotations

import getpass
import os
import select
import shutil
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest

from tests.bench.server import Server
from tests.board.multiplexer import Tmux
from tests.board.terminal import PATIENCE, Program
from tests.cli.program import COMMAND, Setting, free_port
from tests.conftest import ALL_PATHS

CONFIG = """
board: {{title: Shop board}}
engine: {{settle: 0s}}
defaults: {{every: 500ms, timeout: 2s}}
services:
  - name: Website
    http: {{url: "http://127.0.0.1:{port}/look"}}
destinations:
  hook: {{webhook: {{url: "http://127.0.0.1:{port}/hook", password: hunter2hunter2, user: me}}}}
"""


@pytest.fixture
def site() -> Iterator[Server]:
    with Server(lambda path: (200, b"ok")) as server:
        yield server


@pytest.fixture
def setting(tmp_path: Path, site: Server) -> Setting:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    made = Setting(tmp_path / "own", CONFIG.format(port=site.port))
    made.environ = {"TMPDIR": str(temporary)}
    return made


def surroundings(setting: Setting) -> dict[str, str]:
    return {"TUI_MONITOR_HOME": str(setting.home), "HOME": str(setting.folder), **setting.environ}


def board(setting: Setting, *words: str, config: bool = True) -> Program:
    named = ["-c", str(setting.config)] if config else []
    return Program([*COMMAND, *words, *named], surroundings(setting), setting.folder)


def is_left(setting: Setting) -> list[Path]:
    """What a demo has left behind."""
    return list(Path(setting.environ["TMPDIR"]).iterdir())


def until_over(process: int) -> None:
    """Somebody else's child has ended."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    try:
        assert select.select([handle], [], [], PATIENCE)[0], f"process {process} has not ended"
    finally:
        os.close(handle)


# -- ways out -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "code"),
    [("q", 0), ("\x03", 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)],
    ids=str,
)
def test_the_demo_leaves_nothing_behind(way: str | signal.Signals, code: int, setting: Setting):
    with board(setting, "--demo", config=False) as demo:
        demo.until_shows("Website", "this process")
        assert is_left(setting)
        if isinstance(way, str):
            demo.press(way)
        else:
            demo.process.send_signal(way)
        assert demo.wait() == code
        assert demo.is_given_back
        assert demo.screen.outside.strip() == ""
    assert is_left(setting) == []
    assert not setting.home.exists()


def test_a_demo_whose_terminal_is_closed_leaves_nothing_behind(setting: Setting):
    with board(setting, "--demo", config=False) as demo:
        demo.until_shows("Website")
        demo.hang_up()
        assert demo.wait() == 129
    assert is_left(setting) == []


@pytest.mark.parametrize("mode", [1049, 1000], ids=["while it is loaded", "while it is built"])
def test_leaving_before_the_engine_is_there_leaves_nothing_behind(mode: int, setting: Setting):
    with board(setting, "--demo", config=False) as demo:
        demo.until(lambda screen: mode in screen.modes)
        assert demo.stop_with(signal.SIGTERM) == 143
        assert demo.is_given_back
    assert is_left(setting) == []


def test_quitting_takes_no_longer_than_a_look_that_hangs(setting: Setting):
    with Server(lambda path: None) as silent:
        setting.config.write_text(CONFIG.format(port=silent.port).replace("timeout: 2s", "timeout: 60s"))
        with board(setting) as shown:
            shown.until(lambda _: silent.asked["/look"])
            shown.until_shows("this process")
            begun = monotonic()
            shown.press("q")
            assert shown.wait() == 0
            assert monotonic() - begun < 2.0
    assert "stopped" in setting.places.log.read_text()


# -- one engine -----------------------------------------------------------------------------------------------------


def test_a_second_board_goes_to_the_engine_of_the_first_and_leaves_it_alone(setting: Setting):
    with board(setting) as first, board(setting) as second:
        first.until_shows("Website")
        second.until_shows("Website")
        places = [one.screen.text for one in (first, second)]
        assert sum("engine: this process" in text for text in places) == 1
        owner, guest = (first, second) if "this process" in places[0] else (second, first)
        guest.until_shows(f"process {owner.process.pid}")
        guest.press("q")
        assert guest.wait() == 0, guest.screen.outside
        assert guest.is_given_back
        assert setting.ask("status")["source"] == "engine"
        owner.press("q")
        assert owner.wait() == 0
    assert setting.ask("status")["source"] == "store"


def test_after_a_kill_the_next_board_takes_the_state_over(setting: Setting):
    with board(setting) as killed:
        killed.until_shows("Website", "this process")
        killed.process.kill()
        killed.process.wait()
    with board(setting) as shown:
        shown.until_shows("Website", "this process")
        shown.press("q")
        assert shown.wait() == 0


# -- before there is a board ----------------------------------------------------------------------------------------


def test_a_wrong_config_is_told_at_the_shell_as_validate_tells_it(setting: Setting):
    setting.config.write_text("services: [{name: A, htp: {}}]\nboards: {}\n")
    told = setting.call("validate")
    with board(setting) as shown:
        assert shown.wait() == 2
        assert shown.is_given_back
        assert shown.screen.outside.split() == told.stderr.split()
    assert told.returncode == 2


@pytest.fixture
def nowhere(setting: Setting) -> Path:
    """A folder from which no config is found."""
    setting.environ["XDG_CONFIG_HOME"] = str(setting.folder / "none")
    folder = setting.folder / "empty"
    folder.mkdir()
    return folder


def test_without_a_config_one_can_leave_again(setting: Setting, nowhere: Path):
    with Program(COMMAND, surroundings(setting), nowhere) as shown:
        shown.until_shows("There is no config yet")
        shown.press("q")
        assert shown.wait() == 0
        assert shown.is_given_back
    assert not setting.home.exists()
    assert list(nowhere.iterdir()) == []


def test_without_a_config_one_can_begin_with_the_demo(setting: Setting, nowhere: Path):
    with Program(COMMAND, surroundings(setting), nowhere) as shown:
        shown.until_shows("There is no config yet")
        shown.press("\r")
        shown.until_shows("Website", "this process")
        assert shown.stop_with(signal.SIGHUP) == 129
        assert shown.is_given_back
    assert is_left(setting) == []


def test_without_a_config_one_can_begin_with_a_config_of_ones_own(setting: Setting, nowhere: Path):
    with Program(COMMAND, surroundings(setting), nowhere) as shown:
        shown.until_shows("There is no config yet")
        shown.press("j\r")
        shown.until_shows("this process")
        assert (nowhere / "config.yaml").is_file()
        shown.press("q")
        assert shown.wait() == 0
    assert setting.home.is_dir()


def test_a_terminal_that_can_show_nothing_is_told_so(setting: Setting):
    setting.environ["TERM"] = "dumb"
    with board(setting) as shown:
        assert shown.wait() == 2
        assert "--no-tui" in shown.screen.outside
        assert b"\x1b" not in shown.screen.sent
    assert not setting.home.exists()


# -- crashes --------------------------------------------------------------------------------------------------------

INJECTED = """
import sys
from tui_monitor.board import app
from tui_monitor.cli import main

class Broken(app.BoardApp):
    def tick(self):
        super().tick()
        if self.board.services:
            {fault}

app.BoardApp = Broken
sys.exit(main(sys.argv[1:]))
"""


def broken(setting: Setting, fault: str, *words: str) -> Program:
    script = INJECTED.format(fault=fault)
    return Program(
        [sys.executable, "-c", script, *words, "-c", str(setting.config)], surroundings(setting), setting.folder
    )


def test_a_crash_of_the_board_is_one_line_and_the_log_says_where(setting: Setting):
    with broken(setting, "secret = 'hunter2hunter2'; raise KeyError(secret)") as shown:
        assert shown.wait() == 1
        assert shown.is_given_back
        said = " ".join(shown.screen.outside.split())
        assert said == f"tui-monitor: the board broke (KeyError); {setting.places.log} says where"
        assert b"hunter2" not in shown.screen.sent
    log = setting.places.log.read_text()
    assert "the board broke" in log
    assert "Traceback" in log
    assert "hunter2" not in log
    assert "stopped" in log


def test_a_crash_shows_its_trace_to_whoever_asks(setting: Setting):
    with broken(setting, "raise KeyError('x')", "--debug") as shown:
        assert shown.wait() == 1
        assert "Traceback" in shown.screen.outside


def test_an_engine_that_broke_is_told_at_the_end(setting: Setting):
    fault = "self.connection.fault() or setattr(self.connection.control, '_desk', None)"
    with broken(setting, fault) as shown:
        shown.until_shows("broke")
        assert shown.process.poll() is None
        shown.press("q")
        assert shown.wait() == 1
        assert "the engine of this process broke (AttributeError)" in shown.screen.outside
        assert shown.is_given_back


# -- a terminal that stands still -----------------------------------------------------------------------------------


def test_no_look_is_late_while_the_terminal_takes_nothing(setting: Setting, site: Server):
    with board(setting) as shown:
        shown.until_shows("Website", "this process")
        fill(shown)
        before = len(site.asked["/look"])
        end = monotonic() + PATIENCE
        while len(site.asked["/look"]) < before + 6:
            assert monotonic() < end, "the engine stands still with the terminal"
            shown.press("s")
            select.select([], [], [], 0.05)
        moments = site.asked["/look"][before:]
        gaps = [later - earlier for earlier, later in pairwise(moments)]
        assert max(gaps) < 0.5 + 0.25
        assert shown.stop_with(signal.SIGTERM) == 143
        assert shown.is_given_back


def fill(shown: Program) -> None:
    """So much in the terminal that it takes no more."""
    os.set_blocking(shown._slave, False)
    try:
        while os.write(shown._slave, b" " * 4096):
            pass
    except BlockingIOError:
        os.set_blocking(shown._slave, True)


# -- in a shell, and over ssh ---------------------------------------------------------------------------------------


@pytest.mark.service("tmux")
def test_it_can_be_stopped_and_goes_on_in_a_shell(setting: Setting):
    command = " ".join([*COMMAND, "-c", str(setting.config)])
    with Tmux(setting.folder, surroundings(setting)) as shell:
        untouched = shell.modes()
        shell.type("stty -a > before")
        shell.type(command)
        shell.until(lambda text: "Website" in text and "this process" in text)
        assert shell.modes() != untouched
        for columns in (100, 100):  # the second time, no other size asks for a new picture
            shell.press("C-z")
            shell.until(lambda text: "Stopped" in text)
            assert shell.modes() == untouched
            shell.resize(columns, 20)
            shell.type("stty -a > during; fg")
            shell.until(lambda text: "Website" in text and "ack" in text)
            assert "Stopped" not in shell.text
        shell.press("q")
        shell.until(lambda text: text.rstrip().endswith(("$", "#")))
        shell.type("echo code $?")
        shell.until(lambda text: "code 0" in text)
        assert shell.modes() == untouched
        shell.type("stty -a > after; echo don''e")
        shell.until(lambda text: "done" in text)
    states = [(setting.folder / name).read_text().partition(";")[2] for name in ("before", "during", "after")]
    speeds = [state.partition("columns")[2].partition(";")[2] for state in states]
    assert speeds[0] == speeds[1] == speeds[2]


@contextmanager
def machine(folder: Path) -> Iterator[list[str]]:
    """A server for ssh on this machine alone, with keys of its own; the words that call it."""
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    port = free_port()
    if os.getuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n"
        "PidFile none\nUsePAM no\nStrictModes no\nPermitRootLogin yes\nPasswordAuthentication no\n"
    )
    program = shutil.which("sshd", path=ALL_PATHS)
    assert program is not None
    server = subprocess.Popen([program, "-D", "-e", "-f", str(folder / "config")], stderr=subprocess.PIPE)
    try:
        assert server.stderr is not None
        said = b""
        while b"listening" not in said:
            assert select.select([server.stderr], [], [], PATIENCE)[0], said
            part = os.read(server.stderr.fileno(), 4096)
            assert part, said
            said += part
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "IdentitiesOnly=yes"]
        named = [word for option in options for word in ("-o", option)]
        user = f"{getpass.getuser()}@127.0.0.1"
        yield ["ssh", "-tt", "-F", "none", "-p", str(port), "-i", str(folder / "user"), *named, user]
    finally:
        server.kill()
        server.communicate()


@pytest.mark.service("sshd")
def test_over_a_line_that_is_cut_the_engine_ends_and_nothing_is_left(setting: Setting, tmp_path: Path):
    given = " ".join(f"{name}={value}" for name, value in surroundings(setting).items())
    place = f"PYTHONPATH={':'.join(filter(None, sys.path))}"
    with machine(tmp_path) as ssh:
        with Program([*ssh, f"env {given} {place} {' '.join(COMMAND)} --demo"], {}, setting.folder) as far:
            far.until_shows("Website", "this process")
            locks = list(Path(setting.environ["TMPDIR"]).glob("*/*/engine.lock"))
            process = int(locks[0].read_text())
            far.process.kill()
        until_over(process)
    assert is_left(setting) == []


@pytest.mark.service("sshd")
def test_over_ssh_the_terminal_is_given_back_too(setting: Setting, tmp_path: Path):
    given = " ".join(f"{name}={value}" for name, value in surroundings(setting).items())
    place = f"PYTHONPATH={':'.join(filter(None, sys.path))}"
    with machine(tmp_path) as ssh:
        far = Program([*ssh, f"env {given} {place} {' '.join(COMMAND)} --demo"], {}, setting.folder)
        with far:
            far.until_shows("Website", "this process")
            assert not far.attributes()[3] & termios.ICANON
            far.press("q")
            assert far.wait() == 0
            assert far.is_given_back
    assert is_left(setting) == []
