"""PagerDuty's Events API with one service behind it, which refuses what the real one refuses, in its words."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tui_monitor.fakes.http import Answer, Heard, Site, answer_json

LARGEST = 512 * 1024
_SEVERITIES = ("critical", "error", "warning", "info")
_KNOWN = {"routing_key", "event_action", "dedup_key", "payload", "images", "links", "client", "client_url"}
_TEXTS = ("component", "group", "class")


@dataclass
class Alert:
    """One alert, as people see it; `pages` counts how often somebody was called for it."""

    key: str
    summary: str
    severity: str
    status: str = "triggered"
    pages: int = 0
    log: list[dict[str, Any]] = field(default_factory=list)


class PagerDuty(Site):
    """`async with PagerDuty() as duty`, then `duty.alerts` by their keys, and `duty.events` as they came."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        key: str = "R0FAKE0FAKE0FAKE0FAKE0FAKE0FAKE0",
        tls: ssl.SSLContext | None = None,
        remembers: int | None = None,
    ) -> None:
        super().__init__(host, port, tls=tls, remembers=remembers)
        self.alerts: dict[str, Alert] = {}
        self.events: list[dict[str, Any]] = []
        self.key = key

    def reply(self, heard: Heard) -> Answer:
        if heard.path != "/v2/enqueue" or heard.method != "POST":
            return Answer(404)
        if len(heard.body) > LARGEST:
            return Answer(413)
        if "json" not in heard.headers.get("content-type", ""):
            return _refused(["Request body is not JSON"])
        event = heard.json
        wrong = _faults(event) if isinstance(event, dict) else ["Event object is invalid"]
        if not wrong and event["routing_key"] != self.key:
            wrong = ["Invalid routing key"]
        if wrong:
            return _refused(wrong)
        return self._take(event)

    def keep(self, heard: Heard) -> None:
        super().keep(heard)
        self.forget(self.alerts, self.events, *(one.log for one in self.alerts.values()))

    def _take(self, event: dict[str, Any]) -> Answer:
        self.events.append(event)
        key, action = event.get("dedup_key") or f"made-{self.count}", event["event_action"]
        alert = self.alerts.get(key)
        if action == "trigger" and (alert is None or alert.status == "resolved"):
            payload = event["payload"]
            alert = self.alerts[key] = Alert(key, payload["summary"], payload["severity"], pages=1)
        elif alert is not None and alert.status != "resolved" and action != "trigger":
            alert.status = {"acknowledge": "acknowledged", "resolve": "resolved"}[action]
        if alert is not None:
            alert.log.append(event)
        return answer_json({"status": "success", "message": "Event processed", "dedup_key": key}, 202)


def _refused(errors: list[str]) -> Answer:
    return answer_json({"status": "invalid event", "message": "Event object is invalid", "errors": errors}, 400)


def _faults(event: dict[str, Any]) -> list[str]:
    """Everything that is wrong with an event."""
    found = [f"'{name}' is unknown" for name in sorted(set(event) - _KNOWN)]
    routing = event.get("routing_key")
    if not isinstance(routing, str) or len(routing) != 32:
        found.append("Length of 'routing_key' is incorrect (should be 32 characters)")
    if not isinstance(routing, str) or not routing.isalnum():
        found.append("'routing_key' cannot contain non-alphanumeric characters.")
    action, key = event.get("event_action"), event.get("dedup_key")
    if action not in ("trigger", "acknowledge", "resolve"):
        found.append("'event_action' is missing or blank")
    if not isinstance(key, str | None) or len(key or "") > 255:
        found.append("'dedup_key' is longer than 255 characters")
    if action in ("acknowledge", "resolve") and not key:
        found.append("'dedup_key' is missing or blank")
    if action == "trigger" or "payload" in event:
        found += _faults_of(event.get("payload"))
    links = event.get("links", [])
    if not isinstance(links, list) or not all(isinstance(one, dict) and _is_link(one.get("href")) for one in links):
        found.append("'links' is invalid")
    return found


def _faults_of(payload: Any) -> list[str]:
    if not isinstance(payload, dict):
        return ["'payload' is missing or blank"]
    needed = ("summary", "source", "severity")
    found = [f"'payload.{name}' is missing or blank" for name in needed if not str(payload.get(name) or "").strip()]
    if len(str(payload.get("summary", ""))) > 1024:
        found.append("'payload.summary' is longer than 1024 characters")
    if payload.get("severity") not in _SEVERITIES:
        found.append("'payload.severity' is invalid (must be 'critical', 'warning', 'error' or 'info')")
    found += [f"'payload.{name}' is invalid" for name in _TEXTS if not isinstance(payload.get(name, ""), str)]
    if not _is_time(payload.get("timestamp", "2026-01-01T00:00:00Z")):
        found.append("'payload.timestamp' is invalid")
    if not isinstance(payload.get("custom_details", {}), dict):
        found.append("'payload.custom_details' is invalid")
    return found


def _is_link(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def _is_time(value: Any) -> bool:
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\dT", value):
        return False
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
