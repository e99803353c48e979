"""Tickets: asked for by a person, where the config says that they are opened, and never two for one incident."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.stage import DOWN, SLOW, UP, AskableRecorder, Recorder, Stage
from tui_monitor.core.errors import DeliveryError, Rejected
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.plan import Route

WEB = Service("web", "Web", every=10.0, patience=Patience(down_after=1, up_after=1))
OPS = Route(("ops",), group_wait=0.0)


def town(*tickets: Recorder, routes: tuple[Route, ...] = (OPS,), **options: Any) -> Stage:
    return Stage(WEB, places=(Recorder("ops"), *tickets), routes=routes, **options)


def desk(name: str = "tickets", **options: Any) -> Recorder:
    return Recorder(name, grouped=False, tickets=True, **options)


async def broken(stage: Stage) -> str:
    stage.becomes("web", DOWN)
    await stage.wait(30)
    (incident,) = await stage.incidents()
    return str(incident["id"])


def test_a_ticket_is_opened_at_once_and_its_link_stands_with_the_incident() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        outcome = await stage.do("ticket", name[:4], by="mia")
        assert outcome.text == f"{name}: a ticket is asked of tickets"
        assert outcome.data == {"incident": name, "by": "mia", "destination": "tickets"}
        await stage.wait(2)
        assert stage.places[1].lines == ["opened: Web is major: 503, expected 200-204"]
        (incident,) = await stage.incidents()
        row = next(one for one in incident["told"] if one["destination"] == "tickets")
        assert (row["state"], row["ref"], row["url"]) == ("told", "tickets-1", "https://ops.example/1")
        assert row["reason"] == "ticket asked by mia"
        assert await stage.events("pushed") == ["Web: ticket asked of tickets by mia"]

    town(desk()).play(story)


def test_what_is_said_with_a_ticket_stands_in_it_and_is_told_to_nobody_else() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        await stage.do("ticket", name, "please call Ann")
        await stage.wait(30)
        assert stage.places[1].lines == ["opened: Web is major: 503, expected 200-204; please call Ann"]
        assert stage.ops.news == ["opened web"]

    town(desk()).play(story)


def test_more_than_a_ticket_would_hold_is_refused_whole() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        with pytest.raises(Rejected, match="what is said with a ticket has at most 400 characters"):
            await stage.do("ticket", name, "x" * 401)
        await stage.wait(30)
        assert stage.places[1].heard == []

    town(desk()).play(story)


def test_the_ticket_follows_the_incident_to_its_end() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        await stage.do("ticket", name)
        await stage.wait(5)
        stage.becomes("web", SLOW)
        await stage.wait(30)
        stage.becomes("web", UP)
        await stage.wait(30)
        heard = stage.places[1].heard
        assert [str(one.message.news) for one in heard] == ["opened", "changed", "resolved"]
        assert [one.message.ref for one in heard] == ["", "tickets-1", "tickets-1"]

    town(desk()).play(story)


def test_there_are_never_two_tickets_for_one_incident() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        await stage.do("ticket", name)
        await stage.wait(5)
        with pytest.raises(
            Rejected, match=rf"{name} has a ticket at tickets already: tickets-1 https://ops.example/1"
        ):
            await stage.do("ticket", name)
        await stage.kill()
        await stage.start()
        with pytest.raises(Rejected, match="has a ticket at tickets already"):
            await stage.do("ticket", name)
        assert len(stage.places[1].heard) == 1

    town(desk()).play(story)


def test_a_ticket_that_a_route_has_opened_is_not_opened_again() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        with pytest.raises(Rejected, match="has a ticket at tickets already: tickets-1"):
            await stage.do("ticket", name)

    town(desk(), routes=(OPS, Route(("tickets",), group_wait=0.0))).play(story)


def test_one_that_would_be_opened_later_is_opened_now_and_only_once() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        assert stage.places[1].heard == []
        stage.places[1].refusing = DeliveryError("503", retry=True)
        await stage.do("ticket", name)
        await stage.wait(3)
        stage.places[1].refusing = None
        await stage.do("ticket", name)
        await stage.wait(1000)
        assert stage.places[1].news == ["opened web"]

    town(desk(), routes=(OPS, Route(("tickets",), after=300.0, group_wait=60.0))).play(story)


def test_one_that_is_being_opened_just_now_is_not_asked_for_again() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        await stage.do("ticket", name)
        await stage.wait(1)
        with pytest.raises(Rejected, match=r"tickets is being asked for a ticket of .* just now"):
            await stage.do("ticket", name)
        await stage.wait(20)
        assert len(stage.places[1].heard) == 1

    town(desk(slow=8.0)).play(story)


def test_silence_does_not_keep_a_person_from_a_ticket_and_test_mode_marks_it() -> None:
    async def story(stage: Stage) -> None:
        await stage.do("silence", "web", "known", for_="1h")
        await stage.do("test-mode", "on")
        name = await broken(stage)
        await stage.do("ticket", name, to="tickets")
        with pytest.raises(Rejected, match=r"board cannot be asked .* a rehearsal changes nothing that is public"):
            await stage.do("ticket", name, to="board")
        await stage.wait(5)
        assert stage.places[1].lines == ["opened: [TEST] Web is major: 503, expected 200-204"]
        assert stage.places[2].heard == []

    town(desk(), desk("board", public=True)).play(story)


def test_of_several_places_one_must_be_named() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        with pytest.raises(Rejected, match="say where: tickets are opened by tickets, jira"):
            await stage.do("ticket", name)
        with pytest.raises(Rejected, match="ops opens no tickets: tickets, jira would"):
            await stage.do("ticket", name, to="ops")
        with pytest.raises(
            Rejected, match="no destination that opens tickets is called 'jirra'; did you mean 'jira'"
        ):
            await stage.do("ticket", name, to="jirra")
        await stage.do("ticket", name, to="jira")
        await stage.wait(5)
        assert [len(one.heard) for one in stage.places] == [1, 0, 1]

    town(desk(), desk("jira")).play(story)


def test_without_any_such_place_it_is_said_what_the_config_needs() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        with pytest.raises(Rejected, match=r"no destination opens tickets: .*webhook: \{url: …, ticket: true\}"):
            await stage.do("ticket", name)
        with pytest.raises(Rejected, match="no open incident"):
            await stage.do("ticket", "zzz")

    town().play(story)


def test_a_ticket_that_was_refused_for_good_may_be_asked_for_again() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        stage.places[1].refusing = DeliveryError("403", retry=False)
        await stage.do("ticket", name)
        await stage.wait(5)
        assert len(await stage.events("gave-up")) == 1
        stage.places[1].refusing = None
        await stage.do("ticket", name)
        await stage.wait(5)
        assert stage.places[1].news == ["opened web"]

    town(desk()).play(story)


def test_a_ticket_of_which_nobody_knows_is_asked_after_under_the_key_that_it_had() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        tickets = stage.places[1]
        tickets.refusing_late = DeliveryError("no answer", retry=False, unsure=True)
        await stage.do("ticket", name)
        await stage.wait(5)
        tickets.refusing_late = None
        await stage.do("ticket", name)
        await stage.wait(5)
        assert tickets.news == ["opened web"]
        keys = {one.message.key for one in tickets.heard}
        assert len(keys) == 1

    town(AskableRecorder("tickets", grouped=False, tickets=True)).play(story)


def test_where_nobody_can_be_asked_it_is_asked_for_again_under_the_key_that_it_had() -> None:
    """So that a place that knows the key opens no second one, whatever was noted of the incident meanwhile."""

    async def story(stage: Stage) -> None:
        name = await broken(stage)
        tickets = stage.places[1]
        tickets.stalls = True
        await stage.do("ticket", name)
        await stage.wait(30)
        assert len(await stage.events("gave-up")) == 1
        tickets.stalls = False
        await stage.do("note", name, "no answer")
        await stage.do("ticket", name, "where is it?")
        await stage.wait(5)
        assert len(tickets.heard) == 2
        assert len({one.message.key for one in tickets.heard}) == 1

    town(desk(), give_up_after=0.0).play(story)


def test_a_kill_while_a_ticket_is_opened_leaves_one_where_the_place_can_be_asked() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        tickets = stage.places[1]
        tickets.stalls = True
        await stage.do("ticket", name)
        await stage.wait(2)
        await stage.kill()
        tickets.stalls = False
        await stage.start()
        await stage.wait(60)
        assert tickets.news == ["opened web"]
        with pytest.raises(Rejected, match="has a ticket at tickets already: tickets-found"):
            await stage.do("ticket", name)

    town(AskableRecorder("tickets", grouped=False, tickets=True)).play(story)


def test_where_it_must_be_held_a_person_decides_before_another_is_asked_for() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        tickets = stage.places[1]
        tickets.stalls = True
        await stage.do("ticket", name)
        await stage.wait(2)
        await stage.kill()
        tickets.stalls = False
        await stage.start()
        with pytest.raises(Rejected, match="it may have been told before, and cannot be asked"):
            await stage.do("ticket", name)

    town(desk(), ambiguous="hold").play(story)
