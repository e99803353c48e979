"""Certificates of all kinds, sessions that resume, and handshakes that go wrong."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from tests.net.small import answering, head_of, response, serving
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.net import Net, Trust, build_request
from tui_monitor.net.trust import FULL_EVERY, valid_until

PAST = datetime(2020, 2, 3, 4, 5, tzinfo=UTC)


def authority(folder: Path) -> trustme.CA:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    return ca


def server_side(ca: trustme.CA, *names: str, **more) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*(names or ("localhost", "127.0.0.1")), **more).configure_cert(context)
    return context


TRUST = Trust(ca="ca.pem")


async def test_a_certificate_of_an_authority_of_ones_own(net: Net, tmp_path):
    ca = authority(tmp_path)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    async with answering(response(b"safe"), tls=server_side(ca, not_after=until)) as served:
        answer = await net.fetch(build_request("GET", served.secure, trust=TRUST), 5)
    assert answer.body == b"safe"
    assert answer.certificate_until == until
    assert answer.phases.tls > 0


async def test_a_certificate_of_nobody_we_know_is_refused(net: Net, tmp_path):
    async with answering(response(), tls=server_side(authority(tmp_path))) as served:
        with pytest.raises(Unreachable, match=r"issuer is not trusted.*\(it is valid until ") as caught:
            await net.fetch(build_request("GET", served.secure), 5)
    assert caught.value.cause == "certificate"


async def test_an_expired_certificate_is_refused_with_its_day(net: Net, tmp_path):
    ca = authority(tmp_path)
    async with answering(response(), tls=server_side(ca, not_before=PAST - timedelta(9), not_after=PAST)) as served:
        with pytest.raises(Unreachable, match="the certificate expired on 2020-02-03 04:05 UTC") as caught:
            await net.fetch(build_request("GET", served.secure, trust=TRUST), 5)
    assert caught.value.cause == "certificate"


async def test_a_certificate_for_another_name_is_refused(net: Net, tmp_path):
    ca = authority(tmp_path)
    async with answering(response(), tls=server_side(ca, "elsewhere.example")) as served:
        with pytest.raises(Unreachable, match=r"for another name \(it is valid until"):
            await net.fetch(build_request("GET", served.secure, trust=TRUST), 5)
        with pytest.raises(Unreachable, match="for another address"):
            await net.fetch(build_request("GET", f"https://127.0.0.1:{served.port}/", trust=TRUST), 5)


async def test_a_certificate_that_is_refused_for_another_reason_and_expired_too_is_not_called_valid(
    net: Net, tmp_path
):
    ca = authority(tmp_path)
    async with answering(response(), tls=server_side(ca, not_before=PAST - timedelta(9), not_after=PAST)) as served:
        with pytest.raises(Unreachable, match=r"not trusted, and it expired on 2020-02-03 04:05 UTC$"):
            await net.fetch(build_request("GET", served.secure), 5)


@pytest.mark.parametrize(
    ("trust", "text"),
    [
        (Trust(ca="none.pem"), "the certificate file none.pem cannot be read: no such file or directory"),
        (Trust(ca="folder"), "the certificate files folder cannot be used: is a directory"),
        (
            Trust(ca="words.pem"),
            "the certificate files words.pem cannot be used: no certificate or key in PEM is in it",
        ),
        (Trust(cert="ca.pem"), "the certificate files ca.pem cannot be used: no certificate or key in PEM is in it"),
        (Trust(cert="us.pem", key="key.pem"), "us.pem and key.pem cannot be used: the key is not the certificate's"),
    ],
)
async def test_certificate_files_that_cannot_be_used_are_told_in_plain_words(
    net: Net, tmp_path, trust: Trust, text: str
):
    ca = authority(tmp_path)
    ca.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    ca.issue_cert("us@example.com").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "us.pem"))
    (tmp_path / "words.pem").write_text("hello")
    (tmp_path / "folder").mkdir()
    async with answering(response(), tls=server_side(ca)) as served:
        with pytest.raises(Unreadable) as caught:
            await net.fetch(build_request("GET", served.secure, trust=trust), 5)
    assert text in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


async def test_a_self_signed_certificate_is_refused(net: Net, tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca = authority(tmp_path)
    ca.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    context.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")
    async with answering(response(), tls=context) as served:
        with pytest.raises(Unreachable, match="self-signed"):
            await net.fetch(build_request("GET", served.secure), 5)


async def test_any_certificate_will_do_where_it_is_not_verified(net: Net, tmp_path):
    ca = authority(tmp_path)
    async with answering(
        response(), tls=server_side(ca, "elsewhere.example", not_after=PAST, not_before=PAST)
    ) as served:
        answer = await net.fetch(build_request("GET", served.secure, trust=Trust(verify=False)), 5)
    assert answer.certificate_until == PAST


async def test_the_validity_is_told_within_the_deadline_or_not_at_all(net: Net, tmp_path):
    context = server_side(authority(tmp_path))

    async def handle(reader, writer):
        if served.connections == 1:
            await writer.start_tls(context)
        await reader.read()

    async with serving(handle) as served:
        with pytest.raises(Unreachable, match=r"issuer is not trusted$") as caught:
            await net.fetch(build_request("GET", served.secure), 0.3)
    assert caught.value.cause == "certificate"


async def test_a_client_certificate_is_shown_to_who_asks(net: Net, tmp_path):
    ca = authority(tmp_path)
    ca.issue_cert("us@example.com").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "us.pem"))
    context = server_side(ca)
    context.verify_mode = ssl.CERT_REQUIRED
    ca.configure_trust(context)
    async with answering(response(), tls=context) as served:
        trust = Trust(ca="ca.pem", cert="us.pem")
        assert (await net.fetch(build_request("GET", served.secure, trust=trust), 5)).status == 200


async def test_a_server_that_misses_our_certificate_is_told_apart(net: Net, tmp_path):
    ca = authority(tmp_path)
    context = server_side(ca)
    context.verify_mode = ssl.CERT_REQUIRED
    ca.configure_trust(context)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=refuse_one, args=(listener, context))
        thread.start()
        url = f"https://localhost:{listener.getsockname()[1]}/"
        with pytest.raises(Unreachable, match="asks for a client certificate") as caught:
            await net.fetch(build_request("GET", url, trust=TRUST), 5)
        thread.join()
    assert caught.value.cause == "tls"


def refuse_one(listener: socket.socket, context: ssl.SSLContext) -> None:
    sock, _ = listener.accept()
    with sock, pytest.raises(ssl.SSLError):
        context.wrap_socket(sock, server_side=True)
    # the alert is on its way before the socket is closed


@pytest.mark.parametrize(
    "trust",
    [Trust(ca="absent.pem"), Trust(ca="empty.pem"), Trust(cert="empty.pem"), Trust(cert="x.pem", key="y.pem")],
)
async def test_a_certificate_file_that_cannot_be_used_says_nothing_of_the_service(net: Net, tmp_path, trust: Trust):
    (tmp_path / "empty.pem").write_bytes(b"")
    async with answering(response()) as served:
        with pytest.raises(Unreadable, match="certificate file"):
            await net.fetch(build_request("GET", served.secure, trust=trust), 5)


async def test_a_new_authority_is_seen_when_its_file_changes(net: Net, tmp_path):
    authority(tmp_path)
    ca = trustme.CA()
    async with answering(response(), tls=server_side(ca)) as served:
        request = build_request("GET", served.secure, trust=TRUST)
        with pytest.raises(Unreachable):
            await net.fetch(request, 5)
        ca.cert_pem.write_to_path(str(tmp_path / "new.pem"))
        (tmp_path / "new.pem").replace(tmp_path / "ca.pem")
        assert (await net.fetch(request, 5)).status == 200


# -- sessions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_sessions_are_resumed_and_keep_what_is_known_of_the_certificate(net: Net, tmp_path, version):
    context = server_side(authority(tmp_path))
    context.maximum_version = version
    async with answering(response(), tls=context) as served:
        answers = [await net.fetch(build_request("GET", served.secure, trust=TRUST), 5) for _ in range(4)]
    assert [answer.resumed for answer in answers] == [False, True, True, True]
    assert len({answer.certificate_until for answer in answers}) == 1
    assert answers[3].certificate_until is not None


async def test_every_so_often_a_handshake_is_a_full_one(net: Net, tmp_path):
    async with answering(response(), tls=server_side(authority(tmp_path))) as served:
        request = build_request("GET", served.secure, trust=TRUST)
        resumed = [(await net.fetch(request, 5)).resumed for _ in range(FULL_EVERY + 3)]
    assert resumed == [False, *[True] * FULL_EVERY, False, True]


async def test_a_certificate_that_expired_meanwhile_is_seen_and_stays_seen(net: Net, tmp_path):
    """A resumed look sees no certificate: the one full look that fails must not be outvoted by later ones."""
    ca = authority(tmp_path)
    context = server_side(ca)
    async with answering(response(), tls=context) as served:
        request = build_request("GET", served.secure, trust=TRUST)
        for _ in range(FULL_EVERY + 1):
            assert (await net.fetch(request, 5)).status == 200
        ca.issue_cert("localhost", not_before=PAST, not_after=PAST).configure_cert(context)
        for _ in range(3):
            with pytest.raises(Unreachable, match="expired"):
                await net.fetch(request, 5)


async def test_one_look_renews_the_session_for_all(net: Net, tmp_path):
    async with answering(response(), tls=server_side(authority(tmp_path))) as served:
        request = build_request("GET", served.secure, trust=TRUST)
        for _ in range(FULL_EVERY):
            await net.fetch(request, 5)
        answers = await asyncio.gather(*(net.fetch(request, 5) for _ in range(10)))
    assert sum(not answer.resumed for answer in answers) == 1


async def test_a_handshake_is_a_full_one_whenever_the_certificate_is_asked_for(net: Net, tmp_path):
    async with answering(response(), tls=server_side(authority(tmp_path))) as served:
        request = build_request("GET", served.secure, trust=TRUST, certificate=True)
        answers = [await net.fetch(request, 5) for _ in range(3)]
    assert not any(answer.resumed for answer in answers)
    assert all(answer.certificate_until for answer in answers)


async def test_a_session_is_never_shared_between_settings(net: Net, tmp_path):
    async with answering(response(), tls=server_side(authority(tmp_path))) as served:
        for _ in range(2):
            await net.fetch(build_request("GET", served.secure, trust=Trust(verify=False)), 5)
        with pytest.raises(Unreachable):
            await net.fetch(build_request("GET", served.secure), 5)
        answer = await net.fetch(build_request("GET", served.secure, trust=TRUST), 5)
    assert not answer.resumed


# -- handshakes that go wrong ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak TLS"),
        (b"SSH-2.0-x\r\n", "does not speak TLS"),
        (b"", "in the middle of the TLS handshake"),
        (b"\x16\x03\x03\x00\x04", "in the middle of the TLS handshake"),
        (b"\x15\x03\x03\x00\x02\x02\x28", "handshake failure"),
    ],
)
async def test_what_is_not_tls_is_told_apart(net: Net, said: bytes, text: str):
    async def handle(reader, writer):
        await reader.read(1)
        writer.write(said)

    async with serving(handle) as served:
        with pytest.raises(Unreachable, match=text) as caught:
            await net.fetch(build_request("GET", served.secure), 5)
    assert caught.value.cause == "tls"


async def test_a_handshake_that_stalls_is_given_up_at_the_deadline(net: Net):
    async def handle(reader, writer):
        await reader.read(1)
        await asyncio.Event().wait()

    async with serving(handle) as served:
        with pytest.raises(Unreachable, match="still in the TLS handshake"):
            await net.fetch(build_request("GET", served.secure), 0.1)


async def test_a_body_that_ends_without_a_farewell_is_still_a_body(net: Net, tmp_path):
    async def handle(reader, writer):
        await head_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nshort")
        await writer.drain()
        writer.transport.abort()

    async with serving(handle, server_side(authority(tmp_path))) as served:
        answer = await net.fetch(build_request("GET", served.secure, trust=TRUST), 5)
    assert answer.body == b"short"


async def test_a_large_answer_comes_whole_through_tls(net: Net, tmp_path):
    body = bytes(range(256)) * 8192
    async with answering(response(body), tls=server_side(authority(tmp_path))) as served:
        request = build_request("POST", served.secure, body=body, trust=TRUST)
        answer = await net.fetch(request, 5)
    assert answer.body == body
    assert served.heard[0].endswith(body)


# -- validity -------------------------------------------------------------------------------------------------------


@given(st.datetimes(datetime(1960, 1, 1), datetime(2200, 1, 1)))
def test_the_end_of_validity_is_read_from_any_year(until: datetime):
    until = until.replace(microsecond=0, tzinfo=UTC)
    cert = _CA.issue_cert("x.example", not_before=until - timedelta(1), not_after=until)
    der = ssl.PEM_cert_to_DER_cert(cert.cert_chain_pems[0].bytes().decode())
    assert valid_until(der) == until


@given(st.binary(max_size=200), st.integers(0, 400))
def test_a_broken_certificate_has_no_end_that_is_known(noise: bytes, at: int):
    der = ssl.PEM_cert_to_DER_cert(_CA.cert_pem.bytes().decode())
    for broken in (noise, der[:at], der[:at] + noise + der[at + len(noise) :]):
        found = valid_until(broken)
        assert found is None or found.tzinfo is UTC


_CA = trustme.CA()
