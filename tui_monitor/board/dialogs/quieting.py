"""What keeps quiet for a while, and what is rehearsed: silences, planned work, simulations, test mode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_monitor.board.dialogs.acting import Answer, commands, send_all
from tui_monitor.board.dialogs.form import Field, Form, OneOf, Values, Words
from tui_monitor.board.draw.words import zone_of
from tui_monitor.board.ink import line
from tui_monitor.core.codec import moment
from tui_monitor.core.ports import Command
from tui_monitor.core.status import Status
from tui_monitor.core.when import moment_of

if TYPE_CHECKING:
    from tui_monitor.board.app import BoardApp

SPANS = (("30m", "30 min"), ("1h", "1 hour"), ("4h", "4 hours"), ("8h", "8 hours"), ("1d", "1 day"), ("7d", "a week"))
OTHER = ("", "other")


# -- quiet ----------------------------------------------------------------------------------------------------------


def targets_of(app: BoardApp) -> list[tuple[str, str]]:
    """What a silence or planned work may be about, from what the page aims at: these services, their group, a tag."""
    board, services = app.board, app.page.aim().services
    if len(services) > 1:
        return [("marked", f"these {len(services)} services"), ("all", "everything")]
    found: list[tuple[str, str]] = []
    for name in services:
        row = board.services.get(name)
        if row is not None:
            found.append((name, str(row["name"])))
            found += [(f"group:{row['group']}", f"group {row['group']}")] if row["group"] else []
            found += [(f"tag:{tag}", f"tag {tag}") for tag in row["tags"]]
    return [*found, ("all", "everything")]


def _quiet_form(app: BoardApp, title: str, name: str, more: Sequence[Field]) -> None:
    aim = app.page.aim()
    fields: list[Field] = [
        OneOf("target", "for what", targets_of(app)),
        *more,
        OneOf("for", "how long", (*SPANS, OTHER), "1h"),
        Words("other", "other time", hint="such as 90m or 2d, with `other` above"),
        Words("text", "why", hint="what people should know"),
    ]

    def send(values: Values, answer: Answer) -> None:
        lasts = values["for"] or values["other"]
        if not lasts:
            answer("say for how long, such as 90m")
            return
        options = {"for": lasts}
        if values.get("at"):
            try:
                at = moment_of(values["at"], app.now(), zone_of(app.timezone))
            except ValueError as error:
                answer(str(error))
                return
            options["at"] = moment(at)
        wanted = list(aim.services) if values["target"] == "marked" else [values["target"]]
        send_all(app, commands(app, name, wanted, values["text"], **options), answer, "done")

    app.push_screen(Form(title, fields, send, does="begins it"))


def silence(app: BoardApp) -> None:
    _quiet_form(app, "Silence: tell nobody for a while", "silence", ())


def maintenance(app: BoardApp) -> None:
    when = Words("at", "from when (empty: now)", hint="22:00, tomorrow 03:00, +2h")
    _quiet_form(app, "Plan work: watched and marked, and nobody is told", "maintenance", (when,))


# -- rehearsals -----------------------------------------------------------------------------------------------------


def simulate(app: BoardApp) -> None:
    services = app.page.aim().services[:1]
    if not services:
        app.say("choose a service first", "bad")
        return
    name = app.board.name_of(services[0])
    row = app.board.services.get(services[0], {})
    words = [(one.value, one.value) for one in reversed(Status)]
    options = ([("off", "end the rehearsal")] if row.get("simulated") else []) + words
    fields: list[Field] = [
        OneOf("status", "as if it were", options, "off" if row.get("simulated") else "major"),
        OneOf("for", "for", (("2m", "2 min"), ("10m", "10 min"), ("30m", "30 min"), ("1h", "1 hour")), "2m"),
    ]

    def send(values: Values, answer: Answer) -> None:
        send_all(
            app, commands(app, "simulate", services, **{"status": values["status"], "for": values["for"]}), answer
        )

    about = [line(("What is told of it is marked as a test; nothing public changes.", "muted"))]
    app.push_screen(Form(f"Rehearse: show {name} as if", fields, send, does="begins it", about=about))


def test_mode(app: BoardApp) -> None:
    is_on = bool(app.board.around.get("test_mode"))
    wanted = "off" if is_on else "on"
    about = (
        "From then on people are told in earnest again, also of what was told as a test and still lasts."
        if is_on
        else "Everything told outside is marked [TEST], and nothing public changes, until it is switched off."
    )

    def send(values: Values, answer: Answer) -> None:
        send_all(app, [Command("test-mode", wanted, by=app.by)], answer)

    form = Form(f"Switch test mode {wanted}?", (), send, does=f"switches it {wanted}", about=[line((about, "muted"))])
    app.push_screen(form)
