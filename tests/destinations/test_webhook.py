"""Webhooks over real sockets: what is asked, how it is encoded, and what an answer means."""

from __future__ import annotations

import gzip
import json
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from tests.destinations.small import NOON, Out, banner, changed, message, opened, resolved
from tests.net.small import answering
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.secret import Secret
from tui_monitor.core.stamp import retry_after
from tui_monitor.destinations.webhook import Webhook
from tui_monitor.fakes.webhook import Webhook as Hook

NASTY = 'a&b=c/../?x#y "quoted" <b> {title} 💥 \\ %41'


def to(hook: Hook, path: str = "/hook", **options: Any) -> Webhook:
    return Webhook(Secret(hook.url + path), **options)


async def test_without_a_body_option_the_whole_message_goes_out_as_json(hook: Hook, outside: Out) -> None:
    told = message()
    await to(hook).deliver(told, outside)
    (heard,) = hook.heard
    assert (heard.method, heard.path) == ("POST", "/hook")
    assert heard.headers["idempotency-key"] == told.key
    assert heard.json["key"] == told.key
    assert heard.json["news"] == "opened"
    assert heard.json["title"] == "API production is major: it answered 500"
    assert heard.json["incidents"][0]["id"] == "inc1"
    assert heard.json["incidents"][0]["timeline"][0]["kind"] == "opened"
    assert heard.json["omitted"] == 0


async def test_title_and_message_go_into_path_and_query_as_cachet_url_monitor_had_them(
    hook: Hook, outside: Out
) -> None:
    options = {"query": {"title": "{title}", "message": "{message}"}, "body": ""}
    await to(hook, "/push/{title}?who={name}", **options).deliver(message(), outside)
    (heard,) = hook.heard
    title = "API production is major: it answered 500"
    assert heard.path == f"/push/{title}"
    assert heard.query == {"who": "API production", "title": title, "message": "it answered 500"}
    assert heard.body == b""


async def test_a_field_in_a_path_or_query_cannot_leave_its_place(hook: Hook, outside: Out) -> None:
    await to(hook, "/a/{name}/z?n={name}&last=1", query={"q": "{name}"}).deliver(message(opened(NASTY)), outside)
    (heard,) = hook.heard
    assert heard.target.partition("?")[0].count("/") == 3
    assert heard.path == f"/a/{NASTY}/z"
    assert heard.query == {"n": NASTY, "last": "1", "q": NASTY}


@pytest.mark.parametrize("name", [".", ".."])
async def test_a_name_of_dots_does_not_climb_out_of_the_path(hook: Hook, outside: Out, name: str) -> None:
    await to(hook, "/a/b/{name}/c").deliver(message(opened(name)), outside)
    assert hook.heard[0].path == f"/a/b/{name}/c"


@given(st.text(max_size=60))
def test_no_text_changes_where_a_message_goes_or_adds_a_parameter(name: str) -> None:
    plugin = Webhook(Secret("http://host.test:8080/a/{name}?n={name}&last=1"), query={"q": "x{name}"})
    url = plugin._post(message(opened(name))).url.reveal()
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("http", "host.test:8080", "")
    assert parts.path.startswith("/a/")
    assert parts.path.count("/") == 2
    assert [key for key, _ in parse_qsl(parts.query, keep_blank_values=True)] == ["n", "last", "q"]
    assert url.isascii()
    assert url.isprintable()


@pytest.mark.parametrize(
    "body",
    [
        {"text": "{title}", "list": ["{name}", 3, None, True], "deep": {"a": {"b": "{name}"}}},
        '{"text": "{title}", "list": ["{name}", 3, null, true], "deep": {"a": {"b": "{name}"}}}',
    ],
)
async def test_fields_in_the_texts_of_a_json_body_are_escaped(hook: Hook, outside: Out, body: Any) -> None:
    await to(hook, body=body).deliver(message(opened(NASTY)), outside)
    heard = hook.heard[0]
    assert heard.headers["content-type"] == "application/json"
    assert heard.json["deep"]["a"]["b"] == NASTY
    assert heard.json["list"] == [NASTY, 3, None, True]


@given(st.text(max_size=60))
def test_no_text_changes_the_shape_of_a_json_body(name: str) -> None:
    plugin = Webhook(Secret("http://host.test/"), body='{"a": "{name}", "b": 1}')
    sent = json.loads(plugin._post(message(opened(name))).body)
    assert list(sent) == ["a", "b"]
    assert sent["b"] == 1


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("application/x-www-form-urlencoded", b"text=a%26b%3C&n=1"),
        ("application/xml", b"text=a&amp;b&lt;&n=1"),
        ("text/plain", b"text=a&b<&n=1"),
    ],
)
async def test_a_text_body_is_escaped_as_its_content_type_asks(
    hook: Hook, outside: Out, kind: str, sent: bytes
) -> None:
    plugin = to(hook, headers={"content-type": kind}, body="text={name}&n=1")
    await plugin.deliver(message(opened("a&b<")), outside)
    assert hook.heard[0].headers["content-type"] == kind
    assert hook.heard[0].body == sent


async def test_a_group_fills_a_field_with_what_each_member_has(hook: Hook, outside: Out) -> None:
    items = [opened("one", 1), opened("two", 2), opened("two", 3)]
    await to(hook, body={"n": "{name}", "s": "{status}", "c": "{count}"}).deliver(message(items), outside)
    assert hook.heard[0].json == {"n": "one, two", "s": "major", "c": "3"}


async def test_a_get_has_no_body_unless_one_is_given(hook: Hook, outside: Out) -> None:
    await to(hook, method="GET", query={"t": "{title}"}).deliver(message(), outside)
    assert (hook.heard[0].method, hook.heard[0].body) == ("GET", b"")


async def test_basic_and_bearer_and_headers_of_ones_own_are_sent(hook: Hook, outside: Out) -> None:
    await to(hook, user="ann", password=Secret("pässword")).deliver(message(), outside)
    await to(hook, token=Secret("t0ken"), headers={"X-Key": Secret("k3y"), "idempotency-key": "mine"}).deliver(
        message(), outside
    )
    first, second = hook.heard
    assert first.headers["authorization"] == "Basic YW5uOnDDpHNzd29yZA=="
    assert second.headers["authorization"] == "Bearer t0ken"
    assert second.headers["x-key"] == "k3y"
    assert second.headers["idempotency-key"] == "mine"


# -- answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_2xx_is_success(hook: Hook, outside: Out, status: int) -> None:
    hook.answer(status)
    await to(hook).deliver(message(), outside)
    assert len(hook.heard) == 1


@pytest.mark.parametrize(
    ("status", "retry"),
    [
        *((status, True) for status in (408, 425, 429, 500, 501, 502, 503, 504, 599)),
        *((status, False) for status in (400, 401, 403, 404, 410, 422, 451, 499)),
    ],
)
async def test_an_answer_that_is_no_success_says_whether_to_try_again(
    hook: Hook, outside: Out, status: int, retry: bool
) -> None:
    hook.answer(status)
    with pytest.raises(DeliveryError, match=f"127.0.0.1 answered {status}") as caught:
        await to(hook).deliver(message(), outside)
    assert caught.value.retry is retry
    assert caught.value.after is None
    assert len(hook.heard) == 1


@pytest.mark.parametrize(
    ("header", "after"),
    [("7", 7.0), ("Fri, 20 Nov 2026 12:01:30 GMT", 90.0), ("Fri, 20 Nov 2026 11:00:00 GMT", 0.0), ("soon", None)],
)
async def test_retry_after_is_seconds_or_a_date_seen_from_our_clock(
    hook: Hook, outside: Out, header: str, after: float | None
) -> None:
    hook.answer(429, Retry_After=header)
    with pytest.raises(DeliveryError) as caught:
        await to(hook).deliver(message(), outside)
    assert caught.value.retry
    assert caught.value.after == after


@given(
    st.one_of(st.text(max_size=40), st.from_regex(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{1,9} \d\d:\d\d:\d\d .{0,6}"))
)
def test_no_retry_after_raises_or_asks_for_the_past(text: str) -> None:
    after = retry_after(text, NOON)
    assert after is None or after >= 0


async def test_nobody_listening_and_a_line_that_drops_are_tried_again(hook: Hook, outside: Out) -> None:
    hook.drop()
    with pytest.raises(
        DeliveryError, match=r"127\.0\.0\.1 gave no proper answer: the connection was closed"
    ) as dropped:
        await to(hook).deliver(message(), outside)
    assert dropped.value.retry
    assert dropped.value.unsure
    assert [heard.answered for heard in hook.heard] == [None]
    with pytest.raises(DeliveryError) as refused:
        await Webhook(Secret("http://127.0.0.1:9/hook")).deliver(message(), outside)
    assert refused.value.retry
    assert not refused.value.unsure


async def test_a_place_that_talks_but_not_http_is_not_called_unreachable(outside: Out) -> None:
    async with answering(b"220 mail.example ESMTP\r\n") as stranger:
        with pytest.raises(DeliveryError, match="gave no proper answer: it answers, but not in valid HTTP") as caught:
            await Webhook(Secret(stranger.url)).deliver(message(), outside)
    assert "reached" not in str(caught.value)
    assert caught.value.retry
    assert caught.value.unsure


async def test_an_error_repeats_neither_the_address_nor_any_secret_that_the_answer_repeats(
    hook: Hook, outside: Out
) -> None:
    plugin = to(
        hook,
        "/services/T0SECRET1/B0SECRET2?sig=S1GSECRET%2F3&x={name}",
        headers={"Authorization": "Bearer HEADERSECRET"},
        query={"token": Secret("QUERYSECRET")},
        body={"routing_key": "BODYSECRET", "text": "{title}"},
    )
    echo = "Cannot POST /services/T0SECRET1/B0SECRET2?sig=S1GSECRET%2F3&x=1 S1GSECRET/3 HEADERSECRET QUERYSECRET"
    hook.answer(404, body=f"{echo} BODYSECRET \x1b[31mred\r\nsecond line".encode())
    with pytest.raises(DeliveryError) as caught:
        await plugin.deliver(message(), outside)
    text = str(caught.value)
    assert "SECRET" not in text
    assert "SECRET" not in repr(plugin)
    assert text.startswith("127.0.0.1 answered 404 Not Found: Cannot POST")
    assert text.isprintable()


async def test_an_endless_answer_is_read_no_further_than_needed(hook: Hook, outside: Out) -> None:
    hook.answer(500, body=b"x" * 3_000_000)
    with pytest.raises(DeliveryError) as caught:
        await to(hook).deliver(message(), outside)
    assert len(str(caught.value)) < 400


# -- redirects ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [307, 308])
async def test_a_redirect_on_the_same_host_keeps_method_body_and_headers(
    hook: Hook, outside: Out, status: int
) -> None:
    hook.answer(status, Location="/moved?x=1")
    await to(hook, token=Secret("t0ken")).deliver(message(), outside)
    first, second = hook.heard
    assert (second.method, second.target, second.body) == ("POST", "/moved?x=1", first.body)
    assert second.headers["authorization"] == "Bearer t0ken"


@pytest.mark.parametrize("place", ["http://localhost:{port}/x", "//localhost/x", "http://127.0.0.1:1/x", ""])
async def test_a_redirect_to_another_place_is_not_followed(hook: Hook, outside: Out, place: str) -> None:
    hook.answer(307, Location=place.format(port=hook.port))
    with pytest.raises(DeliveryError, match="redirects to another place") as caught:
        await to(hook).deliver(message(), outside)
    assert not caught.value.retry
    assert len(hook.heard) == 1


async def test_a_redirect_to_no_address_at_all_is_a_refusal_too(hook: Hook, outside: Out) -> None:
    hook.answer(307, Location="http://[::")
    with pytest.raises(DeliveryError, match="not HTTP as it should be") as caught:
        await to(hook).deliver(message(), outside)
    assert caught.value.unsure


async def test_a_redirect_that_would_lose_the_message_is_refused(hook: Hook, outside: Out) -> None:
    hook.answer(302, Location="/x")
    with pytest.raises(DeliveryError, match="would lose the message") as caught:
        await to(hook).deliver(message(), outside)
    assert not caught.value.retry


async def test_redirects_in_a_circle_end(hook: Hook, outside: Out) -> None:
    hook.answer(307, times=50, Location="/hook")
    with pytest.raises(DeliveryError, match="in a circle"):
        await to(hook).deliver(message(), outside)
    assert len(hook.heard) == 5


# -- references -----------------------------------------------------------------------------------------------------


async def test_the_reference_of_the_first_answer_is_a_field_of_later_messages(hook: Hook, outside: Out) -> None:
    plugin = to(hook, ref_from="ticket.id", body={"ref": "{ref}"})
    hook.answer(201, body=b'{"ticket": {"id": 4711}}')
    receipt = await plugin.deliver(message(), outside)
    again = await plugin.deliver(message(resolved(), receipt.ref), outside)
    assert receipt.ref == again.ref == "4711"
    assert [heard.json["ref"] for heard in hook.heard] == ["", "4711"]
    assert not plugin.grouped
    assert to(hook).grouped


@pytest.mark.parametrize("body", [b"", b"ok", b"{}", b'{"id": {"a": 1}}', b"[" * 60_000, b'{"id": true}'])
async def test_an_answer_without_the_reference_is_delivered_and_said(hook: Hook, outside: Out, body: bytes) -> None:
    hook.answer(200, body=body)
    receipt = await to(hook, ref_from="id").deliver(message(), outside)
    assert receipt.ref == ""
    assert "holds no id" in receipt.note


async def test_the_link_for_people_is_taken_from_the_first_answer_if_it_is_one(hook: Hook, outside: Out) -> None:
    plugin = to(hook, ref_from="id", url_from="link", ticket=True)
    hook.links = "https://tickets.test/SHOP-"
    receipt = await plugin.deliver(message(), outside)
    assert (receipt.ref, receipt.url, receipt.note) == ("1", "https://tickets.test/SHOP-1", "")
    later = await plugin.deliver(replace(message(resolved(), receipt.ref), url=receipt.url), outside)
    assert (later.ref, later.url) == (receipt.ref, receipt.url)
    hook.answer(200, body=b'{"id": "9", "link": "javascript:alert(1)"}')
    odd = await plugin.deliver(message(), outside)
    assert (odd.ref, odd.url) == ("9", "")
    assert odd.note == "127.0.0.1 took it, but its answer holds no link"


def test_a_ticket_is_of_one_incident_and_what_shows_the_banner_says_so() -> None:
    address = Secret("https://hook.test/")
    assert not Webhook(address, ticket=True).grouped
    assert Webhook(address, ticket=True).tickets
    assert not Webhook(address).tickets
    assert Webhook(address, banner=True).banner


async def test_a_template_has_every_field_of_a_banner_and_nothing_where_it_has_none(hook: Hook, outside: Out) -> None:
    body = {"message": "{text}", "type": "{severity}", "state": "{state}", "who": "{by}", "of": "{name}{id}{group}"}
    await to(hook, body=body, query={"n": "{count}"}).deliver(banner("50 % {off}"), outside)
    (heard,) = hook.heard
    shown = {"message": "50 % {off}", "type": "warning", "state": "open", "who": "ann", "of": "Ops"}
    assert (heard.json, heard.query) == (shown, {"n": "0"})


async def test_the_document_of_a_banner_says_what_to_show_and_whether_it_still_is(hook: Hook, outside: Out) -> None:
    await to(hook).deliver(banner(cleared=True, revision=4, ref="7"), outside)
    (heard,) = hook.heard
    assert heard.json["incidents"] == []
    assert heard.json["banner"] == {
        "text": "Search is slow",
        "severity": "warning",
        "shown": False,
        "by": "ann",
        "at": "2026-11-20T12:00:00Z",
        "revision": 4,
    }


# -- config ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"url": "https://{name}.test/"}, "scheme or host"),
        ({"url": "{title}"}, "http:// or https://"),
        ({"url": "https://h{ost}:80/x"}, "scheme or host"),
        ({"url": "ftp://h/x"}, "http:// or https://"),
        ({"url": "https:///x"}, "not an address"),
        ({"url": "https://host.test\\@evil.test/x"}, "not an address"),
        ({"url": "https://h:99999/x"}, "not an address"),
        ({"url": "https://h/a b"}, "blanks"),
        ({"url": "https://h/\r\nX: y"}, "blanks"),
        ({"url": "https://h/{titel}"}, "did you mean {title}"),
        ({"query": {"a": "{mesage}"}}, "did you mean {message}"),
        ({"body": {"a": ["{severty}"]}}, "did you mean {severity}"),
        ({"body": '{"a": {title}}'}, "body is not JSON"),
        ({"body": "{", "headers": {"Content-Type": "application/json"}}, "body is not JSON"),
        ({"method": "TRACE"}, "method must be one of"),
        ({"headers": {"X": "a\r\nb"}}, "line break"),
        ({"headers": {"X Y": "a"}}, "must not hold"),
        ({"headers": {"Content-Length": "1"}}, "must not hold"),
        ({"token": Secret("t"), "user": "u"}, "give one of"),
        ({"token": Secret("t"), "headers": {"authorization": "x"}}, "give one of"),
        ({"token": Secret("t"), "url": "https://u:p@h/"}, "give one of"),
        ({"token": Secret("t\n")}, "line break"),
        ({"headers": {"X": "ä"}}, "no header can carry"),
        ({"ref_from": "a["}, "not a JMESPath"),
        ({"url_from": "a["}, "not a JMESPath"),
        ({"ticket": True, "banner": True}, "give one of ticket and banner"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_runs(options: dict[str, Any], says: str) -> None:
    url = Secret(options.pop("url", "https://hook.test/s3cret"))
    with pytest.raises(ValueError, match="(?s).*" + says.replace("{", r"\{")) as caught:
        Webhook(url, **options)
    assert "s3cret" not in str(caught.value)


async def test_proving_an_address_reaches_no_hook_and_tells_no_secret(hook: Hook, outside: Out) -> None:
    plugin = to(hook, "/services/T0SECRET", token=Secret("SECRETTOKEN"))
    hook.answer(405)
    assert "127.0.0.1 answers over plain HTTP" in await plugin.prove(outside)
    (heard,) = hook.heard
    assert (heard.method, heard.target, heard.body) == ("OPTIONS", "/", b"")
    assert "SECRET" not in heard.line()


async def test_the_same_telling_has_the_same_key_and_another_one_has_another(hook: Hook, outside: Out) -> None:
    for told in (message(), message(), message(changed())):
        await to(hook).deliver(told, outside)
    first, again, other = [heard.headers["idempotency-key"] for heard in hook.heard]
    assert first == again != other


def test_a_date_without_a_zone_counts_as_utc() -> None:
    later = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC) + timedelta(seconds=10)
    assert retry_after(later.strftime("%a, %d %b %Y %H:%M:%S -0000"), NOON) == 10


async def test_a_get_is_not_taken_elsewhere_and_called_a_success(hook: Hook, outside: Out) -> None:
    async with Hook() as other:
        hook.answer(302, Location=f"{other.url}/login")
        with pytest.raises(DeliveryError, match="redirects to another place"):
            await to(hook, method="GET").deliver(message(), outside)
        assert other.heard == []
    hook.answer(302, Location="/moved")
    await to(hook, method="GET").deliver(message(), outside)
    assert hook.heard[-1].path == "/moved"


async def test_an_endless_or_swelling_success_is_a_success(hook: Hook, outside: Out) -> None:
    bomb = gzip.compress(b'{"id": "7"}' + b" " * 5_000_000)
    hook.answer(200, body=b"x" * 3_000_000)
    hook.answer(200, body=bomb, Content_Encoding="gzip")
    hook.answer(200, body=bomb[:-9], Content_Encoding="gzip")
    for _ in range(3):
        await to(hook).deliver(message(), outside)
    assert len(hook.heard) == 3


@pytest.mark.parametrize(
    ("options", "arrives"), [({}, False), ({"verify_tls": False}, True), ({"ca": "ca.pem"}, True)]
)
async def test_tls_is_verified_against_the_authority_that_was_named(
    outside: Out, options: dict[str, Any], arrives: bool
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(outside.home / "ca.pem"))
    papers = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(papers)
    async with Hook(tls=papers) as secure:
        plugin = to(secure, token=Secret("t0ken"), **options)
        if arrives:
            await plugin.deliver(message(), outside)
            assert ("not verified" in await plugin.prove(outside)) is ("verify_tls" in options)
        else:
            with pytest.raises(DeliveryError, match="cannot be reached") as caught:
                await plugin.deliver(message(), outside)
            assert caught.value.retry
        assert len(secure.heard) == 2 * arrives
