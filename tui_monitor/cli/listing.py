"""The verb that lists the vendors which a config may name. It needs neither a config nor an engine."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from tui_monitor.cli.exits import Exit
from tui_monitor.cli.paper import draw, print_json
from tui_monitor.config.catalogue import Vendor, by_name, search
from tui_monitor.config.forms import near
from tui_monitor.core.errors import Rejected
from tui_monitor.core.text import clean


def vendors(asked: Namespace) -> int:
    text = " ".join(asked.text)
    rows = [view(one) for one in search(text)]
    if getattr(asked, "json", False):
        print_json(rows)
        return Exit.FINE if rows else Exit.REFUSED
    if not rows:
        other = "statuspage, feed or json_status read the page of any other, by its address"
        hint = near(text, by_name())
        raise Rejected(f"no vendor is known by {clean(text, 200)!r}{f'{hint} Otherwise' if hint else ':'} {other}")
    from tui_monitor.cli.tables import Column, field, table

    columns = [
        Column("VENDOR", field("key")),
        Column("TITLE", field("title"), fold=True),
        Column("CATEGORY", field("category"), keep=110),
        Column("CHECK", field("kind"), keep=60),
        Column("ADDRESS", field("address"), keep=80, fold=True),
        Column("NOTE", field("about"), keep=140, fold=True),
    ]
    draw(table(columns, rows))
    return Exit.FINE


def view(vendor: Vendor) -> dict[str, Any]:
    return {
        "key": vendor.key,
        "title": vendor.title,
        "aliases": list(vendor.aliases),
        "category": vendor.category,
        "kind": vendor.kind,
        "address": vendor.address,
        "options": dict(vendor.options),
        "about": vendor.about,
    }
