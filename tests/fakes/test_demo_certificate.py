"""The certificates of the demo: what others make of them who do not know that they are made by hand."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tui_monitor.fakes.demo.certificate import Authority, Key, write_pair

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.make(NOW)


def meet(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> ssl.SSLObject:
    """The client's side of a handshake that is over."""
    here, there = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(here, there, server_hostname=name)
    answering = server.wrap_bio(there, here, server_side=True)
    for _ in range(8):
        for side in (asking, answering):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return asking


def contexts(folder: Path, authority: Authority, days: float) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    pair = folder / "pair.pem"
    write_pair(pair, authority, Key.make(), days)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pair)
    client = ssl.create_default_context(cadata=authority.pem())
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    return server, client


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_strict_client_that_trusts_the_authority_trusts_the_server(name: str, tmp_path: Path, authority: Authority):
    before = datetime.now(UTC).replace(microsecond=0)
    server, client = contexts(tmp_path, authority, 12)
    after = datetime.now(UTC)
    found = meet(server, client, name).getpeercert()
    assert found is not None
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), UTC)
    assert before <= until - timedelta(days=12) <= after


def test_it_is_for_this_machine_only(tmp_path: Path, authority: Authority):
    server, client = contexts(tmp_path, authority, 12)
    with pytest.raises(ssl.SSLCertVerificationError, match="name"):
        meet(server, client, "shop.example")


def test_one_that_has_run_out_is_refused(tmp_path: Path, authority: Authority):
    server, client = contexts(tmp_path, authority, -1)
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        meet(server, client, "localhost")


def test_nobody_trusts_it_who_does_not_know_the_authority(tmp_path: Path, authority: Authority):
    server, _ = contexts(tmp_path, authority, 12)
    with pytest.raises(ssl.SSLCertVerificationError):
        meet(server, ssl.create_default_context(cadata=Authority.make(NOW).pem()), "localhost")


def test_the_key_is_its_owners_alone(tmp_path: Path, authority: Authority):
    contexts(tmp_path, authority, 12)
    assert [(one.name, one.stat().st_mode & 0o777) for one in tmp_path.iterdir()] == [("pair.pem", 0o600)]


def test_many_keys_all_sign_so_that_it_can_be_checked(authority: Authority):
    """The numbers in a signature have no fixed length, and each key is another one."""
    for _ in range(20):
        one = Authority.make(NOW)
        client = ssl.create_default_context(cadata=one.pem())
        assert client.get_ca_certs()[0]["notBefore"]
        assert one.key.sign(b"x") != one.key.sign(b"x")
