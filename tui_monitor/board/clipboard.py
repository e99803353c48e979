"""The clipboard of whoever sits before the terminal, which may be far away: only the terminal itself can reach it.

It is asked by an escape sequence (OSC 52) whose payload is base64, so that no text can end it or begin another.
"""

from __future__ import annotations

import base64

from tui_monitor.core.text import clean, clean_lines, spell_number

MOST = 48 * 1024
"""Bytes of a text: terminals throw away what is longer than some 75,000 characters of base64, without a word."""


def fit(text: str) -> str:
    """What may be copied: harmless lines, and not more than every terminal takes."""
    return clean_lines(text, MOST).encode("utf-8", "ignore")[:MOST].decode("utf-8", "ignore")


def through_tmux(text: str) -> str:
    """For the terminal around tmux, which by itself takes what programs copy only where it is told to."""
    payload = base64.b64encode(text.encode()).decode("ascii")
    return f"\x1bPtmux;\x1b\x1b]52;c;{payload}\x07\x1b\\"


def said_of(text: str) -> str:
    """What the person is told of a text that they wanted to have."""
    shown = fit(text)
    lines = shown.splitlines()
    what = spell_number(len(lines), "line") if len(lines) > 1 else clean(shown, 60)
    is_cut = len(text.encode("utf-8", "ignore")) > MOST
    return f"copied {what}" + (", as much as terminals take" if is_cut else "")
