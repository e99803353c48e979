"""What holds for every test: nothing leaves this machine, nothing touches the user's own state, services are real.

Only what all areas share lives here; each area keeps its own fixtures beside its tests.
"""

from __future__ import annotations

import contextlib
import importlib.util
import ipaddress
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

import tui_monitor

IN_CI = os.environ.get("CI") == "true"

PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink)
"""Without explaining, which traces every line and takes minutes to say what the shrunk example already shows."""

settings.register_profile("dev", deadline=None, max_examples=60, phases=PHASES)
settings.register_profile("ci", parent=settings.get_profile("dev"), derandomize=True, database=None, print_blob=True)
settings.register_profile("long", parent=settings.get_profile("dev"), max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if IN_CI else "dev"))


def pytest_sessionstart() -> None:
    """The last run of CI is about what people will install: a source tree in the way would prove nothing."""
    where = Path(tui_monitor.__file__)
    if os.environ.get("TUI_MONITOR_FROM_WHEEL") and "site-packages" not in where.parts:
        pytest.exit(f"the tests were to run on the installed wheel, but tui_monitor came from {where}", returncode=3)


# -- services -------------------------------------------------------------------------------------------------------

PORTS = {"postgres": 5432, "mariadb": 3306, "redis": 6379, "rabbitmq": 5672, "mosquitto": 1883, "nats": 4222}
MODULES = {"moto": "moto", "aiosmtpd": "aiosmtpd", "uvloop": "uvloop", "boto3": "boto3"}


def refused_echoes() -> str:
    """Neither way of sending ICMP echoes is open to whoever runs the suite."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP):
            return ""
    return "neither net.ipv4.ping_group_range nor CAP_NET_RAW lets this user send echoes"


def refused_network() -> str:
    """A network namespace of one's own, in which root may change the rules."""
    if lacking := [name for name in ("unshare", "ip", "setpriv") if shutil.which(name) is None]:
        return f"there is no command {lacking[0]} on this machine"
    said = subprocess.run(["unshare", "--net", "ip", "link", "set", "lo", "up"], capture_output=True, text=True)
    return f"no network of one's own can be made: {said.stderr.strip()}" if said.returncode else ""


def refused_sshd() -> str:
    """Both ends of a connection to this machine; the server is often outside the path of a plain user."""
    lacking = [name for name in ("ssh", "ssh-keygen", "sshd") if shutil.which(name, path=ALL_PATHS) is None]
    return f"there is no command {lacking[0]} on this machine" if lacking else ""


def refused_kuma() -> str:
    """An Uptime Kuma in a folder that is named, for it comes with a hundred packages; and what runs it."""
    folder = Path(os.environ.get("UPTIME_KUMA", ""))
    if not os.environ.get("UPTIME_KUMA") or not (folder / "server" / "server.js").is_file():
        return "UPTIME_KUMA names no folder with an Uptime Kuma"
    return "" if shutil.which("node") else "there is no command node on this machine"


def refused_azurite() -> str:
    """An Azurite in a folder that is named, for it is as large."""
    program = Path(os.environ.get("AZURITE", ""), "dist", "src", "table", "main.js")
    if not os.environ.get("AZURITE") or not program.is_file():
        return "AZURITE names no folder with an Azurite"
    return "" if shutil.which("node") else "there is no command node on this machine"


ALL_PATHS = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"

PROBES = {"icmp": refused_echoes, "namespace": refused_network, "sshd": refused_sshd, "uptime-kuma": refused_kuma}
PROBES["azurite"] = refused_azurite

BROUGHT = {"uptime-kuma": "UPTIME_KUMA", "azurite": "AZURITE"}
"""What npm brings, and what then names it."""


def missing(service: str) -> str:
    """Why this service cannot be used here; empty when it can."""
    if service in PROBES:
        return PROBES[service]()
    if service in PORTS:
        with socket.socket() as probe:
            probe.settimeout(2)
            if probe.connect_ex(("127.0.0.1", PORTS[service])):
                return f"{service} does not listen on 127.0.0.1:{PORTS[service]}"
        return ""
    if service in MODULES:
        return "" if importlib.util.find_spec(MODULES[service]) else f"the Python package {service} is not installed"
    return "" if shutil.which(service) else f"there is no command {service} on this machine"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A newcomer's machine skips with a reason; CI promised to have the service, so there its absence fails."""
    for mark in item.iter_markers("service"):
        if reason := missing(mark.args[0]):
            (pytest.fail if is_promised(mark.args[0]) else pytest.skip)(reason)


def is_promised(service: str) -> bool:
    """CI has all of them; what npm brings only where it could, which is then named."""
    return IN_CI and (service not in BROUGHT or BROUGHT[service] in os.environ)


# -- nothing leaves this machine ------------------------------------------------------------------------------------

strays: list[str] = []
GUARDED = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"}


def is_here(host: Any) -> bool:
    """Whether traffic to this host stays on the loopback; names other than localhost would ask a name server."""
    if not host:
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def is_literal(host: Any) -> bool:
    """Whether resolving this asks nobody."""
    try:
        ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return True


def watch_sockets(event: str, args: tuple[Any, ...]) -> None:
    """Refuse, and remember: the code under test may well catch the refusal and call it an outage."""
    if event not in GUARDED:
        return
    if event == "socket.getaddrinfo":
        host = args[0]
        stays = is_here(host) or is_literal(host)
    else:
        sock, address = args
        stays = sock.family not in (socket.AF_INET, socket.AF_INET6) or address is None or is_here(address[0])
        host = address
    if not stays:
        strays.append(f"{event} {host}")
        raise PermissionError(f"a test must not leave this machine: {event} {host}")


sys.addaudithook(watch_sockets)


@pytest.fixture(autouse=True)
def stay_on_this_machine() -> Iterator[list[str]]:
    """A test that tried to reach elsewhere fails, whatever the code under test made of the refusal."""
    strays.clear()
    yield strays
    tried, strays[:] = list(strays), []
    if tried:
        pytest.fail(f"left this machine: {', '.join(tried)}")


# -- nothing touches the user's own state ---------------------------------------------------------------------------

PERSONAL = ("TUI_MONITOR_CONFIG", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """State goes to a folder of this test's own, and no setting of whoever runs the suite leaks in."""
    for name in (*PERSONAL, *PROXIES, *map(str.upper, PROXIES)):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "home"
    monkeypatch.setenv("TUI_MONITOR_HOME", str(folder))
    return folder
