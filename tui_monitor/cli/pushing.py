"""Verbs by which people tell the outside on purpose: an update, a ticket, the banner."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from tui_monitor.cli.acting import do, kept
from tui_monitor.cli.asking import wants_json
from tui_monitor.cli.exits import Exit
from tui_monitor.cli.paper import draw, print_json, tell
from tui_monitor.cli.reach import engine_of, wait_for
from tui_monitor.cli.refusals import why_not
from tui_monitor.cli.words import zone_of
from tui_monitor.core.errors import Rejected
from tui_monitor.core.ports import Command


def notify(asked: Namespace) -> int:
    to, text = chosen(asked.to), kept(" ".join(asked.text))
    if not asked.preview:
        return do(asked, Command("notify", asked.id, text, options={"to": to} if to else {}))
    rows = wait_for(_preview(asked, text, to))
    if wants_json(asked):
        print_json(rows)
    else:
        from tui_monitor.cli import tables

        draw(tables.preview(rows))
    return Exit.FINE


async def _preview(asked: Namespace, text: str, to: str) -> list[dict[str, Any]]:
    engine = engine_of(asked)
    try:
        rows: list[dict[str, Any]] = await engine.history("preview", id=asked.id, text=text, to=to)
    except Rejected as error:
        raise Rejected(await why_not(engine, Command("notify", asked.id)) or str(error)) from error
    return rows


def ticket(asked: Namespace) -> int:
    options = {"to": asked.destination} if asked.destination else {}
    return do(asked, Command("ticket", asked.id, kept(asked.text), options=options))


def banner(asked: Namespace) -> int:
    if asked.action in (None, "show"):
        return _show(asked)
    found = {"to": chosen(asked.to), "severity": getattr(asked, "severity", "")}
    options = {name: value for name, value in found.items() if value}
    return do(asked, Command("banner", asked.action, kept(" ".join(getattr(asked, "text", ()))), options=options))


def _show(asked: Namespace) -> int:
    engine = engine_of(asked)
    found = wait_for(engine.history("banner"))
    if wants_json(asked):
        print_json(found)
        return Exit.FINE
    if found["stands"]:
        from tui_monitor.cli import tables

        draw(tables.stands(found["stands"], zone_of(engine.timezone)))
    else:
        tell("No banner stands.")
    would = found["would"]
    tell(f"The board would say: {would['severity'].upper()}: {would['text']}" if would["text"] else "All is well.")
    return Exit.FINE


def chosen(to: Sequence[str]) -> str:
    """Destinations as they were written, one by one or with commas, as an option holds them."""
    return ",".join(name for one in to for name in one.split(",") if name)
