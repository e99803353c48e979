"""What the keys that change something ask for before they do: each a form, made from what the page aims at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tui_monitor.board.dialogs.form import Field, Form, OneOf, SomeOf, Values, Words
from tui_monitor.board.dialogs.problems import show_problems
from tui_monitor.board.draw.words import zone_of
from tui_monitor.board.ink import Line, line
from tui_monitor.core.codec import moment
from tui_monitor.core.errors import TuiMonitorError
from tui_monitor.core.ports import Command, Control
from tui_monitor.core.status import Status
from tui_monitor.core.text import spell_number
from tui_monitor.core.when import moment_of

if TYPE_CHECKING:
    from tui_monitor.board.app import BoardApp

Answer = Callable[[str], None]
"""Given why not; empty where it is done."""

SPANS = (("30m", "30 min"), ("1h", "1 hour"), ("4h", "4 hours"), ("8h", "8 hours"), ("1d", "1 day"), ("7d", "a week"))
OTHER = ("", "other")


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
            app.say(outcomes[0].text if len(outcomes) == 1 else f"{len(outcomes)} {done}", "good")
            app.await_answers([one.data for one in outcomes])
        answer("; ".join(dict.fromkeys(refusals)))

    app.ask(work, told)


def _commands(app: BoardApp, name: str, targets: Sequence[str], text: str = "", **options: str) -> list[Command]:
    return [Command(name, target, text, app.by, options) for target in targets]


# -- incidents ------------------------------------------------------------------------------------------------------


def _on_incidents(name: str, title: str, does: str, label: str, done: str, *about: str) -> Callable[[BoardApp], None]:
    """A form for the incidents that the page aims at."""

    def act(app: BoardApp) -> None:
        incidents = app.page.aim().incidents
        if not incidents:
            app.say(_nothing_to(app, name), "bad")
            return
        shown: list[Line] = [line((one, "muted")) for one in about]
        fields: list[Field] = [Words("text", label, hint="what people should know")]

        def send(values: Values, answer: Answer) -> None:
            commands = _commands(app, name, incidents, values["text"])
            send_all(app, commands, answer, done)

        lines = [*_lines_of(app, incidents), *shown]
        app.push_screen(Form(title.format(_those(incidents)), fields, send, does=does, about=lines))

    return act


def _nothing_to(app: BoardApp, name: str) -> str:
    services = app.page.aim().services
    verb = app.operations.get("acknowledge" if name == "ack" else name)
    named = app.board.name_of(services[0]) if services else "nothing"
    return f"there is no open incident to {verb.label if verb else name}: {named} has none"


def _those(incidents: Sequence[str]) -> str:
    return "this incident" if len(incidents) == 1 else spell_number(len(incidents), "incident")


def _lines_of(app: BoardApp, incidents: Sequence[str], most: int = 5) -> list[Line]:
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


def ticket(app: BoardApp) -> None:
    """Where several places take tickets, one is chosen; the engine names them."""
    incidents = app.page.aim().incidents
    if not incidents:
        app.say(_nothing_to(app, "ticket"), "bad")
        return
    fields: list[Field] = [OneOf("to", "where", (("", "the one there is"),)), Words("text", "note (may be empty)")]

    def send(values: Values, answer: Answer) -> None:
        options = {"to": values["to"]} if values["to"] else {}
        send_all(app, _commands(app, "ticket", incidents, values["text"], **options), answer, "tickets asked for")

    form = Form(
        f"Open a ticket for {_those(incidents)}", fields, send, does="opens it", about=_lines_of(app, incidents)
    )

    def found(places: Any, refusal: str) -> None:
        names = [one["destination"] for one in places or () if one.get("tickets")]
        if form.is_attached and names:
            form.offer(OneOf("to", "where", [(one, one) for one in names], names[0]))

    app.push_screen(form)
    app.ask(lambda control: control.history("preview", id=incidents[0], text=""), found)


# -- an update by hand ----------------------------------------------------------------------------------------------


def notify(app: BoardApp) -> None:
    """Write it, choose whom, and read what each of them would be told."""
    incidents = app.page.aim().incidents[:1]
    if not incidents:
        app.say(_nothing_to(app, "notify"), "bad")
        return
    asked: list[str] = []

    def send(values: Values, answer: Answer) -> None:
        if not values["text"]:
            answer("an update needs a text")
        elif not values["to"]:
            answer("choose at least one destination with space, or esc")
        else:
            commands = _commands(app, "notify", incidents, values["text"], to=values["to"])
            send_all(app, commands, answer, "updates sent")

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
    app.push_screen(Form(title, fields, send, about=_lines_of(app, incidents), changed=changed))


def _preview(form: Form, rows: Any, refusal: str) -> None:
    if refusal:
        form.preview([line((refusal, "bad"))])
        return
    current = form.field("to")
    if isinstance(current, SomeOf) and [key for key, _ in current.options] != [one["destination"] for one in rows]:
        usual = frozenset(one["destination"] for one in rows if one["told"])
        options = [(one["destination"], f"{one['destination']} ({one['kind']})") for one in rows]
        form.offer(SomeOf("to", "who is told", options, usual))
    chosen = set(form.values["to"].split(","))
    lines = []
    for one in rows:
        if one["destination"] in chosen:
            lines.append(line((f"{one['destination']}: ", "bold"), str(one["title"])))
            lines += [line((str(text), "muted")) for text in str(one["text"]).splitlines() if text != one["title"]]
    form.preview(lines)


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


def _stands(result: Mapping[str, Any]) -> list[Line]:
    if not result["places"]:
        return [line(("no destination of the config shows a banner: give one of them `banner: true`", "bad"))]
    found = []
    for one in result["stands"]:
        by = f", by {one['by']}" if one.get("by") else ""
        text = one["text"] or "nothing"
        found.append(
            line((f"{one['destination']} shows: ", "bold"), f"{text} ", (f"({one['severity']}{by})", "muted"))
        )
        if one.get("error"):
            found.append(line((f"  {one['error']}", "bad")))
    return found or [line((f"{', '.join(result['places'])}: nothing stands", "muted"))]


def _would_stand(result: Mapping[str, Any], values: Mapping[str, str]) -> list[Line]:
    most = int(result.get("max_length") or 0)
    if values["does"] == "clear":
        return [line(("then nothing stands", "muted"))]
    text = values["text"]
    cut = f" (cut to {most} characters)" if most and len(text) > most else ""
    return [
        line(("then stands: ", "bold"), text[:most] if most else text, (f" ({values['severity']}){cut}", "muted"))
    ]


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
        send_all(app, _commands(app, name, wanted, values["text"], **options), answer, "done")

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
            app, _commands(app, "simulate", services, **{"status": values["status"], "for": values["for"]}), answer
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
    send_all(app, _commands(app, "recheck", services), _refused(app), "looked at")


def reload(app: BoardApp) -> None:
    app.say("reading the config ...")

    def answer(refusal: str) -> None:
        if refusal:
            app.say(refusal, "bad")
            show_problems(app)

    send_all(app, [Command("reload", by=app.by)], answer)
