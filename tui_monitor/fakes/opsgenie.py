"""Opsgenie's Alert API, which takes a request at once and says only later, when it is asked, what came of it."""

from __future__ import annotations

import re
import ssl
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tui_monitor.fakes.http import Answer, Heard, Site, answer_json

_ONE = re.compile(r"/v2/alerts/(?P<name>[^/]+)(?:/(?P<what>[a-z]+))?")
_CREATED = {
    "message": 130,
    "alias": 512,
    "description": 15_000,
    "entity": 512,
    "source": 100,
    "user": 100,
    "note": 25_000,
    "priority": 2,
}
_OTHERS = ("responders", "visibleTo", "actions", "tags", "details")
_ACTED = {"user": 100, "source": 100, "note": 25_000}
_KINDS = ("team", "user", "schedule", "escalation")
_DOES = {"close": "Close", "acknowledge": "Acknowledge", "notes": "AddNote", "priority": "UpdatePriority"}


@dataclass
class Alert:
    """One alert, as people see it; `count` is how often it was created while it was open."""

    id: str
    alias: str
    message: str
    priority: str
    body: Mapping[str, Any] = field(default_factory=dict)
    status: str = "open"
    acknowledged: bool = False
    count: int = 1
    notes: list[dict[str, str]] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        names = ("id", "alias", "message", "priority", "status", "acknowledged", "count")
        return {**{name: getattr(self, name) for name in names}, "tinyId": self.id[:4]}


class Opsgenie(Site):
    """`async with Opsgenie() as genie`, then `genie.alerts` as they were made, `genie.alert(alias)` the last one.

    `lag` is how often it must be asked what came of a request before it knows; `may` is what its key may do.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        key: str = "fa4e0000-0000-4000-8000-000000000000",
        lag: int = 0,
        may: tuple[str, ...] = ("read", "create", "update"),
        tls: ssl.SSLContext | None = None,
        remembers: int | None = None,
    ) -> None:
        super().__init__(host, port, tls=tls, remembers=remembers)
        self.alerts: list[Alert] = []
        self.key, self.lag, self.may = key, lag, may
        self._came: dict[str, tuple[int, dict[str, Any]]] = {}

    def alert(self, name: str, by: str = "alias") -> Alert | None:
        """The open one of that name, or else the newest."""
        named = [one for one in self.alerts if name == (one.alias if by == "alias" else one.id)]
        still = [one for one in named if one.status == "open"]
        return next(reversed(still or named), None)

    def reply(self, heard: Heard) -> Answer:
        if heard.headers.get("authorization") != f"GenieKey {self.key}":
            return _answer({"message": "Could not authenticate"}, 403 if "authorization" in heard.headers else 401)
        path, method = heard.path, heard.method
        needs = "read" if method == "GET" else "create" if path == "/v2/alerts" else "update"
        if needs not in self.may:
            return _answer({"message": "You are not authorized to access this resource."}, 403)
        if method == "GET":
            return self._show(path, heard.query)
        if "json" not in heard.headers.get("content-type", "") or not isinstance(heard.json, dict):
            return _answer({"message": "Request body is not processable."}, 422)
        if (method, path) == ("POST", "/v2/alerts"):
            return self._create(heard.json)
        found = _ONE.fullmatch(path)
        if (
            found is None
            or found["what"] not in _DOES
            or method != ("PUT" if found["what"] == "priority" else "POST")
        ):
            return _answer({"message": "No such resource."}, 404)
        return self._act(found["what"], found["name"], heard.query.get("identifierType", "id"), heard.json)

    def _show(self, path: str, query: Mapping[str, str]) -> Answer:
        if path == "/v2/alerts":
            return _answer({"data": [one.plain() for one in self.alerts[::-1][: int(query.get("limit", 20))]]})
        if path.startswith("/v2/alerts/requests/"):
            return self._say(path.removeprefix("/v2/alerts/requests/"))
        found = _ONE.fullmatch(path)
        alert = self.alert(found["name"], query.get("identifierType", "id")) if found else None
        if found is None or alert is None or found["what"] not in (None, "notes"):
            return _answer({"message": "Alert does not exist."}, 404)
        if found["what"] == "notes":
            order = -1 if query.get("order", "desc") == "desc" else 1
            return _answer({"data": alert.notes[::order][: int(query.get("limit", 100))]})
        return _answer({"data": alert.plain()})

    def _say(self, request: str) -> Answer:
        left, came = self._came.get(request, (1, {}))
        if left > 0:
            self._came[request] = (left - 1, came)
            return _answer({"message": "Request not found. It might not be processed, yet."}, 404)
        return _answer({"data": came})

    def _create(self, body: dict[str, Any]) -> Answer:
        errors = _faults(body, _CREATED, _OTHERS)
        if errors:
            return _unprocessable(errors)
        fresh = uuid.uuid5(uuid.NAMESPACE_URL, f"{self.port}/{len(self.alerts)}")
        alias = body.get("alias") or str(fresh)
        alert = self.alert(alias)
        if alert is None or alert.status == "closed":
            alert = Alert(str(fresh), alias, body["message"], body.get("priority", "P3"), body)
            self.alerts.append(alert)
        else:
            alert.count += 1
        return self._took("Create", alert, "Created alert")

    def _act(self, what: str, name: str, by: str, body: dict[str, Any]) -> Answer:
        errors = _faults(body, {"priority": 2} if what == "priority" else _ACTED)
        if what == "notes" and not body.get("note", "").strip():
            errors["note"] = "Note can not be empty."
        if errors or by not in ("id", "alias", "tiny"):
            return _unprocessable(errors or {"identifierType": "Identifier type is not valid."})
        alert = self.alert(name, by)
        if alert is None or (what != "notes" and alert.status == "closed"):
            status = "Alert does not exist" if alert is None else "Alert is already closed"
            return self._took(_DOES[what], alert, status, done=False)
        if body.get("note"):
            alert.notes.append({"note": body["note"], "owner": body.get("user", "System")})
        alert.acknowledged = alert.acknowledged or what == "acknowledge"
        alert.status = "closed" if what == "close" else alert.status
        alert.priority = body.get("priority", alert.priority)
        return self._took(_DOES[what], alert, f"{_DOES[what]} done")

    def _took(self, action: str, alert: Alert | None, status: str, *, done: bool = True) -> Answer:
        request = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.port}/{len(self._came)}"))
        known = {"alertId": alert.id, "alias": alert.alias} if alert is not None else {}
        came = {"success": done, "isSuccess": done, "action": action, "status": status, **known}
        self._came[request] = (self.lag, came)
        return _answer({"result": "Request will be processed"}, 202, request)


def _answer(body: dict[str, Any], status: int = 200, request: str = "") -> Answer:
    return answer_json({**body, "took": 0.1, "requestId": request or str(uuid.UUID(int=0))}, status)


def _unprocessable(errors: Mapping[str, str]) -> Answer:
    return _answer(
        {"message": "Request body is not processable. Please check the errors.", "errors": dict(errors)}, 422
    )


def _faults(body: dict[str, Any], texts: Mapping[str, int], others: tuple[str, ...] = ()) -> dict[str, str]:
    """What is wrong with a body, by field."""
    found = {name: "Unknown field." for name in body if name not in texts and name not in others}
    for name, limit in texts.items():
        value = body.get(name, "")
        if not isinstance(value, str) or len(value) > limit:
            found[name] = f"Must be a text of at most {limit} characters."
    if "message" in texts and not str(body.get("message", "")).strip():
        found["message"] = "Message can not be empty."
    if "priority" in body and body["priority"] not in ("P1", "P2", "P3", "P4", "P5"):
        found["priority"] = "Priority should be one of [P1, P2, P3, P4, P5]."
    if not _are_tags(body.get("tags", [])):
        found["tags"] = "There may be 20 tags of 50 characters."
    details = body.get("details", {})
    if not isinstance(details, dict) or not all(isinstance(one, str) for one in details.values()):
        found["details"] = "Details must be texts."
    if not all(map(_is_responder, body.get("responders", []))):
        found["responders"] = "Responder must have a type, and an id or a name."
    return found


def _are_tags(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= 20
        and all(isinstance(one, str) and 0 < len(one) <= 50 for one in value)
    )


def _is_responder(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("type") not in _KINDS:
        return False
    return bool(value.get("id") or value.get("username" if value["type"] == "user" else "name"))
