"""What people push on purpose, through one engine and over real sockets: an update, a ticket, the banner."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from tests.destinations.place import SECRET
from tests.destinations.places import PLACES
from tests.destinations.small import Out
from tui_monitor.core import told
from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import Patience, Reading, Service
from tui_monitor.core.plan import Place, Plan, Route
from tui_monitor.core.ports import Command, Outcome
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.destinations import find
from tui_monitor.destinations.azure_devops_ticket import AzureDevopsTicket
from tui_monitor.destinations.cachet import Cachet
from tui_monitor.destinations.heartbeat_out import HeartbeatOut
from tui_monitor.destinations.qlik_banner import QlikBanner
from tui_monitor.destinations.sql import Sql
from tui_monitor.destinations.webhook import Webhook
from tui_monitor.engine import Engine
from tui_monitor.fakes.azure_devops import AzureDevops
from tui_monitor.fakes.cachet import TOKEN
from tui_monitor.fakes.cachet3 import Cachet3
from tui_monitor.fakes.qlik import Qlik
from tui_monitor.fakes.webhook import Webhook as Hook
from tui_monitor.net import Way
from tui_monitor.store.memory import MemoryStore

WORDS = "We know, and are on it"
TELLING = [name for name in PLACES if getattr(find(name), "banner", False) is not True]


@dataclass(frozen=True)
class Down:
    """A check that finds what it looks at broken."""

    vendor: ClassVar[bool] = False

    async def look(self, outside: Any) -> Reading:
        return Reading(Status.MAJOR, "it answered 500", "status:500")

    def judge(self, sight: Reading) -> Reading:
        return sight


@dataclass(frozen=True)
class Running:
    """An engine with one incident, `id`."""

    engine: Engine
    id: str

    async def do(self, name: str, target: str = "", text: str = "", **options: str) -> Outcome:
        return await self.engine.do(Command(name, target or self.id, text, "mia", options))

    async def row(self, destination: str, holds: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
        """The row of a destination in the told list, as soon as this holds of it."""
        return await self.until(lambda board: _row(board["incidents"][0], destination), holds)

    async def until(self, what: Callable[[Mapping[str, Any]], Any], holds: Callable[[Any], bool] = bool) -> Any:
        async with asyncio.timeout(30):
            while True:
                board = await self.engine.snapshot()
                if board["incidents"] and (found := what(board)) is not None and holds(found):
                    return found
                await self.engine.changes(board["cursor"], 5.0)


def _row(incident: Mapping[str, Any], destination: str) -> Mapping[str, Any] | None:
    return next((one for one in incident["told"] if one["destination"] == destination), None)


@asynccontextmanager
async def running(
    out: Out, routed: tuple[str, ...] = (), *, published: bool = True, **plugins: Any
) -> AsyncIterator[Running]:
    """These destinations, some of them led to by a route."""
    shapes = {name: getattr(one, "published", None) for name, one in plugins.items()}
    publish = {name: shape(1) for name, shape in shapes.items() if shape is not None and published}
    service = Service("shop", "Shop", Down(), "down", every=0.5, patience=Patience(down_after=1), publish=publish)
    places = tuple(Place(name, name, one) for name, one in plugins.items())
    routes = (Route(to=routed, group_wait=0.0),) if routed else ()
    engine = Engine(
        Plan((service,), places, routes, settle=0.0), MemoryStore(), lambda timeout: Way(out.net, timeout)
    )
    task = asyncio.create_task(engine.run())
    await engine.looking.wait()
    try:
        here = Running(engine, "")
        yield Running(engine, await here.until(lambda board: board["incidents"][0]["id"]))
    finally:
        engine.stop()
        await task


@pytest.mark.parametrize("name", TELLING)
async def test_an_update_reaches_each_kind_of_place(outside: Out, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find(name), "pace", 0.0, raising=False)
    async with PLACES[name](outside) as place, running(outside, (name,), **{name: place.plugin}) as here:
        first = await here.row(name, lambda row: row["state"] == "told")
        before = place.arrived()
        outcome = await here.do("notify", text=WORDS)
        assert outcome.data["destinations"] == [name]
        after = await here.row(name, lambda row: row["state"] == "told" and row["said"] == "changed")
        assert (after["ref"], after["error"]) == (first["ref"], "")
        assert not any(WORDS in one.text for one in before)
        assert any(WORDS in one.text for one in place.arrived())


# -- tickets --------------------------------------------------------------------------------------------------------


def desk_of(site: AzureDevops) -> AzureDevopsTicket:
    return AzureDevopsTicket("org", "Proj", Secret(SECRET), url=site.url)


async def test_a_ticket_that_is_asked_for_is_one_work_item_and_its_link_stands_with_the_incident(
    outside: Out,
) -> None:
    async with AzureDevops(SECRET) as site, running(outside, desk=desk_of(site)) as here:
        assert site.items == {}, "no route opens one"
        await here.do("ticket", text="please call Ann")
        row = await here.row("desk", lambda row: row["state"] == "told")
        (item,) = site.items.values()
        assert (row["ref"], row["attempts"], row["error"]) == (str(item.id), 1, "")
        assert row["url"].startswith(site.url)
        assert row["url"].endswith(f"/_workitems/edit/{item.id}")
        assert "please call Ann" in str(item.fields)
        with pytest.raises(Rejected, match=f"has a ticket at desk already: {item.id} {row['url']}"):
            await here.do("ticket")
        await here.do("notify", text=WORDS)
        await here.row("desk", lambda row: row["state"] == "told" and row["said"] == "changed")
        (item,) = site.items.values()
        assert WORDS in item.comments[-1]
        assert site.refused == []


async def test_a_ticket_of_which_no_word_came_is_found_again_and_never_opened_twice(
    outside: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(told, "FIRST_RETRY", 0.1)
    async with AzureDevops(SECRET) as site, running(outside, desk=desk_of(site)) as here:
        site.drop()
        await here.do("ticket")
        row = await here.row("desk", lambda row: row["state"] == "told")
        (item,) = site.items.values()
        assert (row["ref"], row["url"].endswith(f"/{item.id}")) == (str(item.id), True)


async def test_a_ticket_that_is_refused_stands_with_the_incident_and_on_the_board_until_it_is_opened(
    outside: Out,
) -> None:
    async with AzureDevops("another") as site, running(outside, desk=desk_of(site)) as here:
        await here.do("ticket")
        row = await here.row("desk", lambda row: row["state"] == "given-up")
        assert "token" in row["error"]
        assert (row["attempts"], row["url"]) == (1, "")
        (place,) = await here.until(lambda board: board["places"])
        assert (place["state"], place["error"], place["owed"]) == ("failing", row["error"], 1)
        site.pat = SECRET
        await here.do("retry", row["id"])
        row = await here.row("desk", lambda row: row["state"] == "told")
        assert row["url"]
        (place,) = await here.until(lambda board: board["places"])
        assert (place["state"], place["error"], place["owed"]) == ("well", "", 0)


# -- the banner -----------------------------------------------------------------------------------------------------


async def _stands(here: Running, state: str) -> list[Mapping[str, Any]]:
    """What stands where, once it stands so; nothing, once none does."""
    await here.until(lambda board: (board["banner"] or {"state": ""})["state"] == state)
    found: list[Mapping[str, Any]] = (await here.engine.history("banner"))["stands"]
    return found


async def test_a_banner_is_pushed_changed_and_cleared_at_a_webhook_and_at_qlik(outside: Out) -> None:
    async with Hook() as hook, Qlik(key=SECRET) as qlik:
        sign = Webhook(Secret(hook.url), banner=True)
        tenant = QlikBanner(qlik.url, Secret(SECRET), automatic=False)
        async with running(outside, sign=sign, tenant=tenant) as here:
            for text in (WORDS, "It is better now"):
                await here.do("banner", "push", text, severity="warning")
                stands = await _stands(here, "shown")
                assert [(one["destination"], one["text"]) for one in stands] == [("sign", text), ("tenant", text)]
                assert text in qlik.shown
                assert text in str(hook.heard[-1].json)
            await here.do("banner", "clear")
            assert await _stands(here, "") == []
            assert qlik.shown == ""
            assert [one.json["news"] for one in hook.heard] == ["opened", "changed", "resolved"]
            assert qlik.refused == hook.refused == []


async def test_a_banner_of_a_person_is_left_alone_and_what_stands_in_the_way_is_said(outside: Out) -> None:
    now = datetime.now(UTC)
    start, end = ((now + timedelta(hours=n)).isoformat().replace("+00:00", "Z") for n in (-1, 1))
    async with Qlik(key=SECRET) as qlik:
        qlik.by_hand("Cake at noon", start, end)
        tenant = QlikBanner(qlik.url, Secret(SECRET), automatic=False)
        async with running(outside, tenant=tenant) as here:
            await here.do("banner", "push", WORDS)
            (place,) = await here.until(lambda board: [one for one in board["places"] if one["error"]])
            (stands,) = (await here.engine.history("banner"))["stands"]
            assert (stands["state"], stands["error"]) == ("owed", place["error"])
            assert "Cake at noon" in place["error"]
            assert "Cake at noon" in qlik.shown


# -- who cannot be told ---------------------------------------------------------------------------------------------


async def test_places_that_hear_of_no_incident_say_so_in_preview_explanation_and_refusal(outside: Out) -> None:
    async with Hook() as hook, Cachet3() as page:
        plugins = {
            "hook": Webhook(Secret(hook.url)),
            "numbers": Sql(Secret("sqlite:///looks.db")),
            "switch": HeartbeatOut(Secret(hook.url), every=3600.0),
            "page": Cachet(page.url, Secret(TOKEN)),
        }
        async with running(outside, ("hook", "page"), published=False, **plugins) as here:
            wanted = {
                "numbers": "no incident is told there: it takes part in other ways",
                "switch": "no incident is told there: it takes part in other ways",
                "page": "the service is not published there",
            }
            for what in ("preview", "explain"):
                rows = await here.engine.history(what, id=here.id, text=WORDS)
                rows = rows["told"] if what == "explain" else rows
                assert {one["destination"]: one["reason"] for one in rows if not one["told"]} == wanted
            (incident,) = await here.engine.history("incidents")
            assert {one["destination"]: one["reason"] for one in incident["why"] if not one["told"]} == {
                "page": wanted["page"]
            }
            for name, reason in wanted.items():
                with pytest.raises(Rejected, match=f"{name} cannot be told now: {reason}"):
                    await here.do("notify", text=WORDS, to=name)
