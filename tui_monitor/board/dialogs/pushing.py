"""What people push outside by hand: a ticket, an update, the banner; each shown before it goes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tui_monitor.board.dialogs.acting import Answer, commands, lines_of, nothing_to, send_all, those
from tui_monitor.board.dialogs.dialog import Sentence
from tui_monitor.board.dialogs.form import Field, Form, OneOf, SomeOf, Values, Words
from tui_monitor.board.ink import Line, line
from tui_monitor.core.ports import Command

if TYPE_CHECKING:
    from tui_monitor.board.app import BoardApp


def ticket(app: BoardApp) -> None:
    """Where several places take tickets, one is chosen; the engine names them."""
    incidents = app.page.aim().incidents
    if not incidents:
        app.push_screen(Sentence(nothing_to(app, "ticket")))
        return
    fields: list[Field] = [OneOf("to", "where", (("", "the one there is"),)), Words("text", "note (may be empty)")]

    def send(values: Values, answer: Answer) -> None:
        options = {"to": values["to"]} if values["to"] else {}
        send_all(app, commands(app, "ticket", incidents, values["text"], **options), answer, "tickets asked for")

    form = Form(
        f"Open a ticket for {those(incidents)}", fields, send, does="opens it", about=lines_of(app, incidents)
    )

    def found(places: Any, refusal: str) -> None:
        rows = [one for one in places or () if one.get("tickets")]
        names = [one["destination"] for one in rows if _is_free(one)]
        if form.is_attached and names:
            form.offer(OneOf("to", "where", [(one, one) for one in names], names[0]))
        if form.is_attached:
            form.preview(_kept_from(rows))

    app.push_screen(form)
    app.ask(lambda control: control.history("preview", id=incidents[0], text=""), found)


# -- an update by hand ----------------------------------------------------------------------------------------------


def notify(app: BoardApp) -> None:
    """Write it, choose whom, and read what each of them would be told."""
    incidents = app.page.aim().incidents[:1]
    if not incidents:
        app.push_screen(Sentence(nothing_to(app, "notify")))
        return
    asked: list[str] = []

    def send(values: Values, answer: Answer) -> None:
        if not values["text"]:
            answer("an update needs a text")
        elif not values["to"]:
            answer("choose at least one destination with space, or esc")
        else:
            send_all(app, commands(app, "notify", incidents, values["text"], to=values["to"]), answer)

    def changed(form: Form) -> None:
        """Asked again for what is written now; an answer to what was written before is let go."""
        values = form.values
        asked.append(f"{values['text']}\n{values['to']}")
        mark, options = asked[-1], {"id": incidents[0], "text": values["text"] or "..."}

        def found(rows: Any, refusal: str) -> None:
            if form.is_attached and mark == asked[-1]:
                _preview(form, rows, refusal)

        app.ask(lambda control: control.history("preview", **options), found)

    fields: list[Field] = [Words("text", "the update"), SomeOf("to", "who is told", ())]
    title = "Write an update"
    app.push_screen(Form(title, fields, send, about=lines_of(app, incidents), changed=changed))


def _preview(form: Form, rows: Any, refusal: str) -> None:
    if refusal:
        form.preview([line((refusal, "bad"))])
        return
    current, free = form.field("to"), [one for one in rows if _is_free(one)]
    if isinstance(current, SomeOf) and [key for key, _ in current.options] != [one["destination"] for one in free]:
        usual = frozenset(one["destination"] for one in free if one["told"])
        options = [(one["destination"], f"{one['destination']} ({one['kind']})") for one in free]
        form.offer(SomeOf("to", "who is told", options, usual))
    chosen = set(form.values["to"].split(","))
    lines = []
    for one in rows:
        if one["destination"] in chosen:
            lines.append(line((f"{one['destination']}: ", "bold"), str(one["title"])))
            lines += [line((str(text), "muted")) for text in str(one["text"]).splitlines() if text != one["title"]]
    form.preview([*lines, *_kept_from(rows)])


def _is_free(row: Mapping[str, Any]) -> bool:
    """Whether it may be told now; an engine of an earlier release says so only when it is asked to."""
    return bool(row.get("free", True))


def _kept_from(rows: Iterable[Mapping[str, Any]]) -> list[Line]:
    """The places that cannot be told, each with what keeps it from them."""
    return [line((f"{one['destination']}: {one['reason']}", "muted")) for one in rows if not _is_free(one)]


# -- the banner -----------------------------------------------------------------------------------------------------

SEVERITIES = (("info", "info"), ("warning", "warning"), ("error", "error"))


def banner(app: BoardApp) -> None:
    """What stands outside, what the board would say now, and a text to push in its place."""
    state: dict[str, Any] = {}

    def send(values: Values, answer: Answer) -> None:
        options = {"severity": values["severity"]} if values["does"] == "push" else {}
        if values["does"] == "push" and not values["text"]:
            answer("a banner needs a text; to take it away, choose clear")
            return
        text = values["text"] if values["does"] == "push" else ""
        send_all(app, [Command("banner", values["does"], text, app.by, options)], answer)

    def changed(form: Form) -> None:
        if state:
            form.preview(_would_stand(state, form.values))

    def found(result: Any, refusal: str) -> None:
        if not form.is_attached:
            return
        if refusal:
            form.tell([line((refusal, "bad"))])
            return
        state.update(result)
        form.tell(_stands(result))
        if not form.values["text"]:
            form.set_words("text", str(result["would"]["text"]))
        form.offer(OneOf("severity", "severity", SEVERITIES, str(result["would"]["severity"])))
        changed(form)

    fields: list[Field] = [
        OneOf("does", "", (("push", "push this text"), ("clear", "clear what stands"))),
        Words("text", "text"),
        OneOf("severity", "severity", SEVERITIES, "warning"),
    ]
    form = Form("The banner", fields, send, does="does it", about=[line(("asking ...", "muted"))], changed=changed)
    app.push_screen(form)
    app.ask(lambda control: control.history("banner"), found)


def show_banner(app: BoardApp) -> None:
    """For whoever may only look."""

    def found(result: Any, refusal: str) -> None:
        if form.is_attached:
            would = (
                ()
                if refusal
                else (line(("the board would say: ", "bold"), str(result["would"]["text"] or "nothing")),)
            )
            form.tell([line((refusal, "bad"))] if refusal else [*_stands(result), *would])

    form = Form(
        "The banner", (), lambda _, answer: answer(""), does="closes it", about=[line(("asking ...", "muted"))]
    )
    app.push_screen(form)
    app.ask(lambda control: control.history("banner"), found)


_HOW = {
    "shown": " shows",
    "owed": " is to show",
    "clearing": " is to clear",
    "held": " may show",
    "given-up": ", given up",
    "dropped": ", dropped",
}
"""What may be said of a place that was told, or is to be told, of a banner."""


def _stands(result: Mapping[str, Any]) -> list[Line]:
    if not result["places"]:
        return [line(("no destination of the config shows a banner: give one of them `banner: true`", "bad"))]
    found = []
    for one in result["stands"]:
        by = f", by {one['by']}" if one.get("by") else ""
        text = one["text"] or "nothing"
        head = f"{one['destination']}{_HOW.get(one['state'], '')}: "
        found.append(line((head, "bold"), f"{text} ", (f"({one['severity']}{by})", "muted")))
        if one.get("error"):
            found.append(line((f"  {one['error']}", "bad")))
    return found or [line((f"{', '.join(result['places'])}: nothing stands", "muted"))]


def _would_stand(result: Mapping[str, Any], values: Mapping[str, str]) -> list[Line]:
    most = int(result.get("max_length") or 0)
    if values["does"] == "clear":
        return [line(("then nothing stands", "muted"))]
    text = values["text"]
    if most and len(text) > most:
        return [line((f"too long: a banner has at most {most} characters, and this has {len(text)}", "bad"))]
    return [line(("then stands: ", "bold"), text, (f" ({values['severity']})", "muted"))]
