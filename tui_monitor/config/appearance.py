"""How the board is to look, and whether its keys can work together: each must do one thing wherever it is live."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from tui_monitor.config.draft import Draft, Place
from tui_monitor.config.shape import Board
from tui_monitor.core.keys import BY_ID, NEEDED, bound, clashes, spelt
from tui_monitor.core.plan import Appearance

KEYS = ("board", "keys")


def read_appearance(draft: Draft, board: Board) -> Appearance:
    """What the section says; keys that clash are told whatever else is wrong with it."""
    _check_keys(draft)
    return Appearance(
        theme=board.theme or "",
        keys={name: tuple(dict.fromkeys(keys)) for name, keys in board.keys.items()},
        mouse=board.mouse,
        bell=board.bell,
        notice=board.notice,
        notify_over_ssh=board.over_ssh,
        sort=board.sort,
        layout=board.layout,
        ascii=board.ascii,
    )


def _check_keys(draft: Draft) -> None:
    written = _written(draft)
    for name in NEEDED:
        if written.get(name) == []:
            draft.tell("without a key for this, nobody could get about", (*KEYS, name))
    spelt_right = {name: _spelt_right(keys, name) for name, keys in written.items()}
    found = bound({name: tuple(places) for name, places in spelt_right.items()})
    in_order = [one for one in found.values() if one.id not in written]  # what is written is told, the last of it
    in_order += [found[name] for name in written]
    for key, one, other in clashes(in_order):
        text = f"{key!r} would do two things, {one.id} and {other.id}: give one of them another key, or [] for none"
        draft.tell(text, spelt_right[other.id][key])


def _written(draft: Draft) -> dict[str, Any]:
    """What stands in the config for each operation, whatever is wrong with the rest of it."""
    section = draft.data.get("board")
    rows = section.get("keys") if isinstance(section, dict) else None
    return {name: row for name, row in rows.items() if name in BY_ID} if isinstance(rows, dict) else {}


def _spelt_right(row: Any, name: str) -> dict[str, Place]:
    """Each key that is one, with its place."""
    found: dict[str, Place] = {}
    here: Place = (*KEYS, name)
    placed = [(one, (*here, number)) for number, one in enumerate(row)] if isinstance(row, list) else [(row, here)]
    for key, place in placed:
        with suppress(ValueError):
            found.setdefault(spelt(str(key)), place)
    return found
