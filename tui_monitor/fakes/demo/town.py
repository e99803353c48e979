"""What the servers of the fleet say in which mood: all data, and nothing of it true."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tui_monitor.fakes.demo.servers import Page, Talk, commands, greeting, http, names


@dataclass(frozen=True, slots=True)
class House:
    """One server: how it talks, and what it says in each of its moods."""

    talk: Talk
    moods: Mapping[str, Page]
    is_secret: bool = False


def _site(title: str) -> House:
    """A web site that may be slow, or fail with a page that looks like any other."""
    well, error = f"<h1>{title}</h1><p>Welcome.</p>", f"<h1>{title}</h1><p>Something went wrong.</p>"
    return House(http, {"well": Page(well), "slow": Page(well, delay=0.6), "error": Page(error)})


def _line(text: str, delay: float = 0.004) -> House:
    return House(greeting, {"well": Page(text, delay=delay)})


def _checkout() -> House:
    well, half = json.dumps({"status": "ok"}), json.dumps({"status": "no payments"})
    moods = {
        "well": Page(well, delay=0.03),
        "slow": Page(well, delay=0.55),
        "half": Page(half, delay=0.03),
        "down": Page(json.dumps({"status": "no database"}), status=503, delay=0.03),
    }
    return House(http, moods)


# -- the pages of vendors -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chapter:
    """How far an incident is in one mood: what the page says of all, of each part that is ill, and what is written.

    `written` are the updates by then: how many seconds before the mood began, the vendor's word, and the text.
    """

    indicator: str
    ill: Mapping[str, str]
    written: Sequence[tuple[int, str, str]]


def _vendor(name: str, parts: Mapping[str, Sequence[str]], moods: Mapping[str, Mapping[str, Any]]) -> House:
    """A status page in the shape that many vendors serve; its parts by group, the last group without a heading."""
    told = {"well": _summary(name, parts), **{mood: _summary(name, parts, **said) for mood, said in moods.items()}}
    return House(http, {mood: Page(text, delay=0.06) for mood, text in told.items()})


_DESCRIBED = {
    "none": "All Systems Operational",
    "minor": "Partially Degraded Service",
    "major": "Partial System Outage",
    "critical": "Major Service Outage",
    "maintenance": "Service Under Maintenance",
}


def _summary(
    name: str,
    parts: Mapping[str, Sequence[str]],
    chapter: Chapter = Chapter("none", {}, ()),
    title: str = "",
    work: Mapping[str, Any] | None = None,
) -> str:
    incident = {**_listed("i1", title, chapter), "impact": chapter.indicator, "monitoring_at": None}
    whole = {
        "page": {"id": "demo", "name": name, "url": PLACE, "time_zone": "Etc/UTC", "updated_at": "$then"},
        "components": _components(parts, chapter.ill),
        "incidents": [incident] if title else [],
        "scheduled_maintenances": [{**_listed("m1", WORK, chapter), **work, "impact": "maintenance"}] if work else [],
        "status": {"indicator": chapter.indicator, "description": _DESCRIBED[chapter.indicator]},
    }
    return json.dumps(whole)


PLACE = "https://status.example"
WORK = "Tracking moves to new machines"


def _listed(ref: str, title: str, chapter: Chapter) -> dict[str, Any]:
    """An incident or a maintenance, with what has been written of it, the newest first as such pages have it."""
    updates = [
        {"id": f"{ref}-{number}", "status": state, "body": text, "created_at": f"$then-{seconds}"}
        for number, (seconds, state, text) in enumerate(chapter.written)
    ]
    begun = updates[0]["created_at"] if updates else "$then"
    return {
        "id": ref,
        "name": title,
        "status": chapter.written[-1][1] if chapter.written else "",
        "created_at": begun,
        "started_at": begun,
        "updated_at": "$then",
        "resolved_at": None,
        "shortlink": f"{PLACE}/{ref}",
        "incident_updates": updates[::-1],
        "components": [{"id": part, "name": part, "status": status} for part, status in chapter.ill.items()],
    }


def _components(parts: Mapping[str, Sequence[str]], ill: Mapping[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for group, inside in parts.items():
        found += [_component(group, "operational", "", is_group=True)] if group else []
        found += [_component(name, ill.get(name, "operational"), group) for name in inside]
    return found


def _component(name: str, status: str, group: str, *, is_group: bool = False) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "status": status,
        "group_id": group or None,
        "group": is_group,
        "showcase": True,
        "only_show_if_degraded": False,
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": "$then",
    }


CARDS, PAYOUTS = "Cards in Europe", "Payouts in Europe"
SLOW_CARDS, NO_CARDS = {CARDS: "degraded_performance"}, {CARDS: "major_outage", PAYOUTS: "partial_outage"}
FIRST = "Some payments by card take longer than a minute. We are looking into it."
SECOND = "A bank answers late. Payments are repeated, none is lost.<br />Payouts are not affected."
THIRD = "The bank answers no longer. Payments by card fail, and some payouts wait."
FOURTH = "Cards go through another bank. We watch it."


def _payments() -> House:
    """An incident from its first word to its last."""
    title = "Card payments fail for some banks"
    chapters = {
        "slow": Chapter("minor", SLOW_CARDS, [(0, "investigating", FIRST)]),
        "known": Chapter("minor", SLOW_CARDS, [(12, "investigating", FIRST), (0, "identified", SECOND)]),
        "worse": Chapter(
            "critical",
            NO_CARDS,
            [(22, "investigating", FIRST), (10, "identified", SECOND), (0, "identified", THIRD)],
        ),
        "better": Chapter(
            "minor",
            SLOW_CARDS,
            [
                (38, "investigating", FIRST),
                (26, "identified", SECOND),
                (16, "identified", THIRD),
                (0, "monitoring", FOURTH),
            ],
        ),
    }
    parts = {
        "Europe": (CARDS, PAYOUTS, "Direct debit in Europe"),
        "America": ("Cards in America", "Payouts in America"),
        "": ("Dashboard",),
    }
    moods = {mood: {"chapter": chapter, "title": title} for mood, chapter in chapters.items()}
    return _vendor("Payments Ltd", parts, moods)


def _carrier() -> House:
    """Maintenance that is announced, begins and ends."""
    announced = Chapter("none", {}, [(0, "scheduled", "Parcels cannot be tracked for some minutes.")])
    at_it = Chapter("maintenance", {"Tracking": "under_maintenance"}, [(0, "in_progress", "We have begun.")])
    soon = {"scheduled_for": "$then+20", "scheduled_until": "$then+1200"}
    now = {"scheduled_for": "$then", "scheduled_until": "$then+1180"}
    moods = {"announced": {"chapter": announced, "work": soon}, "at-it": {"chapter": at_it, "work": now}}
    return _vendor("Parcels & Sons", {"": ("Tracking", "Labels", "Pick-up")}, moods)


HOUSES: Mapping[str, House] = {
    "router": _line(""),
    "website": _site("Shop"),
    "search": _site("Search"),
    "images": _site("Pictures"),
    "reviews": _site("Reviews"),
    "newsletter": _site("Newsletter"),
    "checkout": _checkout(),
    "shop-tls": House(http, {"well": Page("<h1>Shop</h1>")}, is_secret=True),
    "database": _line("ready\n"),
    "queue": _line("", 0.0),
    "mail": _line("220 mail.example ESMTP\r\n", 0.02),
    "cache": House(
        commands,
        {
            "well": Page("+PONG\r\n", delay=0.002),
            "loading": Page("-LOADING Redis is loading the dataset in memory\r\n", delay=0.002),
        },
    ),
    "prices": House(http, {"well": Page('{"updated_at": "$now"}'), "stale": Page('{"updated_at": "$then"}')}),
    "names": House(names, {"well": Page("192.0.2.10"), "astray": Page("192.0.2.99")}),
    "orders": _site("Orders"),
    "payments": _payments(),
    "carrier": _carrier(),
}
"""By the id of the service."""

PROGRAM = """\
#!/bin/sh
# Says how full a disk is, as a plug-in of Nagios would: in a line with figures, and by its exit code.
read -r code words < "$1"
echo "$words"
exit "$code"
"""
DISK: Mapping[str, str] = {
    "well": "0 DISK OK - /srv is 61% full|used=61%;80;95",
    "filling": "1 DISK WARNING - /srv is 86% full|used=86%;80;95",
    "full": "2 DISK CRITICAL - /srv is 98% full|used=98%;80;95",
}
"""What the program says in each mood of the disk."""
