"""Words to the supervisor, heard on a real socket."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from tui_monitor.daemon.systemd import Supervisor


def heard(ear: socket.socket) -> list[str]:
    return ear.recv(4096).decode().splitlines()


@pytest.fixture(params=["path", "abstract"])
def ear(request: pytest.FixtureRequest, tmp_path: Path):
    name = str(tmp_path / "notify")
    if request.param == "abstract":
        if sys.platform != "linux":
            pytest.skip("only Linux has abstract sockets")
        name = f"@tui-monitor-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind("\0" + name[1:] if name.startswith("@") else name)
        ear.settimeout(10)
        yield ear, name


def test_each_word_arrives_in_the_form_that_systemd_reads(ear) -> None:
    listening, name = ear
    supervisor = Supervisor({"NOTIFY_SOCKET": name})
    supervisor.ready("watching 3 services\nREADY=0")
    assert heard(listening) == ["READY=1", "STATUS=watching 3 services READY=0", f"MAINPID={os.getpid()}"]
    supervisor.alive()
    assert heard(listening) == ["WATCHDOG=1"]
    supervisor.stopping()
    assert heard(listening) == ["STOPPING=1", "STATUS=stopping"]


@pytest.mark.parametrize("name", ["", "relative", "/nobody/listens", "@nobody-listens-here"])
def test_nobody_who_listens_is_no_error(name: str) -> None:
    supervisor = Supervisor({"NOTIFY_SOCKET": name})
    supervisor.ready("watching")
    assert supervisor.watch_every is None


@pytest.mark.parametrize(
    ("environ", "every"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "-5"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_signs_of_life_are_given_twice_as_often_as_is_asked(environ: dict[str, str], every: float | None) -> None:
    assert Supervisor(environ).watch_every == every
