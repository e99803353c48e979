"""The guard of tests/conftest.py: what tries to leave this machine is refused and remembered; loopback is free."""

from __future__ import annotations

import socket

import pytest

from tests.conftest import is_here, missing


def test_a_connection_elsewhere_is_refused_and_remembered(stay_on_this_machine: list[str]):
    with socket.socket() as out, pytest.raises(PermissionError, match="must not leave"):
        out.connect(("192.0.2.1", 80))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out, pytest.raises(PermissionError):
        out.sendto(b"x", ("192.0.2.1", 53))
    assert len(stay_on_this_machine) == 2
    stay_on_this_machine.clear()


def test_asking_a_name_server_is_refused_and_remembered(stay_on_this_machine: list[str]):
    with pytest.raises(PermissionError):
        socket.getaddrinfo("status.example.com", 443)
    assert stay_on_this_machine == ["socket.getaddrinfo status.example.com"]
    stay_on_this_machine.clear()


def test_the_loopback_is_free(stay_on_this_machine: list[str]):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(server.getsockname(), timeout=5):
            assert socket.getaddrinfo("localhost", 80)
    assert not stay_on_this_machine


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", b"localhost", "shop.localhost", ""])
def test_the_loopback_is_here(host: str | bytes):
    assert is_here(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.com", "0.0.0.1", "localhost.example.com"])
def test_everything_else_is_elsewhere(host: str):
    assert not is_here(host)


def test_a_service_that_is_absent_is_named_in_the_reason():
    assert "no command nowhere-to-be-found" in missing("nowhere-to-be-found")
    assert missing("python3") == ""
