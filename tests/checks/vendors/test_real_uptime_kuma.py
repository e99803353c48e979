"""A real Uptime Kuma on this machine, with monitors and an incident of its own, read as anybody's would be.

`UPTIME_KUMA` names the folder of one, such as `.ci/kuma` brings and makes ready.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.checks.vendors.pages import parts_of
from tests.checks.vendors.served import look
from tests.net.nameservers import free_port
from tui_monitor.checks.uptime_kuma import UptimeKuma
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.status import Status
from tui_monitor.net import Net, Way

pytestmark = pytest.mark.service("uptime-kuma")

PASSWORD = "Lockers-4-all"
GROUP = {"name": "Hall", "monitorList": [{"id": 1}, {"id": 2}]}
PAGE = {"slug": "all", "title": "Lockers", "description": "", "icon": "", "theme": "auto", "published": True}
PAGE |= {"showTags": False, "domainNameList": [], "customCSS": "", "footerText": "", "showPoweredBy": False}
MONITOR = {"type": "http", "method": "GET", "interval": 20, "retryInterval": 20, "maxretries": 0, "timeout": 5}
MONITOR |= {"notificationIDList": {}, "accepted_statuscodes": ["200-299"], "maxredirects": 10, "active": True}
MONITOR |= {
    "kafkaProducerBrokers": [],
    "kafkaProducerSaslOptions": {},
    "resendInterval": 0,
    "httpBodyEncoding": "json",
}


class Keeper:
    """Whoever looks after it, by what its own pages in a browser say to it."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/socket.io/?EIO=4&transport=polling"
        self.asked = 0
        self.answers: dict[int, Any] = {}
        self.events: list[list[Any]] = []
        self.url += "&sid=" + json.loads(self._ask()[1:])["sid"]
        self._ask("40")
        self.until("setup")

    def _ask(self, said: str | None = None) -> str:
        body = None if said is None else said.encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "text/plain;charset=UTF-8"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(answer.read().decode())

    def _hear(self) -> None:
        for packet in self._ask().split("\x1e"):
            digits = packet[2:].partition("[")[0]
            if packet == "2":
                self._ask("3")
            elif packet.startswith("43"):
                self.answers[int(digits)] = json.loads(packet[2 + len(digits) :])
            elif packet.startswith("42"):
                self.events.append(json.loads(packet[2:]))

    def does(self, *what: Any) -> Any:
        number, self.asked = self.asked, self.asked + 1
        self._ask(f"42{number}{json.dumps(what)}")
        while number not in self.answers:
            self._hear()
        (answer,) = self.answers.pop(number)
        assert answer["ok"], answer
        return answer

    def until(self, event: str, times: int = 1) -> None:
        while sum(one[0] == event for one in self.events) < times:
            self._hear()


@pytest.fixture
def kuma(tmp_path: Path) -> Iterator[str]:
    """Its address. Whatever it would ask of others ends at a port where nobody listens."""
    nowhere, port = f"http://127.0.0.1:{free_port()}", free_port()
    own = {"UPTIME_KUMA_HOST": "127.0.0.1", "UPTIME_KUMA_PORT": str(port), "UPTIME_KUMA_DB_TYPE": "sqlite"}
    own |= {"DATA_DIR": f"{tmp_path}/", "NODE_ENV": "production", "NO_PROXY": "127.0.0.1"}
    own |= {"HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere}
    command = ["node", "server/server.js"]
    folder = os.environ["UPTIME_KUMA"]
    with subprocess.Popen(
        command, cwd=folder, env=os.environ | own, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "Listening on" in line:
                break
        try:
            assert process.poll() is None, "".join(said)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


@pytest.fixture
async def way(tmp_path: Path) -> AsyncIterator[Way]:
    net = Net(tmp_path, places=20)
    yield Way(net, 20.0)
    await net.close()


async def test_a_running_one_is_read_as_it_is(kuma: str, way: Way) -> None:
    def begin() -> Keeper:
        keeper = Keeper(kuma)
        keeper.does("setup", "keeper", PASSWORD)
        keeper.does("login", {"username": "keeper", "password": PASSWORD, "token": ""})
        for name, url in (("Doors", f"{kuma}/"), ("Lights", f"http://127.0.0.1:{free_port()}/")):
            keeper.does("add", MONITOR | {"name": name, "url": url})
        keeper.until("heartbeat", 2)
        keeper.does("addStatusPage", "Lockers", "all")
        keeper.does("saveStatusPage", "all", PAGE, "", [GROUP])
        keeper.does("postIncident", "all", {"title": "Doors <b>stick</b>", "content": "**Oil**", "style": "warning"})
        return keeper

    def mend(keeper: Keeper) -> None:
        keeper.does("unpinIncident", "all")
        keeper.does("deleteMonitor", 2)
        keeper.does("saveStatusPage", "all", PAGE, "", [{"name": "Hall", "monitorList": [{"id": 1}]}])

    check = UptimeKuma(f"{kuma}/status/all")
    keeper = await asyncio.to_thread(begin)
    ill = await look(check, way)
    assert ill.status is Status.MAJOR
    assert parts_of(ill) == {"Hall / Doors": Status.OPERATIONAL, "Hall / Lights": Status.MAJOR}
    (said,) = ill.incidents or ()
    assert (said.ref, said.title, said.status) == ("1", "Doors <b>stick</b>", Status.DEGRADED)
    assert said.update == "**Oil**"

    await asyncio.to_thread(mend, keeper)
    well = await look(check, way)
    assert (well.status, well.incidents) == (Status.OPERATIONAL, ())
    assert parts_of(well) == {"Hall / Doors": Status.OPERATIONAL}

    with pytest.raises(Unreadable):
        await look(UptimeKuma(f"{kuma}/status/none"), way)
