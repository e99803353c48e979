"""The banner of a Qlik tenant over a real socket: written on a difference only, and never over a person's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.destinations.small import NOON, Out, message
from tests.destinations.small import banner as told
from tui_monitor.core.banner import Banner, Severity
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import News, banner_message
from tui_monitor.core.ports import Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.craft import qlik_sign
from tui_monitor.destinations.qlik_banner import QlikBanner
from tui_monitor.fakes.qlik import Qlik

FIXTURES = Path(__file__).parents[3] / "shared/fixtures/qlik"
DAY = timedelta(days=1)
BEGUN, ENDS = "2026-11-20T09:00:00Z", "2026-11-21T09:00:00Z"
MINE = "Maintenance of the tenant tonight"


@pytest.fixture
async def qlik() -> AsyncIterator[Qlik]:
    async with Qlik() as one:
        yield one
        assert one.refused == []


def to(qlik: Qlik, key: str = "", **options: Any) -> QlikBanner:
    return QlikBanner(qlik.url, Secret(key or qlik.key), **options)


def cleared(ref: str = "") -> Any:
    return told(revision=9, ref=ref, cleared=True)


def asked(qlik: Qlik) -> list[str]:
    return [f"{one.method} {one.path}" for one in qlik.heard]


def fixture(name: str) -> Any:
    path = FIXTURES / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    return json.loads(path.read_text())


# -- what is written ------------------------------------------------------------------------------------------------


async def test_it_is_looked_at_and_then_written_as_qlik_wants_it(qlik: Qlik, outside: Out) -> None:
    receipt = await to(qlik).deliver(told(), outside)
    assert asked(qlik) == ["GET /api/v1/banners", "POST /api/v1/banners/actions/upsert"]
    assert qlik.heard[1].headers["authorization"] == "Bearer qlik-key"
    assert qlik.heard[1].headers["content-type"] == "application/json"
    (written,) = qlik.written
    assert written == {
        "enabled": True,
        "type": "warning",
        "message": "Search is slow",
        "startTime": "2026-11-20T12:00:00.000Z",
        "endTime": "2026-11-21T12:00:00.000Z",
        "linkEnabled": False,
        "linkLabel": written["linkLabel"],
    }
    assert written["linkLabel"].startswith("tui-monitor-")
    assert (receipt.url, receipt.note) == (qlik.url, "")
    assert receipt.ref


@pytest.mark.parametrize("severity", Severity)
async def test_the_type_is_the_severity(qlik: Qlik, outside: Out, severity: Severity) -> None:
    one = told()
    assert one.banner is not None
    await to(qlik).deliver(replace(one, banner=replace(one.banner, severity=severity)), outside)
    assert qlik.written[0]["type"] == severity.value


async def test_it_is_what_the_predecessor_sent_but_for_the_mark(qlik: Qlik, outside: Out) -> None:
    """The same words at the same moment, first shown and then cleared."""
    shown, gone = fixture("DERIVED_upsert_request.json"), fixture("DERIVED_clear_request.json")
    outside.now = NOON.fromisoformat(shown["startTime"])
    banner = Banner("qlik", shown["message"], Severity.ERROR, "engine", outside.now)
    receipt = await to(qlik).deliver(banner_message(banner, News.OPENED, "Ops", outside.now), outside)
    outside.now = NOON.fromisoformat(gone["startTime"])
    end = banner_message(
        replace(banner, revision=2, cleared=True), News.RESOLVED, "Ops", outside.now, receipt.ref, receipt.url
    )
    await to(qlik).deliver(end, outside)
    first, second = qlik.written
    assert first.pop("linkLabel").startswith("tui-monitor-")
    assert (first, second) == (shown, gone)


async def test_it_is_cleared_once(qlik: Qlik, outside: Out) -> None:
    receipt = await to(qlik, cleared_text="All fine").deliver(told(), outside)
    for _ in range(2):
        end = await to(qlik, cleared_text="All fine").deliver(cleared(receipt.ref), outside)
        assert (end.ref, end.note) == (receipt.ref, "")
    assert [one["message"] for one in qlik.written] == ["Search is slow", "All fine"]
    assert (qlik.written[1]["enabled"], qlik.written[1]["type"]) == (False, "info")


async def test_what_was_never_shown_is_not_cleared(qlik: Qlik, outside: Out) -> None:
    assert (await to(qlik).deliver(cleared(), outside)).note == ""
    assert asked(qlik) == ["GET /api/v1/banners"]


async def test_the_address_of_a_tenant_may_end_in_a_slash(qlik: Qlik, outside: Out) -> None:
    await QlikBanner(f"{qlik.url}/", Secret(qlik.key)).deliver(told(), outside)
    assert qlik.shown == "Search is slow"


async def test_what_was_taken_in_another_way_is_not_taken_for_shown(qlik: Qlik, outside: Out) -> None:
    qlik.let(1)
    qlik.answer(203, body=b"{}")
    with pytest.raises(DeliveryError, match="answered 203"):
        await to(qlik).deliver(told(), outside)


async def test_no_incident_is_told(qlik: Qlik, outside: Out) -> None:
    assert await to(qlik).deliver(message(), outside) == Receipt()
    assert await to(qlik).find(message(), outside) is None
    assert qlik.heard == []


async def test_a_link_is_shown_and_carries_the_mark(qlik: Qlik, outside: Out) -> None:
    there = to(qlik, link_url="https://status.example.com/ops?x=1", link_label="More")
    await there.deliver(told(), outside)
    (written,) = qlik.written
    assert (written["linkEnabled"], written["linkLabel"]) == (True, "More")
    address, _, mark = written["linkUrl"].partition("#")
    assert (address, mark[:12]) == ("https://status.example.com/ops?x=1", "tui-monitor-")
    await there.deliver(told("Search is down", 2), outside)
    assert qlik.shown == "Search is down"


async def test_the_words_are_those_of_the_template_and_as_long_as_they_may_be(qlik: Qlik, outside: Out) -> None:
    there = to(qlik, template="Status: {message} [{severity}]", longest=40)
    await there.deliver(told(), outside)
    await there.deliver(told("Search is slow today, and so is everything else", 2), outside)
    assert [one["message"] for one in qlik.written] == [
        "Status: Search is slow [warning]",
        "Status: Search is slow today, and so is…",
    ]


async def test_hostile_words_arrive_as_one_harmless_line(qlik: Qlik, outside: Out) -> None:
    words = 'a\r\n"b\u202e\x1b[31m</script>{title}\ud800' + "n" * 10_000
    await to(qlik).deliver(told(words), outside)
    assert qlik.shown.startswith('a "b [31m</script>{title} nnn')
    assert qlik.shown.isprintable()
    assert len(qlik.shown) == 500


# -- only a difference ----------------------------------------------------------------------------------------------


async def test_where_just_this_stands_nothing_is_written(qlik: Qlik, outside: Out) -> None:
    first = await to(qlik).deliver(told(), outside)
    for one in (told(), told(revision=5, ref=first.ref), told(revision=7, ref="lost")):
        assert await to(qlik).deliver(one, outside) == first
    assert len(qlik.written) == 1


async def test_a_reminder_lengthens_it_before_it_ends(qlik: Qlik, outside: Out) -> None:
    there = to(qlik, expires_after=3600.0)
    assert there.renewed_every == 1800.0
    receipt = await there.deliver(told(), outside)
    outside.now += timedelta(minutes=10)
    await there.deliver(told(ref=receipt.ref), outside)
    assert len(qlik.written) == 1
    outside.now += timedelta(minutes=20)
    assert await there.deliver(told(ref=receipt.ref), outside) == receipt
    assert qlik.written[1]["endTime"] == "2026-11-20T13:30:00.000Z"


async def test_another_severity_is_a_difference(qlik: Qlik, outside: Out) -> None:
    one = told()
    assert one.banner is not None
    await to(qlik).deliver(one, outside)
    await to(qlik).deliver(replace(one, banner=replace(one.banner, severity=Severity.ERROR)), outside)
    assert [sent["type"] for sent in qlik.written] == ["warning", "error"]


# -- whose it is ----------------------------------------------------------------------------------------------------


async def test_what_a_person_has_put_there_is_left_and_named(qlik: Qlik, outside: Out) -> None:
    qlik.by_hand(MINE, BEGUN, ENDS)
    with pytest.raises(DeliveryError) as caught:
        await to(qlik).deliver(told(), outside)
    assert str(caught.value) == (
        f'127.0.0.1 shows a banner that is not ours, "{MINE}" until 2026-11-21T09:00:00Z:'
        " take it down there, or set take_over: true"
    )
    assert (caught.value.retry, caught.value.after, caught.value.unsure) == (True, 300.0, False)
    assert (await to(qlik).deliver(cleared(), outside)).note == qlik_sign.NOT_OURS
    assert (qlik.written, qlik.shown) == ([], MINE)


async def test_what_stands_is_named_in_harmless_words(qlik: Qlik, outside: Out) -> None:
    qlik.by_hand("a\x1b[31m\r\n\u202e" + "b" * 5000, BEGUN, ENDS)
    with pytest.raises(DeliveryError) as caught:
        await to(qlik).deliver(told(), outside)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


async def test_it_is_taken_over_where_the_config_says_so_and_then_ours_to_clear(qlik: Qlik, outside: Out) -> None:
    qlik.by_hand(MINE, BEGUN, ENDS)
    there = to(qlik, take_over=True)
    assert (await there.deliver(cleared(), outside)).note == qlik_sign.NOT_OURS
    assert qlik.shown == MINE
    receipt = await there.deliver(told(), outside)
    assert qlik.shown == "Search is slow"
    await to(qlik).deliver(cleared(receipt.ref), outside)
    assert qlik.shown == ""


@pytest.mark.parametrize("over", [{"enabled": False}, {"end": "2026-11-20T12:00:00Z"}], ids=["disabled", "over"])
async def test_what_a_person_shows_no_longer_is_replaced(qlik: Qlik, outside: Out, over: dict[str, Any]) -> None:
    qlik.by_hand(**{"message": MINE, "start": BEGUN, "end": ENDS, **over})
    await to(qlik).deliver(told(), outside)
    assert qlik.shown == "Search is slow"


async def test_what_a_person_has_planned_is_left_too(qlik: Qlik, outside: Out) -> None:
    qlik.by_hand(MINE, "2026-11-22T09:00:00Z", "2026-11-23T09:00:00Z")
    with pytest.raises(DeliveryError, match="not ours"):
        await to(qlik).deliver(told(), outside)


async def test_one_without_an_end_that_can_be_read_stands(qlik: Qlik, outside: Out) -> None:
    qlik.by_hand(MINE, BEGUN, ENDS)
    assert qlik.banner is not None
    qlik.banner["endTime"] = "some day"
    with pytest.raises(DeliveryError, match=f'"{MINE}": take it down'):
        await to(qlik).deliver(told(), outside)


LINKS = pytest.mark.parametrize("link", ["", "https://status.example.com/"], ids=["no link", "a link"])


@LINKS
async def test_ours_is_known_where_no_word_of_the_send_came_back(qlik: Qlik, outside: Out, link: str) -> None:
    """It was taken, nobody knows, and meanwhile there is something else to say: no reference says whose it is."""
    there = to(qlik, link_url=link)
    qlik.let(1)
    qlik.drop()
    with pytest.raises(DeliveryError) as caught:
        await there.deliver(told(), outside)
    assert (caught.value.retry, caught.value.unsure, qlik.shown) == (True, True, "Search is slow")
    worse = told("Search is down", 2)
    assert await there.find(worse, outside) is None
    receipt = await there.deliver(worse, outside)
    assert qlik.shown == "Search is down"
    assert await there.find(told("Search is down", 2), outside) == receipt
    assert await there.find(cleared(), outside) is None
    await there.deliver(cleared(), outside)
    assert qlik.shown == ""
    assert await there.find(cleared(), outside) == Receipt("", qlik.url)


async def test_a_look_that_fails_leaves_nothing_in_doubt(qlik: Qlik, outside: Out) -> None:
    qlik.drop()
    with pytest.raises(DeliveryError) as caught:
        await to(qlik).deliver(told(), outside)
    assert (caught.value.retry, caught.value.unsure, qlik.written) == (True, False, [])


@LINKS
@pytest.mark.parametrize(
    "edited", [{"message": "Search is slow, we are on it"}, {"type": "error"}], ids=["words", "type"]
)
async def test_what_a_person_has_made_of_ours_is_theirs(
    qlik: Qlik, outside: Out, edited: dict[str, Any], link: str
) -> None:
    there = to(qlik, link_url=link)
    receipt = await there.deliver(told(), outside)
    assert qlik.banner is not None
    qlik.banner.update(edited)
    with pytest.raises(DeliveryError, match="not ours"):
        await there.deliver(told("Search is down", 2, ref=receipt.ref), outside)
    assert (await there.deliver(cleared(receipt.ref), outside)).note == qlik_sign.NOT_OURS
    assert await there.find(cleared(receipt.ref), outside) is not None
    assert len(qlik.written) == 1


@pytest.mark.parametrize("kept", ["the mark", "the reference"])
async def test_a_tenant_that_keeps_no_label_or_other_words_still_has_ours(
    qlik: Qlik, outside: Out, kept: str
) -> None:
    receipt = await to(qlik).deliver(told(), outside)
    assert qlik.banner is not None
    if kept == "the reference":
        qlik.banner["linkLabel"] = ""
    await to(qlik).deliver(told("Search is down", 2, ref=receipt.ref if kept == "the reference" else ""), outside)
    assert qlik.shown == "Search is down"


async def test_what_it_is_told_in_other_words_is_known_by_its_answer(qlik: Qlik, outside: Out) -> None:
    receipt = await to(qlik).deliver(told("Search & Co"), outside)
    stands = {**(qlik.banner or {}), "message": "Search &amp; Co"}
    qlik.banner = stands
    qlik.let(1)
    qlik.answer(201, body=json.dumps(stands).encode())
    again = await to(qlik).deliver(told("Search & Co", 2, ref=qlik_sign.read(stands, NOON).seal), outside)
    assert again.ref == qlik_sign.read(stands, NOON).seal != receipt.ref
    await to(qlik).deliver(cleared(again.ref), outside)
    assert qlik.shown == ""


async def test_another_board_of_the_tenant_is_somebody_else(qlik: Qlik, outside: Out) -> None:
    other = replace(told("GitHub: Actions"), fields={**told().fields, "name": "Other", "message": "GitHub: Actions"})
    receipt = await to(qlik).deliver(other, outside)
    with pytest.raises(DeliveryError, match="not ours"):
        await to(qlik).deliver(told(ref=receipt.ref), outside)
    assert (await to(qlik).deliver(cleared(receipt.ref), outside)).note == qlik_sign.NOT_OURS


@given(st.text(max_size=80), st.sampled_from(list(Severity)), st.text(max_size=20), st.text(max_size=80))
def test_a_banner_is_ours_as_we_left_it_and_in_no_other_words(
    text: str, kind: Severity, board: str, words: str
) -> None:
    sign = qlik_sign.Sign(text, kind.value)
    label = qlik_sign.Link("", "").spelt(sign.marked(board))
    stands = {"enabled": True, "type": kind.value, "endTime": ENDS, **label}
    left = qlik_sign.standing({**stands, "message": text}, NOON)
    edited = qlik_sign.standing({**stands, "message": words}, NOON)
    assert left is not None
    assert edited is not None
    assert left.is_ours(board, "")
    assert edited.is_ours(board, sign.seal) is (words == text)
    assert not left.is_ours(board + "!", sign.seal)
    unmarked = qlik_sign.standing({**stands, "message": text, "linkLabel": None}, NOON)
    assert unmarked is not None
    assert (unmarked.is_ours(board, sign.seal), unmarked.is_ours(board, "")) == (True, False)


# -- what it refuses ------------------------------------------------------------------------------------------------


def error(status: int) -> bytes:
    errors = [
        {"code": f"HTTP-{status}", "title": "Bad request", "detail": "The data is malformed.", "status": status}
    ]
    return json.dumps({"errors": errors, "traceId": "1"}).encode()


@pytest.mark.parametrize(
    ("status", "retry", "says"),
    [
        (400, False, "127.0.0.1 answered 400 Bad Request: Bad request: The data is malformed."),
        (
            401,
            False,
            "127.0.0.1 answered 401 Unauthorized: the token is wrong, expired or of another tenant: give an API key"
            " of a user of this one",
        ),
        (
            403,
            False,
            "127.0.0.1 answered 403 Forbidden: the user of the token may not do this: give that user the role"
            " TenantAdmin",
        ),
        (404, False, "127.0.0.1 answered 404 Not Found: Bad request: The data is malformed."),
        (500, True, "127.0.0.1 answered 500 Internal Server Error: Bad request: The data is malformed."),
    ],
)
async def test_a_refusal_is_one_sentence_and_only_what_may_pass_is_tried_again(
    qlik: Qlik, outside: Out, status: int, retry: bool, says: str
) -> None:
    qlik.let(1)
    qlik.answer(status, body=error(status))
    with pytest.raises(DeliveryError) as caught:
        await to(qlik).deliver(told(), outside)
    assert (str(caught.value), caught.value.retry, caught.value.unsure) == (says, retry, False)


@pytest.mark.parametrize("before", [0, 1], ids=["reading", "writing"])
async def test_one_that_asks_too_often_waits_as_long_as_it_is_told(qlik: Qlik, outside: Out, before: int) -> None:
    qlik.let(before)
    qlik.answer(429, body=b"", Retry_After="77")
    with pytest.raises(DeliveryError) as caught:
        await to(qlik).deliver(told(), outside)
    assert (caught.value.retry, caught.value.after) == (True, 77.0)


@pytest.mark.parametrize("status", [200, 203, 404])
@pytest.mark.parametrize("before", [0, 1], ids=["reading", "writing"])
async def test_a_page_to_log_in_is_no_success(qlik: Qlik, outside: Out, status: int, before: int) -> None:
    qlik.let(before)
    qlik.answer(status, body=b"<html>log in</html>")
    with pytest.raises(DeliveryError) as caught:
        await to(qlik).deliver(told(), outside)
    assert not caught.value.retry
    assert str(status) in str(caught.value)
    assert qlik.written == []


@pytest.mark.parametrize("body", [b"[]", b'{"errors": 7}', b"[" * 50_000, b'{"errors": [{"title": null}, 7]}', b""])
async def test_errors_of_any_shape_are_told(qlik: Qlik, outside: Out, body: bytes) -> None:
    qlik.answer(400, body=body)
    with pytest.raises(DeliveryError, match="answered 400 Bad Request") as caught:
        await to(qlik).deliver(told(), outside)
    assert len(str(caught.value)) < 400


async def test_a_secret_that_comes_back_is_not_repeated(qlik: Qlik, outside: Out) -> None:
    qlik.answer(400, body=b'{"errors": [{"title": "no", "detail": "Bearer qlik-key is bad"}]}')
    with pytest.raises(DeliveryError) as caught:
        await to(qlik).deliver(told(), outside)
    assert str(caught.value).endswith("no: Bearer *** is bad")


# -- proving --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("roles", [{}, {"roles": ("Developer",), "group_roles": ("TenantAdmin",)}])
async def test_proving_asks_for_the_role_and_writes_nothing(outside: Out, roles: dict[str, Any]) -> None:
    async with Qlik(**roles) as qlik:
        proved = await to(qlik).prove(outside)
        assert proved == "127.0.0.1 takes the token, whose user is a TenantAdmin and may write the banner"
        assert {one.method for one in qlik.heard} == {"GET"}
        assert qlik.heard[-1].query == {"fields": "assignedRoles,assignedGroups"}


@pytest.mark.parametrize(
    ("options", "key", "says"),
    [
        ({}, "wrong", "answered 401 Unauthorized: the token is wrong"),
        ({"roles": ("Developer",)}, "", "lets the user of the token write no banner: give that user the role"),
        ({"roles": ()}, "", "lets the user of the token write no banner: give that user the role"),
    ],
)
async def test_proving_says_what_to_mend(outside: Out, options: dict[str, Any], key: str, says: str) -> None:
    async with Qlik(**options) as qlik:
        with pytest.raises(DeliveryError, match=says) as caught:
            await to(qlik, key).prove(outside)
        assert not caught.value.retry


@pytest.mark.parametrize("body", [b'{"id": "1"}', b'{"assignedRoles": "all"}'])
async def test_proving_says_what_it_could_not_prove(qlik: Qlik, outside: Out, body: bytes) -> None:
    says = "127.0.0.1 takes the token, which may read the banner; whether its user is a TenantAdmin, who may write it"
    qlik.let(1)
    qlik.answer(200, body=body)
    assert (await to(qlik).prove(outside)).startswith(says)
    qlik.let(1)
    qlik.answer(403, body=error(403))
    assert (await to(qlik).prove(outside)).startswith(says)


async def test_proving_another_site_says_so(qlik: Qlik, outside: Out) -> None:
    qlik.answer(404, body=b"<html>nothing here</html>")
    with pytest.raises(DeliveryError, match="give the address of its API"):
        await to(qlik).prove(outside)


# -- what a config may say ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"tenant": "example.eu.qlikcloud.com"}, "tenant: .*http"),
        ({"tenant": "https://example.eu.qlikcloud.com/console"}, "tenant: give the address of the tenant alone"),
        ({"tenant": "https://me@example.eu.qlikcloud.com"}, "tenant: give the address of the tenant alone"),
        ({"tenant": "https://example.eu.qlikcloud.com?x=1"}, "tenant: give the address of the tenant alone"),
        ({"token": Secret("a\nb")}, "token: "),
        ({"template": "{mesage}"}, "template: unknown field {mesage}; did you mean {message}"),
        ({"longest": 5}, "longest: give a number from 20 to 5000"),
        ({"cleared_text": " \n"}, "cleared_text: give a text"),
        ({"expires_after": 60.0}, "expires_after: give 10m or more"),
        ({"link_url": "status.example.com"}, "link_url: "),
        ({"link_url": "https://status.example.com/#top"}, "link_url: give an address without a #"),
        ({"link_url": "https://status.example.com/", "link_label": " "}, "link_url: a link needs a link_label"),
    ],
)
def test_an_option_that_cannot_work_is_refused(options: dict[str, Any], says: str) -> None:
    usual = {"tenant": "https://example.eu.qlikcloud.com/", "token": Secret("key")}
    assert QlikBanner(**usual).renewed_every == DAY.total_seconds() / 2
    with pytest.raises(ValueError, match=says):
        QlikBanner(**{**usual, **options})
