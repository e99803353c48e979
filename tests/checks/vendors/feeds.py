"""Feeds of vendors that do not exist, for the tests of their reader."""

from __future__ import annotations

import html
from typing import Any

from tests.checks.vendors.recordings import NOW
from tui_monitor import checks
from tui_monitor.core.model import Reading, VendorIncident


def read(body: str | bytes, **options: Any) -> Reading:
    now = options.pop("now", NOW)
    return checks.read("feed", body.encode() if isinstance(body, str) else body, now=now, **options)


def stamp(date: str, clock: str) -> str:
    month, day = date.split()
    return f"<small>{month} <var data-var='date'>{day}</var>, <var data-var='time'>{clock}</var> UTC</small>"


def update(word: str, text: str = "Words.", date: str = "Sep 1", clock: str = "10:00") -> str:
    return f"<p>{stamp(date, clock)}<br><strong>{word}</strong> - {text}</p>"


def entry(*updates: str, title: str = "Slow labels", ref: str = "i1", **more: str) -> str:
    fields = {"published": "2026-09-01T10:00:00Z", "updated": "2026-09-01T10:30:00Z", **more}
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in fields.items() if text)
    content = f'<content type="html">{html.escape("".join(updates))}</content>' if updates else ""
    name = f"<id>tag:p.example:{ref}</id>" if ref else ""
    return f"<entry>{name}<title>{html.escape(title)}</title>{inner}{content}</entry>"


def atom(*entries: str, title: str = "Parcels - Incident History") -> str:
    head = f"<title>{title}</title><updated>2026-09-01T11:00:00Z</updated>"
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{head}{"".join(entries)}</feed>'


def item(description: str = "", *, cdata: bool = False, **more: str) -> str:
    fields = {
        "title": "Slow labels",
        "link": "https://p.example/i/1",
        "pubDate": "Tue, 01 Sep 2026 10:30:00 GMT",
    } | more
    text = f"<![CDATA[{description}]]>" if cdata else html.escape(description)
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items() if value)
    return f"<item>{inner}<description>{text}</description></item>"


def rss(*items: str, title: str = "Parcels Status", head: str = "") -> str:
    return f'<rss version="2.0"><channel><title>{title}</title>{head}{"".join(items)}</channel></rss>'


def listed(reading: Reading) -> tuple[VendorIncident, ...]:
    assert reading.incidents is not None, reading.message
    return reading.incidents
