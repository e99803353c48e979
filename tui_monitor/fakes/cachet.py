"""What two generations of Cachet have in common: what stands on a status page, and how a request is read.

`cachet2` and `cachet3` are the servers. What is here is a page in memory that tests may look into, and change behind
everybody's back as a person would.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from tui_monitor.fakes.http import Heard, Site

Row = dict[str, Any]
FIXED = 4
TOKEN = "cachet-token"  # noqa: S105 - of a server that keeps nothing


class Refused(Exception):
    """A request that is answered with an error: its status, and what is wrong in so many sentences."""

    def __init__(self, status: int, *wrong: str) -> None:
        super().__init__(*wrong)
        self.status = status
        self.wrong = wrong


class Table(dict[int, Row]):
    """Rows by their numbers; that of a row which was deleted is not given again."""

    last = 0

    def add(self, **values: Any) -> Row:
        self.last += 1
        self[self.last] = {"id": self.last, **values}
        return self[self.last]


@dataclass
class Page:
    """What stands on the page. `mails` are those that its subscribers were sent."""

    components: Table = field(default_factory=Table)
    groups: Table = field(default_factory=Table)
    incidents: Table = field(default_factory=Table)
    updates: Table = field(default_factory=Table)
    metrics: Table = field(default_factory=Table)
    points: Table = field(default_factory=Table)
    mails: list[str] = field(default_factory=list)

    def updates_of(self, incident: int) -> list[Row]:
        return [one for one in self.updates.values() if one["incident_id"] == incident]


class Cachet(Site):
    """A Cachet with a page of its own. `zone` is how many hours its clock is ahead of UTC."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        token: str = TOKEN,
        zone: int = 0,
        remembers: int | None = None,
    ) -> None:
        super().__init__(host, port, remembers=remembers)
        self.token = token
        self.page = Page()
        self.zone = zone
        self.at: datetime | None = None
        """What its clock shows, where that is held still."""

    def keep(self, heard: Heard) -> None:
        super().keep(heard)
        self.forget(self.page.incidents, self.page.updates, self.page.points, self.page.mails)

    def clock(self, at: datetime | None = None) -> str:
        """A moment as it is written there: by its own clock, without a zone."""
        return f"{(at or self.at or datetime.now(UTC)) + timedelta(hours=self.zone):%Y-%m-%d %H:%M:%S}"

    def component(self, name: str, *, status: int = 1, link: str = "", group: str = "", enabled: bool = True) -> int:
        """One more component, put there by a person; its number."""
        number = self._group(group) if group else 0
        now = self.clock()
        row = self.page.components.add(
            name=name,
            description="",
            link=link,
            status=status,
            order=0,
            group_id=number,
            enabled=enabled,
            meta=None,
            tags={},
            created_at=now,
            updated_at=now,
        )
        return int(row["id"])

    def _group(self, name: str) -> int:
        known = [number for number, row in self.page.groups.items() if row["name"] == name]
        return known[0] if known else int(self.page.groups.add(name=name, order=0)["id"])

    def metric(self, name: str, *, suffix: str = "ms", threshold: int = 5) -> int:
        """One more metric, put there by a person; its number."""
        row = self.page.metrics.add(name=name, suffix=suffix, threshold=threshold, default_value=0)
        return int(row["id"])

    def status_of(self, component: int) -> int:
        return int(self.page.components[component]["status"])

    def put_point(self, metric: int, values: Mapping[str, Any], wrong: str) -> Row:
        """A point in half a minute; the same value again within the threshold only raises its counter."""
        value = number_of(values.get("value"))
        if value is None:
            raise Refused(400, wrong)
        stamp = values.get("timestamp")
        if stamp is not None and not str(stamp).isdigit():
            raise Refused(400, "The timestamp is not a number of seconds.")
        at = datetime.fromtimestamp(int(stamp), UTC) if stamp is not None else datetime.now(UTC)
        half = at - timedelta(seconds=at.second % 30, microseconds=at.microsecond)
        when, before = self.clock(half), half - timedelta(minutes=self.page.metrics[metric]["threshold"])
        for point in self.page.points.values():
            same = (point["metric_id"], point["value"]) == (metric, value)
            if same and self.clock(before) < point["created_at"] <= when:
                point["counter"] += 1
                return point
        return self.page.points.add(metric_id=metric, value=value, counter=1, created_at=when, updated_at=when)


def values_of(heard: Heard) -> Row:
    """What a request says, in its query, a form or JSON, as PHP gathers it."""
    kind = heard.headers.get("content-type", "")
    body: Any = {}
    if "json" in kind and heard.body:
        body = heard.json
        if not isinstance(body, dict):
            raise Refused(400, "The body is no object.")
    elif "urlencoded" in kind:
        body = dict(parse_qsl(heard.body.decode(), keep_blank_values=True))
    return {**heard.query, **body}


def whole(value: Any, allowed: Iterable[int]) -> int | None:
    """A whole number of those that are allowed, also one that is written as text; else None."""
    if isinstance(value, bool) or not str(value).isdigit() or not str(value).isascii():
        return None
    return int(value) if int(value) in allowed else None


def number_of(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def is_boolean(value: Any) -> bool:
    """What Laravel takes for one; the word "True" is none."""
    return value in (True, False, 0, 1, "0", "1")
