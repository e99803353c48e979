"""What a person can do at the board, and by which keys: one table that board, help, palette and config all read."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tui_monitor.core.text import clean


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a key does. `where` names the pages on which it is live; none: all of them.

    `changes` marks what a person without rights may not do; `label` is the word of the footer, where there is room.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    does: str
    section: str
    where: tuple[str, ...] = ()
    changes: bool = False

    def meets(self, other: Operation) -> bool:
        """Whether both can be live at once, so that they must not share a key."""
        return not self.where or not other.where or bool({*self.where} & {*other.where})


SECTIONS = MOVE, LOOK, ACT, PAGE, BOARD = "Move", "Look", "Act", "Pages", "The board"

OPERATIONS = (
    Operation("up", ("up", "k"), "", "one up", MOVE),
    Operation("down", ("down", "j"), "", "one down", MOVE),
    Operation("left", ("left", "h"), "", "one to the left; close a group", MOVE),
    Operation("right", ("right", "l"), "", "one to the right; open a group", MOVE),
    Operation("page-up", ("pageup",), "", "a page up", MOVE),
    Operation("page-down", ("pagedown",), "", "a page down", MOVE),
    Operation("half-up", ("ctrl+u",), "", "half a page up", MOVE),
    Operation("half-down", ("ctrl+d",), "", "half a page down", MOVE),
    Operation("first", ("g", "home"), "", "to the first", MOVE),
    Operation("last", ("G", "end"), "", "to the last, and follow what is new", MOVE),
    Operation("open", ("enter",), "open", "open what is selected", MOVE),
    Operation("back", ("escape",), "back", "one layer out; never ends the board", MOVE),
    Operation("switch", ("tab",), "", "between the tiles and the incidents", MOVE),
    Operation("switch-back", ("shift+tab",), "", "between the tiles and the incidents, backwards", MOVE),
    Operation("filter", ("/",), "filter", "show only what has these words; ! in front: what has not", LOOK),
    Operation("faults", ("f",), "faults", "show only what is not well, or everything again", LOOK),
    Operation("sort", ("s",), "sort", "worst first, by group, or by name", LOOK),
    Operation("layout", ("v",), "layout", "tiles, or one line for each service", LOOK),
    Operation("mark", ("space",), "mark", "mark several, to acknowledge or silence them at once", LOOK),
    Operation("explain", ("e",), "explain", "why it is red, why it is silent, and what would be told to whom", LOOK),
    Operation("copy", ("y",), "copy", "copy what is selected", LOOK),
    Operation("pause", ("p",), "pause", "let the picture stand still; the checks go on", LOOK),
    Operation("shorter", ("[",), "", "a shorter time in the chart", LOOK, ("service", "statistics")),
    Operation("longer", ("]",), "", "a longer time in the chart", LOOK, ("service", "statistics")),
    Operation("acknowledge", ("a",), "ack", "acknowledge, with a note", ACT, changes=True),
    Operation("resolve", ("R",), "resolve", "resolve by hand; asks first", ACT, changes=True),
    Operation("comment", ("c",), "comment", "add a note to the incident", ACT, changes=True),
    Operation("ticket", ("t",), "ticket", "open a ticket", ACT, changes=True),
    Operation("banner", ("b",), "banner", "show what stands outside; push another, or clear it", ACT, changes=True),
    Operation("notify", ("n",), "notify", "write an update, and choose who is told", ACT, changes=True),
    Operation("recheck", ("r",), "recheck", "look now", ACT, changes=True),
    Operation("silence", ("m",), "silence", "tell nobody for a while", ACT, changes=True),
    Operation("maintenance", ("M",), "work", "plan work", ACT, changes=True),
    Operation("simulate", ("X",), "simulate", "rehearse: show a service as if it had a status", ACT, changes=True),
    Operation("test-mode", ("x",), "test", "mark everything told outside as a test, or no longer", ACT, changes=True),
    Operation("send", ("S",), "send now", "send this delivery now", ACT, ("deliveries",), changes=True),
    Operation("drop", ("D",), "drop", "give this delivery up", ACT, ("deliveries",), changes=True),
    Operation("end", ("E",), "end", "end this silence, work or rehearsal now", ACT, ("quiet",), changes=True),
    Operation("overview", ("1",), "", "the services", PAGE),
    Operation("incidents", ("2",), "", "the incidents, open and past", PAGE),
    Operation("deliveries", ("3",), "", "what is owed to whom", PAGE),
    Operation("vendors", ("4",), "", "the vendors: incidents, maintenance and components", PAGE),
    Operation("quiet", ("5",), "", "silences, planned work, that of vendors, and rehearsals", PAGE),
    Operation("statistics", ("6",), "", "the statistics", PAGE),
    Operation("wallboard", ("w",), "", "large, for a screen on the wall", PAGE),
    Operation("palette", (":", "ctrl+p"), "commands", "find a command by its name", BOARD),
    Operation("help", ("?", "f1"), "help", "what the keys do here", BOARD),
    Operation("theme", ("T",), "theme", "choose a theme", BOARD),
    Operation("reload", ("ctrl+r",), "reload", "let the engine read its config anew", BOARD, changes=True),
    Operation("problems", ("P",), "", "what is wrong with the config, line by line", BOARD),
    Operation("redraw", ("ctrl+l",), "", "draw the screen anew", BOARD),
    Operation("suspend", ("ctrl+z",), "", "back to the shell for a while; fg returns", BOARD),
    Operation("quit", ("q", "ctrl+c"), "quit", "close the board; in what lies over it, only that", BOARD),
)

BY_ID: Mapping[str, Operation] = {one.id: one for one in OPERATIONS}

NEEDED = ("up", "down", "open", "back", "quit", "palette")
"""What must keep a key, so that nobody is shut in, and everything else can be reached."""

# -- how keys are spelt -----------------------------------------------------------------------------------------

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ROAMING = ("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete")
_PLAIN = ("enter", "escape", "tab", "space", "backspace", *(f"f{number}" for number in range(1, 25)))
_SAME = {"ctrl+h": "backspace", "ctrl+i": "tab", "ctrl+m": "enter"}

NAMED = (
    *(*_ROAMING, *_PLAIN),
    *(f"ctrl+{letter}" for letter in _LETTERS if f"ctrl+{letter}" not in _SAME),
    *(f"alt+{letter}" for letter in _LETTERS),
    *(f"alt+shift+{letter}" for letter in _LETTERS),
    *(f"{held}+{name}" for held in ("ctrl", "shift", "ctrl+shift") for name in _ROAMING),
    *("shift+tab", *(f"ctrl+f{number}" for number in range(1, 13))),
)
"""Every key that has a name, and every combination that terminals send as one of its own."""


def spelt(text: str) -> str:
    """The one spelling of a key: `A`, `?`, `pageup`, `ctrl+x`. ValueError says what is wrong with the text."""
    one, shown = unicodedata.normalize("NFC", text.strip()), clean(text, 60)
    if len(one) == 1:
        if not one.isprintable() or unicodedata.combining(one):
            raise ValueError(f"{shown!r} is no key that can be typed")
        return one
    *held, last = one.split("+")
    with_shift = ["shift"] if "alt" in map(str.lower, held) and last.isupper() and len(last) == 1 else []
    named = "+".join((*sorted({part.strip().lower() for part in (*held, *with_shift)}), last.strip().lower()))
    if named in NAMED:
        return named
    if named in _SAME:
        raise ValueError(f"{shown!r}: terminals send the same for it as for {_SAME[named]}")
    if len(last) == 1 and named == f"shift+{last.lower()}":
        raise ValueError(f"{shown!r}: write the character itself, such as {last.upper()}")
    raise ValueError(f"{shown!r} is not a key: write one character, or a name like enter, f5 or ctrl+x")


# -- which operation has which ----------------------------------------------------------------------------------


def bound(keys: Mapping[str, tuple[str, ...]]) -> dict[str, Operation]:
    """Every operation by its id, with the keys that the config gives it instead of its own."""
    return {one.id: replace(one, keys=keys.get(one.id, one.keys)) for one in OPERATIONS}


def clashes(operations: Iterable[Operation]) -> list[tuple[str, Operation, Operation]]:
    """Each key that would do two things on one page, with both of them."""
    rows = list(operations)
    return [
        (key, one, other)
        for number, one in enumerate(rows)
        for other in rows[number + 1 :]
        if one.meets(other)
        for key in one.keys
        if key in other.keys
    ]
