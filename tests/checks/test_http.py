"""`http` from the outside: its options and its looks, at a real server."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.net.small import answering, response
from tests.net.test_tls import authority, server_side
from tui_monitor.checks.craft.expect import Expect
from tui_monitor.checks.http import Http
from tui_monitor.core.errors import Unreachable
from tui_monitor.core.options import Auth, Basic, ClientCertificate
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.net import Way


async def test_a_look_at_a_service_that_is_well(way: Way):
    async with answering(response(b"all ok")) as served:
        check = Http(served.url, expect=(Expect(status="200-204"), Expect(body_matches="ok")))
        reading = check.judge(await check.look(way))
    assert (reading.status, reading.message, reading.cause) == (Status.OPERATIONAL, "200 OK", "")
    assert reading.phases is not None
    assert reading.latency == reading.phases.total


async def test_everything_that_was_asked_for_is_sent(way: Way):
    async with answering(response()) as served:
        check = Http(
            served.url,
            method="PUT",
            headers={"X-One": "1", "X-Two": Secret("two")},
            body=Secret("data"),
            auth=Auth(basic=Basic("us", Secret("word"))),
        )
        await check.look(way)
        await Http(served.url, auth=Auth(bearer=Secret("token"))).look(way)
    first, second = served.heard
    assert first.startswith(b"PUT / HTTP/1.1\r\n")
    assert first.endswith(b"\r\n\r\ndata")
    assert {b"X-One: 1", b"X-Two: two", b"Authorization: Basic dXM6d29yZA=="} <= set(first.split(b"\r\n"))
    assert b"Authorization: Bearer token\r\n" in second


def test_no_secret_is_shown():
    check = Http(
        "http://x/?k=sesame", headers={"A": Secret("sesame")}, body="sesame", auth=Auth(bearer=Secret("sesame"))
    )
    assert "sesame" not in repr(check)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"url": "x"}, "must begin with http"),
        ({"url": "http://x", "redirects": 21}, "from 0 to 20"),
        ({"url": "http://x", "max_body": 0}, "number of bytes"),
        ({"url": "http://x", "method": "G E T"}, "not an HTTP method"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict, text: str):
    with pytest.raises(ValueError, match=text):
        Http(**options)


@pytest.mark.parametrize("both", [{}, {"basic": Basic("a", Secret("b")), "bearer": Secret("c")}])
def test_auth_is_exactly_one_of_two(both: dict):
    with pytest.raises(ValueError, match="exactly one"):
        Auth(**both)


async def test_tls_is_verified_unless_told_otherwise(way: Way, tmp_path):
    ca = authority(tmp_path)
    ca.issue_cert("us@x.example").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "us.pem"))
    async with answering(response(), tls=server_side(ca)) as served:
        with pytest.raises(Unreachable) as caught:
            await Http(served.secure).look(way)
        assert caught.value.cause == "certificate"
        assert (await Http(served.secure, verify_tls=False).look(way)).status == 200
        assert (
            await Http(served.secure, ca="ca.pem", client_certificate=ClientCertificate("us.pem")).look(way)
        ).status == 200


async def test_a_certificate_that_is_asked_for_is_looked_at_each_time(way: Way, tmp_path):
    async with answering(response(), tls=server_side(authority(tmp_path))) as served:
        check = Http(served.secure, ca="ca.pem", expect=(Expect(certificate_days=1.0),))
        answers = [await check.look(way) for _ in range(2)]
    assert not answers[1].resumed
    assert check.judge(answers[1]).certificate_until is not None
    assert check.judge(answers[1]).status is Status.OPERATIONAL


async def test_the_budget_of_the_way_is_the_deadline(way: Way):
    async with answering(hold=True) as served:
        with pytest.raises(Unreachable, match="within 50 ms"):
            await Http(served.url).look(Way(way.net, 0.05))


def test_looking_needs_no_http_client():
    """httpx takes 160 ms to import, a third of the time to the first look; only destinations and vendors need it."""
    program = (
        "import sys, tui_monitor.checks.http, tui_monitor.checks.tcp; print([m for m in HEAVY if m in sys.modules])"
    )
    heavy = "HEAVY = ['httpx', 'regex', 'jmespath', 'urllib.request', 'pydantic']; "
    done = subprocess.run([sys.executable, "-c", heavy + program], capture_output=True, text=True, timeout=20)
    assert done.stdout == "[]\n", done.stderr
