"""The monitor itself is cut off: two networks of this machine, a line between them, and somebody who pulls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Setting

pytestmark = pytest.mark.service("namespace")

NEAR, FAR = "198.18.7.1", "198.18.7.2"
"""Addresses that are for tests of networks and belong to nobody."""

CONFIG = f"""
engine: {{settle: 0s}}
defaults: {{every: 1s, timeout: 500ms, down_after: 2, up_after: 1, retry_after: 200ms}}
network_guard: {{targets: [tcp://{FAR}:9000], timeout: 500ms}}
services:
  - {{name: Shop, http: {{url: "http://{FAR}:9001/"}}}}
destinations:
  hook: {{timeout: 1s, webhook: {{url: "http://{FAR}:9002/"}}}}
routes: [{{to: hook, group_wait: 0s}}]
"""


@dataclass
class Line:
    """Two hosts and the line between them."""

    near: str
    far: str

    def lay(self) -> None:
        ip("netns", "add", self.near)
        ip("netns", "add", self.far)
        ip("-n", self.near, "link", "add", "line", "type", "veth", "peer", "name", "line", "netns", self.far)
        for name, address in ((self.near, NEAR), (self.far, FAR)):
            ip("-n", name, "address", "add", f"{address}/30", "dev", "line")
            ip("-n", name, "link", "set", "lo", "up")
            ip("-n", name, "link", "set", "line", "up")

    def take_away(self) -> None:
        for name in (self.near, self.far):
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, timeout=10)

    def cut(self) -> None:
        ip("-n", self.far, "link", "set", "line", "down")

    def mend(self) -> None:
        ip("-n", self.far, "link", "set", "line", "up")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=10)


@pytest.fixture
def line() -> Iterator[Line]:
    laid = Line(f"tm-near-{os.getpid()}", f"tm-far-{os.getpid()}")
    try:
        laid.lay()
        yield laid
    finally:
        laid.take_away()


@pytest.fixture
def town(line: Line, tmp_path: Path) -> Iterator[Path]:
    """The folder in which a file `ill` makes the service ill and `heard` is what the webhook heard."""
    there = ["ip", "netns", "exec", line.far, sys.executable, "-m"]
    far = [*there, "tests.daemon.far", FAR, "9000", "9001", str(tmp_path / "ill")]
    hook = [*there, "tui_monitor.fakes.webhook", "--host", FAR, "--port", "9002", "--record", str(tmp_path / "heard")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(far, **pipes) as one, subprocess.Popen(hook, **pipes) as other:
        try:
            assert one.stdout is not None
            assert other.stdout is not None
            assert one.stdout.readline()
            assert other.stdout.readline()
            yield tmp_path
        finally:
            one.kill()
            other.kill()


def heard(town: Path) -> list[dict[str, Any]]:
    file = town / "heard"
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [json.loads(json.loads(one)["body"]) for one in lines]


def kinds(board: dict[str, Any]) -> list[str]:
    return [event["kind"] for event in board["events"]]


def test_a_line_that_is_cut_is_one_event_and_no_outage(line: Line, town: Path):
    setting = Setting(town / "near", CONFIG)
    with setting.start(through=("ip", "netns", "exec", line.near)) as engine:
        engine.until_open()
        setting.until(lambda board: board["services"][0]["status"] == "operational")
        line.cut()
        board = setting.until(lambda board: board["services"][0]["message"].startswith("not counted"))
        assert board["cut_off"]
        assert board["services"][0]["status"] == "unknown"
        line.mend()
        board = setting.until(lambda board: not board["cut_off"] and board["services"][0]["status"] == "operational")
        assert kinds(board).count("cut-off") == kinds(board).count("back") == 1
        assert board["incidents"] == []
        assert "opened" not in kinds(board)
        assert heard(town) == []
        uptime = setting.ask("stats")["uptime"]["shop"]
        assert uptime == 1.0, "what could not be seen is no downtime"


def test_what_is_owed_goes_out_with_its_own_times_when_the_line_is_back(line: Line, town: Path):
    setting = Setting(town / "near", CONFIG.replace("group_wait: 0s", "group_wait: 3s"))
    with setting.start(through=("ip", "netns", "exec", line.near)) as engine:
        engine.until_open()
        setting.until(lambda board: board["services"][0]["status"] == "operational")
        (town / "ill").touch()
        board = setting.until(lambda board: board["incidents"])
        began = board["incidents"][0]["started_at"]
        line.cut()
        setting.until(lambda board: board["cut_off"])
        line.mend()
        board = setting.until(lambda board: any(kind == "told" for kind in kinds(board)))
        (message,) = heard(town)
        assert message["news"] == "opened"
        assert message["incidents"][0]["started_at"] == began
        assert message["incidents"][0]["id"] == board["incidents"][0]["id"]
        assert kinds(board).count("opened") == 1


def test_a_service_that_fails_while_the_line_is_whole_is_told(line: Line, town: Path):
    setting = Setting(town / "near", CONFIG)
    with setting.start(through=("ip", "netns", "exec", line.near)) as engine:
        engine.until_open()
        (town / "ill").touch()
        board = setting.until(lambda board: any(kind == "told" for kind in kinds(board)))
        assert "cut-off" not in kinds(board)
        assert [one["news"] for one in heard(town)] == ["opened"]
