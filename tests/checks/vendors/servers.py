"""Samples of the pages of servers that people run themselves: a Cachet, and an Uptime Kuma."""

from __future__ import annotations

from typing import Any


def tiles(*incidents: Any) -> dict[str, Any]:
    paging = {"pagination": {"total": len(incidents), "count": len(incidents), "per_page": 20, "current_page": 1}}
    return {"meta": {"pagination": {**paging["pagination"], "total_pages": 1, "links": {}}}, "data": list(incidents)}


TILES = tiles(
    {
        "id": 4,
        "component_id": 0,
        "name": "Tiles fall",
        "status": 1,
        "human_status": "Investigating",
        "is_resolved": False,
        "message": "We look up.",
        "visible": 1,
        "stickied": False,
        "occurred_at": "2026-09-01 10:00:00",
        "created_at": "2026-09-01 10:00:00",
        "updated_at": "2026-09-01 11:00:00",
        "deleted_at": None,
        "updates": [],
        "latest_status": 1,
        "latest_human_status": "Investigating",
        "permalink": "https://tiles.example/incidents/4",
    }
)

TILED = tiles({"id": 2, "name": "Roof", "status": 1, "status_name": "Operational", "enabled": True, "group_id": 0})
TILED3 = {
    "data": [
        {
            "id": "2",
            "type": "components",
            "attributes": {"name": "Roof", "status": {"human": "Operational", "value": 1}, "enabled": True},
        }
    ],
    "links": {"first": None, "last": None, "prev": None, "next": None},
    "meta": {"current_page": 1, "from": 1, "path": "x", "per_page": 15, "to": 1},
}
KUMA = {
    "config": {"slug": "pond", "title": "Pond"},
    "incidents": [
        {
            "id": 3,
            "style": "danger",
            "title": "The frog is away",
            "content": "We *call* it.",
            "pin": True,
            "active": True,
            "createdDate": "2026-09-01 10:00:00",
            "lastUpdatedDate": None,
        }
    ],
    "publicGroupList": [{"id": 1, "name": "Reeds", "weight": 1, "monitorList": [{"id": 5, "name": "Frog"}]}],
    "maintenanceList": [
        {
            "id": 1,
            "title": "New water",
            "description": "Wet.",
            "status": "scheduled",
            "timeslotList": [{"startDate": "2026-09-02 10:00:00", "endDate": "2026-09-02 11:00:00"}],
        }
    ],
}


def beats(status: int) -> dict[str, Any]:
    beat = {"status": status, "time": "2026-09-01 11:59:00.000", "msg": "", "ping": 12}
    return {
        "heartbeatList": {"5": [{**beat, "status": 1, "time": "2026-09-01 11:58:00.000"}, beat]},
        "uptimeList": {"5_24": 1},
    }
