"""Fields to fill in, and one thing that is then asked of the engine.

It stays open until the engine has agreed, so that a refusal loses no word of what somebody wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input

from tui_monitor.board.dialogs.dialog import Dialog
from tui_monitor.board.ink import Line, Row, cut, line, under, wrapped
from tui_monitor.board.widgets.bar import Bar
from tui_monitor.board.widgets.sheet import Canvas, Sheet
from tui_monitor.board.widgets.writing import Writing

if TYPE_CHECKING:
    from tui_monitor.board.app import BoardApp

Values = Mapping[str, str]
LONGEST = 5000
"""Characters that the engine keeps of a text."""
MOST_SAID, MOST_REFUSED = 3, 8
"""Lines of what a form is about, and of why not: the fields must stay in sight, and pages show the whole of it."""


@dataclass(frozen=True, slots=True)
class Words:
    """A line to write."""

    name: str
    label: str
    value: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some; left and right go through them."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    """What it means, and what is read."""
    value: str = ""


@dataclass(frozen=True, slots=True)
class SomeOf:
    """Some of many; space takes one in or out."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    values: frozenset[str] = field(default_factory=frozenset)


Field = Words | OneOf | SomeOf


def in_short(spans: Line, width: int, most: int = MOST_SAID) -> list[Line]:
    """At most so many lines; the last of them says that there would be more."""
    lines = wrapped(cut(spans, (most + 1) * width), width)
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], cut((*lines[most - 1], (" " * width, "text")), width)]


class Picker(Canvas, can_focus=True):
    """Draws a `OneOf` or a `SomeOf`, and hears the keys for it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", show=False),
        Binding("right,l", "step(1)", show=False),
        Binding("up,k", "above", show=False),
        Binding("down,j", "below", show=False),
        Binding("space", "take", show=False),
        Binding("enter", "submit", show=False),
    ]

    def __init__(self, asked: OneOf | SomeOf) -> None:
        super().__init__(id=f"field-{asked.name}")
        self.asked = asked
        self.at = 0
        self.taken: set[str] = set()
        self.refill(asked)

    def refill(self, asked: OneOf | SomeOf) -> None:
        """Other options than before; what was chosen stays so while it is one of them."""
        keys = [key for key, _ in asked.options]
        if isinstance(asked, OneOf):
            self.at = keys.index(asked.value) if asked.value in keys else 0
        else:
            self.taken = set(asked.values) & set(keys)
            self.at = min(self.at, max(0, len(keys) - 1))
        self.asked = asked

    @property
    def value(self) -> str:
        keys = [key for key, _ in self.asked.options]
        if isinstance(self.asked, SomeOf):
            return ",".join(key for key in keys if key in self.taken)
        return keys[self.at] if keys else ""

    def draw(self, width: int) -> None:
        lines = self._rows() if isinstance(self.asked, SomeOf) else [self._across(width)]
        if self.styles.height is None or self.styles.height.value != len(lines):
            self.styles.height = len(lines)
        self.put(lines)

    def _across(self, width: int) -> Line:
        """All of them side by side where there is room, else the one that is chosen between arrows."""
        signs = self.form.board_app.glyphs
        marked = "selected" if self.has_focus else "reverse"
        spans = [
            (f"[{text}]", f"text {marked}") if number == self.at else (f" {text} ", "muted")
            for number, (_, text) in enumerate(self.asked.options)
        ]
        if sum(len(text) for text, _ in spans) <= width:
            return tuple(spans)
        return ((f"{signs.left} ", "muted"), spans[self.at], (f" {signs.right}", "muted"))

    def _rows(self) -> list[Line]:
        signs = self.form.board_app.glyphs
        found = []
        for number, (key, text) in enumerate(self.asked.options):
            is_here = self.has_focus and number == self.at
            edge = signs.pointer if is_here else " "
            row = line((f"{edge}[{signs.mark if key in self.taken else ' '}] ", "accent"), text)
            found.append(under(row, "selected") if is_here else row)
        return found or [line(("there are none", "muted"))]

    @property
    def form(self) -> Form:
        return cast("Form", self.screen)

    def on_focus(self) -> None:
        self.form.draw()

    def on_blur(self) -> None:
        self.form.draw()

    def on_click(self, event: Any) -> None:
        if isinstance(self.asked, SomeOf) and 0 <= event.y < len(self.asked.options):
            self.at = event.y
            self.action_take()

    def action_step(self, step: int) -> None:
        if isinstance(self.asked, OneOf) and self.asked.options:
            self.at = (self.at + step) % len(self.asked.options)
            self.form.changed()

    def action_above(self) -> None:
        if isinstance(self.asked, OneOf) or self.at == 0:
            self.screen.focus_previous()
        else:
            self._go(self.at - 1)

    def action_below(self) -> None:
        if isinstance(self.asked, OneOf) or self.at + 1 >= len(self.asked.options):
            self.screen.focus_next()
        else:
            self._go(self.at + 1)

    def _go(self, at: int) -> None:
        self.at = at
        self.form.draw()
        self.form.reveal(self, at)

    def action_take(self) -> None:
        if isinstance(self.asked, SomeOf) and self.asked.options:
            self.taken ^= {self.asked.options[self.at][0]}
            self.form.changed()
        else:
            self.action_step(1)

    def action_submit(self) -> None:
        self.form.submit()


class Form(Dialog[None]):
    """`send` is given the values and the way to say what came of it: an empty refusal closes the form."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("enter", "submit", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
    ]
    DEFAULT_CSS = """
    Form > #box { overflow-y: auto; scrollbar-size: 0 0; }
    Form .label { height: 1; }
    Form #preview { height: auto; max-height: 12; }
    Form Picker { height: 1; }
    """

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        send: Callable[[Values, Callable[[str], None]], None],
        *,
        does: str = "sends it",
        about: Sequence[Line] = (),
        changed: Callable[[Form], None] | None = None,
    ) -> None:
        super().__init__()
        self.title_of_box = title
        self._fields = fields
        self._send = send
        self._does = does
        self._about = list(about)
        self._changed = changed
        self._preview: list[Line] = []
        self._refusal = ""
        self.is_waiting = False
        self._is_done = False

    def compose_body(self) -> ComposeResult:
        yield Bar(id="about")
        for asked in self._fields:
            yield Bar(id=f"label-{asked.name}")
            yield self._widget(asked)
        yield Sheet(id="preview")
        yield Bar(id="refusal")

    def _widget(self, asked: Field) -> Widget:
        if isinstance(asked, Words):
            return Writing(asked.value, placeholder=asked.hint, id=f"field-{asked.name}", max_length=LONGEST)
        return Picker(asked)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#preview", Sheet).can_focus = False
        first = next((one for one in self.query("Input, Picker")), None)
        if first is not None:
            first.focus()
        else:
            self.set_focus(None)
        self.call_after_refresh(self.changed)  # not yet mounted here

    # -- what stands in it --------------------------------------------------------------------------------------

    @property
    def values(self) -> dict[str, str]:
        return {asked.name: self._value(asked) for asked in self._fields}

    def _value(self, asked: Field) -> str:
        if isinstance(asked, Words):
            return self.query_one(f"#field-{asked.name}", Input).value.strip()
        return self.query_one(f"#field-{asked.name}", Picker).value

    def field(self, name: str) -> Field:
        """As it was last offered."""
        return next(one for one in self._fields if one.name == name)

    def set_words(self, name: str, value: str) -> None:
        self.query_one(f"#field-{name}", Input).value = value

    def offer(self, asked: OneOf | SomeOf) -> None:
        """Other options for a field, such as those that the engine has just named."""
        self.query_one(f"#field-{asked.name}", Picker).refill(asked)
        self._fields = [asked if one.name == asked.name else one for one in self._fields]
        self.draw()

    def tell(self, lines: Sequence[Line]) -> None:
        """What it is about, above the fields."""
        self._about = list(lines)
        self.draw()

    def preview(self, lines: Sequence[Line]) -> None:
        """What would come of it, below the fields."""
        self._preview = list(lines)
        self.draw()

    # -- drawing ------------------------------------------------------------------------------------------------

    def hint(self) -> str:
        if self.is_waiting:
            return "asking the engine ..."
        several = "tab next field, " if len(self._fields) > 1 else ""
        picks = any(isinstance(one, SomeOf) for one in self._fields)
        return f"enter {self._does}, {several}{'space takes in or out, ' if picks else ''}esc leaves it"

    def draw(self) -> None:
        if not self.is_mounted or not self.query("#refusal"):
            return
        super().draw()
        width = max(1, self.query_one("#title", Bar).size.width)
        self.query_one("#about", Bar).show([part for one in self._about for part in in_short(one, width)])
        for asked in self._fields:
            self.query_one(f"#label-{asked.name}", Bar).show([line((asked.label, "muted"))] if asked.label else [])
            if not isinstance(asked, Words):
                self.query_one(f"#field-{asked.name}", Picker).draw(width)
        sheet = self.query_one("#preview", Sheet)
        rows = [Row(part) for one in self._preview for part in wrapped(one, width)]
        sheet.display = bool(rows)
        sheet.styles.height = min(12, max(1, len(rows)))
        sheet.show(rows)
        refusal = in_short(line((self._refusal, "bad")), width, MOST_REFUSED) if self._refusal else []
        self.query_one("#refusal", Bar).show(refusal)

    def reveal(self, widget: Widget, at: int = 0) -> None:
        """Where the terminal is too low for the whole form, what is worked on is in sight."""
        place = widget.virtual_region
        line_of_it = Region(place.x, place.y + at, place.width, 1)
        box = self.query_one("#box")
        self.call_after_refresh(box.scroll_to_region, line_of_it, animate=False, force=True)

    def action_page(self, step: int) -> None:
        """Read on: in what would come of it, and in the form where that is higher than the terminal."""
        self.query_one("#preview", Sheet).page(float(step))
        box = self.query_one("#box")
        box.scroll_relative(y=step * max(1, box.size.height - 1), animate=False)

    @on(Input.Changed)
    def changed(self) -> None:
        """Something was written or chosen."""
        self._refusal = ""
        if self._changed is not None and self.is_mounted:
            self._changed(self)
        self.draw()

    # -- sending ------------------------------------------------------------------------------------------------

    @on(Input.Submitted)
    def submit(self) -> None:
        """Asked once: a second Enter while the answer is on its way is not a second wish."""
        if self.is_waiting:
            return
        self.is_waiting, self._refusal = True, ""
        self.draw()
        self._send(self.values, self._answered)

    def action_submit(self) -> None:
        self.submit()

    def _answered(self, refusal: str) -> None:
        self.is_waiting, self._is_done = False, not refusal
        is_seen = self.is_attached and self.app.screen is self
        if refusal and not is_seen:
            self.board_app.say(refusal, "bad")
        if refusal and self.is_attached:
            self._refusal = refusal
            self.draw()
            self.reveal(self.query_one("#refusal", Bar))
        elif is_seen:
            self.dismiss(None)

    def on_screen_resume(self) -> None:
        """What was agreed to while something lay over it must not be sent a second time."""
        if self._is_done:
            self.dismiss(None)


def confirm(
    app: BoardApp, question: str, does: str, then: Callable[[Callable[[str], None]], None], *detail: str
) -> None:
    """Ask before something that cannot be undone. `then` is given the way to say what came of it."""
    about = [line((one, "muted")) for one in detail]
    app.push_screen(Form(question, (), lambda _, answer: then(answer), does=does, about=about))
