"""Cachet as a source: 2.x and 3.x, which of them it is, and all of its documents as one reading."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.checks.vendors.damage import paths, wrongs
from tests.checks.vendors.pages import cut_short, parts_of, read, told_of
from tests.checks.vendors.recordings import NOW, recording
from tests.checks.vendors.served import look, vendor
from tui_monitor import checks
from tui_monitor.checks.cachet_status import CachetStatus
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import Reading
from tui_monitor.core.status import Status
from tui_monitor.net import Net, Way

KIND = "cachet_status"


def page(*rows: Any, number: int = 1, last: int = 1) -> dict[str, Any]:
    links = {"next_page": "http://another.example/?page=2" if number < last else None}
    return {"meta": {"pagination": {"current_page": number, "total_pages": last, "links": links}}, "data": list(rows)}


def part(number: int = 1, status: Any = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Belt {number}",
        "status": status,
        "order": 0,
        "group_id": 0,
        "enabled": True,
        **more,
    }


def incident(**more: Any) -> dict[str, Any]:
    row = {
        "id": 7,
        "component_id": 2,
        "name": "A belt stands still",
        "status": 1,
        "visible": 1,
        "message": "We *look*.",
        "occurred_at": "2026-09-01 10:00:00",
        "created_at": "2026-09-01 10:01:00",
        "updated_at": "2026-09-01 11:00:00",
        "is_resolved": False,
        "updates": [],
        "latest_status": 1,
        "permalink": "https://cachet.example/incidents/7",
    }
    return row | more


def said(status: int, text: str, clock: str) -> dict[str, Any]:
    return {"id": 1, "status": status, "message": text, "created_at": f"2026-09-01 {clock}:00", "human_status": "x"}


def schedule(status: Any, at: str, **more: Any) -> dict[str, Any]:
    row = {"id": 7, "name": "New belts", "message": "m", "status": status, "scheduled_at": at, "completed_at": None}
    return row | {"created_at": "2026-08-01 10:00:00", "updated_at": "2026-08-01 10:00:00", "components": []} | more


def of3(kind: str, number: int, related: dict[str, Any] | None = None, **attributes: Any) -> dict[str, Any]:
    return {"id": str(number), "type": kind, "attributes": attributes, "relationships": related or {}}


def page3(*rows: Any, more: bool = False, included: tuple[Any, ...] = ()) -> dict[str, Any]:
    links = {"next": "https://cachet.example/api/x?page=2" if more else None}
    return {"data": list(rows), "links": links, "meta": {"current_page": 1}, "included": list(included)}


def at3(text: str) -> dict[str, Any]:
    return {"human": "1 hour ago", "string": text}


GROUP3 = of3("componentGroups", 9, name="Hall")
PART3 = of3("components", 2, {"group": {"data": {"type": "componentGroups", "id": "9"}}}, name="Belt 2", status=3)
INCIDENT3 = of3(
    "incidents",
    7,
    {
        "components": {"data": [{"type": "components", "id": "2"}]},
        "updates": {"data": [{"type": "updates", "id": "1"}]},
    },
    name="A belt stands still",
    message="We look.",
    status={"human": "Watching", "value": 3},
    created=at3("2026-09-01 10:00:00"),
    updated=at3("2026-09-01 11:00:00"),
)
UPDATE3 = of3(
    "updates", 1, message="It moves.", status={"human": "Watching", "value": 3}, created=at3("2026-09-01 10:30:00")
)
SCHEDULE3 = of3(
    "schedules", 1, name="New belts", status={"human": "Upcoming", "value": 0}, scheduled=at3("2026-09-02 10:00:00")
)

PAGES2 = {
    "/api/v1/components": page(part(1, group_id=3), part(2, "4", group_id=3), part(3)),
    "/api/v1/components/groups": page(
        {"id": 3, "name": "Hall", "order": 1, "enabled_components": [part(1, group_id=3), part(2, 4, group_id=3)]}
    ),
    "/api/v1/incidents": page(incident()),
    "/api/v1/schedules": page(schedule(0, "2100-09-02 10:00:00")),
    "/api/v1/status": {"data": {"status": "info", "message": "Some systems are experiencing issues"}},
}
PAGES3 = {
    "/api/components": page3(PART3, of3("components", 1, name="Belt 1", status=6), included=(GROUP3,)),
    "/api/incidents": page3(INCIDENT3, included=(PART3, UPDATE3)),
    "/api/schedules": page3(SCHEDULE3),
    "/api/status": {"data": {"status": "partial_outage", "message": "Some systems fail"}},
}


@pytest.fixture
async def way(tmp_path) -> AsyncIterator[Way]:
    net = Net(tmp_path, places=20)
    yield Way(net, 5.0)
    await net.close()


async def seen(pages: dict[str, Any], way: Way, **options: Any) -> Reading:
    async with vendor(pages) as served:
        return await look(CachetStatus(served.url, **options), way)


class TestWhatWasRecorded:
    def test_a_state_may_be_a_text(self):
        reading = checks.read(KIND, recording("cachet/v1_components_recorded_2016.json"), now=NOW)
        assert (reading.status, reading.incidents) == (Status.OPERATIONAL, None)
        assert parts_of(reading) == {"group 1 / Test Component": Status.OPERATIONAL}

    @pytest.mark.parametrize(
        ("name", "ref", "title"),
        [
            ("v1_incident_created_recorded_2022.json", "17", "test12 | g"),
            ("DERIVED_v3_incident_created.json", "2", "Gateway is unavailable"),
        ],
    )
    def test_an_incident_alone_is_a_document(self, name: str, ref: str, title: str):
        reading = checks.read(KIND, recording(f"cachet/{name}"), now=NOW)
        (one,) = reading.incidents or ()
        assert (one.ref, one.title, one.state, one.status) == (ref, title, "Investigating", Status.DEGRADED)

    @pytest.mark.parametrize(
        "name",
        [
            "DERIVED_v3_error_401.json",
            "DERIVED_v3_error_422.json",
            "v1_error_400_notify_bool.json",
            "v1_error_400_status_format.json",
        ],
    )
    def test_a_refusal_is_no_page(self, name: str):
        assert checks.read(KIND, recording(f"cachet/{name}"), now=NOW).status is Status.UNKNOWN

    @pytest.mark.parametrize(
        ("name", "status"),
        [
            ("ComponentsService_GetAll", "operational"),
            ("IncidentsService_GetAll", "degraded"),
            ("IncidentsService_Get", "degraded"),
            ("IncidentsService_Update", "operational"),
            ("SchedulesService_GetAll", "operational"),
            ("GeneralService_Status", "degraded"),
            ("ComponentsService_GetAllGroups", "unknown"),
            ("MetricsService_GetAll", "unknown"),
            ("MetricsService_Delete", "unknown"),
            ("SubscribersService_GetAll", "unknown"),
            ("IncidentUpdatesService_GetAll", "unknown"),
            ("GeneralService_Ping", "unknown"),
            ("GeneralService_Version", "unknown"),
        ],
    )
    def test_each_documented_answer_is_what_it_is(self, name: str, status: str):
        examples = json.loads(recording("cachet/v1_docs_examples_via_go_client.json"))
        assert read(KIND, examples[name]["response"]).status == status


class TestComponents:
    @pytest.mark.parametrize(
        ("number", "two", "three"),
        [
            (1, "operational", "operational"),
            ("2", "degraded", "degraded"),
            (3, "partial", "partial"),
            (4.0, "major", "major"),
            (0, "unknown", "unknown"),
            (5, "unknown", "unknown"),
            (6, "unknown", "maintenance"),
            (None, "unknown", "unknown"),
            ("green", "unknown", "unknown"),
        ],
    )
    def test_the_numbers_of_2_and_3_differ(self, number: Any, two: str, three: str):
        assert read(KIND, page(part(1, number))).status == two
        assert read(KIND, page3(of3("components", 1, name="Belt", status=number))).status == three
        known = {"human": "?", "value": number}
        assert read(KIND, page3(of3("components", 1, name="Belt", status=known))).status == three

    def test_one_that_is_switched_off_or_deleted_is_not_shown(self):
        off = [part(2, 4, enabled=False), part(3, 4, deleted_at="2026-01-01 10:00:00")]
        assert parts_of(read(KIND, page(part(1), *off))) == {"Belt 1": Status.OPERATIONAL}

    def test_a_list_of_none_says_nothing(self):
        assert read(KIND, page()).status is Status.UNKNOWN


class TestIncidents:
    def test_what_was_written_stands_in_the_order_of_time(self):
        row = incident(updates=[said(3, "c", "10:40"), said(2, "b", "10:20")], latest_status=3, status=1)
        (one,) = read(KIND, page(row)).incidents or ()
        assert [(update.state, update.text) for update in one.updates] == [
            ("", "We *look*."),
            ("Identified", "b"),
            ("Watching", "c"),
        ]
        assert one.state == "Watching"
        assert one.started_at == datetime(2026, 9, 1, 10, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("row", "is_open"),
        [
            ({"is_resolved": True, "latest_status": 4, "status": 4}, False),
            ({"is_resolved": "1", "latest_status": None, "status": "4"}, False),
            ({"is_resolved": False, "latest_status": 2, "status": 1}, True),
            ({"is_resolved": None, "latest_status": None, "status": 9}, True),
            ({"status": None, "latest_status": None}, True),
        ],
    )
    def test_only_what_is_known_to_be_over_is_over(self, row: dict[str, Any], is_open: bool):
        reading = read(KIND, page(incident(**row)))
        assert [len(reading.incidents or ()), len(reading.over)] == [int(is_open), int(not is_open)]

    def test_before_2_4_its_own_state_says_how_it_stands(self):
        row = {key: value for key, value in incident(status=4).items() if key not in ("is_resolved", "latest_status")}
        assert read(KIND, page(row)).incidents == ()

    def test_an_unknown_state_is_open_and_of_unknown_weight(self):
        reading = read(KIND, page(incident(latest_status=9)))
        assert [one.status for one in reading.incidents or ()] == [Status.UNKNOWN]
        assert reading.status is Status.UNKNOWN

    def test_a_plan_of_old_is_planned_work(self):
        row = incident(status=0, latest_status=0, scheduled_at="2026-09-02 10:00:00")
        assert [one.title for one in read(KIND, page(row)).maintenances] == ["A belt stands still"]
        assert (
            read(KIND, page(incident(status=0, latest_status=0, scheduled_at="2026-08-02 10:00:00"))).incidents == ()
        )

    def test_a_list_that_is_cut_off_reaches_as_far_as_its_oldest(self):
        assert read(KIND, page(incident())).reach is None
        assert read(KIND, page(incident(), last=2)).reach == datetime(2026, 9, 1, 10, tzinfo=UTC)

    def test_a_time_is_of_the_zone_of_the_server(self):
        (one,) = read(KIND, page(incident()), timezone="Europe/Paris").incidents or ()
        assert one.started_at == datetime(2026, 9, 1, 8, tzinfo=UTC)
        with pytest.raises(ValueError, match="timezone: 'Mars' is not a time zone"):
            CachetStatus("https://cachet.example", timezone="Mars")

    def test_whatever_is_wrong_in_one_does_not_hide_it(self):
        whole = page(incident(updates=[said(2, "b", "10:20")]))
        clears = ("is_resolved", "status", "latest_status")
        places = [way for way in paths(whole) if way[:2] == ("data", 0) and way[-1] not in clears]
        hidden = [
            (way, what)
            for way in places
            for what, data in wrongs(whole, way)
            if read(KIND, data).status is Status.OPERATIONAL
        ]
        assert not hidden


class TestPlannedWork:
    @pytest.mark.parametrize(
        ("status", "at", "found"),
        [
            (0, "2026-09-02 10:00:00", "announced"),
            ("1", "2026-09-01 10:00:00", "open"),
            (2, "2026-09-01 10:00:00", "over"),
            (7, "2026-09-02 10:00:00", "announced"),
            (7, "2026-09-01 10:00:00", "open"),
        ],
    )
    def test_is_never_an_outage(self, status: Any, at: str, found: str):
        reading = read(KIND, page(schedule(status, at)))
        lists = {"announced": reading.maintenances, "open": reading.incidents, "over": reading.over}
        (one,) = lists[found] or ()
        assert (one.maintenance, one.ref) == (True, "schedule 7")
        assert reading.status is (Status.MAINTENANCE if found == "open" else Status.OPERATIONAL)

    def test_3_spells_it_in_its_own_way(self):
        (one,) = read(KIND, page3(SCHEDULE3)).maintenances
        assert (one.state, one.started_at) == ("Upcoming", datetime(2026, 9, 2, 10, tzinfo=UTC))


class TestOverARealSocket:
    async def test_2_is_read_in_all_its_documents(self, way: Way):
        reading = await seen(PAGES2, way)
        assert reading.status is Status.MAJOR
        assert parts_of(reading) == {
            "Hall / Belt 1": Status.OPERATIONAL,
            "Hall / Belt 2": Status.MAJOR,
            "Belt 3": Status.OPERATIONAL,
        }
        (one,) = reading.incidents or ()
        assert one.components == ("Belt 2",)
        assert [one.title for one in reading.maintenances] == ["New belts"]

    async def test_3_is_read_in_all_its_documents(self, way: Way):
        reading = await seen(PAGES3, way)
        assert parts_of(reading) == {"Hall / Belt 2": Status.PARTIAL, "Belt 1": Status.MAINTENANCE}
        (one,) = reading.incidents or ()
        assert (one.components, one.update, one.state) == (("Belt 2",), "It moves.", "Watching")

    @pytest.mark.parametrize(("version", "pages"), [(2, PAGES2), (3, PAGES3)])
    async def test_a_version_that_is_named_is_not_guessed(self, version: Any, pages: dict[str, Any], way: Way):
        async with vendor(pages) as served:
            await look(CachetStatus(served.url, version), way)
            assert len(served.heard) == len(pages)
            assert all(b"/v1/" in one for one in served.heard) is (version == 2)

    async def test_what_old_ones_lack_is_not_missed(self, way: Way):
        pages = {path: PAGES2[path] for path in ("/api/v1/components", "/api/v1/incidents")}
        assert (await seen(pages, way)).status is Status.MAJOR

    async def test_where_no_cachet_is_it_says_so(self, way: Way):
        with pytest.raises(Unreadable, match="there is no Cachet at this address"):
            await seen({}, way)
        with pytest.raises(Unreadable, match="its page answered 404"):
            await seen({}, way, version=2)

    async def test_its_incidents_must_be_there(self, way: Way):
        with pytest.raises(Unreadable, match="404"):
            await seen({"/api/v1/components": page(part())}, way)

    async def test_every_page_of_components_is_read_and_never_at_another_host(self, way: Way):
        first, second = "/api/v1/components?per_page=100", "/api/v1/components?per_page=100&page=2"
        pages = {**PAGES2, first: page(part(1), last=2), second: page(part(2, 3), number=2, last=2)}
        del pages["/api/v1/components/groups"]
        assert parts_of(await seen(pages, way)) == {"Belt 1": Status.OPERATIONAL, "Belt 2": Status.PARTIAL}

    async def test_also_of_3(self, way: Way):
        first = "/api/components?per_page=100&include=group"
        second = f"{first}&page=2"
        last = page3(of3("components", 4, name="Belt 4", status=4)) | {"meta": {"current_page": 2}}
        reading = await seen({**PAGES3, first: page3(PART3, more=True), second: last}, way)
        assert parts_of(reading)["Belt 4"] is Status.MAJOR

    async def test_only_what_was_chosen_weighs(self, way: Way):
        reading = await seen(PAGES2, way, components=("Belt 3",))
        assert (reading.status, reading.incidents) == (Status.OPERATIONAL, ())
        assert (await seen(PAGES2, way, components=("Hall",))).status is Status.MAJOR
        with pytest.raises(Unreadable, match="no component 'Bolt 3'; did you mean 'Belt 3'"):
            await seen(PAGES2, way, components=("Bolt 3",))

    @pytest.mark.parametrize("path", sorted(PAGES2))
    async def test_one_document_that_cannot_be_read_is_enough(self, path: str, way: Way):
        with pytest.raises(Unreadable):
            await seen({**PAGES2, path: b"<html>Log in</html>"}, way)

    @pytest.mark.parametrize("tail", ["", "/", "/api", "/api/v1", "/api/v1/"])
    def test_the_address_may_be_that_of_the_page_or_of_its_api(self, tail: str):
        two, three = (one.request.place.target for one in CachetStatus(f"https://c.example/x{tail}").asked)
        assert two == "/x/api/v1/components?per_page=100"
        assert three == "/x/api/components?per_page=100&include=group"


def test_each_change_is_told_once():
    first = incident(component_id=0)
    second = first | {"updates": [said(2, "b", "10:20")], "latest_status": 2, "updated_at": "2026-09-01 11:10:00"}
    third = second | {"latest_status": 4, "is_resolved": True, "updated_at": "2026-09-01 11:20:00"}
    titled = second | {"name": "All belts stand still", "updated_at": "2026-09-01 11:15:00"}
    states = [page(first), page(first), page(second), page(titled), {"error": "no"}, page(third), page(third)]
    assert told_of(KIND, *states) == [
        ["opened degraded"],
        [],
        ["updated degraded"],
        ["updated degraded"],
        [],
        ["resolved operational"],
        [],
    ]


@pytest.mark.parametrize("whole", [*PAGES2.values(), *PAGES3.values()])
def test_a_document_that_breaks_off_is_unknown(whole: Any):
    for body in cut_short(whole):
        assert checks.read(KIND, body, now=NOW).status is Status.UNKNOWN


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"data": None},
        {"data": {}},
        {"data": []},
        {"data": "Pong!"},
        {"data": [{}]},
        {"data": ["x"]},
        {"data": {"status": None, "message": "m"}},
        {"data": {"status": "success"}},
        {"data": {"status": "splendid", "message": "m"}},
        {"data": [part(), incident()]},
        {"data": {"id": "1", "type": "status_page", "attributes": {"aggregate_state": "operational"}}},
        {"message": "Unauthenticated."},
        {"errors": [{"detail": "no"}], "data": [part()]},
    ],
)
def test_what_is_no_cachet_is_unknown_with_the_reason(data: Any):
    reading = read(KIND, data)
    assert reading.status is Status.UNKNOWN
    assert reading.message
