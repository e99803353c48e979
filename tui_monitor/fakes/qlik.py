"""The banner of a Qlik Cloud tenant, refusing what the real one refuses; a person may write it too, `by_hand`."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tui_monitor.fakes.http import Answer, Heard, Site, answer_json

_NEEDED = {"enabled": bool, "message": str, "type": str, "startTime": str, "endTime": str, "linkEnabled": bool}
_OPTIONAL = {"linkUrl": str, "linkLabel": str}
_TYPES = ("info", "warning", "error", "resolved")
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
_URI = re.compile(r"[a-z][a-z0-9+.-]*:[!-~]+", re.IGNORECASE)

ID, TENANT = "507f191e810c19729de860ea", "q3VRZ4YMixRaLKEPhkZWM-XMIDN7cO8f"
USER, PERSON = "HCLZ8LDyuDIjOBVsXKlfM8PkmQdMQ2uX", "rQ1xPzUzBfUDeKqVv8oF1uYpA8sYbT2d"
UNAUTHORIZED = (401, "Unauthorized", "The operation failed due to unauthorized access.")
FORBIDDEN = (403, "Forbidden", "The operation failed due to insufficient permissions.")
MISSING = (404, "Not found", "The requested resource could not be found.")


class Qlik(Site):
    """`async with Qlik() as qlik`, then `qlik.shown`, `qlik.banner`, and `qlik.written` as it came.

    `roles` are those of the user whose key it is, `group_roles` what its groups add.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        key: str = "qlik-key",
        roles: Sequence[str] = ("TenantAdmin",),
        group_roles: Sequence[str] = (),
        tls: ssl.SSLContext | None = None,
        remembers: int | None = None,
    ) -> None:
        super().__init__(host, port, tls=tls, remembers=remembers)
        self.key = key
        self.roles, self.group_roles = roles, group_roles
        self.banner: dict[str, Any] | None = None
        self.written: list[dict[str, Any]] = []

    @property
    def shown(self) -> str:
        """The words that stand in the banner, however long they still may; empty where none is enabled."""
        return str(self.banner["message"]) if self.banner is not None and self.banner["enabled"] else ""

    def by_hand(self, message: str, start: str, end: str, **more: Any) -> None:
        """What a person makes of the banner, in the console."""
        usual = {"enabled": True, "type": "info", "linkEnabled": False}
        self._put({**usual, "message": message, "startTime": start, "endTime": end, **more}, PERSON)

    def keep(self, heard: Heard) -> None:
        super().keep(heard)
        self.forget(self.written)

    def reply(self, heard: Heard) -> Answer:
        if heard.headers.get("authorization", "") != f"Bearer {self.key}":
            return refuse(*UNAUTHORIZED)
        match heard.method, heard.path:
            case "GET", "/api/v1/banners":
                return refuse(*MISSING) if self.banner is None else answer_json(self.banner)
            case "POST", "/api/v1/banners/actions/upsert":
                return self._upsert(heard)
            case "GET", "/api/v1/users/me":
                query = heard.target.partition("?")[2]
                return Answer(307, {"Location": f"/api/v1/users/{USER}{query and '?'}{query}"})
            case "GET", path if path == f"/api/v1/users/{USER}":
                return answer_json(self._user(heard.query.get("fields", "").split(",")))
        return refuse(*MISSING)

    def _user(self, wanted: Sequence[str]) -> dict[str, Any]:
        group = {"id": "605a18af2ab08cdbfad09260", "name": "Monitors", "assignedRoles": _spelt(self.group_roles)}
        whole = {"assignedRoles": _spelt(self.roles), "assignedGroups": [group]}
        return {"id": USER, **{name: value for name, value in whole.items() if name in wanted}}

    def _upsert(self, heard: Heard) -> Answer:
        if "TenantAdmin" not in (*self.roles, *self.group_roles):
            return refuse(*FORBIDDEN)
        given = heard.json if heard.body and "json" in heard.headers.get("content-type", "") else None
        wrong = next(_faults(given), "") if isinstance(given, dict) else "The data in the JSON payload is malformed."
        if wrong or given is None:
            return refuse(400, "Bad request", wrong)
        self.written.append(given)
        return answer_json(self._put(given, USER), 201)

    def _put(self, given: Mapping[str, Any], by: str) -> dict[str, Any]:
        now, before = _stamp(datetime.now(UTC)), self.banner or {}
        times = {name: _stamp(datetime.fromisoformat(given[name])) for name in ("startTime", "endTime")}
        born = {"createdAt": before.get("createdAt", now), "createdBy": before.get("createdBy", by)}
        self.banner = {"id": ID, "tenantId": TENANT, **given, **times, **born, "updatedAt": now, "updatedBy": by}
        return self.banner


def refuse(status: int, title: str, detail: str) -> Answer:
    error = {"code": f"HTTP-{status}", "title": title, "detail": detail, "status": status}
    return answer_json({"errors": [error], "traceId": "000000000000000079d76b13c06f0f86"}, status)


def _faults(given: Mapping[str, Any]) -> Iterator[str]:
    """Everything that is wrong with a banner, the first of it first."""
    known = {**_NEEDED, **_OPTIONAL}
    yield from (f"property {name!r} is missing" for name in _NEEDED if name not in given)
    yield from (f"property {name!r} is unsupported" for name in given if name not in known)
    yield from (f"{name} must be a {known[name].__name__}" for name in given if type(given[name]) is not known[name])
    if given["type"] not in _TYPES:
        yield f"type must be one of {', '.join(_TYPES)}"
    if not given["message"].strip():
        yield "message must not be empty"
    moments = [_moment(given[name]) for name in ("startTime", "endTime")]
    if None in moments:
        yield "startTime and endTime must be date-times in UTC"
    elif moments[1] <= moments[0]:  # type: ignore[operator]  # neither is None
        yield "endTime must be after startTime"
    if "linkUrl" in given and not _URI.fullmatch(given["linkUrl"]):
        yield "linkUrl must be a URI"
    if given["linkEnabled"] and "linkUrl" not in given:
        yield "linkUrl is required where linkEnabled is true"


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if _UTC.fullmatch(text) else None
    except ValueError:
        return None


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _spelt(roles: Sequence[str]) -> list[dict[str, str]]:
    return [{"id": f"605a18af2ab08cdbfad0925{n}", "name": name, "type": "default"} for n, name in enumerate(roles)]
