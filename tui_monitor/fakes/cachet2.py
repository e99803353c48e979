"""Cachet 2.3 and 2.4, strict: what the real one refuses is refused here, and its traps lie where they lie there.

A component without its state creates the incident all the same on 2.3, and refuses it; `visible=False` in a query is
true; closing an incident leaves its component as it was; a state that is set again sends a mail again.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from tui_monitor.fakes.cachet import FIXED, Cachet, Refused, Row, is_boolean, values_of, whole
from tui_monitor.fakes.http import Answer, Heard, answer_json

PREFIX = "/api/v1"
HUMAN = {0: "Scheduled", 1: "Investigating", 2: "Identified", 3: "Watching", 4: "Fixed"}
STATES = {0: "Unknown", 1: "Operational", 2: "Performance Issues", 3: "Partial Outage", 4: "Major Outage"}
_TITLES = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed"}
_DETAILS = {400: "The request cannot be fulfilled due to bad syntax.", 401: "You are not authorized to do that."}
_FALSE = (None, False, 0, 0.0, "", "0")
_FORMAT = "The status format is invalid."


class Cachet2(Cachet):
    """`async with Cachet2("2.3.18") as there`, then `there.url`, `there.page`, `there.component("API")`."""

    def __init__(self, version: str = "2.4.0", **options: Any) -> None:
        super().__init__(**options)
        self.version = version
        self.balks = False
        """Whether it refuses each incident that it makes, as old ones did where a mail could not be sent, say."""

    @property
    def has_updates(self) -> bool:
        return not self.version.startswith("2.3")

    def reply(self, heard: Heard) -> Answer:
        try:
            return self._route(heard)
        except Refused as refused:
            return _error(refused)

    def _route(self, heard: Heard) -> Answer:
        if not heard.path.startswith(f"{PREFIX}/"):
            raise Refused(404)
        steps = heard.path.removeprefix(f"{PREFIX}/").split("/")
        if len(steps) > 1 and steps[0] in ("components", "incidents", "metrics") and steps[1] != "groups":
            _row(getattr(self.page, steps[0]), steps[1])  # what a path names is looked up before anything else
        is_ours = heard.headers.get("x-cachet-token") == self.token
        if not is_ours and (heard.method != "GET" or steps[0] == "subscribers"):
            raise Refused(401)
        if heard.method == "GET":
            return self._read(steps, heard.query, is_ours=is_ours)
        return self._write(heard.method, steps, values_of(heard))

    # -- reading ------------------------------------------------------------------------------------------------

    def _read(self, steps: list[str], query: Mapping[str, str], *, is_ours: bool) -> Answer:
        match steps:
            case ["ping" | "version" | "status" as word]:
                return self._greet(word)
            case ["components"]:
                rows = [self.component_row(row) for row in self.page.components.values() if is_ours or row["enabled"]]
                return _listed(rows, query)
            case ["components", "groups"]:
                return _listed([self._group_row(row) for row in self.page.groups.values()], query)
            case ["incidents"]:
                shown = [row for row in self.page.incidents.values() if is_ours or row["visible"]]
                return _listed([self.incident_row(row) for row in shown], query)
            case ["incidents", number, "updates"] if self.has_updates:
                incident = _row(self.page.incidents, number)
                return _listed([_update_row(row) for row in self.page.updates_of(incident["id"])], query)
            case ["metrics"]:
                return _listed(list(self.page.metrics.values()), query)
            case ["metrics", number, "points"]:
                metric = _row(self.page.metrics, number)["id"]
                return _listed([row for row in self.page.points.values() if row["metric_id"] == metric], query)
            case ["schedules" | "subscribers"]:
                return _listed([], query)
            case ["components", number]:
                return answer_json({"data": self.component_row(_row(self.page.components, number))})
            case ["incidents", number]:
                return answer_json({"data": self.incident_row(_row(self.page.incidents, number))})
            case ["metrics", number]:
                return answer_json({"data": _row(self.page.metrics, number)})
        raise Refused(404)

    def _greet(self, word: str) -> Answer:
        if word == "version":
            return answer_json({"meta": {"on_latest": True, "latest": {}}, "data": self.version})
        return answer_json({"data": "Pong!" if word == "ping" else self._headline()})

    def _headline(self) -> Row:
        worst = max((int(row["status"]) for row in self.page.components.values() if row["enabled"]), default=1)
        kind = "danger" if worst == 4 else "info" if worst > 1 else "success"
        return {"status": kind, "message": "System operational" if kind == "success" else "Some systems have issues"}

    def component_row(self, row: Row) -> Row:
        return {**row, "deleted_at": None, "status_name": STATES[row["status"]]}

    def _group_row(self, row: Row) -> Row:
        inside = [one for one in self.page.components.values() if one["group_id"] == row["id"] and one["enabled"]]
        return {
            **row,
            "collapsed": 0,
            "visible": 1,
            "enabled_components": [self.component_row(one) for one in inside],
        }

    def incident_row(self, row: Row) -> Row:
        updates = [_update_row(one) for one in self.page.updates_of(row["id"])]
        newest = updates[-1] if updates else None
        status = newest["status"] if newest else row["status"]
        modern = {"updates": updates, "latest_update_id": newest and newest["id"], "latest_status": status}
        return {
            **row,
            "is_resolved": row["status"] == FIXED,
            "human_status": HUMAN[row["status"]],
            "permalink": f"{self.url}/incidents/{row['id']}",
            "deleted_at": None,
            **(modern if self.has_updates else {}),
        }

    # -- writing ------------------------------------------------------------------------------------------------

    def _write(self, method: str, steps: list[str], values: Row) -> Answer:
        match (method, steps):
            case ("POST", ["components"]):
                return answer_json({"data": self._add_component(values)})
            case ("PUT", ["components", number]):
                return answer_json({"data": self._change_component(_row(self.page.components, number), values)})
            case ("POST", ["incidents"]):
                made = self._add_incident(values)
                if self.balks:
                    raise Refused(400)
                return answer_json({"data": self.incident_row(made)})
            case ("PUT", ["incidents", number]):
                row = _row(self.page.incidents, number)
                return answer_json({"data": self.incident_row(self._change_incident(row, values))})
            case ("POST", ["incidents", number, "updates"]) if self.has_updates:
                return answer_json({"data": _update_row(self._add_update(_row(self.page.incidents, number), values))})
            case ("POST", ["metrics", number, "points"]):
                metric = _row(self.page.metrics, number)["id"]
                return answer_json({"data": self.put_point(metric, values, "The value format is invalid.")})
            case ("DELETE", ["components" | "incidents" | "metrics" as kind, number]):
                rows: dict[int, Row] = getattr(self.page, kind)
                del rows[_row(rows, number)["id"]]
                return Answer(204)
        raise Refused(405 if len(steps) < 3 and steps[0] in ("components", "incidents", "metrics") else 404)

    def _add_component(self, values: Row) -> Row:
        _require(values, "name", "status")
        status = _state(values["status"], range(5))
        number = self.component(str(values["name"]), status=status, link=str(values.get("link") or ""))
        return self.component_row(self.page.components[number])

    def _change_component(self, row: Row, values: Row) -> Row:
        """Whoever sets a state sends a mail of it, also of the one that it has, unless it is done silently."""
        status = _state(values["status"], range(5)) if "status" in values else None
        taken: Row = {
            key: values[key] for key in ("name", "description", "link", "order", "enabled") if key in values
        }
        row.update(taken, updated_at=self.clock())
        if status is not None:
            row["status"] = status
            if values.get("silent") in _FALSE:
                self.page.mails.append(f"{row['name']} is {STATES[status]}")
        return self.component_row(row)

    def _add_incident(self, values: Row) -> Row:
        _require(values, "name", "status", "message")
        status = _state(values["status"], range(5))
        self._check_notify(values)
        component = self._component_in(values)
        if component and whole(values.get("component_status"), range(5)) is None:
            if not self.has_updates:
                self._put_incident(values, status, component, None)
            raise Refused(400, _FORMAT)
        key = "occurred_at" if self.has_updates else "created_at"
        if values.get(key) and not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", str(values[key])):
            raise Refused(400, f"The {key.replace('_', ' ')} does not match the format Y-m-d H:i.")
        return self._put_incident(values, status, component, values.get("component_status"))

    def _component_in(self, values: Row) -> int:
        given = values.get("component_id")
        if given in (None, "", 0, "0"):
            return 0
        return int(_row(self.page.components, str(given))["id"])

    def _check_notify(self, values: Row) -> None:
        if self.has_updates and "notify" in values and not is_boolean(values["notify"]):
            raise Refused(400, "The notify field must be true or false.")

    def _put_incident(self, values: Row, status: int, component: int, state: Any) -> Row:
        now = self.clock()
        row = self.page.incidents.add(
            name=str(values["name"])[:255],
            status=status,
            message=str(values["message"]),
            visible=0 if "visible" in values and values["visible"] in _FALSE else 1,
            stickied=values.get("stickied") not in _FALSE,
            component_id=component,
            notifications=values.get("notify") not in _FALSE,
            user_id=1,
            meta=[],
            occurred_at=now,
            created_at=now,
            updated_at=now,
        )
        if component and state is not None:
            self.page.components[component]["status"] = int(state)
        if row["notifications"]:
            self.page.mails.append(row["name"])
        return row

    def _change_incident(self, row: Row, values: Row) -> Row:
        """What is not said of visible and stickied is taken for yes and no, whatever it was before."""
        self._check_notify(values)
        status = _state(values["status"], range(5)) if "status" in values else row["status"]
        component = self._component_in(values)
        if component:
            self.page.components[component]["status"] = _state(values.get("component_status"), range(5))
        row.update({key: values[key] for key in ("name", "message") if values.get(key)})
        visible = 0 if values.get("visible", 1) in _FALSE else 1
        row.update(
            status=status,
            visible=visible,
            stickied=values.get("stickied") not in _FALSE,
            component_id=component or row["component_id"],
            updated_at=self.clock(),
        )
        if values.get("notify", True) not in _FALSE:
            self.page.mails.append(row["name"])
        return row

    def _add_update(self, incident: Row, values: Row) -> Row:
        """What is said there of a component is taken, and ignored."""
        _require(values, "status", "message")
        status = _state(values["status"], range(1, 5))
        incident.update(status=status, updated_at=self.clock())
        row = self.page.updates.add(
            incident_id=incident["id"],
            status=status,
            message=str(values["message"]),
            user_id=1,
            created_at=self.clock(),
            updated_at=self.clock(),
        )
        if incident.get("notifications"):
            self.page.mails.append(incident["name"])
        return row


def _row(rows: Mapping[int, Row], number: str) -> Row:
    found = rows.get(int(number)) if number.isascii() and number.isdigit() else None
    if found is None:
        raise Refused(404)
    return found


def _require(values: Row, *names: str) -> None:
    missing = [name for name in names if values.get(name) in (None, "")]
    if missing:
        raise Refused(400, *(f"The {name} field is required." for name in missing))


def _state(value: Any, allowed: range) -> int:
    found = whole(value, allowed)
    if found is None:
        raise Refused(400, _FORMAT)
    return found


def _update_row(row: Row) -> Row:
    return {**row, "human_status": HUMAN[row["status"]], "permalink": f"/incidents/{row['incident_id']}#{row['id']}"}


def _listed(rows: list[Row], query: Mapping[str, str]) -> Answer:
    """A page of the rows that are asked for: filters by equality, an order, 20 of them unless more are wanted."""
    for key, value in query.items():
        if key not in ("page", "per_page", "sort", "order"):
            rows = [row for row in rows if str(row.get(key)) == value]
    if "sort" in query:
        rows = sorted(rows, key=lambda row: row.get(query["sort"]) or 0, reverse=query.get("order") == "desc")
    size, number = (max(1, int(query.get(key) or usual)) for key, usual in (("per_page", 20), ("page", 1)))
    shown, pages = rows[(number - 1) * size : number * size], max(1, -(-len(rows) // size))
    paging = {
        "total": len(rows),
        "count": len(shown),
        "per_page": size,
        "current_page": number,
        "total_pages": pages,
        "links": {"next_page": f"?page={number + 1}" if number < pages else None, "previous_page": None},
    }
    return answer_json({"meta": {"pagination": paging}, "data": shown})


def _error(refused: Refused) -> Answer:
    error = {
        "id": str(uuid.uuid4()),
        "status": refused.status,
        "title": _TITLES[refused.status],
        "detail": _DETAILS.get(refused.status, "The requested resource was not found."),
        **({"meta": {"details": list(refused.wrong)}} if refused.wrong else {}),
    }
    return answer_json({"errors": [error]}, refused.status)
