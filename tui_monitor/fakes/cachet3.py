"""Cachet 3, strict: JSON:API, tokens with abilities, and a limit of requests a minute.

Who does not say that it wants JSON is sent to the front page where something is wrong, as a browser would be.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from tui_monitor.fakes.cachet import FIXED, Cachet, Refused, Row, is_boolean, values_of, whole
from tui_monitor.fakes.http import Answer, Heard, answer_json

PREFIX = "/api"
HUMAN = {0: "Unknown", 1: "Investigating", 2: "Identified", 3: "Watching", 4: "Fixed"}
STATES = {
    1: "Operational",
    2: "Performance Issues",
    3: "Partial Outage",
    4: "Major Outage",
    5: "Unknown",
    6: "Under maintenance",
}
ABILITIES = frozenset({"incidents.manage", "incident-updates.manage", "components.manage", "metric-points.manage"})
ALLOWANCE = 300
LONGEST = 255
_MOST = 100
_SORTED = frozenset({"id", "name", "status", "created_at"})
_INCLUDED = frozenset({"components", "updates", "group", "user", "incidents"})
_TIMES = ("created", "updated", "occurred", "published")
_NO_RECORD = "No query results for model."


class Cachet3(Cachet):
    """`async with Cachet3() as there`; `abilities` are those of its token."""

    def __init__(self, *, abilities: Iterable[str] = ABILITIES, **options: Any) -> None:
        super().__init__(**options)
        self.abilities = frozenset(abilities)
        self.is_open = True
        """Whether its API is switched on."""
        self.allowance = ALLOWANCE
        self._minute = 0
        self._used = 0

    def reply(self, heard: Heard) -> Answer:
        if self._is_too_much():
            return answer_json({"message": "Too Many Attempts."}, 429, Retry_After="7")
        try:
            return self._route(heard)
        except Refused as refused:
            if "application/json" not in heard.headers.get("accept", "") and refused.status in (401, 422):
                page = b"<!doctype html><title>Redirecting</title>"
                return Answer(302, {"Location": "/", "Content-Type": "text/html"}, page)
            return _error(refused)

    def _is_too_much(self) -> bool:
        minute = int(time.monotonic() // 60)
        self._minute, self._used = minute, self._used + 1 if minute == self._minute else 1
        return self._used > self.allowance

    def _route(self, heard: Heard) -> Answer:
        if not heard.path.startswith(f"{PREFIX}/") or heard.path.startswith(f"{PREFIX}/v1/") or not self.is_open:
            raise Refused(404, "The route could not be found.")
        steps = heard.path.removeprefix(f"{PREFIX}/").split("/")
        is_ours = heard.headers.get("authorization") == f"Bearer {self.token}"
        if heard.method == "GET":
            return self._read(steps, heard.query, is_ours=is_ours)
        if not is_ours:
            raise Refused(401, "Unauthenticated.")
        values = values_of(heard)
        return self._write(heard.method, steps, values)

    # -- reading ------------------------------------------------------------------------------------------------

    def _read(self, steps: list[str], query: Mapping[str, str], *, is_ours: bool) -> Answer:
        match steps:
            case ["ping"]:
                return answer_json({"data": "Pong!"})
            case ["version"]:
                return answer_json({"data": {"version": "3.0.0", "latest": {}}})
            case ["status"]:
                return answer_json({"data": self._headline()})
            case ["components"]:
                rows = [row for row in self.page.components.values() if is_ours or row["enabled"]]
                return self._listed("components", rows, query)
            case ["component-groups"]:
                return self._listed("componentGroups", self.page.groups.values(), query)
            case ["incidents"]:
                rows = [row for row in self.page.incidents.values() if is_ours or row["visible"] == 1]
                return self._listed("incidents", rows, query)
            case ["incidents", number, "updates"]:
                incident = _row(self.page.incidents, number)["id"]
                return self._listed("updates", self.page.updates_of(incident), query)
            case ["metrics"]:
                return self._listed("metrics", self.page.metrics.values(), query)
            case ["metrics", number, "points"]:
                metric = _row(self.page.metrics, number)["id"]
                rows = [row for row in self.page.points.values() if row["metric_id"] == metric]
                return self._listed("metricPoints", rows, query)
            case ["schedules"]:
                return self._listed("schedules", [], query)
            case ["components" | "incidents" | "metrics" as kind, number]:
                return answer_json({"data": self._resource(kind, _row(getattr(self.page, kind), number))})
        raise Refused(404, "The route could not be found.")

    def _headline(self) -> Row:
        worst = max((row["status"] for row in self.page.components.values() if row["status"] < 5), default=1)
        kind = {4: "major_outage", 3: "partial_outage"}.get(worst, "operational")
        return {"status": kind, "message": kind.replace("_", " ").capitalize()}

    def _resource(self, kind: str, row: Row, *, is_full: bool = False) -> Row:
        """A row as JSON:API has it: its state and its moments are spelt twice, for people and for programs."""
        attributes = {key: value for key, value in row.items() if key not in ("group_id", "tags", "meta")}
        for name in _TIMES:
            if f"{name}_at" in attributes:
                string = attributes.pop(f"{name}_at")
                attributes[name] = {"human": string and "a moment ago", "string": string}
        if "status" in attributes:
            names = STATES if kind == "components" else HUMAN
            attributes["status"] = {"human": names[row["status"]], "value": row["status"]}
        found: Row = {"id": str(row["id"]), "type": kind, "attributes": attributes}
        if is_full and kind == "components" and row.get("group_id"):
            found["relationships"] = {"group": {"data": {"id": str(row["group_id"]), "type": "componentGroups"}}}
        return found

    def _listed(self, kind: str, given: Iterable[Row], query: Mapping[str, str]) -> Answer:
        """One page of a simple paging, which knows no total."""
        wanted = set(filter(None, query.get("include", "").split(",")))
        sort = query.get("sort", "id")
        filters = {key[7:-1]: value for key, value in query.items() if key.startswith("filter[")}
        if not wanted <= _INCLUDED or sort.lstrip("-") not in _SORTED or not filters.keys() <= {"status", "name"}:
            raise Refused(400, "Requested include, sort or filter is not allowed.")
        rows = [row for row in given if all(str(row.get(key)) == value for key, value in filters.items())]
        rows.sort(key=lambda row: row[sort.lstrip("-")], reverse=sort.startswith("-"))
        size = min(max(1, int(query.get("per_page") or 15)), _MOST)
        number = max(1, int(query.get("page") or 1))
        shown = rows[(number - 1) * size : number * size]
        link = f"{self.url}{PREFIX}/{kind}?page={number + 1}" if number * size < len(rows) else None
        groups = sorted({row["group_id"] for row in shown if row.get("group_id")}) if "group" in wanted else []
        included = [self._resource("componentGroups", self.page.groups[one]) for one in groups]
        return answer_json(
            {
                "data": [self._resource(kind, row, is_full="group" in wanted) for row in shown],
                "links": {"first": None, "last": None, "prev": None, "next": link},
                "meta": {"current_page": number, "per_page": size, "path": f"{self.url}{PREFIX}/{kind}"},
                **({"included": included} if "group" in wanted else {}),
            }
        )

    # -- writing ------------------------------------------------------------------------------------------------

    def _write(self, method: str, steps: list[str], values: Row) -> Answer:
        match (method, steps):
            case ("PUT", ["components", number]):
                row = self._of("components.manage", "components", number)
                return self._made("components", self._change_component(row, values), 200)
            case ("POST", ["incidents"]):
                self._may("incidents.manage")
                return self._made("incidents", self._add_incident(values), 201)
            case ("PUT", ["incidents", number]):
                row = self._of("incidents.manage", "incidents", number)
                return self._made("incidents", self._change_incident(row, values), 200)
            case ("POST", ["incidents", number, "updates"]):
                row = self._of("incident-updates.manage", "incidents", number)
                return self._made("updates", self._add_update(row, values), 201)
            case ("POST", ["metrics", number, "points"]):
                row = self._of("metric-points.manage", "metrics", number)
                if "value" not in values:
                    raise _invalid(value="The value field is required.")
                return self._made(
                    "metricPoints", self.put_point(row["id"], values, "The value must be a number."), 201
                )
        raise Refused(404, "The route could not be found.")

    def _may(self, ability: str) -> None:
        if ability not in self.abilities:
            raise Refused(403, "Invalid ability provided.")

    def _of(self, ability: str, kind: str, number: str) -> Row:
        """What is not there is not there, whatever the token may do."""
        row = _row(getattr(self.page, kind), number)
        self._may(ability)
        return row

    def _made(self, kind: str, row: Row, status: int) -> Answer:
        return answer_json({"data": self._resource(kind, row)}, status)

    def _change_component(self, row: Row, values: Row) -> Row:
        if "status" in values:
            row["status"] = _state(values["status"], STATES)
        row.update({key: values[key] for key in ("name", "description", "link", "enabled") if key in values})
        row["updated_at"] = self.clock()
        return row

    def _add_incident(self, values: Row) -> Row:
        wrong = {name: f"The {name} field is required." for name in ("name", "status") if not _is_said(values, name)}
        if not _is_said(values, "message") and not values.get("template"):
            wrong["message"] = "The message field is required when template is not present."
        if len(str(values.get("name", ""))) > LONGEST:
            wrong["name"] = f"The name field must not be greater than {LONGEST} characters."
        for name in ("notifications", "stickied"):
            if name in values and not is_boolean(values[name]):
                wrong[name] = f"The {name} field must be true or false."
        if "visible" in values and whole(values["visible"], range(3)) is None:
            wrong["visible"] = "The selected visible is invalid."
        if wrong:
            raise _invalid(**wrong)
        component, state = self._component_in(values)
        now = self.clock()
        row = self.page.incidents.add(
            guid=f"0e7d2a40-0000-4000-8000-{self.page.incidents.last + 1:012d}",
            name=values["name"],
            message=values["message"],
            component_id=component,
            visible=int(values.get("visible", 0)),
            stickied=bool(values.get("stickied")),
            notifications=values.get("notifications") in (True, 1, "1"),
            status=_state(values["status"], HUMAN),
            occurred_at=now,
            published_at=None,
            created_at=now,
            updated_at=now,
        )
        if component is not None:
            self.page.components[component]["status"] = state
        if row["notifications"]:
            self.page.mails.append(row["name"])
        return row

    def _component_in(self, values: Row) -> tuple[int | None, int]:
        given = values.get("component_id")
        if given is None:
            return None, 0
        number = whole(given, self.page.components)
        state = whole(values.get("component_status"), STATES)
        if number is None:
            raise _invalid(component_id="The selected component id is invalid.")
        if state is None:
            text = "The component status field is required when component id is present."
            raise _invalid(component_status=text)
        return number, state

    def _change_incident(self, row: Row, values: Row) -> Row:
        if "status" in values:
            row["status"] = _state(values["status"], HUMAN)
        row.update({key: values[key] for key in ("name", "message", "visible") if key in values})
        row["updated_at"] = self.clock()
        return row

    def _add_update(self, incident: Row, values: Row) -> Row:
        wrong = {
            name: f"The {name} field is required." for name in ("status", "message") if not _is_said(values, name)
        }
        if wrong:
            raise _invalid(**wrong)
        status, now = _state(values["status"], HUMAN), self.clock()
        incident.update(status=status, updated_at=now)
        if status == FIXED:
            incident["stickied"] = False
        return self.page.updates.add(
            incident_id=incident["id"], status=status, message=str(values["message"]), created_at=now, updated_at=now
        )


def _is_said(values: Row, name: str) -> bool:
    return values.get(name) not in (None, "")


def _row(rows: Mapping[int, Row], number: str) -> Row:
    found = rows.get(int(number)) if number.isascii() and number.isdigit() else None
    if found is None:
        raise Refused(404, _NO_RECORD)
    return found


def _state(value: Any, allowed: Iterable[int]) -> int:
    found = whole(value, allowed)
    if found is None:
        raise _invalid(status="The selected status is invalid.")
    return found


class _Invalid(Refused):
    """What is wrong with which field."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(422, *fields.values())
        self.fields = fields


def _invalid(**fields: str) -> _Invalid:
    return _Invalid(fields)


def _error(refused: Refused) -> Answer:
    first, *rest = refused.wrong
    more = f" (and {len(rest)} more error{'s' if len(rest) > 1 else ''})" if rest else ""
    errors = (
        {"errors": {key: [text] for key, text in refused.fields.items()}} if isinstance(refused, _Invalid) else {}
    )
    return answer_json({"message": f"{first}{more}", **errors}, refused.status)
