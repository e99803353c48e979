"""Incidents at Cachet: made once, updated, closed with their component, on each of its generations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from tests.destinations.cachets import (
    API,
    ONLY_INCIDENTS,
    TOKEN,
    VERSIONS,
    over,
    plugin,
    serving,
    stages,
    told,
    writes,
)
from tests.destinations.small import Out, changed, opened, resolved, service
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Message, News
from tui_monitor.core.model import Kind, State
from tui_monitor.core.ports import Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.destinations.cachet import Cachet
from tui_monitor.destinations.craft.cachet import Published
from tui_monitor.fakes.cachet import Cachet as Server
from tui_monitor.fakes.cachet2 import Cachet2
from tui_monitor.fakes.webhook import Webhook as Hook


@pytest.fixture(params=VERSIONS)
async def there(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    async with serving(request.param) as one:
        yield one


# -- from its beginning to its end ----------------------------------------------------------------------------------


async def test_an_incident_is_made_once_with_all_that_it_needs(there: Server, outside: Out):
    receipt = await plugin(there).deliver(told(opened()), outside)
    (row,) = there.page.incidents.values()
    assert (row["name"], row["status"], row["visible"]) == ("API production is major: it answered 500", 1, 1)
    assert row["message"] == "it answered 500\n\nReference: inc1"
    assert row["component_id"] == 1
    assert there.status_of(1) == 4
    assert receipt.ref == "1"
    assert receipt.url.startswith(f"{there.url}/incidents/")
    assert receipt.note == ""
    assert there.page.mails == [row["name"]]


async def test_it_is_updated_and_closed_and_its_component_is_well_again(there: Server, outside: Out):
    cachet = plugin(there)
    ref = (await cachet.deliver(told(opened()), outside)).ref
    await cachet.deliver(told(changed(by="ann", state=State.ACKNOWLEDGED), ref), outside)
    assert stages(there)[0] == 2
    assert there.status_of(1) == 4
    receipt = await cachet.deliver(told(resolved(), ref), outside)
    assert receipt.ref == ref
    status, said = stages(there)
    assert status == 4
    whole = "\n".join(said)
    assert all(part in whole for part in ("it answered 500", "operational again after 5 m"))
    assert "looking" not in whole, "what people say among themselves is not for the public"
    assert there.status_of(1) == 1
    assert len(there.page.incidents) == 1


async def test_what_ended_before_anybody_heard_of_it_is_shown_as_fixed(there: Server, outside: Out):
    receipt = await plugin(there).deliver(over(), outside)
    assert (stages(there)[0], there.status_of(1), receipt.ref) == (4, 1, "1")
    assert await plugin(there).find(over(), outside) == receipt
    assert await plugin(there).deliver(over(), outside) == receipt
    assert (len(there.page.incidents), len(there.page.updates)) == (1, 0)


async def test_what_was_only_perhaps_begun_is_closed_when_it_is_over(there: Server, outside: Out):
    await plugin(there).deliver(told(opened()), outside)
    assert await plugin(there).find(over(), outside) is None
    await plugin(there).deliver(over(), outside)
    assert (len(there.page.incidents), stages(there)[0], there.status_of(1)) == (1, 4, 1)


@pytest.mark.parametrize("tries", [2, 3])
async def test_each_step_told_again_changes_nothing(there: Server, outside: Out, tries: int):
    cachet = plugin(there)
    refs = {(await cachet.deliver(told(opened()), outside)).ref for _ in range(tries)}
    assert refs == {"1"}
    for item in (changed(), resolved()):
        for _ in range(tries):
            await cachet.deliver(told(item, "1"), outside)
    status, said = stages(there)
    assert status == 4
    assert "\n".join(said).count("API production is major: it answered 500") == 1
    assert "\n".join(said).count("operational again") == 1


async def test_while_another_that_was_told_with_it_lasts_it_is_not_closed(there: Server, outside: Out):
    ref = (await plugin(there).deliver(told(opened()), outside)).ref
    await plugin(there).deliver(told(resolved(), ref, beside=1), outside)
    status, said = stages(there)
    assert (status, there.status_of(1)) == (1, 4)
    assert "operational again" in "\n".join(said)


# -- whatever happens in between ------------------------------------------------------------------------------------


async def test_after_a_send_of_which_no_word_came_it_is_found_and_its_component_seen_to(there: Server, outside: Out):
    cachet = plugin(there)
    assert await cachet.find(told(opened()), outside) is None
    receipt = await cachet.deliver(told(opened()), outside)
    there.page.components[1]["status"] = 1
    assert await cachet.find(told(opened()), outside) == receipt
    assert there.status_of(1) == 4
    assert len(there.page.incidents) == 1


async def test_a_line_that_breaks_after_the_send_leaves_one_incident(there: Server, outside: Out):
    cachet = plugin(there)
    requests = await _requests_of(cachet, there, outside)
    for n in range(requests):
        _empty(there)
        there.let(n)
        there.drop()
        with pytest.raises(DeliveryError) as caught:
            await cachet.deliver(told(opened()), outside)
        assert caught.value.retry
        receipt = await cachet.find(told(opened()), outside) or await cachet.deliver(told(opened()), outside)
        assert receipt.ref == str(max(there.page.incidents))
        assert (len(there.page.incidents), there.status_of(1)) == (1, 4)


async def _requests_of(cachet: Cachet, there: Server, outside: Out) -> int:
    before = there.count
    await cachet.deliver(told(opened()), outside)
    return there.count - before


def _empty(there: Server) -> None:
    there.page.incidents.clear()
    there.page.components[1]["status"] = 1


async def test_an_engine_that_lost_its_store_takes_over_what_it_left_open(there: Server, outside: Out):
    ref = (await plugin(there).deliver(told(opened()), outside)).ref
    for item in (opened(n=2), opened(n=3)):
        assert (await plugin(there).deliver(told(item), outside)).ref == ref
    await plugin(there).deliver(told(resolved(n=3), ref), outside)
    assert stages(there)[0] == 4
    assert (await plugin(there).deliver(told(opened(n=4)), outside)).ref == "2"


@pytest.mark.parametrize(
    "other",
    [
        told(opened(n=2, title="it answered 502")),
        told(opened("Shop", n=2)),
        told(opened(n=2), publish=Published()),
    ],
    ids=["other words", "another service", "another component"],
)
async def test_what_differs_in_anything_is_another_incident(there: Server, outside: Out, other: Message):
    await plugin(there).deliver(told(opened()), outside)
    await plugin(there).deliver(other, outside)
    assert len(there.page.incidents) == 2


async def test_what_a_person_wrote_there_is_nobody_elses(there: Server, outside: Out):
    await plugin(there).deliver(told(opened()), outside)
    row = there.page.incidents[1]
    row["message"] = row["message"].partition("\n")[0]
    await plugin(there).deliver(told(opened(n=2)), outside)
    assert len(there.page.incidents) == 2


async def test_ours_is_found_behind_many_that_are_newer(there: Server, outside: Out):
    receipt = await plugin(there).deliver(told(opened()), outside)
    mine = there.page.incidents[1]
    for n in range(150):
        there.page.incidents.add(**{**mine, "id": n + 2, "name": f"other {n}", "message": "by hand", "status": 4})
    assert await plugin(there).find(told(opened()), outside) == receipt


async def test_an_incident_that_was_deleted_there_is_not_published_again(there: Server, outside: Out):
    ref = (await plugin(there).deliver(told(opened()), outside)).ref
    there.page.incidents.clear()
    for item in (changed(), resolved()):
        receipt = await plugin(there).deliver(told(item, ref), outside)
        assert (receipt.ref, receipt.note) == (ref, "its incident there was deleted, so nothing more is said of it")
    assert (len(there.page.incidents), there.status_of(1)) == (0, 1)


async def test_an_incident_that_a_person_closed_too_early_is_open_again_with_the_next_news(
    there: Server, outside: Out
):
    ref = (await plugin(there).deliver(told(opened()), outside)).ref
    there.page.incidents[1]["status"] = 4
    await plugin(there).deliver(told(changed(), ref), outside)
    assert stages(there)[0] == 1


async def test_one_that_was_refused_and_made_all_the_same_is_ours(outside: Out):
    """Old ones make an incident and then refuse it: told again, there would be two."""
    async with serving("2.3.18") as there:
        assert isinstance(there, Cachet2)
        there.balks = True
        receipt = await plugin(there).deliver(told(opened()), outside)
        assert (receipt.ref, len(there.page.incidents), there.status_of(1)) == ("1", 1, 4)


# -- its component --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "state"), [(Status.DEGRADED, 2), (Status.PARTIAL, 3), (Status.MAJOR, 4), (Status.UNKNOWN, 1)]
)
async def test_the_component_is_as_bad_as_the_incident(there: Server, outside: Out, status: Status, state: int):
    await plugin(there).deliver(told(opened(status=status, severity=status)), outside)
    assert (there.status_of(1), len(there.page.incidents)) == (state, 1)


async def test_without_update_status_it_follows_the_incident_for_the_worse_and_the_better(
    there: Server, outside: Out
):
    cachet, said = plugin(there), []
    ref = (await cachet.deliver(told(opened(status=Status.DEGRADED), publish=ONLY_INCIDENTS), outside)).ref
    for status in (Status.MAJOR, Status.PARTIAL):
        item = changed(kind=Kind.WORSENED, status=status, title=f"now {status}")
        await cachet.deliver(told(item, ref, ONLY_INCIDENTS), outside)
        said.append(there.status_of(1))
    await cachet.deliver(told(resolved(), ref, ONLY_INCIDENTS), outside)
    assert [*said, there.status_of(1)] == [4, 3, 1]


async def test_with_update_status_it_is_left_to_what_keeps_it(there: Server, outside: Out):
    ref = (await plugin(there).deliver(told(opened()), outside)).ref
    there.page.components[1]["status"] = 2
    await plugin(there).deliver(told(changed(), ref), outside)
    await plugin(there).deliver(told(resolved(), ref), outside)
    assert there.status_of(1) == 2


@pytest.mark.parametrize("publish", [API, ONLY_INCIDENTS], ids=["kept", "following"])
async def test_while_another_incident_is_open_the_component_is_not_made_well(
    there: Server, outside: Out, publish: Published
):
    first = (await plugin(there).deliver(told(opened(), publish=publish), outside)).ref
    second = (await plugin(there).deliver(told(opened("Shop", n=2), publish=publish), outside)).ref
    await plugin(there).deliver(told(resolved(), first, publish), outside)
    assert there.status_of(1) == 4
    await plugin(there).deliver(told(resolved("Shop", n=2), second, publish), outside)
    assert there.status_of(1) == 1


async def test_an_incident_never_makes_a_component_look_better(there: Server, outside: Out):
    there.page.components[1]["status"] = 4
    await plugin(there).deliver(told(opened(status=Status.DEGRADED), publish=ONLY_INCIDENTS), outside)
    assert there.status_of(1) == 4


async def test_what_a_person_closed_while_it_burns_leaves_a_kept_component_as_it_is(there: Server, outside: Out):
    ref = (await plugin(there).deliver(told(opened()), outside)).ref
    await plugin(there).deliver(told(resolved(status=Status.MAJOR, resolved_by="ann"), ref), outside)
    assert (stages(there)[0], there.status_of(1)) == (4, 4)


async def test_a_component_that_is_not_there_keeps_no_incident_back(there: Server, outside: Out):
    publish = Published(component=9)
    receipt = await plugin(there).deliver(told(opened(), publish=publish), outside)
    assert receipt.note == "there is no component 9 at 127.0.0.1: the incident names none"
    assert there.page.incidents[1]["component_id"] in (None, 0)


async def test_an_incident_needs_no_component(there: Server, outside: Out):
    ref = (await plugin(there).deliver(told(opened(), publish=None), outside)).ref
    await plugin(there).deliver(told(resolved(), ref, None), outside)
    assert (stages(there)[0], there.status_of(1)) == (4, 1)
    assert not [one for one in writes(there) if "components" in one]


# -- who sees it ----------------------------------------------------------------------------------------------------


async def test_what_is_not_public_stays_hidden_to_its_end_and_mails_nobody(there: Server, outside: Out):
    hidden = Published(component=1, public=False)
    ref = (await plugin(there).deliver(told(opened(), publish=hidden), outside)).ref
    for item in (changed(), resolved()):
        await plugin(there).deliver(told(item, ref, hidden), outside)
    assert there.page.incidents[1]["visible"] == 0
    assert there.page.mails == []


async def test_without_notify_an_incident_mails_nobody(there: Server, outside: Out):
    cachet = plugin(there, notify=False)
    ref = (await cachet.deliver(told(opened()), outside)).ref
    for item in (changed(), resolved()):
        await cachet.deliver(told(item, ref), outside)
    assert there.page.mails == []


async def test_visible_is_a_number_and_notify_is_true_or_false(there: Server, outside: Out):
    await plugin(there).deliver(told(opened()), outside)
    (made,) = [one.json for one in there.heard if one.method == "POST"]
    mails = made.get("notify", made.get("notifications"))
    assert (made["visible"], mails) == (1, True)
    assert type(made["visible"]) is int


async def test_nothing_in_a_name_is_markup_where_messages_are_shown(there: Server, outside: Out):
    title = "<script>x</script> [a](http://b) *c* `d` _e_ snake_case # f &amp; g_"
    await plugin(there).deliver(told(opened(title=title)), outside)
    said = stages(there)[1][0].partition("\n")[0]
    assert said == r"\<script\>x\</script\> \[a\](http://b) \*c\* \`d\` \_e\_ snake_case \# f \&amp; g\_"


async def test_long_texts_fit_where_they_are_put(there: Server, outside: Out):
    await plugin(there).deliver(told(opened("n" * 10_000, title="t" * 10_000)), outside)
    row = there.page.incidents[1]
    assert len(row["name"]) <= 255
    assert row["message"].endswith("…\n\nReference: inc1")


# -- of which services ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("publish", "incidents", "kept", "recorded"),
    [
        (None, False, False, False),
        (Published(), True, False, False),
        (Published(component=1), True, True, False),
        (Published(component=1, metric=2), True, True, True),
        (Published(component=1, metric=2, actions=("push_metrics",)), False, False, True),
        (Published(component=1, actions=("update_status",)), False, True, False),
        (Published(component=1, actions=()), False, False, False),
    ],
)
def test_a_service_takes_part_as_it_is_published(
    publish: Published | None, incidents: bool, kept: bool, recorded: bool
):
    cachet = Cachet("https://status.example.com", Secret("t"))
    assert (cachet.spared(service(), publish) == "") is incidents
    assert (cachet.keeps(service(), publish), cachet.records(service(), publish)) == (kept, recorded)


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"component": 0}, "component must be a number"),
        ({"metric": -1}, "metric must be a number"),
        ({"actions": ("update_status",)}, "update_status needs component"),
        ({"component": 1, "actions": ("push_metrics",)}, "push_metrics needs metric"),
    ],
)
def test_what_cannot_be_published_is_refused(options: dict[str, Any], wrong: str):
    with pytest.raises(ValueError, match=wrong):
        Published(**options)


@pytest.mark.parametrize(
    "url", ["", "status.example.com", "ftp://a", "http://u:p@a", "http://a?b=c", "http://[", "//a"]
)
def test_an_address_that_is_none_of_a_page_is_refused(url: str):
    with pytest.raises(ValueError, match=r"^url must "):
        Cachet(url, Secret("t"))


# -- which one it is, and what it refuses ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/", "/api", "/api/", "/api/v1", "/api/v1/"])
async def test_it_is_found_however_much_of_its_path_is_given(there: Server, outside: Out, path: str):
    await Cachet(there.url + path, Secret(TOKEN)).deliver(told(opened()), outside)
    assert len(there.page.incidents) == 1


async def test_what_is_no_cachet_is_said_to_be_none(outside: Out, hook: Hook):
    for body in (b"<!doctype html>Log in", b"[]", b'{"data": 1}', b'{"data": "hello"}', b"\xff"):
        hook.usual = replace(hook.usual, body=body)
        with pytest.raises(DeliveryError, match=r"^127\.0\.0\.1 has no API of Cachet: give the address of its page"):
            await Cachet(hook.url, Secret(TOKEN)).prove(outside)


async def test_a_token_that_is_not_taken_is_said_in_one_sentence(there: Server, outside: Out):
    there.token = "another"
    for act in (plugin(there).deliver(told(opened()), outside), plugin(there).prove(outside)):
        with pytest.raises(DeliveryError, match=r"answered 401 Unauthorized: it does not take this token") as caught:
            await act
        assert not caught.value.retry
    assert not there.page.incidents


async def test_it_is_proved_without_a_trace(there: Server, outside: Out):
    sentence = await plugin(there).prove(outside)
    assert sentence.startswith("127.0.0.1 is a Cachet ")
    assert "that takes the token" in sentence
    assert not there.page.incidents
    assert (there.page.mails, there.status_of(1)) == ([], 1)


async def test_a_token_without_the_right_is_told_which_it_lacks(outside: Out):
    async with serving("3", abilities=["components.manage"]) as there:
        with pytest.raises(DeliveryError, match="403 Forbidden: its token lacks a right: incidents, ") as caught:
            await plugin(there).deliver(told(opened()), outside)
        assert not caught.value.retry


async def test_too_many_requests_are_waited_for_as_long_as_it_says(outside: Out):
    async with serving("3") as there:
        there.allowance = 3
        with pytest.raises(DeliveryError) as caught:
            await plugin(there).deliver(told(opened()), outside)
        assert (caught.value.retry, caught.value.after) == (True, 7.0)


async def test_an_api_that_is_switched_off_is_named(outside: Out):
    async with serving("3") as there:
        there.is_open = False
        with pytest.raises(DeliveryError, match="see that its API is switched on") as caught:
            await plugin(there).deliver(told(opened()), outside)
        assert caught.value.retry


@pytest.mark.parametrize("status", [500, 502, 503, 429])
async def test_what_passes_is_tried_again(there: Server, outside: Out, status: int):
    there.answer(status, Retry_After="3")
    with pytest.raises(DeliveryError) as caught:
        await plugin(there).deliver(told(opened()), outside)
    assert (caught.value.retry, caught.value.after) == (True, 3.0)


async def test_a_refusal_says_what_is_wrong_in_its_own_words(there: Server, outside: Out):
    there.let(_probes(there) + 2)
    body = b'{"errors":[{"meta":{"details":["The name is taken."]}}],"message":"The name is taken."}'
    there.answer(422, body=body)
    with pytest.raises(DeliveryError, match=r"422 .*: The name is taken.$") as caught:
        await plugin(there).deliver(told(opened()), outside)
    assert not caught.value.retry


def _probes(there: Server) -> int:
    return 1 if isinstance(there, Cachet2) else 2


async def test_it_is_a_place_in_public_that_is_told_of_one_at_a_time(outside: Out):
    cachet = Cachet("https://status.example.com", Secret(TOKEN))
    assert (cachet.public, cachet.grouped, cachet.published) == (True, False, Published)
    assert TOKEN not in repr(cachet)
    empty = Message("key", News.OPENED, "", "", (), outside.now)
    assert (await cachet.deliver(empty, outside), await cachet.find(empty, outside)) == (Receipt(), None)
