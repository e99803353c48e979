"""Mail handed in to a real server: encrypted as asked, threaded, and refused for a reason that says what to do."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from tests.destinations.post_office import PostOffice, opened_office
from tests.destinations.small import Out, changed, message, opened, resolved
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.model import Kind
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.destinations.craft.mail import compose, letter_of
from tui_monitor.destinations.smtp import Smtp

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
HOSTILE = 'Ünïcode 💥 <b>"x"</b>\r\nBcc: thief@example.com\r\n\r\n.\r\nQUIT'


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> str:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return "ca.pem"


@pytest.fixture(scope="module")
def papers(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with opened_office() as one:
        yield one


def to(office: PostOffice, **options: Any) -> Smtp:
    usual = {"sender": "Ops <ops@example.com>", "to": ("team@example.com",), "security": "none", "port": office.port}
    return Smtp(**{"host": "127.0.0.1", **usual, **options})


async def test_a_mail_says_what_is_wrong_in_text_and_html(office: PostOffice, outside: Out) -> None:
    await to(office, cc=("Böss <boss@example.com>", "team@example.com")).deliver(message(), outside)
    (mail,) = office.mails
    assert office.envelopes[0].mail_from == "ops@example.com"
    assert office.envelopes[0].rcpt_tos == ["team@example.com", "boss@example.com"]
    assert mail["Subject"] == "API production is major: it answered 500"
    assert (mail["From"], mail["To"]) == ("Ops <ops@example.com>", "team@example.com")
    assert mail["Cc"] == "Böss <boss@example.com>"
    assert mail["Date"] == "Fri, 20 Nov 2026 12:00:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, rich = mail.iter_parts()
    assert plain.get_content_type() == "text/plain"
    assert plain.get_content().splitlines()[:3] == [mail["Subject"], "", "Service: API production"]
    assert '<a href="http://api.test/"' in rich.get_content()


async def test_the_escalation_list_gets_the_mail_and_its_thread(office: PostOffice, outside: Out) -> None:
    plugin = to(office, escalate_to=("Boss <boss@example.com>", "TEAM@example.com"), escalate_at="partial")
    mild = opened(status=Status.DEGRADED, severity=Status.DEGRADED)
    first = await plugin.deliver(message(mild), outside)
    worse = changed(kind=Kind.WORSENED, severity=Status.PARTIAL)
    await plugin.deliver(message(worse, first.ref), outside)
    await plugin.deliver(message(resolved(revision=3, severity=Status.PARTIAL), first.ref), outside)
    assert [one.rcpt_tos for one in office.envelopes] == [
        ["team@example.com"],
        ["team@example.com", "boss@example.com"],
        ["team@example.com", "boss@example.com"],
    ]
    assert [mail["To"] for mail in office.mails[1:]] == ["team@example.com, Boss <boss@example.com>"] * 2
    assert [mail["References"] for mail in office.mails] == [None, first.ref, first.ref]


async def test_an_incident_is_one_thread(office: PostOffice, outside: Out) -> None:
    first = await to(office).deliver(message(), outside)
    second = await to(office).deliver(message(changed(), first.ref), outside)
    last = await to(office).deliver(message(resolved(revision=3), first.ref), outside)
    ids = [mail["Message-ID"] for mail in office.mails]
    assert first.ref == second.ref == last.ref == ids[0]
    assert len(set(ids)) == 3
    assert [mail["In-Reply-To"] for mail in office.mails] == [None, first.ref, first.ref]
    assert [mail["References"] for mail in office.mails] == [None, first.ref, first.ref]


async def test_a_second_try_is_recognised_as_the_same_mail(office: PostOffice, outside: Out) -> None:
    for _ in range(2):
        await to(office).deliver(message(), outside)
    first, second = office.mails
    assert first["Message-ID"] == second["Message-ID"] == f"<{message().key}@example.com>"


async def test_no_name_breaks_out_of_the_subject_the_body_or_the_conversation(
    office: PostOffice, outside: Out
) -> None:
    await to(office, subject="[{name}] {title}").deliver(message(opened(HOSTILE)), outside)
    (mail,) = office.mails
    assert office.envelopes[0].rcpt_tos == ["team@example.com"]
    assert mail["Subject"].startswith('[Ünïcode 💥 <b>"x"</b> Bcc: thief@example.com . QUIT]')
    assert mail["Bcc"] is None
    plain, rich = mail.iter_parts()
    assert "💥 <b>" in plain.get_content()
    assert "<b>" not in rich.get_content()
    assert bytes(office.envelopes[0].content or b"").isascii()


async def test_a_subject_is_one_line_of_bounded_length(office: PostOffice, outside: Out) -> None:
    await to(office, subject="one\r\nX-Two: {title} {name} {message}").deliver(message(opened("n" * 10_000)), outside)
    (mail,) = office.mails
    assert mail["Subject"].startswith("one X-Two: nnn")
    assert mail["Subject"].endswith("…")
    assert len(mail["Subject"]) == 200
    assert mail["X-Two"] is None


async def test_goodbye_is_said_but_not_waited_for(office: PostOffice, outside: Out) -> None:
    await to(office).deliver(message(), outside)
    async with asyncio.timeout(10):
        await office.left.wait()


@given(st.text(max_size=80))
def test_any_name_makes_a_mail_with_the_same_headers(name: str) -> None:
    told = message(opened(name))
    writer = Smtp("mail.example.com", "ops@example.com", ("ops@example.com",), subject="{name} {title}")
    sent = compose(letter_of(told, writer), told).as_bytes()
    head = sent.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").split(b"\r\n")
    names = [line.partition(b":")[0].decode() for line in head]
    assert names == ["Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
    assert sent.isascii()
    assert max(map(len, sent.split(b"\r\n"))) <= 998


# -- protection -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_mail_is_encrypted_and_logged_in_as_asked(
    papers: ssl.SSLContext, trusted: str, outside: Out, security: str
) -> None:
    async with opened_office(**{security: papers}) as office:
        plugin = to(office, security=security, user="ann", password=Secret("pässword"), ca=trusted)
        await plugin.deliver(message(), outside)
        assert office.encrypted == [True]
        assert office.logins == [(b"ann", "pässword".encode())]


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_of_nobody_we_trust_gets_no_mail(
    papers: ssl.SSLContext, outside: Out, security: str
) -> None:
    async with opened_office(**{security: papers}) as office:
        with pytest.raises(
            DeliveryError, match=r"127\.0\.0\.1 cannot be reached: its certificate is not trusted"
        ) as caught:
            await to(office, security=security, user="u", password=Secret("SECRET")).deliver(message(), outside)
        assert caught.value.retry
        assert office.envelopes == office.logins == []


async def test_where_starttls_is_not_offered_nothing_is_sent(office: PostOffice, outside: Out) -> None:
    with pytest.raises(DeliveryError, match="does not offer STARTTLS") as caught:
        await to(office, security="starttls").deliver(message(), outside)
    assert not caught.value.retry
    assert office.commands == []


@pytest.mark.parametrize(("answer", "retry"), [("535 5.7.8 bad SECRETWORD", False), ("454 4.7.0 later", True)])
async def test_a_refused_login_is_said_without_the_password(
    papers: ssl.SSLContext, trusted: str, outside: Out, answer: str, retry: bool
) -> None:
    async with opened_office(starttls=papers) as office:
        office.refuse["AUTH"] = answer
        plugin = to(office, security="starttls", user="ann", password=Secret("SECRETWORD"), ca=trusted)
        with pytest.raises(DeliveryError, match=r"127\.0\.0\.1 does not let ann log in: " + answer[:3]) as caught:
            await plugin.deliver(message(), outside)
    assert caught.value.retry is retry
    assert "SECRETWORD" not in str(caught.value) + repr(plugin)


async def test_a_server_without_logins_is_said(papers: ssl.SSLContext, trusted: str, outside: Out) -> None:
    async with opened_office(starttls=papers, auth_exclude_mechanism=["LOGIN", "PLAIN"]) as office:
        plugin = to(office, security="starttls", user="ann", password=Secret("x"), ca=trusted)
        with pytest.raises(DeliveryError, match="no way to log in") as caught:
            await plugin.deliver(message(), outside)
    assert not caught.value.retry


async def test_certificates_that_cannot_be_read_are_said(office: PostOffice, outside: Out) -> None:
    (outside.home / "bad.pem").write_text("no certificate")
    for ca in ("missing.pem", "bad.pem"):
        with pytest.raises(DeliveryError, match=f"certificates in {ca} cannot be read"):
            await to(office, security="tls", ca=ca).deliver(message(), outside)


# -- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["MAIL", "DATA", "team@example.com"])
@pytest.mark.parametrize(("answer", "retry"), [("451 4.3.0 try later", True), ("550 5.1.1 never", False)])
async def test_a_4xx_may_pass_and_a_5xx_stays(
    office: PostOffice, outside: Out, command: str, answer: str, retry: bool
) -> None:
    office.refuse[command] = answer
    with pytest.raises(DeliveryError, match=answer) as caught:
        await to(office).deliver(message(), outside)
    assert caught.value.retry is retry
    assert office.envelopes == []


async def test_one_refused_recipient_of_two_is_said_and_the_other_gets_the_mail(
    office: PostOffice, outside: Out
) -> None:
    office.refuse["gone@example.com"] = "550 5.1.1 no such mailbox"
    receipt = await to(office, to=("gone@example.com", "team@example.com")).deliver(message(), outside)
    assert office.envelopes[0].rcpt_tos == ["team@example.com"]
    assert receipt.note == "127.0.0.1 refused gone@example.com: 550 5.1.1 no such mailbox"
    assert receipt.ref == office.mails[0]["Message-ID"]


async def test_all_refused_is_tried_again_while_one_of_them_may_pass(office: PostOffice, outside: Out) -> None:
    office.refuse |= {"a@example.com": "550 never", "b@example.com": "450 later"}
    with pytest.raises(DeliveryError, match="refused every recipient") as caught:
        await to(office, to=("a@example.com", "b@example.com")).deliver(message(), outside)
    assert caught.value.retry


async def test_nobody_listening_and_a_server_that_hangs_up_are_tried_again(outside: Out) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        for port in (server.sockets[0].getsockname()[1], 9):
            with pytest.raises(DeliveryError, match=r"127\.0\.0\.1 cannot be reached") as caught:
                await to(PostOffice(port)).deliver(message(), outside)
            assert caught.value.retry
            assert not caught.value.unsure


async def test_a_server_that_hangs_up_on_a_mail_may_have_taken_it(office: PostOffice, outside: Out) -> None:
    office.hangs = True
    delivery = asyncio.create_task(to(office).deliver(message(), outside))
    await office.reached.wait()
    office.hang_up()
    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1 cannot be reached") as caught:
        await delivery
    assert caught.value.retry
    assert caught.value.unsure


async def test_a_delivery_cancelled_at_the_deadline_leaves_the_line(office: PostOffice, outside: Out) -> None:
    office.hangs = True
    delivery = asyncio.create_task(to(office).deliver(message(), outside))
    await office.reached.wait()
    delivery.cancel()
    with pytest.raises(asyncio.CancelledError):
        await delivery
    office.hangs = False
    await to(office).deliver(message(), outside)
    assert len(office.envelopes) == 1


async def test_proving_hands_in_an_envelope_and_takes_it_back(office: PostOffice, outside: Out) -> None:
    assert "none was sent" in await to(office).prove(outside)
    assert office.commands == ["MAIL", "RSET"]
    assert office.envelopes == []
    office.refuse["team@example.com"] = "550 no such mailbox"
    office.refuse["boss@example.com"] = "553 nobody"
    with pytest.raises(DeliveryError, match=r"would refuse team@example\.com: 550 .*; boss@example\.com: 553"):
        await to(office, escalate_to=("boss@example.com",)).prove(outside)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"to": ()}, "at least one"),
        ({"to": ("nobody",)}, "not a mail address"),
        ({"to": ("a@example.com\r\nBcc: b@example.com",)}, "not a mail address"),
        ({"to": ("a@example.com, b@example.com",)}, "not a mail address"),
        ({"escalate_to": ("nobody",)}, "escalate_to: 'nobody' is not a mail address"),
        ({"sender": "@example.com"}, "not a mail address"),
        ({"sender": "Ops <ops@example.com> <x@y>"}, "not a mail address"),
        ({"user": "ann"}, "not sent unprotected"),
        ({"subject": "{titel}"}, "did you mean {title}"),
        ({"host": "https://mail.example.com"}, "host must be the name of a server"),
        ({"port": 70_000}, "port must be a number from 1 to 65535"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_runs(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("{", r"\{")):
        to(PostOffice(25), **options)
