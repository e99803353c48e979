"""`certificate` from the outside: certificates of every kind, in real handshakes."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from tests.net.small import serving
from tests.net.test_tls import authority, refuse_one, server_side
from tui_monitor.checks.certificate import Certificate
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.model import Phases, Reading
from tui_monitor.core.options import ClientCertificate
from tui_monitor.core.status import Status
from tui_monitor.net import Way
from tui_monitor.net.leaf import Leaf, read_leaf
from tui_monitor.net.peer import Met

NOW = datetime.now(UTC).replace(microsecond=0)
PAST = datetime(2020, 2, 3, 4, 5, tzinfo=UTC)
SOON = NOW + timedelta(days=12, minutes=5)


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def look(way: Way, tls: ssl.SSLContext, host: str = "localhost", **options: object) -> Reading:
    async with serving(silence, tls) as served:
        check = Certificate(host, served.port, **options)
        return check.judge(await check.look(way))


def self_signed(ca: trustme.CA, folder: Path) -> ssl.SSLContext:
    """The authority shows its own certificate, which nobody gave it."""
    ca.private_key_pem.write_to_path(str(folder / "key.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context


# -- what is right --------------------------------------------------------------------------------------------------


async def test_a_certificate_that_is_good_for_long_is_operational(way: Way, tmp_path):
    until = NOW + timedelta(days=200, hours=3)
    reading = await look(way, server_side(authority(tmp_path), not_after=until), ca="ca.pem")
    assert (reading.status, reading.cause) == (Status.OPERATIONAL, "")
    assert reading.message == f"the certificate expires in 200 days (on {until:%Y-%m-%d})"
    assert reading.certificate_until == until
    assert [(one.name, one.value, one.unit) for one in reading.measures] == [
        ("days_left", pytest.approx(200.12, abs=0.02), "d")
    ]
    assert 0 < reading.phases.tls < reading.phases.total == reading.latency


async def test_each_look_is_a_full_handshake(way: Way, tmp_path):
    ca = authority(tmp_path)
    context = server_side(ca, not_after=NOW + timedelta(days=100))
    async with serving(silence, context) as served:
        check = Certificate("localhost", served.port, ca="ca.pem")
        first = check.judge(await check.look(way))
        ca.issue_cert("localhost", not_after=SOON).configure_cert(context)
        second = check.judge(await check.look(way))
        while served.connections < 2:
            await asyncio.sleep(0)
    assert (first.status, second.status) == (Status.OPERATIONAL, Status.DEGRADED)
    assert second.certificate_until == SOON


async def test_the_name_that_is_asked_for_chooses_the_certificate(way: Way, tmp_path):
    ca = authority(tmp_path)
    context, shop = server_side(ca, "mail.example"), server_side(ca, "shop.example", not_after=SOON)

    def choose(tls: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name == "shop.example":
            tls.context = shop

    context.sni_callback = choose
    chosen = await look(way, context, "127.0.0.1", ca="ca.pem", server_name="SHOP.example")
    assert chosen.certificate_until == SOON
    assert chosen.cause.startswith("expires:")
    other = await look(way, context, "127.0.0.1", ca="ca.pem", server_name="blog.example")
    assert other.cause == "name"
    assert other.message.startswith("the certificate is for mail.example, not for blog.example (from ")


async def test_an_address_may_be_what_a_certificate_is_for(way: Way, tmp_path):
    context = server_side(authority(tmp_path), "127.0.0.1", "::1")
    assert (await look(way, context, "127.0.0.1", ca="ca.pem")).status is Status.OPERATIONAL
    wrong = await look(way, server_side(authority(tmp_path), "127.0.0.2"), "127.0.0.1", ca="ca.pem")
    assert wrong.message.startswith("the certificate is for 127.0.0.2, not for 127.0.0.1 (from ")


async def test_a_client_certificate_is_shown_to_who_asks(way: Way, tmp_path):
    ca = authority(tmp_path)
    ca.issue_cert("us@example.com").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "us.pem"))
    context = server_side(ca)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # which cannot be shown anything before it has accepted us
    ca.configure_trust(context)
    reading = await look(way, context, ca="ca.pem", client_certificate=ClientCertificate("us.pem"))
    assert reading.status is Status.OPERATIONAL
    with pytest.raises(Unreachable) as caught:
        await look(way, context, ca="ca.pem")
    assert caught.value.cause == "tls"


# -- what is wrong --------------------------------------------------------------------------------------------------


async def test_a_certificate_that_has_expired_is_told_with_its_day(way: Way, tmp_path):
    context = server_side(authority(tmp_path), not_before=PAST - timedelta(9), not_after=PAST)
    reading = await look(way, context, ca="ca.pem")
    assert reading.status is Status.MAJOR
    assert reading.cause.startswith("expired:")
    assert reading.message.endswith("days ago (on 2020-02-03)")
    assert reading.certificate_until == PAST


async def test_a_certificate_that_is_not_yet_valid_is_told_with_its_day(way: Way, tmp_path):
    context = server_side(authority(tmp_path), not_before=SOON, not_after=SOON + timedelta(90))
    reading = await look(way, context, ca="ca.pem")
    assert (reading.status, reading.cause) == (Status.MAJOR, "not-yet")
    assert reading.message.startswith(
        f"the certificate is not valid before {SOON:%Y-%m-%d %H:%M} UTC (for localhost, 127.0.0.1; from "
    )


async def test_a_certificate_that_nobody_gave_is_told(way: Way, tmp_path):
    ca = authority(tmp_path)
    reading = await look(way, self_signed(ca, tmp_path), check_name=False)
    assert (reading.status, reading.cause) == (Status.MAJOR, "chain")
    assert reading.message.startswith("the certificate is self-signed (from ")
    trusted = await look(way, self_signed(ca, tmp_path), check_name=False, ca="ca.pem")
    assert trusted.status is Status.OPERATIONAL


async def test_a_certificate_of_nobody_we_know_is_read_all_the_same(way: Way, tmp_path):
    context = server_side(authority(tmp_path), not_after=SOON + timedelta(90))
    reading = await look(way, context)
    assert (reading.status, reading.cause) == (Status.MAJOR, "chain")
    why, known = reading.message.removesuffix(")").split(" (")
    assert "not trusted" in why
    assert known.startswith("for localhost, 127.0.0.1; from ")
    assert known.endswith(f"; good until {SOON + timedelta(90):%Y-%m-%d}")
    assert reading.certificate_until == SOON + timedelta(90)


async def test_a_chain_that_nobody_trusts_can_be_accepted(way: Way, tmp_path):
    context = server_side(authority(tmp_path), not_after=SOON)
    assert (await look(way, context, verify_chain=False)).cause.startswith("expires:")
    elsewhere = server_side(authority(tmp_path), "elsewhere.example")
    assert (await look(way, elsewhere, verify_chain=False)).cause == "name"
    assert (await look(way, elsewhere, verify_chain=False, check_name=False)).status is Status.OPERATIONAL


async def test_a_certificate_for_others_says_for_whom(way: Way, tmp_path):
    names = [f"a{number}.example" for number in range(60)]
    reading = await look(way, server_side(authority(tmp_path), *names), ca="ca.pem")
    assert (reading.status, reading.cause) == (Status.MAJOR, "name")
    known = "a0.example, a1.example, a2.example and 57 more"
    assert reading.message.startswith(f"the certificate is for {known}, not for localhost (from ")
    assert (await look(way, server_side(authority(tmp_path), *names), ca="ca.pem", check_name=False)).cause == ""


async def test_all_that_is_wrong_is_told_at_once(way: Way, tmp_path):
    context = server_side(authority(tmp_path), "a.example", not_before=PAST - timedelta(9), not_after=PAST)
    reading = await look(way, context)
    chain, name, ending = reading.message.split("; ")
    assert "not trusted" in chain
    assert name == "the certificate is for a.example, not for localhost"
    assert ending.startswith("the certificate expired ")
    assert reading.cause.split()[:2] == ["chain", "name"]


async def test_what_is_told_for_people_is_harmless(way: Way):
    evil = issue("evil\x1b[31m\u202egpj.exe", names=["x\x1b[31m.example"])
    reading = await look(way, serving_with(evil))
    assert reading.message.isprintable()
    assert "\u202e" not in reading.message


async def test_an_authority_of_the_chain_that_has_expired_is_told_apart(way: Way, tmp_path):
    root = issue("root", is_authority=True)
    between = issue("between", by=root, is_authority=True, until=PAST, since=PAST - timedelta(9))
    leaf = issue("shop", by=between, names=["localhost"])
    (tmp_path / "root.pem").write_bytes(root.pem)
    reading = await look(way, serving_with(leaf, between), ca="root.pem")
    assert (reading.status, reading.cause) == (Status.MAJOR, "chain")
    assert reading.message.startswith("a certificate of its chain has expired, or is not yet valid (for localhost; ")


# -- thresholds -----------------------------------------------------------------------------------------------------


def judged(days_left: float, der: bytes = b"x", **options: object) -> Reading:
    leaf = replace(read_leaf(der), since=PAST, until=NOW + timedelta(days=days_left), names=("a.example",))
    return Certificate("a.example", **options).judge(Met(leaf, Phases(), NOW))


def test_each_threshold_is_news_once_and_for_each_certificate():
    causes = [judged(left).cause for left in (31, 29, 20, 13, 10, 6, 3, 0.5, -1)]
    assert causes[0] == ""
    assert causes[1] == causes[2]
    assert causes[3] == causes[4]
    assert causes[5] == causes[6]
    assert len(set(causes)) == 6
    assert judged(20).milestone
    assert judged(20, b"another").cause != judged(20).cause


def test_thresholds_are_ones_own():
    assert judged(20, days=(10.0,)).status is Status.OPERATIONAL
    assert judged(9, days=(10.0,)).status is Status.DEGRADED
    assert judged(0.5).status is Status.MAJOR


def test_a_threshold_is_news_also_where_something_else_is_wrong():
    early = Certificate("b.example").judge(Met(replace(leaf_for(20)), Phases(), NOW))
    late = Certificate("b.example").judge(Met(replace(leaf_for(10)), Phases(), NOW))
    assert early.status is late.status is Status.MAJOR
    assert early.cause != late.cause
    assert late.milestone
    assert "not for b.example; the certificate expires in " in late.message


def leaf_for(days_left: float) -> Leaf:
    return Leaf("0" * 64, PAST, NOW + timedelta(days=days_left), names=("a.example",))


def test_a_certificate_of_which_nothing_can_be_read_tells_nothing():
    with pytest.raises(Unreadable, match="nothing of its certificate"):
        Certificate("a.example").judge(Met(read_leaf(b"nonsense"), Phases(), NOW))


# -- no handshake ---------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated:DeprecationWarning")
async def test_a_server_that_knows_only_old_tls_is_told_apart(way: Way, tmp_path):
    context = server_side(authority(tmp_path))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=refuse_one, args=(listener, context))
        thread.start()
        with pytest.raises(Unreachable, match="no version of TLS that is still safe") as caught:
            await Certificate("localhost", listener.getsockname()[1], ca="ca.pem").look(way)
        thread.join()
    assert caught.value.cause == "tls"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak TLS"),
        (b"", "in the middle of the TLS handshake"),
        (b"\x16\x03\x03\x00\x04", "in the middle of the TLS handshake"),
        (b"\x15\x03\x03\x00\x02\x02\x28", "handshake failure"),
    ],
)
async def test_what_is_no_tls_is_told_apart(way: Way, said: bytes, text: str):
    async def handle(reader, writer):
        await reader.read(1)
        writer.write(said)

    async with serving(handle) as served:
        with pytest.raises(Unreachable, match=text) as caught:
            await Certificate("localhost", served.port).look(way)
    assert caught.value.cause == "tls"


async def test_a_fault_stays_the_same_where_the_certificate_is_not_shown_a_second_time(way: Way, tmp_path):
    context = server_side(authority(tmp_path))

    async def handle(reader, writer):
        if served.connections == 1:
            await writer.start_tls(context)
        await reader.read()

    async with serving(handle) as served:
        with pytest.raises(Unreachable, match=r"not trusted$") as caught:
            await Certificate("localhost", served.port).look(Way(way.net, 0.3))
    assert caught.value.cause == "certificate"
    assert way.net.places == 20


# -- names ----------------------------------------------------------------------------------------------------------

PATTERNS = ["a.example", "A.Example.", "*.example", "*.a.example", "*", "*.", "a.*.example", "x*.a.example", ""]
HOSTS = ["a.example", "b.a.example", "xy.a.example", "c.b.a.example", "example", "a.example.", "192.0.2.1"]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_name_fits_where_openssl_says_so(pattern: str, host: str):
    made = issue(pattern or "c.b.a.example", names=[pattern] if pattern else [])
    assert read_leaf(made.der).fits(host) is is_taken_by_openssl(made, host)


def is_taken_by_openssl(made: Issued, host: str) -> bool:
    context = ssl.create_default_context(cadata=made.pem.decode())
    inner, outer = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(inner, outer, server_hostname=host.rstrip("."))
    server = serving_with(made).wrap_bio(outer, inner, server_side=True)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLCertVerificationError as error:
                assert error.verify_code in (62, 64)
                return False
    return True


def test_the_common_name_counts_only_where_there_are_no_others():
    assert read_leaf(issue("a.example").der).called == ("a.example",)
    assert not read_leaf(issue("a.example", names=["b.example"]).der).fits("a.example")


@given(st.binary(max_size=300), st.integers(0, 700))
def test_a_broken_certificate_is_read_as_far_as_it_goes(noise: bytes, at: int):
    der = GOOD.der
    for broken in (noise, der[:at], der[:at] + noise + der[at + len(noise) :]):
        leaf = read_leaf(broken)
        assert all(text.isprintable() for text in (leaf.subject, leaf.issuer, *leaf.called))
        leaf.fits("a.example")


# -- options --------------------------------------------------------------------------------------------------------


def test_the_port_is_the_usual_one_of_what_is_spoken():
    kinds = (None, "smtp", "imap", "pop3", "ftp", "ldap", "postgres", "mysql", "xmpp")
    ports = [Certificate("a.example", starttls=kind).meeting.place.port for kind in kinds]
    assert ports == [443, 25, 143, 110, 21, 389, 5432, 3306, 5222]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"port": 0}, "a number from 1 to 65535"),
        ({"host": "a b"}, "no host name has"),
        ({"server_name": "a b"}, "^server_name: "),
        ({"days": ()}, "^days: "),
        ({"days": (0.0,)}, "^days: "),
        ({"ca": "ca.pem", "verify_chain": False}, "ca is of no use without verify_chain"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict, text: str):
    with pytest.raises(ValueError, match=text):
        Certificate(**{"host": "a.example", **options})


# -- certificates of our own making ---------------------------------------------------------------------------------


class Issued:
    """A certificate with its key, as freely made as no authority would."""

    def __init__(self, made: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self.made, self.key = made, key
        self.der = made.public_bytes(serialization.Encoding.DER)
        self.pem = made.public_bytes(serialization.Encoding.PEM)


def issue(
    name: str,
    *,
    by: Issued | None = None,
    names: list[str] | None = None,
    is_authority: bool = False,
    since: datetime = PAST,
    until: datetime = NOW + timedelta(days=400),
) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name or "x")])
    issuer = by.made.subject if by else subject
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number(), since, until)
    builder = builder.add_extension(x509.BasicConstraints(is_authority, None), critical=True)
    if names:
        kinds = [x509.DNSName(one) for one in names]
        builder = builder.add_extension(x509.SubjectAlternativeName(kinds), critical=False)
    return Issued(builder.sign(by.key if by else key, hashes.SHA256()), key)


def serving_with(made: Issued, *chain: Issued) -> ssl.SSLContext:
    import tempfile

    secret = made.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(secret + made.pem + b"".join(one.pem for one in chain))
        file.flush()
        context.load_cert_chain(file.name)
    return context


GOOD = issue("a.example", names=["a.example", "*.b.example"])
