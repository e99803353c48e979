"""Uptime Kuma: its page and its heartbeats, of 1.x and 2.x, recorded, made up and over a real socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.checks.vendors.damage import paths, wrongs
from tests.checks.vendors.pages import cut_short, parts_of, read, told_of
from tests.checks.vendors.recordings import NOW, expected, recording
from tests.checks.vendors.served import look, vendor
from tui_monitor import checks
from tui_monitor.checks.uptime_kuma import UptimeKuma
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import Reading
from tui_monitor.core.status import Status
from tui_monitor.net import Net, Way

KIND = "uptime_kuma"
STATES = {"UP": Status.OPERATIONAL, "DOWN": Status.MAJOR, "MAINTENANCE": Status.MAINTENANCE}
PAGE, BEATS = "/api/status-page/all", "/api/status-page/heartbeat/all"


def monitor(number: int, name: str) -> dict[str, Any]:
    return {"id": number, "name": name, "sendUrl": 0, "type": "http"}


def incident(**more: Any) -> dict[str, Any]:
    row = {"id": 1, "style": "danger", "title": "Doors stick", "content": "**Oil** is\n- on its way", "pin": True}
    return row | {"active": True, "createdDate": "2026-09-01 10:00:00", "lastUpdatedDate": None} | more


def page(*incidents: Any, **more: Any) -> dict[str, Any]:
    groups = [
        {"id": 1, "name": "Hall", "weight": 1, "monitorList": [monitor(1, "Doors"), monitor(2, "Lights")]},
        {"id": 2, "name": "Yard", "weight": 2, "monitorList": [monitor(3, "Gate")]},
    ]
    config = {"slug": "all", "title": "Lockers"}
    return {"config": config, "incidents": list(incidents), "publicGroupList": groups, "maintenanceList": [], **more}


def beat(status: Any, clock: str = "11:59") -> dict[str, Any]:
    return {"status": status, "time": f"2026-09-01 {clock}:00.000", "msg": "", "ping": None}


def beats(*states: Any) -> dict[str, Any]:
    lists = {
        str(number): [] if one == "paused" else [beat(1, "11:00"), beat(one)] for number, one in enumerate(states, 1)
    }
    return {"heartbeatList": lists, "uptimeList": {"1_24": 1}}


def plan(status: Any, **more: Any) -> dict[str, Any]:
    return {"id": 1, "title": "New locks", "description": "d", "status": status, "timeslotList": [], **more}


@pytest.fixture
async def way(tmp_path) -> AsyncIterator[Way]:
    net = Net(tmp_path, places=20)
    yield Way(net, 5.0)
    await net.close()


async def seen(way: Way, *documents: Any, **options: Any) -> Reading:
    async with vendor(dict(zip((PAGE, BEATS), documents, strict=True))) as served:
        return await look(UptimeKuma(f"{served.url}status/all", **options), way)


class TestWhatWasRecorded:
    async def test_is_read_rightly(self, way: Way):
        names = ("kuma2_status_page", "kuma2_heartbeat")
        reading = await seen(way, *(recording(f"uptime_kuma/{name}.json") for name in names))
        right = expected()["uptime_kuma/kuma2_*"]
        assert {one.name: one.status for one in reading.components} == {
            name: STATES[state] for name, state in right["monitors"].items()
        }
        listed = reading.incidents or ()
        assert [one.title for one in listed if not one.maintenance] == right["incidents"]
        assert [(one.title, one.state) for one in listed if one.maintenance] == [
            tuple(one) for one in right["maintenance"]
        ]
        assert [one.status for one in listed] == [Status.MAJOR, Status.OPERATIONAL, Status.MAINTENANCE]
        assert reading.status is Status.MAJOR
        assert {one.group for one in reading.components} == {"Core", "Edge"}

    def test_each_document_alone_says_what_it_can(self):
        found = {
            name: checks.read(KIND, recording(f"uptime_kuma/kuma2_{name}.json"), now=NOW)
            for name in ("status_page", "heartbeat", "incident_history", "404")
        }
        assert parts_of(found["heartbeat"])["monitor 2"] is Status.MAJOR
        assert set(parts_of(found["status_page"]).values()) == {Status.UNKNOWN}
        assert [one.ref for one in found["incident_history"].incidents or ()] == ["1", "2"]
        assert found["404"].message == "its page says that something went wrong: Status Page Not Found"


class TestMonitors:
    @pytest.mark.parametrize(
        ("state", "status"),
        [(0, "major"), (1, "operational"), (2, "degraded"), (3, "maintenance"), (9, "unknown"), (None, "unknown")],
    )
    async def test_the_newest_heartbeat_counts(self, state: Any, status: str, way: Way):
        reading = await seen(way, page(), beats(state, 1, 1))
        assert parts_of(reading)["Hall / Doors"] == status
        assert reading.status == status

    async def test_where_all_is_well_nothing_is_said_to_be_missing(self, way: Way):
        assert (await seen(way, page(), beats(1, 1, 1))).message == "no open incident"
        assert read(KIND, page()).message == "its page says unknown"

    async def test_whichever_stands_first(self, way: Way):
        turned = {"heartbeatList": {**beats(1, 1, 1)["heartbeatList"], "1": [beat(0, "11:59"), beat(1, "11:00")]}}
        assert (await seen(way, page(), turned)).status is Status.MAJOR

    async def test_one_that_is_paused_is_unknown_and_not_down(self, way: Way):
        reading = await seen(way, page(), beats("paused", 1, 1))
        assert parts_of(reading)["Hall / Doors"] is Status.UNKNOWN
        assert reading.status is Status.OPERATIONAL

    async def test_where_all_are_paused_or_it_was_chosen_nothing_is_known(self, way: Way):
        assert (await seen(way, page(), beats("paused", "paused", "paused"))).status is Status.UNKNOWN
        assert (await seen(way, page(), beats("paused", 1, 1), components=("Doors",))).status is Status.UNKNOWN

    async def test_one_of_which_there_are_no_heartbeats_is_unknown(self, way: Way):
        reading = await seen(way, page(), beats(1, 1))
        assert parts_of(reading)["Yard / Gate"] is Status.UNKNOWN
        assert reading.status is Status.UNKNOWN

    async def test_one_that_the_page_does_not_know_yet_is_not_lost(self, way: Way):
        reading = await seen(way, page(), beats(1, 1, 1, 0))
        assert parts_of(reading)["monitor 4"] is Status.MAJOR

    async def test_only_what_was_chosen_weighs(self, way: Way):
        reading = await seen(way, page(), beats(0, 1, 1), components=("Yard",))
        assert (reading.status, parts_of(reading)) == (Status.OPERATIONAL, {"Yard / Gate": Status.OPERATIONAL})


class TestIncidents:
    @pytest.mark.parametrize(
        ("style", "status"),
        [
            ("danger", "major"),
            ("warning", "degraded"),
            ("info", "operational"),
            ("primary", "operational"),
            ("light", "operational"),
            ("dark", "operational"),
            ("neon", "unknown"),
            (None, "unknown"),
        ],
    )
    async def test_its_style_is_its_weight(self, style: Any, status: str, way: Way):
        reading = await seen(way, page(incident(style=style)), beats(1, 1, 1))
        assert [one.status for one in reading.incidents or ()] == [status]
        assert reading.status == status

    def test_its_words_and_its_times(self):
        (one,) = read(KIND, page(incident(lastUpdatedDate="2026-09-01 10:30:00"))).incidents or ()
        assert (one.ref, one.title, one.impact) == ("1", "Doors stick", "danger")
        assert one.update == "**Oil** is\n- on its way"
        assert one.started_at == datetime(2026, 9, 1, 10, tzinfo=UTC)
        assert one.updated_at == datetime(2026, 9, 1, 10, 30, tzinfo=UTC)

    async def test_1_has_one_or_none(self, way: Way):
        old = {key: value for key, value in page().items() if key != "incidents"}
        assert (await seen(way, old | {"incident": None}, beats(1, 1, 1))).incidents == ()
        reading = await seen(way, old | {"incident": incident()}, beats(1, 1, 1))
        assert [one.ref for one in reading.incidents or ()] == ["1"]

    def test_one_that_is_no_longer_active_is_over(self):
        history = {"ok": True, "incidents": [incident(), incident(id=2, active=0)], "total": 2}
        reading = read(KIND, history)
        assert [[one.ref for one in some] for some in (reading.incidents or (), reading.over)] == [["1"], ["2"]]

    def test_whatever_is_wrong_in_one_does_not_hide_it(self):
        whole = page(incident())
        places = [way for way in paths(whole) if way[:2] == ("incidents", 0) and way[-1] != "active"]
        hidden = []
        for way in places:
            for what, data in wrongs(whole, way):
                reading = read(KIND, data)
                if reading.cause != "unreadable" and not reading.incidents:
                    hidden.append((way, what))
        assert not hidden


class TestPlannedWork:
    @pytest.mark.parametrize(
        ("status", "found"),
        [
            ("scheduled", "announced"),
            ("under-maintenance", "open"),
            ("ended", "over"),
            ("inactive", "over"),
            ("unknown", "open"),
        ],
    )
    async def test_is_never_an_outage(self, status: str, found: str, way: Way):
        reading = await seen(way, page(maintenanceList=[plan(status)]), beats(1, 1, 1))
        lists = {"announced": reading.maintenances, "open": reading.incidents, "over": reading.over}
        (one,) = lists[found] or ()
        assert (one.maintenance, one.ref, one.title) == (True, "maintenance 1", "New locks")
        assert reading.status is (Status.MAINTENANCE if found == "open" else Status.OPERATIONAL)

    def test_its_window_is_the_next_one(self):
        slots = [
            {"startDate": "2026-08-01 10:00", "endDate": "2026-08-01 11:00"},
            {"startDate": "2026-09-02 10:00", "endDate": "2026-09-02 11:00"},
        ]
        (one,) = read(KIND, page(maintenanceList=[plan("unknown", timeslotList=slots)])).maintenances
        assert one.started_at == datetime(2026, 9, 2, 10, tzinfo=UTC)
        assert one.until == datetime(2026, 9, 2, 11, tzinfo=UTC)


class TestWhereItLooks:
    @pytest.mark.parametrize(
        ("url", "slug", "target"),
        [
            ("https://k.example/status/all", "", "/api/status-page/all"),
            ("https://k.example/status/all/", "", "/api/status-page/all"),
            ("https://k.example/sub/status/all", "", "/sub/api/status-page/all"),
            ("https://k.example/api/status-page/all", "", "/api/status-page/all"),
            ("https://k.example/api/status-page/heartbeat/all", "", "/api/status-page/all"),
            ("https://k.example", "all", "/api/status-page/all"),
            ("https://k.example/", "", "/api/status-page/default"),
            ("https://k.example/status", "", "/api/status-page/default"),
            ("https://k.example", "a/../b?c", "/api/status-page/a%2F..%2Fb%3Fc"),
        ],
    )
    def test_the_address_is_that_of_the_page_as_people_see_it(self, url: str, slug: str, target: str):
        heartbeats, about = (one.request.place.target for one in UptimeKuma(url, slug).asked)
        assert about == target
        assert heartbeats == target.replace("status-page/", "status-page/heartbeat/")

    async def test_a_page_that_is_not_there(self, way: Way):
        async with vendor({}) as served:
            with pytest.raises(Unreadable, match="404"):
                await look(UptimeKuma(f"{served.url}status/none"), way)

    @pytest.mark.parametrize("which", [0, 1])
    async def test_both_documents_are_needed(self, which: int, way: Way):
        documents = [page(), beats(1, 1, 1)]
        documents[which] = {"status": "fail", "msg": "No"}
        with pytest.raises(Unreadable, match="went wrong: No"):
            await seen(way, *documents)

    async def test_one_is_not_taken_for_the_other(self, way: Way):
        with pytest.raises(Unreadable, match="none of what an Uptime Kuma has"):
            await seen(way, beats(1), page())


def test_each_change_is_told_once():
    first = incident(style="warning")
    second = first | {"content": "Oil is here", "lastUpdatedDate": "2026-09-01 10:30:00"}
    worse = second | {"style": "danger", "title": "No door opens", "lastUpdatedDate": "2026-09-01 10:40:00"}
    states = [page(first), page(first), page(second), page(worse), {"ok": False, "msg": "no"}, page(), page()]
    assert told_of(KIND, *states) == [
        ["opened degraded"],
        [],
        ["updated degraded"],
        ["worsened major"],
        [],
        ["resolved operational"],
        [],
    ]


@pytest.mark.parametrize("whole", [page(incident()), beats(1, 0, "paused")])
def test_a_document_that_breaks_off_is_unknown(whole: Any):
    for body in cut_short(whole):
        assert checks.read(KIND, body, now=NOW).status is Status.UNKNOWN


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"heartbeatList": {}},
        {"heartbeatList": []},
        {"heartbeatList": None},
        {"heartbeatList": {"1": None}},
        {"heartbeatList": {"1": [None]}},
        {"heartbeatList": {"1": [{}]}},
        {"publicGroupList": []},
        page(publicGroupList=None),
        page(publicGroupList=[]),
        page(publicGroupList=[{"name": "Hall"}]),
        page(publicGroupList=[{"name": "Hall", "monitorList": [{"id": 1}]}]),
        page(incidents=None),
        page(incidents=["x"]),
        page(maintenanceList=None),
        {"ok": True},
        {"status": "fail", "msg": "Status Page Not Found"},
    ],
)
def test_what_is_no_uptime_kuma_is_unknown_with_the_reason(data: Any):
    reading = checks.read(KIND, json.dumps(data).encode(), now=NOW)
    assert reading.status is Status.UNKNOWN
    assert reading.message
