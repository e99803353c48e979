"""Lines of the log are whole, harmless, without secrets, and cost the loop nothing."""

from __future__ import annotations

import json
import logging
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tui_monitor.core.secret import Secret
from tui_monitor.daemon.journal import SIZE, logging_to
from tui_monitor.places import PlaceUnusable

log = logging.getLogger("tui_monitor.somewhere")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tui-monitor.log"


def test_a_line_has_its_moment_its_level_and_its_place(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with logging_to(path, level="info"):
        log.info("watching %s services", 3)
        log.debug("not asked for")
    (line,) = path.read_text().splitlines()
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z info    somewhere: watching 3 services", line)
    assert capfd.readouterr().err == line + "\n"


def test_a_line_cannot_be_forged_and_cannot_paint_the_terminal(path: Path) -> None:
    with logging_to(path, level="info"):
        log.info("%s", "a\n2026-01-01T00:00:00Z info door: b\x1b[31m\x07\u202ec\x9b")
    (line,) = path.read_text().splitlines()
    assert "\x1b" not in line
    assert "\u202e" not in line


def test_a_secret_never_gets_into_the_log(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    secret = Secret("hunter22")
    with logging_to(path, level="info", secrets=[secret]):
        log.info("token %s and again %s", "hunter22", secret)
        try:
            raise ValueError("bad token hunter22")
        except ValueError:
            log.exception("it failed with hunter22")
    text = path.read_text() + capfd.readouterr().err
    assert "hunter22" not in text
    assert "ValueError: bad token ***" in text


def test_a_secret_is_known_also_in_an_address_and_in_json(path: Path) -> None:
    secret = Secret('pa ss/"wörd"')
    with logging_to(path, level="info", secrets=[secret]):
        log.info(
            "GET %s?a=%s&b=%s", "/pa%20ss/%22w%C3%B6rd%22", "pa%20ss%2F%22w%C3%B6rd%22", "pa+ss%2F%22w%C3%B6rd%22"
        )
        log.info("sent {%s}", json.dumps(secret.reveal()))
    asked, sent = path.read_text().splitlines()
    assert asked.endswith("GET /***?a=***&b=***")
    assert sent.endswith('sent {"***"}')


def test_a_trace_is_kept_and_indented_below_its_line(path: Path) -> None:
    with logging_to(path, level="info"):
        try:
            raise ValueError("x\ny")
        except ValueError:
            log.exception("it failed")
    lines = path.read_text().splitlines()
    assert "it failed" in lines[0]
    assert all(line.startswith("    ") for line in lines[1:])
    assert lines[1] == "    Traceback (most recent call last):"


def test_requests_and_addresses_of_the_http_client_are_not_logged(path: Path) -> None:
    with logging_to(path, level="info"):
        for name in ("httpx", "httpcore", "httpcore.http11", "hpack.hpack"):
            logging.getLogger(name).info("HTTP Request: GET https://hooks.example/secret-part")
    assert path.read_text() == ""


def test_the_file_is_for_its_owner_alone_also_after_it_was_turned_over(path: Path) -> None:
    path.touch(mode=0o600)
    path.write_text("x" * SIZE)
    with logging_to(path, level="info"):
        log.info("one more")
    turned = path.with_name(path.name + ".1")
    assert turned.stat().st_size == SIZE
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, turned)] == [0o600, 0o600]


def test_a_log_that_cannot_be_opened_is_told_in_a_sentence(path: Path) -> None:
    path.mkdir()
    with pytest.raises(PlaceUnusable, match="cannot be opened: Is a directory"), logging_to(path, level="info"):
        pytest.fail("a folder is no log")


def test_a_full_disk_is_told_once_and_stops_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with logging_to(full, level="info"):
        for _ in range(3):
            log.info("a line")
    said = capfd.readouterr().err
    assert said.count("the log file cannot be written: No space left on device") == 1
    assert said.count("somewhere: a line") == 3


FLOOD = """
import logging, sys
from pathlib import Path
from tui_monitor.daemon.journal import WAITING_LINES, logging_to
with logging_to(Path(sys.argv[1]), level="info"):
    for number in range(WAITING_LINES * 2):
        logging.info("line %s %s", number, "x" * 100)
print("over")
"""


def test_a_terminal_that_takes_nothing_holds_neither_the_program_nor_the_file(path: Path) -> None:
    command = [sys.executable, "-c", FLOOD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as flood:
        assert flood.stdout is not None
        assert flood.stdout.read() == "over\n"
        assert flood.wait(60) == 0
        assert flood.stderr is not None
        flood.stderr.read()
    assert "line 0 " in path.read_text()


def test_the_log_leaves_logging_as_it_found_it(path: Path) -> None:
    before = list(logging.getLogger().handlers), logging.getLogger().level
    with logging_to(path, level="debug"):
        pass
    assert (list(logging.getLogger().handlers), logging.getLogger().level) == before
