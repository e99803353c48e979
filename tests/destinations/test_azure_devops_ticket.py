"""Tickets over real sockets: made once, commented, ended, found again, and refused in words that say what to do."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.destinations.small import NOON, Out, banner, changed, incident, message, opened, resolved, service
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Message, News, item_of
from tui_monitor.core.model import State
from tui_monitor.core.ports import Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.destinations.azure_devops_ticket import AzureDevopsTicket
from tui_monitor.destinations.craft import work_item
from tui_monitor.fakes.azure_devops import GUID, AzureDevops

PAT = "S3CRETPAT"
HARM = {"Cc", "Cs", "Zl", "Zp"}
HOSTILE = '<script>alert("x")</script> </p><img src=x onerror=y> \r\n 💥 &amp;'


@pytest.fixture
async def site() -> AsyncIterator[AzureDevops]:
    async with AzureDevops(PAT, project="My Proj") as one:
        yield one
        assert one.refused == []


def to(site: AzureDevops, **options: Any) -> AzureDevopsTicket:
    usual = {"organization": "org", "project": "My Proj", "token": Secret(PAT), "url": site.url}
    return AzureDevopsTicket(**{**usual, **options})


def over(n: int = 1) -> Message:
    end = {"state": State.RESOLVED, "status": Status.OPERATIONAL, "resolved_at": NOON}
    return message(item_of(incident(n, **end), service(), News.OVER, (), {}, NOON))


async def refused(doing: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await doing
    assert str(caught.value).isprintable()
    assert PAT not in str(caught.value)
    return caught.value


# -- what goes there ------------------------------------------------------------------------------------------------


async def test_an_incident_becomes_a_work_item_with_its_words_and_its_place(site: AzureDevops, outside: Out) -> None:
    where = {"area_path": "My Proj\\Ops", "iteration_path": "My Proj", "assigned_to": "ann@example.com"}
    receipt = await to(site, tags=("on-call",), extra={"Custom.Team": "{kind} of {name}"}, **where).deliver(
        message(), outside
    )
    (item,) = site.items.values()
    assert receipt == Receipt("1", f"{site.url}/org/{GUID}/_workitems/edit/1")
    assert item.fields["System.WorkItemType"] == "Issue"
    assert item.fields["System.Title"] == "API production is major: it answered 500"
    assert item.fields["System.Description"].startswith("<p>API production is major: it answered 500</p><ul>")
    assert '<a href="http://api.test/">' in item.fields["System.Description"]
    assert item.tags == ["on-call", "tui-monitor", "tui-monitor inc1"]
    assert item.fields["Microsoft.VSTS.Common.Priority"] == 1
    assert item.fields["Custom.Team"] == "http of API production"
    assert [item.fields[f"System.{name}"] for name in ("AreaPath", "IterationPath", "AssignedTo")] == list(
        where.values()
    )
    assert "Microsoft.VSTS.Common.Severity" not in item.fields


async def test_a_title_of_which_nothing_comes_is_that_of_the_message(site: AzureDevops, outside: Out) -> None:
    await to(site, title="{by}").deliver(message(), outside)
    assert site.items[1].fields["System.Title"] == "API production is major: it answered 500"


async def test_it_is_asked_as_azure_devops_wants_to_be_asked(site: AzureDevops, outside: Out) -> None:
    await to(site, type="User Story").deliver(message(), outside)
    query, made = site.heard
    assert made.target == "/org/My%20Proj/_apis/wit/workitems/$User%20Story?api-version=7.1"
    assert made.headers["content-type"] == "application/json-patch+json"
    assert made.headers["authorization"] == "Basic " + base64.b64encode(f":{PAT}".encode()).decode()
    assert made.headers["x-tfs-fedauthredirect"] == "Suppress"
    assert {op["op"] for op in made.json} == {"add"}
    assert query.target == "/org/My%20Proj/_apis/wit/wiql?$top=1&api-version=7.1"


async def test_a_bug_has_its_steps_and_a_severity_of_its_own(site: AzureDevops, outside: Out) -> None:
    mild = opened(severity=Status.PARTIAL)
    await to(site, type="Bug").deliver(message(mild), outside)
    fields = site.items[1].fields
    assert "System.Description" not in fields
    assert "it answered 500" in fields["Microsoft.VSTS.TCM.ReproSteps"]
    assert (fields["Microsoft.VSTS.Common.Priority"], fields["Microsoft.VSTS.Common.Severity"]) == (2, "2 - High")


@pytest.mark.parametrize(
    ("options", "severity", "priority", "named"),
    [
        ({}, Status.DEGRADED, 3, "3 - Medium"),
        ({}, Status.UNKNOWN, None, None),
        ({"priority": {}, "severity": {}}, Status.MAJOR, None, None),
        ({"priority": {"major": 4}, "severity": {"major": "4 - Low"}}, Status.MAJOR, 4, "4 - Low"),
    ],
)
async def test_how_bad_it_is_decides_priority_and_severity_where_they_are_wanted(
    site: AzureDevops, outside: Out, options: Any, severity: Status, priority: int | None, named: str | None
) -> None:
    await to(site, type="Bug", **options).deliver(message(opened(severity=severity)), outside)
    fields = site.items[1].fields
    assert fields.get("Microsoft.VSTS.Common.Priority") == priority
    assert fields.get("Microsoft.VSTS.Common.Severity") == named


async def test_many_at_once_are_one_ticket_with_a_tag_for_each(site: AzureDevops, outside: Out) -> None:
    told = message([opened(f"service {n}", n, severity=Status.DEGRADED) for n in range(5)] + [opened(n=9)])
    await to(site).deliver(told, outside)
    (item,) = site.items.values()
    assert item.tags[1:] == [f"tui-monitor inc{n}" for n in (0, 1, 2, 3, 4, 9)]
    assert item.fields["System.Title"].startswith("6 incidents opened: service 0, ")
    assert item.fields["Microsoft.VSTS.Common.Priority"] == 1
    await to(site).deliver(message([opened(n=n) for n in range(100, 700)]), outside)
    assert len(site.items[2].tags) == 51


class Page(HTMLParser):
    """Which elements and attributes there are, and whether all that is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= {"href"}
        self.tags.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@given(st.text(max_size=60) | st.just(HOSTILE))
def test_no_name_breaks_out_of_a_ticket_or_a_comment(name: str) -> None:
    form = AzureDevopsTicket("o", "p", Secret("x"), extra={"System.Description": "<p>{name}</p>", "A.B": "{name}"})
    told = message(opened(name, title=name, by=name, url=f"https://x.test/{name}"))
    ops = [
        *work_item.opening(form, told),
        *work_item.opening(replace(form, extra={}), told),
        *work_item.comment(told),
    ]
    for op in ops:
        if op["path"] in ("/fields/System.Description", "/fields/System.History"):
            page = Page()
            page.feed(op["value"])
            page.close()
            assert page.tags <= {"p", "ul", "li", "b", "a", "small"}
            assert page.open == []
        assert not {unicodedata.category(char) for char in str(op["value"]).replace("\n", "")} & HARM


@pytest.mark.parametrize("name", ["n" * 10_000, "💥" * 10_000])
async def test_a_title_is_no_longer_than_it_may_be(site: AzureDevops, outside: Out, name: str) -> None:
    await to(site, title="{name}{name}").deliver(message(opened(name)), outside)
    assert site.items[1].fields["System.Title"].endswith("…")
    assert len(site.items[1].fields["System.Title"]) >= 120


# -- a ticket's life ------------------------------------------------------------------------------------------------


async def test_changes_and_the_end_are_comments_and_no_more(site: AzureDevops, outside: Out) -> None:
    first = await to(site).deliver(message(), outside)
    for item in (changed(), resolved(revision=3)):
        assert await to(site).deliver(message(item, first.ref), outside) == first
    (ticket,) = site.items.values()
    assert ["API production is major: looking" in ticket.comments[0], "operational again" in ticket.comments[1]] == [
        True,
        True,
    ]
    assert ticket.fields["System.State"] == "To Do"


async def test_the_end_sets_the_state_where_one_is_given(site: AzureDevops, outside: Out) -> None:
    plugin = to(site, close_state="Done")
    first = await plugin.deliver(message(), outside)
    await plugin.deliver(message(changed(), first.ref), outside)
    assert site.items[1].fields["System.State"] == "To Do"
    await plugin.deliver(replace(message(resolved(), first.ref), beside=2), outside)
    assert site.items[1].fields["System.State"] == "To Do", "two more of this ticket still last"
    await plugin.deliver(message(resolved(n=2), first.ref), outside)
    assert site.items[1].fields["System.State"] == "Done"
    assert len(site.items[1].comments) == 3


async def test_a_state_that_cannot_be_reached_takes_no_word_away(site: AzureDevops, outside: Out) -> None:
    plugin = to(site, close_state="Closed")
    first = await plugin.deliver(message(), outside)
    receipt = await plugin.deliver(message(resolved(), first.ref), outside)
    assert receipt.ref == "1"
    assert "the state of 1 is left as it was: 127.0.0.1 answered 400 Bad Request: The field 'State'" in receipt.note
    assert len(site.items[1].comments) == 1
    receipt = await plugin.deliver(over(2), outside)
    assert (receipt.ref, "left as it was" in receipt.note) == ("2", True)


async def test_what_came_and_went_is_a_ticket_that_is_closed_at_once(site: AzureDevops, outside: Out) -> None:
    plugin = to(site, close_state="Done")
    receipt = await plugin.deliver(over(), outside)
    assert site.items[1].fields["System.State"] == "Done"
    assert site.items[1].comments == []
    assert await plugin.find(over(), outside) == receipt


async def test_one_that_is_made_but_not_yet_closed_is_not_told_and_not_made_twice(
    site: AzureDevops, outside: Out
) -> None:
    plugin = to(site, close_state="Done")
    await to(site).deliver(over(), outside)
    assert await plugin.find(over(), outside) is None
    await plugin.deliver(over(), outside)
    assert [item.fields["System.State"] for item in site.items.values()] == ["Done"]


async def test_the_banner_has_no_place_there_and_what_is_over_opens_nothing(site: AzureDevops, outside: Out) -> None:
    assert await to(site).deliver(banner(), outside) == Receipt()
    receipt = await to(site).deliver(message(resolved()), outside)
    assert (receipt.ref, receipt.note) == ("", "what is over had no ticket, and none was opened for it")
    assert site.items == {}


# -- never two for one incident -------------------------------------------------------------------------------------


async def test_a_ticket_whose_making_was_not_answered_is_found_and_not_made_again(
    site: AzureDevops, outside: Out
) -> None:
    plugin = to(site)
    assert await plugin.find(message(), outside) is None
    site.answer(200, body=b'{"workItems": []}')
    site.drop()
    error = await refused(plugin.deliver(message(), outside))
    assert (error.retry, error.unsure, len(site.items)) == (True, True, 1)
    assert await plugin.find(message(), outside) == Receipt("1", f"{site.url}/org/{GUID}/_workitems/edit/1")
    again = await plugin.deliver(message(changed()), outside)
    assert (again.ref, len(site.items), len(site.items[1].comments)) == ("1", 1, 1)


async def test_a_ticket_is_found_by_any_of_its_incidents_and_by_no_other(site: AzureDevops, outside: Out) -> None:
    plugin = to(site)
    await plugin.deliver(message([opened(n=n) for n in range(5)]), outside)
    assert (await plugin.find(message(opened(n=3)), outside) or Receipt()).ref == "1"
    assert await plugin.find(message(opened(n=33)), outside) is None


async def test_a_comment_is_found_by_its_mark(site: AzureDevops, outside: Out) -> None:
    plugin = to(site)
    first = await plugin.deliver(message(), outside)
    told = message(changed(), first.ref)
    assert await plugin.find(told, outside) is None
    site.drop()
    await refused(plugin.deliver(told, outside))
    assert await plugin.find(told, outside) == Receipt("1")
    assert await plugin.find(message(resolved(), first.ref), outside) is None


async def test_a_comment_is_found_among_the_newest_of_many(site: AzureDevops, outside: Out) -> None:
    plugin = to(site)
    first = await plugin.deliver(message(), outside)
    site.items[1].comments += ["what people say"] * 300
    told = message(changed(), first.ref)
    await plugin.deliver(told, outside)
    assert await plugin.find(told, outside) == Receipt("1")


async def test_where_no_link_is_given_the_usual_one_is_shown(site: AzureDevops, outside: Out) -> None:
    site.answer(200, body=b'{"id": 1}')
    receipt = await to(site).deliver(message(changed(), "1"), outside)
    assert receipt == Receipt("1", f"{site.url}/org/My%20Proj/_workitems/edit/1")


# -- refusals -------------------------------------------------------------------------------------------------------

LOGIN = "127.0.0.1 does not let us log in: the token is wrong or has expired"


@pytest.mark.parametrize("login", [203, 302, 401, 200])
async def test_a_page_to_log_in_is_a_failed_login_however_it_comes(
    site: AzureDevops, outside: Out, login: int
) -> None:
    site.login = login
    for act in ("deliver", "find"):
        error = await refused(getattr(to(site, token=Secret("")), act)(message(), outside))
        assert str(error).startswith(LOGIN)
        assert not error.retry
    error = await refused(to(site, token=Secret("expired")).prove(outside))
    assert str(error).startswith(LOGIN)
    assert site.items == {}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"organization": "other"}, "404 Not Found: is there an organization of this name?"),
        ({"project": "Nope"}, "TF200016: The following project does not exist: Nope."),
        ({"type": "Epic"}, "VS402323: Work item type Epic does not exist in project My Proj"),
        ({"area_path": "Elsewhere"}, "TF401347: Invalid tree name given for work item -1, field 'System.AreaPath'."),
        ({"assigned_to": "bob"}, "The identity value 'bob' for field 'System.AssignedTo' is an unknown identity."),
        ({"extra": {"Custom.Nope": "x"}}, "TF51535: Cannot find field Custom.Nope."),
        ({"api_version": "9.0"}, "out of range for this server"),
    ],
)
async def test_its_own_words_are_passed_on_and_no_4xx_is_tried_again(
    site: AzureDevops, outside: Out, options: Any, says: str
) -> None:
    error = await refused(to(site, **options).deliver(message(), outside))
    assert says in str(error)
    assert not error.retry
    assert site.items == {}


async def test_every_rule_that_was_broken_is_named(site: AzureDevops, outside: Out) -> None:
    rules = [{"errorMessage": "TF401320: A."}, {"errorMessage": "TF401320: B."}, 7]
    body = {"message": "TF401320: A.", "customProperties": {"RuleValidationErrors": rules}}
    site.answer(400, body=json.dumps(body).encode())
    assert str(await refused(to(site).deliver(message(), outside))).endswith("Bad Request: TF401320: A. TF401320: B.")


@pytest.mark.parametrize(
    ("status", "headers", "after"),
    [(429, {"Retry_After": "9"}, 9.0), (503, {}, None), (409, {}, None), (412, {}, None)],
)
async def test_what_may_pass_is_tried_again(
    site: AzureDevops, outside: Out, status: int, headers: dict[str, str], after: float | None
) -> None:
    site.answer(status, body=b"<html>busy</html>", **headers)
    error = await refused(to(site).deliver(message(), outside))
    assert (error.retry, error.after, "<html>" in str(error)) == (True, after, False)


# -- proving --------------------------------------------------------------------------------------------------------


async def test_proving_weighs_a_work_item_and_makes_none(site: AzureDevops, outside: Out) -> None:
    plugin = to(site, type="Bug", close_state="Closed", extra={"Custom.Team": "Ops"})
    assert await plugin.prove(outside) == "127.0.0.1 would take a work item of the type Bug in My Proj; none was made"
    assert [heard.query.get("validateOnly") for heard in site.heard] == [None, "true"]
    assert "/fields/Custom.Team" in [op["path"] for op in site.heard[1].json]
    assert site.items == {}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"project": "Nope"}, "TF200016"),
        ({"type": "Epic"}, "VS402323"),
        ({"close_state": "Closed"}, "the type Issue has no close_state Closed, but To Do, Doing, Done"),
        (
            {"type": "Task", "extra": {"Custom.Team": "{name}"}},
            "the type Task has no field Custom.Team: it is in",
        ),
        ({"severity": {"major": "1 - Critical"}}, "the type Issue has no field Microsoft.VSTS.Common.Severity"),
        ({"area_path": "Elsewhere"}, "TF401347"),
        ({"assigned_to": "bob"}, "unknown identity"),
    ],
)
async def test_what_is_missing_is_said_before_an_incident_needs_it(
    site: AzureDevops, outside: Out, options: Any, says: str
) -> None:
    error = await refused(to(site, **options).prove(outside))
    assert says in str(error)
    assert not error.retry


async def test_a_token_that_may_only_read_is_said(site: AzureDevops, outside: Out) -> None:
    site.may_write = False
    assert "TF237111" in str(await refused(to(site).prove(outside)))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"organization": " "}, "organization must be a name"),
        ({"project": "a/b"}, "project must be a name"),
        ({"url": "dev.azure.com"}, "url must begin with http"),
        ({"api_version": "7.1-preview"}, "api_version must be a number like 7.1"),
        ({"tags": ("a; b",)}, "tags must hold a tag each"),
        ({"priority": {"major": 5}}, "priority must be a number from 1 to 4"),
        ({"extra": {"Team": "x"}}, "extra cannot set 'Team'"),
        ({"extra": {"System.State": "x"}}, "extra cannot set 'System.State'"),
        ({"title": "{titel}"}, "title: unknown field {titel}; did you mean {title}"),
        ({"extra": {"Custom.Team": "{nam}"}}, "Custom.Team: unknown field {nam}; did you mean {name}"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_runs(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("{", r"\{").replace(".", r"\.")):
        to(AzureDevops(port=1), **options)
