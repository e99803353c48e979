"""The commands that keep quiet, rehearse and ping, asked of the real engine here and through its socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.control.test_engine import PROMPT, Switch, until
from tui_monitor.checks.heartbeat import Heartbeat
from tui_monitor.control.client import Client
from tui_monitor.control.server import Door
from tui_monitor.core.codec import moment
from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import Service
from tui_monitor.core.plan import Plan
from tui_monitor.core.ports import Command, Control, Outcome
from tui_monitor.core.status import Status
from tui_monitor.core.window import Scope, Span, Window
from tui_monitor.engine import Engine
from tui_monitor.net import Net, Way
from tui_monitor.store import MemoryStore

FAR = datetime(2300, 1, 1, tzinfo=UTC)
PLANNED = Window("planned1", "group Own", Scope(groups=("Own",)), Span(FAR, FAR + timedelta(hours=1)), reason="move")


def service(id_: str, check: Any, kind: str = "switch", **more: Any) -> Service:
    return Service(id_, id_.title(), check, kind, every=0.05, patience=PROMPT, **more)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    services = (
        service("shop", Switch(), group="Own", tags=("prod",)),
        service("web", Switch(Status.OPERATIONAL), group="Own", tags=("prod", "eu")),
        service("wiki", Switch(Status.OPERATIONAL), group="both", tags=("eu", "both")),
        service("backup", Heartbeat(period=3600.0), "heartbeat"),
    )
    net = Net(tmp_path)
    made = Engine(Plan(services, maintenance=(PLANNED,)), MemoryStore(), lambda timeout: Way(net, timeout))
    living = asyncio.create_task(made.run())
    await made.looking.wait()
    yield made
    made.stop()
    await living
    await net.close()


@pytest.fixture(params=["here", "through the socket"])
async def control(request: pytest.FixtureRequest, engine: Engine, tmp_path: Path) -> AsyncIterator[Control]:
    if request.param == "here":
        yield engine
        return
    door = Door(engine, tmp_path / "engine.sock", engine.is_alive)
    await door.open()
    yield Client(tmp_path / "engine.sock")
    await door.close()


async def silence(control: Control, target: str, length: str = "2h", why: str = "deploy") -> Outcome:
    return await control.do(Command("silence", target, why, "ann", {"for": length}))


def quiet(board: dict[str, Any], key: str) -> set[str]:
    return {one["id"] for one in board["services"] if one[key]}


# -- the shapes that the README documents ---------------------------------------------------------------------------


async def test_the_board_says_everything_about_being_quiet_from_the_first_moment(control: Control) -> None:
    board = await control.snapshot()
    assert json.loads(json.dumps(board)) == board
    assert (board["test_mode"], board["cut_off"], board["silences"], board["simulations"]) == (False, None, [], [])
    for one in board["services"]:
        assert (one["silenced"], one["quiet"], one["suppressed_by"]) == (False, "", None)
        assert (one["maintenance"], one["simulated"]) == (None, False)
        assert {"measures", "certificate_until"} <= one.keys()


async def test_planned_work_of_the_config_is_listed_with_its_next_time(control: Control) -> None:
    (window,) = (await control.snapshot())["maintenance"]
    assert window == {
        "id": "planned1", "target": "group Own", "services": ["shop", "web"], "by": "", "reason": "move",
        "since": "2300-01-01T00:00:00Z", "until": "2300-01-01T01:00:00Z", "active": False,
        "source": "config", "cron": "",
    }  # fmt: skip


# -- silences -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "covered"),
    [
        ("shop", ["shop"]),
        ("Shop", ["shop"]),
        ("service:shop", ["shop"]),
        ("group:Own", ["shop", "web"]),
        ("Own", ["shop", "web"]),
        ("tag:eu", ["web", "wiki"]),
        ("eu", ["web", "wiki"]),
        ("all", ["shop", "web", "wiki", "backup"]),
    ],
)
async def test_a_silence_covers_what_its_target_means_until_it_is_lifted(
    control: Control, target: str, covered: list[str]
) -> None:
    made = await silence(control, target)
    assert made.data.keys() >= {"id", "target", "services", "until"}
    assert made.data["services"] == covered
    board = await control.snapshot()
    assert quiet(board, "silenced") == set(covered)
    (row,) = board["silences"]
    assert {key: row[key] for key in ("id", "services", "until")} == {
        key: made.data[key] for key in ("id", "services", "until")
    }
    assert row["reason"] == "deploy"
    lasts = datetime.fromisoformat(row["until"]) - datetime.fromisoformat(row["since"])
    assert lasts == timedelta(hours=2)
    await control.do(Command("unsilence", made.data["id"][:4]))
    board = await control.snapshot()
    assert (board["silences"], quiet(board, "silenced")) == ([], set())


async def test_a_service_that_is_down_and_silenced_says_why_nobody_is_told(control: Control) -> None:
    await until(control, lambda board: board["incidents"])
    await silence(control, "shop", why="deploy \x1b[31m")
    shop = next(one for one in (await control.snapshot())["services"] if one["id"] == "shop")
    assert shop["status"] == "major"
    assert "silenced" in shop["quiet"]
    assert "\x1b" not in json.dumps(await control.snapshot(), ensure_ascii=False)


async def test_whoever_waits_for_changes_hears_of_a_silence(control: Control) -> None:
    cursor = (await control.snapshot())["cursor"]
    await silence(control, "web")
    changes = await control.changes(cursor, 10)
    assert [one["target"] for one in changes.board["silences"]]
    assert "silenced" in [event["kind"] for event in changes.events]


async def test_two_silences_may_lie_over_each_other(control: Control) -> None:
    first, second = await silence(control, "shop"), await silence(control, "group:Own")
    await control.do(Command("unsilence", first.data["id"]))
    assert quiet(await control.snapshot(), "silenced") == {"shop", "web"}
    await control.do(Command("unsilence", second.data["id"]))
    assert quiet(await control.snapshot(), "silenced") == set()


# -- planned work ---------------------------------------------------------------------------------------------------


async def maintain(control: Control, target: str, at: str = "", length: str = "2h") -> Outcome:
    return await control.do(Command("maintenance", target, "new disks", "ann", {"for": length, "at": at}))


async def windows(control: Control) -> dict[str, Any]:
    return {one["id"]: one for one in (await control.snapshot())["maintenance"]}


async def test_work_that_begins_now_is_what_the_board_shows_until_it_is_ended(control: Control) -> None:
    made = await maintain(control, "group:Own")
    board = await control.snapshot()
    row = (await windows(control))[made.data["id"]]
    assert (row["active"], row["source"], row["services"], row["reason"]) == (
        True,
        "command",
        ["shop", "web"],
        "new disks",
    )
    assert quiet(board, "maintenance") == {"shop", "web"}
    assert {one["status"] for one in board["services"] if one["group"] == "Own"} == {"maintenance"}
    await control.do(Command("end-maintenance", made.data["id"][:5]))
    board = await until(control, lambda board: not quiet(board, "maintenance"))
    assert made.data["id"] not in await windows(control)


async def test_work_that_is_to_come_changes_nothing_yet_and_can_be_called_off(control: Control) -> None:
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    made = await maintain(control, "web", moment(at), "90m")
    row = (await windows(control))[made.data["id"]]
    assert (row["active"], row["since"], row["until"]) == (False, moment(at), moment(at + timedelta(minutes=90)))
    assert quiet(await control.snapshot(), "maintenance") == set()
    await control.do(Command("end-maintenance", made.data["id"]))
    assert list(await windows(control)) == ["planned1"]


async def test_planned_work_of_the_config_is_ended_only_there(control: Control) -> None:
    with pytest.raises(Rejected, match="config"):
        await control.do(Command("end-maintenance", "planned1"))
    assert list(await windows(control)) == ["planned1"]


# -- rehearsals -----------------------------------------------------------------------------------------------------


async def test_test_mode_is_switched_and_everybody_sees_it(control: Control) -> None:
    cursor = (await control.snapshot())["cursor"]
    await control.do(Command("test-mode", "on"))
    assert (await control.snapshot())["test_mode"] is True
    assert (await control.changes(cursor, 10)).board["test_mode"] is True
    await control.do(Command("test-mode", "on"))
    await control.do(Command("test-mode", "off"))
    assert (await control.snapshot())["test_mode"] is False


async def simulate(control: Control, target: str, status: str = "major", length: str = "2m") -> Outcome:
    return await control.do(Command("simulate", target, "", "ann", {"status": status, "for": length}))


def rehearsed(board: dict[str, Any]) -> bool:
    return any(one["service"] == "web" and one["rehearsal"] for one in board["incidents"])


async def test_a_rehearsal_looks_like_an_outage_is_marked_and_leaves_nothing(control: Control) -> None:
    await until(
        control, lambda board: "web" in [one["id"] for one in board["services"] if one["status"] == "operational"]
    )
    await simulate(control, "Web")
    board = await until(control, rehearsed)
    web = next(one for one in board["services"] if one["id"] == "web")
    assert (web["status"], web["simulated"]) == ("major", True)
    (row,) = board["simulations"]
    assert (row["service"], row["status"]) == ("web", "major")
    assert row.keys() == {"service", "status", "by", "until"}
    await control.do(Command("simulate", "web", options={"status": "off"}))
    board = await until(control, lambda board: not rehearsed(board))
    web = next(one for one in board["services"] if one["id"] == "web")
    assert (web["status"], web["simulated"], board["simulations"]) == ("operational", False, [])
    assert all(one["rehearsal"] or one["service"] == "shop" for one in await control.history("incidents", all="1"))
    assert (await control.history("stats", since="1h"))["incidents"]["total"] <= 1


async def test_an_outage_is_not_hidden_by_a_rehearsal(control: Control) -> None:
    await until(control, lambda board: board["incidents"])
    with pytest.raises(Rejected, match="real incident"):
        await simulate(control, "shop", "operational")


# -- signs of life --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "code", "status"), [("done", "0", "operational"), ("start", "0", "operational"), ("fail", "3", "major")]
)
async def test_a_sign_of_life_is_what_the_service_is_judged_by(
    control: Control, kind: str, code: str, status: str
) -> None:
    if kind == "start":
        await control.do(Command("ping", "backup", options={"kind": "done", "code": "0"}))
    made = await control.do(Command("ping", "Backup", "disk \x1b[31mfull", options={"kind": kind, "code": code}))
    assert made.data["service"] == "backup"
    board = await until(
        control, lambda board: [one for one in board["services"] if one["id"] == "backup" and one["status"] == status]
    )
    assert "\x1b" not in json.dumps(board, ensure_ascii=False)


# -- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (Command("silence", "nobody", options={"for": "2h"}), "no service, group or tag is called 'nobody'"),
        (Command("silence", "shpo", options={"for": "2h"}), "did you mean 'shop'"),
        (Command("silence", "group:nobody", options={"for": "2h"}), "'group:nobody'"),
        (Command("silence", "tag:Own", options={"for": "2h"}), "'tag:Own'"),
        (Command("silence", "both", options={"for": "2h"}), "is a group and a tag: say group:both or tag:both"),
        (Command("silence", "", options={"for": "2h"}), "say what is meant"),
        (Command("silence", " ", options={"for": "2h"}), "say what is meant"),
        (Command("silence", "group:", options={"for": "2h"}), "say what is meant"),
        (Command("silence", "shop"), "say for how long"),
        (Command("silence", "shop", options={"for": "soon"}), "is not a duration"),
        (Command("silence", "shop", options={"for": "0"}), "is not between"),
        (Command("silence", "shop", options={"for": "99999d"}), "is not between"),
        (Command("unsilence", "zzzz"), "no silence has an id that begins with 'zzzz'"),
        (Command("unsilence", ""), "no silence has an id"),
        (Command("maintenance", "nobody", options={"for": "2h"}), "no service, group or tag"),
        (Command("maintenance", "shop"), "say for how long"),
        (Command("maintenance", "shop", options={"for": "2h", "at": "soon"}), "is not a moment"),
        (Command("maintenance", "shop", options={"for": "2h", "at": "2030-01-01T00:00:00"}), "no time zone"),
        (Command("end-maintenance", "zzzz"), "no maintenance has an id"),
        (Command("end-maintenance", ""), "no maintenance has an id"),
        (Command("test-mode", "maybe"), "on or off"),
        (Command("test-mode", ""), "on or off"),
        (Command("simulate", "nobody", options={"status": "major"}), "no service is called 'nobody'"),
        (Command("simulate", "group:Own", options={"status": "major"}), "no service is called"),
        (Command("simulate", "web", options={"status": "mayor"}), "is no status"),
        (Command("simulate", "web"), "is no status"),
        (Command("simulate", "web", options={"status": "off"}), "no rehearsal of Web"),
        (Command("simulate", "web", options={"status": "major", "for": "0"}), "is not between"),
        (Command("ping", "nobody"), "no service is called 'nobody'"),
        (Command("ping", "web"), "takes no signs of life"),
        (Command("ping", "backup", options={"code": "-1"}), "is not an exit code"),
        (Command("ping", "backup", options={"kind": "maybe"}), "maybe"),
    ],
)
async def test_what_means_nothing_is_refused_in_a_sentence_and_changes_nothing(
    control: Control, command: Command, said: str
) -> None:
    with pytest.raises(Rejected, match=r"\w \w") as refused:
        await control.do(command)
    assert said in str(refused.value)
    board = await control.snapshot()
    assert (board["silences"], board["simulations"], board["test_mode"]) == ([], [], False)
    assert [one["id"] for one in board["maintenance"]] == ["planned1"]


async def test_a_beginning_that_fits_several_is_refused(control: Control) -> None:
    made = [(await silence(control, "shop")).data["id"] for _ in range(40)]
    first = next(one[0] for one in made if sum(other[0] == one[0] for other in made) > 1)
    with pytest.raises(Rejected, match="could be any of"):
        await control.do(Command("unsilence", first))
    assert len((await control.snapshot())["silences"]) == 40
