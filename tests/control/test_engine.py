"""The real engine keeps the promises of `Control`, asked in this process and through a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tui_monitor.control.client import Client
from tui_monitor.control.server import Door
from tui_monitor.core.codec import encode
from tui_monitor.core.errors import CursorExpired, Rejected
from tui_monitor.core.model import Patience, Reading, Service
from tui_monitor.core.plan import Appearance, Plan
from tui_monitor.core.ports import Command, Control
from tui_monitor.core.status import Status
from tui_monitor.engine import Engine
from tui_monitor.store import MemoryStore

PROMPT = Patience(down_after=1, up_after=1)


@dataclass
class Switch:
    """A check that sees what it is told to see."""

    vendor: ClassVar[bool] = False
    status: Status = Status.MAJOR

    async def look(self, outside: Any) -> Status:
        return self.status

    def judge(self, sight: Status) -> Reading:
        return Reading(sight, "all is lost \x1b[31m" if sight.is_bad else "fine", "lost" if sight.is_bad else "")


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
async def engine(switch: Switch) -> AsyncIterator[Engine]:
    services = (
        Service("shop", "Shop", switch, "switch", every=0.05, patience=PROMPT),
        Service("web", "Web", Switch(Status.OPERATIONAL), "switch", every=0.05, patience=PROMPT),
    )
    made = Engine(Plan(services), MemoryStore(), lambda timeout: None)
    living = asyncio.create_task(made.run())
    await made.looking.wait()
    yield made
    made.stop()
    await living


@pytest.fixture(params=["here", "through the socket"])
async def control(request: pytest.FixtureRequest, engine: Engine, tmp_path: Path) -> AsyncIterator[Control]:
    if request.param == "here":
        yield engine
        return
    door = Door(engine, tmp_path / "engine.sock", engine.is_alive)
    await door.open()
    yield Client(tmp_path / "engine.sock")
    await door.close()


async def until(control: Control, holds: Any) -> dict[str, Any]:
    """The first snapshot for which it holds, by the engine's own long poll."""
    async with asyncio.timeout(30):
        while not holds(snapshot := await control.snapshot()):
            await control.changes(snapshot["cursor"], 5)
    return snapshot


def has_incident(snapshot: dict[str, Any]) -> bool:
    return bool(snapshot["incidents"])


async def test_the_board_is_plain_json_in_the_documented_shape(control: Control) -> None:
    snapshot = await until(control, has_incident)
    assert json.loads(json.dumps(snapshot)) == snapshot
    assert {"at", "source", "test_mode", "counts", "services", "cursor", "incidents", "deliveries"} <= snapshot.keys()
    shop = next(one for one in snapshot["services"] if one["id"] == "shop")
    documented = {"id", "name", "group", "tags", "critical", "status", "since", "checked_at", "latency", "message"}
    assert documented | {"failing", "silenced", "incident", "uptime"} <= shop.keys()
    assert (shop["status"], shop["incident"]) == ("major", snapshot["incidents"][0]["id"])
    assert shop["uptime"].keys() >= {"24h", "7d", "30d"}


async def test_text_from_outside_comes_through_the_door_harmless(control: Control) -> None:
    snapshot = await until(control, has_incident)
    assert "\x1b" not in json.dumps(snapshot, ensure_ascii=False)
    assert snapshot["incidents"][0]["title"] == "all is lost [31m"


async def test_changes_bring_the_rows_that_changed_and_nothing_is_missed(control: Control, switch: Switch) -> None:
    snapshot = await until(control, has_incident)
    name = snapshot["incidents"][0]["id"]
    switch.status = Status.OPERATIONAL
    cursor, states = snapshot["cursor"], []
    async with asyncio.timeout(30):
        while "resolved" not in states:
            changes = await control.changes(cursor, 5)
            cursor = changes.cursor
            states += [row["state"] for row in [changes.incidents.get(name)] if row]
    kinds = [event["kind"] for event in (await control.history("incident", id=name))["timeline"]]
    assert kinds == ["opened", "resolved"]


async def test_an_acknowledgement_is_seen_by_whoever_asks_next(control: Control) -> None:
    name = (await until(control, has_incident))["incidents"][0]["id"]
    outcome = await control.do(Command("ack", name[:4], "on it", by="root"))
    assert name in outcome.text
    (found,) = await control.history("incidents")
    assert (found["state"], found["by"]) == ("acknowledged", outcome.data["by"])
    assert found["timeline"][-1]["text"] == "on it"


async def test_a_note_and_a_forced_end_are_kept_in_order(control: Control) -> None:
    name = (await until(control, has_incident))["incidents"][0]["id"]
    await control.do(Command("note", name, "first", by="root"))
    await control.do(Command("resolve", name, "enough", by="root"))
    assert await control.history("incidents") == []
    (found,) = await control.history("incidents", all="1")
    assert [event["kind"] for event in found["timeline"]] == ["opened", "noted", "force-resolved"]


async def test_the_engine_looks_when_it_is_asked_to(control: Control) -> None:
    outcome = await control.do(Command("recheck", "Web"))
    assert outcome.data["status"] == "operational"


async def test_a_face_can_ask_how_the_board_is_to_look_and_what_is_wrong_with_the_config(control: Control) -> None:
    found = await control.history("config")
    assert found["appearance"] == encode(Appearance())
    assert {key: found[key] for key in ("file", "title", "timezone", "problems")} == {
        "file": "",
        "title": "Ops",
        "timezone": "UTC",
        "problems": [],
    }


@pytest.mark.parametrize(
    "command",
    [
        Command("ack", "nothing"),
        Command("ack", ""),
        Command("note", "nothing", "x"),
        Command("recheck", "nothing"),
        Command("retry", "nothing"),
        Command("drop", ""),
        Command("explode"),
        Command(""),
    ],
)
async def test_what_cannot_be_done_is_refused_in_a_sentence(control: Control, command: Command) -> None:
    with pytest.raises(Rejected, match=r"\w \w"):
        await control.do(command)


@pytest.mark.parametrize(
    ("what", "options"),
    [
        ("nothing", {}),
        ("incident", {"id": "nothing"}),
        ("incident", {}),
        ("looks", {"service": "nothing"}),
        ("stats", {"since": "soon"}),
        ("stats", {"since": "99999999999d"}),
        ("incidents", {"all": "1", "since": "-5"}),
        ("looks", {"service": "web", "points": "-1"}),
        ("looks", {"service": "web", "points": "1e9"}),
        ("chart", {}),
        ("chart", {"service": "nothing"}),
        ("chart", {"service": "web", "since": "soon"}),
        ("chart", {"service": "web", "since": "5s"}),
        ("chart", {"service": "web", "points": "0"}),
        ("chart", {"service": "web", "points": "501"}),
        ("chart", {"service": "web", "points": "²"}),
        ("service", {}),
        ("service", {"id": "nothing"}),
        ("explain", {}),
        ("explain", {"id": "nothing"}),
        ("lately", {}),
        ("lately", {"services": ",".join(f"s{n}" for n in range(201))}),
        ("lately", {"services": "web", "count": "none"}),
        ("log", {"limit": "0"}),
        ("log", {"limit": "5001"}),
        ("log", {"since": "yesterday"}),
    ],
)
async def test_a_question_without_an_answer_is_refused_in_a_sentence(
    control: Control, what: str, options: dict[str, str]
) -> None:
    with pytest.raises(Rejected, match=r"\w \w"):
        await control.history(what, **options)


@pytest.mark.parametrize("cursor", ["", "0", "-", "other-5", "x" * 1000, "é-²"])
async def test_a_cursor_that_is_not_of_this_engine_is_told_apart(control: Control, cursor: str) -> None:
    with pytest.raises(CursorExpired, match="take a new snapshot"):
        await control.changes(cursor, 5)


async def test_statistics_count_what_happened(control: Control) -> None:
    await until(control, has_incident)
    stats = await control.history("stats", since="1h")
    assert stats["incidents"]["total"] == stats["incidents"]["active"] == 1
    assert stats["uptime"].keys() == {"shop", "web"}
    assert stats["engine"]["looks"] > 0


async def test_looks_are_kept(control: Control) -> None:
    await until(control, lambda snapshot: snapshot["services"][1]["checked_at"])
    found = await control.history("looks", service="web", since="1h", points="4")
    assert found["looks"][0][1] == "operational"
    assert len(found["sparkline"]) == 4


async def test_a_chart_has_equal_slices_with_what_was_seen_and_what_was_wrong(control: Control) -> None:
    name = (await until(control, has_incident))["incidents"][0]["id"]
    await until(control, lambda snapshot: snapshot["services"][0]["checked_at"])
    chart = await control.history("chart", service="shop", since="1h", points="12")
    assert json.loads(json.dumps(chart)) == chart
    assert chart.keys() == {"service", "since", "until", "points", "quantiles", "incidents", "maintenance"}
    assert chart["quantiles"].keys() == {"p50", "p95", "p99", "max", "mean"}
    assert len(chart["points"]) == 12
    assert {tuple(one) for one in chart["points"]} == {("at", "p50", "p95", "max", "status", "looks", "down")}
    assert (chart["points"][-1]["status"], chart["points"][0]["status"]) == ("major", None)
    assert chart["points"][-1]["down"] == chart["points"][-1]["looks"] > 0
    assert [(one["id"], one["severity"], one["resolved_at"]) for one in chart["incidents"]] == [(name, "major", None)]
    assert (await control.history("chart", service="Shop"))["service"] == "shop"


async def test_a_service_is_told_whole_as_the_config_is_understood(control: Control) -> None:
    await until(control, has_incident)
    shop = await control.history("service", id="Shop")
    assert json.loads(json.dumps(shop)) == shop
    assert shop.keys() == {
        *("id", "name", "kind", "options", "every", "timeout", "down_after", "up_after", "retry_after"),
        *("unreachable", "flapping", "tags", "critical", "group", "depends_on", "needed_by", "routes", "messages"),
        *("looks", "windows", "uptime", "days"),
    }
    assert (shop["id"], shop["kind"], shop["down_after"]) == ("shop", "switch", 1)
    assert {look["status"] for look in shop["looks"]} == {"major"}
    assert shop["looks"][-1]["message"] == "all is lost [31m"
    assert shop["looks"][-1].keys() == {"at", "status", "latency", "took", "message", "phases", "confirming"}
    assert len(shop["days"]) == 90
    assert shop["days"][-1]["worst"] == "major"
    assert shop["days"][0] == {**shop["days"][0], "share": None, "worst": None, "downtime": 0}


async def test_the_newest_looks_at_several_services_come_in_one_answer(control: Control) -> None:
    await until(control, lambda snapshot: all(one["checked_at"] for one in snapshot["services"]))
    found = await control.history("lately", services="shop,web,nothing", count="3")
    assert found.keys() == {"shop", "web"}
    assert set(found["web"]["statuses"]) == {"operational"}
    assert len(found["shop"]["statuses"]) == len(found["shop"]["latencies"]) <= 3


async def test_the_log_can_be_read_back(control: Control) -> None:
    name = (await until(control, has_incident))["incidents"][0]["id"]
    await control.do(Command("ack", name, "on it", by="root"))
    found = await control.history("log", since="1h")
    assert [one["kind"] for one in found[:2]] == ["started", "opened"]
    assert (found[-1]["kind"], found[-1]["subject"]) == ("acknowledged", name)
    assert await control.history("log", limit="1") == found[-1:]


async def test_statistics_name_what_was_worst(control: Control) -> None:
    name = (await until(control, has_incident))["incidents"][0]["id"]
    stats = await control.history("stats", since="1h")
    assert stats["names"] == {"shop": "Shop", "web": "Web"}
    assert stats["most"] == [{"service": "shop", "name": "Shop", "incidents": 1}]
    assert [(one["id"], one["name"], one["resolved_at"]) for one in stats["longest"]] == [(name, "Shop", None)]
    assert (stats["flapping"], stats["destinations"]) == ([], [])
    assert stats["store"] == {"size": 0, "notice": ""}


async def test_what_is_wrong_is_explained_in_sentences(control: Control) -> None:
    name = (await until(control, has_incident))["incidents"][0]["id"]
    found = await control.history("explain", id="Shop")
    assert json.loads(json.dumps(found)) == found
    assert (found["service"], found["name"], found["incident"]) == ("shop", "Shop", name)
    assert found["silent"] == ["no route leads anywhere"]
    assert (await control.history("explain", id=name))["red"][1:] == found["red"][1:]
    assert all(isinstance(one, str) for key in ("red", "silent", "next") for one in found[key])
