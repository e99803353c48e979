"""Pictures to draw: what the demo said of itself at one moment (`demo.json`), as it is and with more to see."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from tests.board import vendors
from tests.board.capture import FILE
from tests.board.hostile import infected
from tests.board.stage import Script
from tests.board.vendors import as_rows, outage, racks

DEMO: Mapping[str, Any] = json.loads(FILE.read_text())
AT = datetime.fromisoformat(DEMO["snapshot"]["at"])
ILL = str(DEMO["service"]["id"])
"""The service of the incident in hand."""
INCIDENT = str(DEMO["incident"])


def demo(**around: Any) -> Script:
    """As the demo was."""
    return scripted(world(), **around)


def world() -> dict[str, Any]:
    return deepcopy(dict(DEMO))


def scripted(taken: Mapping[str, Any], **around: Any) -> Script:
    """A `Control` that answers every question of the board from this world."""
    services = {one["id"]: one for one in taken["snapshot"]["services"]}
    standing = {one["id"]: one for one in (*taken["incidents"], *taken["snapshot"]["incidents"])}

    def service(options: Mapping[str, str]) -> Any:
        row = services.get(options["id"], {})
        return {**taken["service"], **{key: row[key] for key in ("id", "name", "group", "tags") if key in row}}

    answers = {
        "service": service,
        "vendor": lambda options: taken["vendor"][options["id"]],
        "chart": lambda options: taken["chart"].get(options["since"], taken["chart"]["1h"]),
        "lately": taken["lately"],
        "stats": taken["stats"],
        "explain": taken["explain"],
        "preview": taken["preview"],
        "banner": taken["banner"],
        "config": taken["config"],
        "incidents": taken["incidents"],
        "incident": lambda options: standing.get(options["id"], taken["incidents"][0]),
    }
    return Script({**taken["snapshot"], **around}, answers)


# -- with more to see -----------------------------------------------------------------------------------------------


def moment(minutes: float = 0.0) -> str:
    return (AT + timedelta(minutes=minutes)).isoformat()


def place(name: str, kind: str, state: str = "well", **other: Any) -> dict[str, Any]:
    """How one destination does."""
    idle = {"since": None, "error": "", "owed": 0, "waiting": 0}
    return {"name": name, "kind": kind, "state": state, **idle, **other}


BANNER = {
    "stands": [
        {
            "destination": "site",
            "state": "shown",
            "text": "Checkout is down.",
            "severity": "error",
            "by": "mia",
            "ref": "7",
            "error": "busy",
        },
        {"destination": "app", "state": "owed", "text": "", "severity": "info", "by": "", "ref": "", "error": "503"},
    ],
    "would": {"text": "Checkout API: 503, expected 200-204", "severity": "error"},
    "places": ["site", "app"],
    "max_length": 500,
}


def told(state: str, number: int, **other: Any) -> dict[str, Any]:
    """One row of a told list in this state."""
    return {
        "id": f"d{number}",
        "destination": f"place {number}",
        "subject": INCIDENT,
        "state": state,
        "reason": "route 2: severity >=degraded",
        "said": "opened",
        "owed": 1,
        "told": 1,
        "since": moment(-9),
        "due_at": moment(2),
        "told_at": moment(-5) if state in ("told", "dropped") else None,
        "remind_at": moment(30) if state == "told" else None,
        "ref": "OPS-812",
        "url": "https://desk.test/OPS-812",
        "attempts": 2,
        "error": "503 Service Unavailable",
        **other,
    }


PLACES = [
    place("place 1", "slack", owed=3),
    place("place 3", "webhook", "failing", since=moment(-9), error="503 Service Unavailable", owed=1),
    place("place 6", "smtp"),
    place("numbers", "sql", "failing", since=moment(-90), error="the table observations is away", waiting=412),
    place("switch", "heartbeat_out"),
]
WHOLE = {"subject": INCIDENT, "service": ILL, "status": "major", "to": ["place 0"], "text": "we look", "by": "mia"}
OF_INCIDENTS = (
    *(
        "opened",
        "updated",
        "worsened",
        "acknowledged",
        "noted",
        "flapping",
        "calmed",
        "told",
        "gave-up",
        "pushed",
    ),
    *(),
)
OF_THE_BOARD = (
    *(
        "trouble",
        "silenced",
        "maintenance",
        "test-mode",
        "simulated",
        "reloaded",
        "cut-off",
        "back",
        "clock",
    ),
    *(),
)
OWING = ["told", "owed", "sending", "held", "given-up", "dropped"]
KEPT_QUIET = {"target": "Checkout API", "services": [ILL], "by": "mia", "reason": "known"}


def full() -> dict[str, Any]:
    """Something of everything that there can be."""
    taken = world()
    _fill_incident(taken["snapshot"])
    _fill_quiet(taken["snapshot"])
    _fill_service(taken)
    _fill_vendor(taken)
    _fill_answers(taken)
    return taken


def _fill_incident(snapshot: dict[str, Any]) -> None:
    rows = [told(state, number) for number, state in enumerate(OWING)]
    line = [{**WHOLE, "n": 1000 + n, "kind": kind, "at": moment(n - 12)} for n, kind in enumerate(OF_INCIDENTS)]
    line.append({**WHOLE, "n": 1100, "kind": "updated", "at": moment(-1), "by": "vendor"})
    incident = next(one for one in snapshot["incidents"] if one["id"] == INCIDENT)
    incident.update(timeline=line, told=rows, quiet="silenced by mia until 18:00", vendor_ref="inc-7", flapping=True)
    incident.update(url="https://status.vendor.test/7", state="acknowledged", by="mia", acknowledged_at=moment(-6))
    incident["why"] = [{"destination": "place 9", "told": False, "reason": "the route wants critical ones"}]
    others = [{**WHOLE, "subject": "board", "n": n, "kind": one} for n, one in enumerate(OF_THE_BOARD)]
    snapshot["events"] += [{"at": moment(-1), **one} for one in (*line, *others)]
    snapshot["deliveries"] = [one for one in rows if one["state"] not in ("told", "dropped")]
    snapshot["places"] = PLACES


def _fill_quiet(snapshot: dict[str, Any]) -> None:
    quiet = {**KEPT_QUIET, "since": moment(-3), "until": moment(40)}
    snapshot["silences"] = [{"id": "s1", **quiet}]
    planned = {**quiet, "source": "command", "cron": "0 3 * * 7"}
    snapshot["maintenance"] = [{"id": f"w{n}", **planned, "active": not n} for n in range(2)]
    snapshot["simulations"] = [{"service": ILL, "status": "major", "by": "mia", "until": moment(5)}]


def _fill_service(taken: dict[str, Any]) -> None:
    snapshot = taken["snapshot"]
    row = next(one for one in snapshot["services"] if one["id"] == ILL)
    row.update(failing="2/3", flapping=True, silenced=True, quiet="silenced by mia", simulated=True, critical=True)
    row.update(incident=INCIDENT, status="major", maintenance=moment(40), group="Shop", tags=["web", "eu"])
    row.update(certificate_until=moment(9000), suppressed_by=snapshot["services"][0]["id"], vendor=True)
    row["measures"] = [{"name": "disk free", "value": 12.5, "unit": "GB"}]
    looks = taken["service"]["looks"]
    looks += [{**looks[-1], "message": "503, expected 200-204", "confirming": True, "took": 0.2}]
    taken["service"]["windows"] = snapshot["maintenance"]


def _fill_vendor(taken: dict[str, Any]) -> None:
    """The incident in hand is one of a vendor, on which others of ours stand."""
    snapshot = taken["snapshot"]
    row = next(one for one in snapshot["services"] if one["id"] == ILL)
    begun = racks(AT, hours=-1)
    row.update(announced=as_rows(racks(AT)), under_way=as_rows(begun), checked_at=moment(-0.2), read_at=moment(-0.2))
    others = [one for one in snapshot["services"] if one["id"] != ILL][:3]
    for one in others:
        one["upstream"] = [ILL]
    its = next(one for one in snapshot["incidents"] if one["id"] == INCIDENT)
    page = vendors.page(ILL, outage(AT), begun, announced=(racks(AT),), now=AT, name=row["name"])
    page["incidents"][0]["ref"] = its["vendor_ref"]
    its.update({key: page["incidents"][0][key] for key in ("components", "updates")}, words="identified, major")
    its["concerns"] = [{"service": one["id"], "name": one["name"], "incident": "cccc3333"} for one in others[:1]]
    its["suspects"] = vendors.suspects()
    taken["vendor"] = {**taken["vendor"], ILL: page}


def _fill_answers(taken: dict[str, Any]) -> None:
    taken["stats"]["flapping"] = [{"service": ILL, "name": "Checkout API", "times": 4}]
    taken["stats"]["store"]["notice"] = "the store was set aside"
    taken["banner"] = deepcopy(BANNER)
    shown = {"told": True, "tickets": True, "text": "one\ntwo"}
    taken["preview"] = [{**one, **shown, "destination": f"place {n}"} for n, one in enumerate(taken["preview"])]
    taken["config"]["problems"] = [
        {"file": "config.yaml", "line": 12, "column": 3, "path": "services[0].http", "text": "must be an address"},
        {"file": "more.yaml", "line": 0, "column": 0, "path": "", "text": "cannot be read"},
    ]


# -- other days -----------------------------------------------------------------------------------------------------


def well() -> Script:
    """Nothing is wrong."""
    taken = world()
    snapshot = taken["snapshot"]
    for row in snapshot["services"]:
        row.update(status="operational", incident=None, failing=None, message="200 OK", suppressed_by=None)
    return scripted(taken, incidents=[], deliveries=[])


def over() -> Script:
    """The incident in hand has just ended."""
    taken = full()
    for one in taken["snapshot"]["incidents"]:
        if one["id"] == INCIDENT:
            one.update(state="resolved", resolved_at=moment(-1), resolved_by="mia", status="operational")
    return scripted(taken)


def hostile(texts: tuple[str, ...]) -> Script:
    """Of everything something, and every text from outside one of these, each in its turn."""
    turn: Iterator[str] = cycle(texts)
    taken = infected(full(), turn)
    around = {"trouble": next(turn), "cut_off": moment(-1), "test_mode": True, "title": next(turn)}
    banner = {"text": next(turn), "severity": next(turn), "state": "told", "by": next(turn)}
    return scripted(taken, banner=banner, **around)
