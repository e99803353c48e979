"""What the servers of the fleet say in which mood: all data, and nothing of it true."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

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


def _vendor(name: str, part: str, trouble: Mapping[str, str]) -> House:
    """A status page in the shape that many vendors serve; `trouble` is what it lists, by its indicator."""
    moods = {"well": Page(_summary(name, part, "none", ""), delay=0.06)}
    for indicator, title in trouble.items():
        moods[indicator] = Page(_summary(name, part, indicator, title), delay=0.06)
    return House(http, moods)


_DESCRIBED = {
    "none": ("All Systems Operational", "operational"),
    "minor": ("Partially Degraded Service", "degraded_performance"),
    "major": ("Partial System Outage", "partial_outage"),
    "critical": ("Major Service Outage", "major_outage"),
}


def _summary(name: str, part: str, indicator: str, title: str) -> str:
    described, status = _DESCRIBED[indicator]
    component = {"id": "k1", "name": part, "status": status, "position": 1, "created_at": "2024-01-01T00:00:00Z"}
    component |= {"updated_at": "$then", "group": False, "showcase": True, "only_show_if_degraded": False}
    other = {**component, "id": "k2", "name": "Dashboard", "status": "operational", "position": 2}
    incident = {
        "id": f"i-{indicator}",
        "name": title,
        "status": "investigating",
        "impact": indicator,
        "created_at": "$then",
        "updated_at": "$then",
        "monitoring_at": None,
        "resolved_at": None,
        "shortlink": f"https://status.example/i-{indicator}",
        "incident_updates": [{"id": "u1", "status": "investigating", "body": title, "created_at": "$then"}],
        "components": [component],
    }
    page = {"id": "demo", "name": name, "url": "https://status.example", "time_zone": "Etc/UTC", "updated_at": "$now"}
    whole = {
        "page": page,
        "components": [component, other],
        "incidents": [incident] if title else [],
        "scheduled_maintenances": [],
        "status": {"indicator": indicator, "description": described},
    }
    return json.dumps(whole)


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
    "payments": _vendor(
        "Payments Ltd", "Card payments", {"minor": "Some card payments are slow", "critical": "Card payments fail"}
    ),
    "carrier": _vendor("Parcels & Sons", "Tracking", {}),
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
