"""What the keys that change something ask for before they do: each a form, made from what the page aims at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tui_monitor.board.dialogs.dialog import Sentence
from tui_monitor.board.dialogs.form import Field, Form, Values, Words
from tui_monitor.board.dialogs.problems import show_problems
from tui_monitor.board.ink import Line, line
from tui_monitor.core.errors import TuiMonitorError
from tui_monitor.core.ports import Command, Control, Outcome
from tui_monitor.core.text import spell_number

if TYPE_CHECKING:
    from tui_monitor.board.app import BoardApp

Answer = Callable[[str], None]
"""Given why not; empty where it is done."""


# -- one thing asked for several ------------------------------------------------------------------------------------


def send_all(app: BoardApp, commands: Sequence[Command], answer: Answer, done: str = "") -> None:
    """One after the other. Where some are refused, what was done is said all the same, and the form stays open."""

    async def work(control: Control) -> tuple[list[Any], list[str]]:
        outcomes, refusals = [], []
        for command in commands:
            try:
                outcomes.append(await control.do(command))
            except TuiMonitorError as error:
                refusals.append(str(error))
        return outcomes, refusals

    def told(result: tuple[list[Any], list[str]] | None, refusal: str) -> None:
        outcomes, refusals = result or ([], [refusal])
        if outcomes:
            app.say(said_of(app, outcomes[0]) if len(outcomes) == 1 else f"{len(outcomes)} {done}", "good")
            app.await_answers([one.data for one in outcomes])
        answer("; ".join(dict.fromkeys(refusals)))

    app.ask(work, told)


def said_of(app: BoardApp, outcome: Outcome) -> str:
    """What came of it, with the name of the service where the engine has the id of its incident."""
    incident = str(outcome.data.get("incident", ""))
    view = app.board.incidents.get(incident)
    if view is None or not outcome.text.startswith(incident):
        return outcome.text
    return app.board.name_of(view["service"]) + outcome.text[len(incident) :]


def commands(app: BoardApp, name: str, targets: Sequence[str], text: str = "", **options: str) -> list[Command]:
    """The same for each of several."""
    return [Command(name, target, text, app.by, options) for target in targets]


# -- incidents ------------------------------------------------------------------------------------------------------


def _on_incidents(name: str, title: str, does: str, label: str, done: str, *about: str) -> Callable[[BoardApp], None]:
    """A form for the incidents that the page aims at."""

    def act(app: BoardApp) -> None:
        incidents = app.page.aim().incidents
        if not incidents:
            app.push_screen(Sentence(nothing_to(app, name)))
            return
        shown: list[Line] = [line((one, "muted")) for one in about]
        fields: list[Field] = [Words("text", label, hint="what people should know")]

        def send(values: Values, answer: Answer) -> None:
            send_all(app, commands(app, name, incidents, values["text"]), answer, done)

        lines = [*lines_of(app, incidents), *shown]
        app.push_screen(Form(title.format(those(incidents)), fields, send, does=does, about=lines))

    return act


VERBS = {
    "ack": "acknowledge",
    "resolve": "resolve",
    "note": "comment on",
    "ticket": "open a ticket for",
    "notify": "write an update on",
}


def nothing_to(app: BoardApp, name: str) -> str:
    """Why the key does nothing here."""
    services = app.page.aim().services
    if not services:
        return f"there is no open incident to {VERBS[name]}: none is selected"
    return f"there is no open incident to {VERBS[name]}: {app.board.name_of(services[0])} has none"


def those(incidents: Sequence[str]) -> str:
    return "this incident" if len(incidents) == 1 else spell_number(len(incidents), "incident")


def lines_of(app: BoardApp, incidents: Sequence[str], most: int = 5) -> list[Line]:
    """What they are, so that nobody acts on another one than was meant."""
    found = []
    for name in incidents[:most]:
        one = app.board.incidents.get(name)
        if one is not None:
            sign = app.glyphs.status[one["status"]]
            service = app.board.name_of(one["service"])
            found.append(line((f"{sign} ", one["status"]), (f"{service}: ", "bold"), str(one["title"])))
    if len(incidents) > most:
        found.append(line((f"and {len(incidents) - most} more", "muted")))
    return found


acknowledge = _on_incidents("ack", "Acknowledge {}", "acknowledges", "note (may be empty)", "acknowledged")
resolve = _on_incidents(
    "resolve",
    "Resolve {} by hand?",
    "resolves",
    "why (may be empty)",
    "resolved",
    "It stays closed while the same cause lasts; a new cause opens a new one.",
)
comment = _on_incidents("note", "Comment on {}", "adds it", "the comment", "commented on")


# -- without a form -------------------------------------------------------------------------------------------------


def _refused(app: BoardApp) -> Answer:
    """Where no form is open to show it."""

    def answer(refusal: str) -> None:
        if refusal:
            app.say(refusal, "bad")

    return answer


def recheck(app: BoardApp) -> None:
    services = app.page.aim().services
    if not services:
        app.say("choose a service first", "bad")
        return
    app.say(f"looking at {app.board.name_of(services[0]) if len(services) == 1 else len(services)} ...")
    send_all(app, commands(app, "recheck", services), _refused(app), "looked at")


def reload(app: BoardApp) -> None:
    app.say("reading the config ...")

    def answer(refusal: str) -> None:
        if refusal:
            app.say(refusal, "bad")
            show_problems(app)

    send_all(app, [Command("reload", by=app.by)], answer)
