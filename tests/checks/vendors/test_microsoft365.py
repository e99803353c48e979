"""Microsoft 365: its issues and its overview of services as they are read, and the way to them over several pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from tests.checks.vendors.cloud import ISSUES, Cloud, clouding, issue, refusal, spelt
from tests.checks.vendors.pages import told_of
from tests.checks.vendors.recordings import NOW, each, expected, recording
from tests.net.small import answering
from tui_monitor import checks
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.microsoft365 import Microsoft365
from tui_monitor.core.model import Reading, Service
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.engine.runner import read as look
from tui_monitor.net import Way

OVERVIEWS = "https://graph.microsoft.com/v1.0/$metadata#admin/serviceAnnouncement/healthOverviews"


def read(*rows: dict[str, Any], context: str = "", **options: Any) -> Reading:
    body = json.dumps({"@odata.context": context, "value": list(rows)}).encode()
    return checks.read("microsoft365", body, now=NOW, **options)


def overview(service: str, status: str = "serviceOperational", **parts: Any) -> dict[str, Any]:
    return {"service": service, "id": service.split()[0], "status": status, **parts}


def refs(reading: Reading) -> list[str]:
    return [one.ref for one in reading.incidents or ()]


@each("ms_graph")
def test_each_recording_is_read_rightly(name: str):
    right = expected()[name]
    reading = checks.read("microsoft365", recording(name), now=NOW)
    issues = right.get("issues", [right])
    assert refs(reading) == [one["id"] for one in issues if not one["isResolved"]]
    assert [(one.ref, one.state) for one in reading.over] == [
        (one["id"], one["status"]) for one in issues if one["isResolved"]
    ]
    for one, said in zip(issues, reading.over, strict=True):
        assert "service" not in one or said.components == (one["service"],)
        assert "posts" not in one or len(said.updates) == one["posts"]
    assert reading.status is Status.OPERATIONAL


def test_the_recorded_page_leads_on():
    name = "ms_graph/docs_issues_page1_nextLink_PascalCase.json"
    document = Document(recording(name), NOW)
    check = Microsoft365("t", "c", Secret("nothing"))
    assert expected()[name]["next"] is True
    (following,) = check.following(check.asked[0], document)
    assert following.request.place.target == "/v1.0/admin/serviceAnnouncement/issues?$skip=100"


def test_the_recorded_posts_are_plain_text_oldest_first():
    (said,) = checks.read("microsoft365", recording("ms_graph/pnp_issue_single.json"), now=NOW).over
    assert [one.at for one in said.updates] == sorted(one.at for one in said.updates if one.at)
    assert len(said.updates) == 3
    assert "<a href" not in said.update
    assert said.impact == "advisory"


def test_the_recorded_error_is_unknown_with_what_it_says():
    reading = checks.read("microsoft365", recording("ms_graph/error_shape.json"), now=NOW)
    assert reading.status is Status.UNKNOWN
    assert reading.message == 'its page says that something went wrong: UnknownError: {"Error":"invalid_request"}'


class TestOneIssue:
    def test_no_issue_at_all_is_well(self):
        assert (read().status, read().message, read().incidents) == (Status.OPERATIONAL, "no open issue", ())

    @pytest.mark.parametrize(
        ("word", "status"),
        [
            ("serviceInterruption", Status.MAJOR),
            ("ServiceInterruption", Status.MAJOR),
            ("serviceDegradation", Status.PARTIAL),
            ("restoringService", Status.PARTIAL),
            ("investigating", Status.DEGRADED),
            ("extendedRecovery", Status.DEGRADED),
            ("serviceRestored", Status.DEGRADED),
            ("unknownFutureValue", Status.UNKNOWN),
            ("", Status.UNKNOWN),
            (None, Status.UNKNOWN),
        ],
    )
    def test_an_incident_weighs_by_its_state(self, word: Any, status: Status):
        reading = read(issue("EX1", status=word, classification="Incident"))
        assert [one.status for one in reading.incidents or ()] == [status]
        assert reading.status is status

    @pytest.mark.parametrize("word", ["advisory", "Advisory"])
    def test_an_advisory_is_listed_and_weighs_nothing(self, word: str):
        reading = read(issue("EX1", classification=word, status="serviceInterruption"))
        assert (reading.status, reading.message, refs(reading)) == (
            Status.OPERATIONAL,
            "notice: Trouble EX1",
            ["EX1"],
        )

    def test_a_class_that_nobody_knows_is_taken_for_an_incident(self):
        assert read(issue("EX1", classification="calamity")).status is Status.PARTIAL

    @pytest.mark.parametrize("word", ["serviceDegradation", "resolved"])
    @pytest.mark.parametrize(("is_resolved", "is_open"), [(True, False), (False, True), (None, True), ("yes", True)])
    def test_only_what_says_so_is_over(self, is_resolved: Any, is_open: bool, word: str):
        reading = read(issue("EX1", isResolved=is_resolved, status=word, endDateTime="2026-09-01T11:30:00Z"))
        assert (refs(reading), [one.ref for one in reading.over]) == ((["EX1"], []) if is_open else ([], ["EX1"]))
        assert all(one.until == datetime(2026, 9, 1, 11, 30, tzinfo=UTC) for one in reading.over)

    def test_posts_stand_in_the_order_of_time_as_plain_text(self):
        posts = [
            {
                "createdDateTime": "2026-09-01T11:30:00Z",
                "description": {"content": "<p>It <b>works</b>.</p><p>Bye</p>"},
            },
            {"createdDateTime": "2026-09-01T10:30:00Z", "description": {"contentType": "text", "content": "Seen"}},
            None,
        ]
        (said,) = read(issue("EX1", posts=posts)).incidents or ()
        assert [one.text for one in said.updates] == ["Seen", "It works.\nBye"]
        assert said.updated_at == datetime(2026, 9, 1, 11, 30, tzinfo=UTC)
        assert said.url.endswith("/EX1")

    def test_without_a_post_it_says_whom_it_hurts(self):
        (said,) = read(issue("EX1", posts=None, impactDescription="Mail is late.")).incidents or ()
        assert said.update == "Mail is late."

    def test_an_issue_alone_is_read_too(self):
        body = json.dumps(issue("EX1")).encode()
        assert refs(checks.read("microsoft365", body, now=NOW)) == ["EX1"]

    @pytest.mark.parametrize(
        ("wanted", "found"), [("Exchange", ["EX1"]), ("exchange online", ["EX1"]), ("Teams", [])]
    )
    def test_a_service_goes_by_its_words(self, wanted: str, found: list[str]):
        assert refs(read(issue("EX1"), services=[wanted])) == found

    def test_an_issue_that_names_no_service_concerns_all(self):
        assert refs(read(issue("EX1", service=None), services=["Teams"])) == ["EX1"]

    def test_lighter_issues_are_left_out(self):
        rows = [issue("a", classification="advisory"), issue("b", status="investigating"), issue("c")]
        assert refs(read(*rows, severity="partial")) == ["c"]


def test_an_issue_is_one_incident_until_it_is_listed_no_longer():
    told = told_of(
        "microsoft365",
        {"value": [issue("EX1", status="investigating")]},
        {"value": [issue("EX1", status="ServiceInterruption", title="Mail is gone")]},
        {"value": [issue("EX1", status="extendedRecovery"), issue("EX2")]},
        {"value": [issue("EX2", isResolved=True)]},
    )
    assert told == [
        ["opened degraded"],
        ["worsened major"],
        ["eased degraded", "opened partial"],
        ["resolved operational", "resolved operational"],
    ]


class TestTheOverview:
    ROWS = (
        overview("Exchange Online", "serviceDegradation"),
        overview("Microsoft Teams"),
        overview("SharePoint Online", "ServiceRestored"),
    )

    def test_each_service_is_a_component(self):
        reading = read(*self.ROWS, context=OVERVIEWS)
        assert {one.name: one.status for one in reading.components} == {
            "Exchange Online": Status.PARTIAL,
            "Microsoft Teams": Status.OPERATIONAL,
            "SharePoint Online": Status.OPERATIONAL,
        }
        assert (reading.status, reading.incidents) == (Status.PARTIAL, None)

    def test_only_the_chosen_services_weigh(self):
        assert read(*self.ROWS, services=["Teams", "SharePoint"]).status is Status.OPERATIONAL
        assert read(*self.ROWS, services=["Exchange"]).status is Status.PARTIAL

    def test_a_service_that_is_not_there_is_never_green(self):
        reading = read(*self.ROWS, services=["Teams", "Skipe"])
        assert (reading.status, reading.message) == (Status.UNKNOWN, "its page has no service 'Skipe'")

    def test_a_state_that_nobody_knows_is_unknown(self):
        assert read(overview("Exchange Online", "dreaming")).status is Status.UNKNOWN

    def test_its_issues_are_incidents(self):
        rows = (
            overview("Exchange Online", "serviceInterruption", issues=[issue("EX1")]),
            overview("Teams", issues=[]),
        )
        reading = read(*rows)
        assert (reading.status, refs(reading)) == (Status.MAJOR, ["EX1"])

    def test_a_service_that_is_only_ill_by_advisories_weighs_nothing(self):
        mere = [issue("EX1", classification="advisory"), issue("EX2", isResolved=True)]
        reading = read(overview("Exchange Online", "serviceDegradation", issues=mere))
        assert (reading.status, refs(reading)) == (Status.OPERATIONAL, ["EX1"])
        assert read(overview("Exchange Online", "serviceDegradation", issues=[])).status is Status.PARTIAL

    def test_one_service_alone_is_read_too(self):
        body = json.dumps(overview("Exchange Online", "serviceInterruption")).encode()
        assert checks.read("microsoft365", body, now=NOW).status is Status.MAJOR

    def test_an_overview_of_nothing_is_never_green(self):
        assert read(context=OVERVIEWS).status is Status.UNKNOWN
        assert read(issue("EX1", isResolved=True), overview("Teams")).status is Status.UNKNOWN


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Sign in</html>",
        b"[]",
        b"null",
        b"{}",
        b'{"value": null}',
        b'{"value": ["x"]}',
        b'{"value": [{}]}',
        b'{"value": [{"title": "no id"}]}',
        b'{"value": [{"status": "serviceOperational"}]}',
        b'{"value": [], "error": {"code": "Forbidden"}}',
        b'{"value": [{"service": "Teams", "status": "serviceOperational", "issues": "none"}]}',
        json.dumps({"value": [issue("EX1")]}).encode()[:-9],
    ],
)
def test_what_cannot_be_read_is_unknown_with_the_reason(body: bytes):
    reading = checks.read("microsoft365", body, now=NOW)
    assert reading.status is Status.UNKNOWN
    assert reading.message


# -- over real sockets ------------------------------------------------------------------------------------------


@pytest.fixture
async def cloud() -> Any:
    async with clouding() as made:
        yield made


async def seen(check: Microsoft365, way: Way) -> Reading:
    return await look(Service("m", "M", check, "microsoft365"), way)


def leading(cloud: Cloud, *rows: Any, to: str) -> bytes:
    """A page of issues that goes on elsewhere."""
    target = to if to.startswith("http") else f"{cloud.url}/v1.0/admin/serviceAnnouncement/issues?{to}"
    return spelt({"value": list(rows), "@odata.nextLink": target})


async def test_all_pages_of_open_issues_are_read(cloud: Cloud, way: Way):
    cloud.pages[ISSUES] = leading(cloud, issue("EX1", status="investigating"), to="$skip=100")
    cloud.pages["/v1.0/admin/serviceAnnouncement/issues?$skip=100"] = spelt({"value": [issue("EX2"), issue("EX1")]})
    reading = await seen(cloud.office(), way)
    assert (refs(reading), reading.status) == (["EX1", "EX2"], Status.PARTIAL)


async def test_another_document_can_be_named_itself(cloud: Cloud, way: Way):
    path = "/v1.0/admin/serviceAnnouncement/healthOverviews"
    cloud.pages[path] = spelt({"value": [overview("Microsoft Teams")]})
    reading = await seen(cloud.office(url=cloud.url + path), way)
    assert (reading.status, len(reading.components)) == (Status.OPERATIONAL, 1)


async def test_nobody_else_is_asked_whatever_a_page_says(cloud: Cloud, way: Way):
    async with answering(hold=True) as other:
        cloud.pages[ISSUES] = leading(cloud, to=f"{other.url}v1.0/steal")
        reading = await seen(cloud.office(), way)
    assert reading.status is Status.UNKNOWN
    assert reading.message == f"its page goes on at another host, 127.0.0.1:{other.port}, which is not asked"
    assert other.connections == 0


def endless(cloud: Cloud) -> Callable[[], bytes]:
    """Each page leads to another one."""
    turn = count(1)

    def another() -> bytes:
        following = f"/v1.0/admin/serviceAnnouncement/issues?$skip={next(turn)}"
        cloud.pages[following] = another
        return leading(cloud, to=following.partition("?")[2])

    return another


@dataclass(frozen=True, slots=True)
class Hurried(Way):
    """A way out on which each glance at the clock takes a tenth of a second."""

    glances: list[None] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        self.glances.append(None)
        return NOW + timedelta(seconds=len(self.glances) / 10)


async def test_all_pages_share_the_time_of_one_look(cloud: Cloud, way: Way):
    cloud.pages[ISSUES] = endless(cloud)
    reading = await seen(cloud.office(), Hurried(way.net, 5.0))
    assert (reading.status, reading.cause) == (Status.UNKNOWN, "timeout")
    assert reading.message == "not all of its documents came within 5 s"
    assert 1 < len(cloud.asked) < 50


async def test_pages_without_end_are_left(cloud: Cloud, way: Way):
    cloud.pages[ISSUES] = endless(cloud)
    reading = await seen(cloud.office(), way)
    assert (reading.status, reading.message) == (Status.UNKNOWN, "its page goes on over more than 50 documents")
    assert (len(cloud.asked), len(cloud.logins)) == (50, 1)


async def test_a_refusal_is_told_in_its_own_words(cloud: Cloud, way: Way):
    cloud.pages[ISSUES] = refusal(403, "Forbidden", "Required role is missing: ServiceHealth.Read.All.")
    reading = await seen(cloud.office(), way)
    assert reading.status is Status.UNKNOWN
    assert reading.message == (
        "its page answered 403 Forbidden: Forbidden: Required role is missing: ServiceHealth.Read.All."
    )
