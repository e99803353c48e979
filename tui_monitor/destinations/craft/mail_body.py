"""What a person reads in a mail: plain text, and the same as HTML for programs that show it.

The HTML names no colour of text or ground and loads nothing, so that it is readable on light and dark alike and tells
nobody that it was opened; all of its styles stand in its elements, since most programs throw others away.
"""

from __future__ import annotations

import html

from tui_monitor.core.message import Message
from tui_monitor.core.status import Status
from tui_monitor.destinations.craft.document import facts_of, lines_of, listed, shade_of, shorten, text_of

MOST = 50

_COLOURS = {
    Status.OPERATIONAL: "#3a9d5d",
    Status.MAINTENANCE: "#4a86c5",
    Status.DEGRADED: "#c79a1e",
    Status.PARTIAL: "#d9772b",
    Status.MAJOR: "#d14343",
    Status.UNKNOWN: "#8a8f98",
}
"""Of the bar beside a line: each is seen on white and on black."""

_HEAD = """<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{title}</title>
</head>
<body style="margin: 0; padding: 16px">
<div style="max-width: 680px; font-family: system-ui, sans-serif; font-size: 15px; line-height: 1.45">
"""
_TAIL = "</div>\n</body>\n</html>\n"
_LINE = '<p style="margin: 0 0 8px; padding: 2px 12px; border-left: 4px solid {colour}">{text}</p>'
_TABLE = '<table role="presentation" style="margin: 16px 0 0 16px; font-size: 14px">\n{rows}</table>\n'
_ROW = '<tr><td style="padding: 2px 16px 2px 0; opacity: 0.7">{label}</td><td>{value}</td></tr>\n'


def plain_of(message: Message) -> str:
    facts = "\n".join(f"{label}: {value}" for label, value in facts_of(message))
    return f"{text_of(message, most=MOST)}\n\n{facts}".rstrip() + "\n"


def html_of(message: Message) -> str:
    subjects = [message] if message.banner is not None else message.items
    marked = zip(lines_of(message), map(shade_of, subjects), strict=True)
    lines = (_LINE.format(colour=_COLOURS[shade], text=html.escape(line)) for line, shade in marked)
    rows = "".join(_ROW.format(label=label, value=_cell(value)) for label, value in facts_of(message))
    table = _TABLE.format(rows=rows) if rows else ""
    head = _HEAD.format(title=html.escape(shorten(message.title, 200)))
    return f"{head}{listed(lines, 30_000, MOST, chr(10))}\n{table}{_TAIL}"


def _cell(value: str) -> str:
    shown = html.escape(value)
    is_link = value.startswith(("https://", "http://"))
    return f'<a href="{shown}" style="color: inherit">{shown}</a>' if is_link else shown
