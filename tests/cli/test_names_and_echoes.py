"""`check` looks at names and sends echoes as a user's config says, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import COMMAND, PATIENCE, Setting
from tests.net.nameservers import free_port, named

TREE = Path(__file__).parents[2]
ECHOES = """
services:
  - {name: Router, ping: {host: 127.0.0.1, latency: 1s}}
  - {name: Router by IPv6, ping: {host: "::1", count: 1}}
  - {name: Slow, ping: {host: localhost, latency: 1ns}}
"""
NAMES = """
defaults: {{timeout: 5s}}
services:
  - name: Address
    dns: {{name: www.example.test, server: "127.0.0.1:{port}", expect: [192.0.2.1, 192.0.2.2], exactly: true}}
  - name: Mail
    dns: {{name: example.test, type: MX, server: "127.0.0.1:{port}", expect: 10 mail.example.test, protocol: tcp}}
  - {{name: Gone, dns: {{name: no.example.test, server: "127.0.0.1:{port}"}}}}
  - {{name: Nobody, dns: {{name: www.example.test, server: "127.0.0.1:{free}"}}}}
"""


def told(setting: Setting, *names: str) -> dict[str, tuple[str, str]]:
    said = setting.call("check", "--json", *names)
    assert said.stderr == ""
    return {row["name"]: (row["status"], row["message"]) for row in json.loads(said.stdout)}


@pytest.mark.service("icmp")
def test_echoes_are_sent_from_the_command_line(tmp_path: Path) -> None:
    setting = Setting(tmp_path / "own", ECHOES.replace("1ns", "0.001ms"))
    assert setting.call("check", "router", "router-by-ipv6").returncode == 0
    found = told(setting)
    assert {name: status for name, (status, _) in found.items()} == {
        "Router": "operational",
        "Router by IPv6": "operational",
        "Slow": "degraded",
    }
    assert found["Router"][1].startswith("replies in ")


@pytest.mark.service("named")
def test_names_are_asked_for_from_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "named").mkdir()
    with named(tmp_path / "named") as port:
        free = free_port()
        setting = Setting(tmp_path / "own", NAMES.format(port=port, free=free))
        assert told(setting) == {
            "Address": ("operational", "192.0.2.1, 192.0.2.2"),
            "Mail": ("operational", "10 mail.example.test, 20 mail2.example.test"),
            "Gone": ("major", "the name does not exist (NXDOMAIN)"),
            "Nobody": ("major", f"the name server 127.0.0.1:{free} cannot be asked: the connection was refused"),
        }
        assert setting.call("check", "address", "mail").returncode == 0
        assert setting.call("check", "gone").returncode == 1


@pytest.mark.service("named")
@pytest.mark.service("namespace")
@pytest.mark.parametrize(
    "resolvers",
    [
        "# ours\nnameserver 127.0.0.77\nnameserver nonsense\nnameserver 127.0.0.1\noptions edns0\n",
        "nameserver ::1\n",
        "search example.test\n",
    ],
)
@pytest.mark.parametrize("protocol", ["udp", "tcp"])
def test_without_a_server_the_name_servers_of_the_machine_are_asked(
    resolvers: str, protocol: str, tmp_path: Path
) -> None:
    """In a network and a view of the files of its own, for the name servers of a machine all have the usual port."""
    config = f"services: [{{name: A, dns: {{name: www.example.test, protocol: {protocol}}}}}]"
    setting = Setting(tmp_path / "own", config)
    (tmp_path / "resolv.conf").write_text(resolvers)
    (tmp_path / "named").mkdir()
    script = f'ip link set lo up; mount --bind {tmp_path}/resolv.conf /etc/resolv.conf; exec "$@"'
    words = [sys.executable, "-m", "tests.net.nameservers", str(tmp_path / "named"), *COMMAND, "check"]
    said = subprocess.run(
        ["unshare", "--net", "--mount", "sh", "-ec", script, "sh", *words, "-c", str(setting.config), "--json"],
        env=setting.variables,
        cwd=TREE,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (said.returncode, said.stderr) == (0, "")
    assert json.loads(said.stdout)[0]["message"] == "192.0.2.1, 192.0.2.2"
