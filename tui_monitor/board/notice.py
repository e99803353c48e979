"""When the board calls for attention, and how a terminal is told to: a bell, and a notice of the desktop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tui_monitor.board.state import Board
from tui_monitor.core.plan import Appearance
from tui_monitor.core.text import clean

View = Mapping[str, Any]

LONGEST = 200
_CALLING = ("opened", "worsened")
_RXVT = ("rxvt", "foot")
"""Terminals that know the other of the two sequences."""


def calls(events: Iterable[View], board: Board) -> list[str]:
    """What has just begun, or become worse, of services that may wake people; silence and rehearsals wake nobody."""
    found = {}
    for event in events:
        row = board.services.get(event["service"])
        incident = board.incidents.get(event["subject"])
        if event["kind"] not in _CALLING or row is None or incident is None or not row["critical"]:
            continue
        if incident["state"] == "open" and not incident["rehearsal"] and not incident.get("quiet"):
            found[event["subject"]] = f"{row['name']} is {incident['status']}: {incident['title']}"
    return list(found.values())


def said(texts: list[str]) -> str:
    """One notice, however many call at once."""
    if len(texts) == 1:
        return clean(texts[0], LONGEST)
    return clean(f"{len(texts)} critical incidents: {'; '.join(texts)}", LONGEST)


def signal(texts: list[str], title: str, look: Appearance, environ: Mapping[str, str]) -> str:
    """What to write to the terminal; nothing over SSH unless it is asked for: nobody may sit at the other end."""
    if not texts or (is_remote(environ) and not look.notify_over_ssh):
        return ""
    notice = sequence(title, said(texts), environ.get("TERM", "")) if look.notice else ""
    return ("\x07" if look.bell else "") + notice


def sequence(title: str, text: str, term: str) -> str:
    """What makes a terminal show a notice. Both texts are cleaned here: nothing in them may end the sequence."""
    title, text = (clean(one, LONGEST).replace(";", ",") for one in (title, text))
    if term.startswith(_RXVT):
        return f"\x1b]777;notify;{title};{text}\x07"
    return f"\x1b]9;{title}: {text}\x07"


def is_remote(environ: Mapping[str, str]) -> bool:
    """Whether this terminal is at the other end of SSH."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY") or environ.get("SSH_CLIENT"))
