"""For each reader of vendors' pages a page on a calm day and one on a bad day, of vendors that do not exist.

A new kind belongs in this table: what every reader promises is tried on it, and so are all ways to damage a page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.checks.vendors.servers import KUMA, TILED, TILED3, TILES, beats, tiles
from tui_monitor.checks.craft.vendor.mapped import Parts, Weight
from tui_monitor.core.secret import Secret

Path = tuple[str | int, ...]

AT = {"url": "https://status.vendor.example"}
KEY = {"tenant": "meadow.example", "client_id": "c", "client_secret": Secret("s")}


@dataclass(frozen=True)
class Sample:
    """`calm` is operational. `bad` is as well in every word but those of the open incident at `row`.

    `carriers` are the places in `calm` without which it says nothing. `clears` are the keys of the row that say that
    it is over, or what it is at all: other words in these may well close it.

    `role` is which of several documents these are, where it is not the first, and `others` are some of the rest.
    """

    calm: Any
    bad: Any
    row: Path = ()
    carriers: tuple[Path, ...] = ()
    clears: frozenset[str] = frozenset()
    role: str | None = None
    others: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=lambda: AT)

    @property
    def bodies(self) -> tuple[bytes, bytes]:
        return spelt(self.calm), spelt(self.bad)


def spelt(data: Any) -> bytes:
    return data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode()


BEGUN, LATER = "2026-09-01T10:00:00Z", "2026-09-01T11:00:00Z"


def statuspage(**parts: Any) -> dict[str, Any]:
    page = {"id": "p4rc3l", "name": "Parcels & Co", "url": "https://status.parcels.example", "updated_at": LATER}
    part = {"id": "c1", "name": "Labels", "status": "operational", "group": False, "showcase": True, "group_id": None}
    status = {"indicator": "none", "description": "All Systems Operational"}
    rest = {"components": [part], "incidents": [], "scheduled_maintenances": []}
    return {"page": page, "status": status, **rest, **parts}


PARCELS = statuspage(
    incidents=[
        {
            "id": "i9",
            "name": "Labels come out slowly",
            "status": "monitoring",
            "impact": "major",
            "created_at": BEGUN,
            "updated_at": LATER,
            "started_at": BEGUN,
            "resolved_at": None,
            "shortlink": "https://stspg.example/i9",
            "components": [{"id": "c1", "name": "Labels"}],
            "incident_updates": [
                {"id": "u2", "status": "monitoring", "body": "New <b>ink</b>.", "display_at": LATER},
                {"id": "u1", "status": "investigating", "body": "Looking.", "display_at": BEGUN},
            ],
        }
    ]
)

CHATTER = {
    "status": "active",
    "date_created": BEGUN,
    "date_updated": LATER,
    "active_incidents": [
        {
            "id": 1201,
            "title": "Messages arrive twice",
            "type": "incident",
            "status": "active",
            "date_created": "2026-09-01T03:00:00-07:00",
            "date_updated": "2026-09-01T04:00:00-07:00",
            "url": "https://chatter.example/1201",
            "services": ["Messaging"],
            "notes": [{"date_created": "2026-09-01T03:00:00-07:00", "body": "We <i>know</i>."}],
        }
    ],
}

LEDGERS = [
    {
        "id": 20003001,
        "externalId": None,
        "affectsAll": False,
        "isCore": True,
        "message": {"pathToResolution": None, "actionPlan": None, "rootCause": None},
        "serviceKeys": ["coreService"],
        "instanceKeys": ["XX12"],
        "status": "Active",
        "type": "Degradation",
        "createdAt": BEGUN,
        "updatedAt": LATER,
        "IncidentImpacts": [
            {
                "id": 7,
                "type": "performanceDegradation",
                "severity": "major",
                "startTime": BEGUN,
                "endTime": None,
                "createdAt": BEGUN,
                "updatedAt": LATER,
            }
        ],
        "IncidentEvents": [{"id": 9, "type": "update", "message": "Pages load slowly.", "createdAt": BEGUN}],
    }
]


def forges(health: str) -> dict[str, Any]:
    places = [
        {"id": "US", "name": "United States", "health": health},
        {"id": "EU", "name": "Europe", "health": "healthy"},
    ]
    return {
        "lastUpdated": LATER,
        "status": {"health": "healthy", "message": "Everything is looking good"},
        "services": [{"id": "Pipelines", "geographies": places}],
    }


SKIES = {
    "value": [
        {
            "id": "/subscriptions/s/providers/Meadow.Health/events/BCD-123",
            "name": "BCD-123",
            "type": "/providers/Meadow.Health/events",
            "properties": {
                "eventType": "ServiceIssue",
                "eventSource": "ServiceHealth",
                "status": "Active",
                "title": "Clouds are late",
                "summary": "<p>We are looking.</p>",
                "header": "Your service might have been impacted",
                "level": "Warning",
                "eventLevel": "Error",
                "impactStartTime": BEGUN,
                "impactMitigationTime": "0001-01-01T00:00:00Z",
                "lastUpdateTime": LATER,
                "impact": [
                    {
                        "impactedService": "Virtual Meadows",
                        "impactedRegions": [
                            {
                                "impactedRegion": "East Hill 2",
                                "status": "Active",
                                "lastUpdateTime": LATER,
                                "updates": [],
                            }
                        ],
                    }
                ],
            },
        }
    ]
}

OFFICE = {
    "value": [
        {
            "id": "EX100001",
            "title": "Letters wait in the hall",
            "impactDescription": "Some letters may be late.",
            "classification": "incident",
            "origin": "microsoft",
            "status": "serviceDegradation",
            "service": "Letters Online",
            "feature": "Delivery",
            "featureGroup": "Delivery",
            "isResolved": False,
            "highImpact": None,
            "startDateTime": BEGUN,
            "endDateTime": None,
            "lastModifiedDateTime": LATER,
            "details": [],
            "posts": [
                {
                    "createdDateTime": BEGUN,
                    "postType": "regular",
                    "description": {"contentType": "html", "content": "<p>We look.</p>"},
                }
            ],
        }
    ]
}

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Quills - Incident History</title><link>https://status.quills.example</link>
<pubDate>Tue, 01 Sep 2026 11:00:00 +0000</pubDate>{}</channel></rss>"""
ITEM = """<item><title>Ink runs dry</title><description>&lt;p&gt;&lt;small&gt;Sep
&lt;var data-var='date'&gt;1&lt;/var&gt;, &lt;var data-var='time'&gt;10:00&lt;/var&gt; UTC&lt;/small&gt;&lt;br&gt;
&lt;strong&gt;Investigating&lt;/strong&gt; - We look for ink.&lt;/p&gt;</description>
<pubDate>Tue, 01 Sep 2026 10:00:00 +0000</pubDate><link>https://status.quills.example/incidents/q1</link>
<guid>https://status.quills.example/incidents/q1</guid></item>"""

HEIGHTS = [
    {
        "id": "h81gh7",
        "number": "1234567890",
        "begin": BEGUN,
        "created": BEGUN,
        "modified": LATER,
        "external_desc": "Ladders are too short",
        "updates": [
            {
                "created": BEGUN,
                "modified": BEGUN,
                "when": BEGUN,
                "text": "# Ladders\nWe are adding rungs.",
                "status": "SERVICE_DISRUPTION",
                "affected_locations": [{"title": "Top (top1)", "id": "top1"}],
            }
        ],
        "status_impact": "SERVICE_DISRUPTION",
        "severity": "medium",
        "service_key": "k1",
        "service_name": "Multiple Products",
        "affected_products": [{"title": "Ladders", "id": "l1"}],
        "uri": "incidents/h81gh7",
        "currently_affected_locations": [{"title": "Top (top1)", "id": "top1"}],
        "previously_affected_locations": [],
    }
]

CLOSED_HEIGHT = {**HEIGHTS[0], "id": "01d", "end": LATER}

RIVERS = [
    {
        "date": "1788256800",
        "arn": "arn:river:health:north-1::event/FLOW/FLOW_ISSUE_1",
        "region_name": "North",
        "status": "3",
        "service": "flow-north-1",
        "service_name": "Flow (North)",
        "summary": "[RISING] Water flows slowly",
        "event_log": [{"summary": "Slow water", "message": "We look.", "status": 2, "timestamp": 1788256800}],
        "impacted_services": {"flow-north-1": {"service_name": "Flow", "current": "3", "max": "3"}},
    }
]


def ongoing(*incidents: Any) -> dict[str, Any]:
    rest = {"in_progress_maintenances": [], "scheduled_maintenances": []}
    return {"page_title": "Kites", "page_url": "https://kites.example", "ongoing_incidents": list(incidents), **rest}


KITES = ongoing(
    {
        "id": "01KITE",
        "name": "Strings tangle",
        "status": "investigating",
        "url": "https://kites.example/incidents/01KITE",
        "last_update_at": LATER,
        "last_update_message": "We untangle.",
        "current_worst_impact": "partial_outage",
        "affected_components": [{"id": "k", "name": "Strings", "current_status": "partial_outage"}],
    }
)

LAMPS = {
    "page": {"name": "Lamps", "url": "https://lamps.example", "status": "UP"},
    "activeIncidents": [
        {
            "id": "l1",
            "name": "Lamps flicker",
            "started": BEGUN,
            "status": "INVESTIGATING",
            "impact": "MAJOROUTAGE",
            "url": "https://lamps.example/l1",
            "updatedAt": LATER,
        }
    ],
}


def mills(*incidents: Any) -> dict[str, Any]:
    part = {"id": "w", "name": "Wheel", "status": "Operational", "status_code": 100, "containers": []}
    overall = {"updated": LATER, "status": "Operational", "status_code": 100}
    rest = {"incidents": list(incidents), "maintenance": {"active": [], "upcoming": []}}
    return {"result": {"status_overall": overall, "status": [part], **rest}}


MILLS = mills(
    {
        "_id": "5f0000000000000000000001",
        "name": "The wheel stands still",
        "datetime_open": BEGUN,
        "messages": [{"details": "We push.", "state": 100, "status": 400, "datetime": BEGUN}],
        "containers_affected": [],
        "components_affected": [{"name": "Wheel", "_id": "w"}],
    }
)


def stacks(*included: Any) -> dict[str, Any]:
    names = {"company_name": "Hay", "company_url": "https://hay.example", "aggregate_state": "operational"}
    about = {"id": "1", "type": "status_page", "attributes": {**names, "updated_at": LATER}, "relationships": {}}
    part = {"public_name": "Barn", "status": "operational", "status_page_section_id": 3}
    section = {"id": "3", "type": "status_page_section", "attributes": {"name": "Farm", "position": 0}}
    return {
        "data": about,
        "included": [section, {"id": "2", "type": "status_page_resource", "attributes": part}, *included],
    }


HAY = stacks(
    {
        "id": "77",
        "type": "status_report",
        "attributes": {
            "title": "The barn door is stuck",
            "report_type": "manual",
            "starts_at": BEGUN,
            "ends_at": None,
            "aggregate_state": "downtime",
            "affected_resources": [{"status_page_resource_id": "2", "status": "downtime"}],
        },
        "relationships": {"status_updates": {"data": []}},
    }
)

PLAYS = {
    "status": [{"system": one, "status": "green"} for one in ("Apps", "Data", "Tools")],
    "incidents": [
        {
            "id": 2001,
            "title": "The curtain is stuck",
            "state": "open",
            "resolved": False,
            "created_at": BEGUN,
            "updated_at": LATER,
            "full_url": "https://plays.example/2001",
            "updates": [{"contents": "We pull.", "update_type": "issue", "created_at": BEGUN, "updated_at": BEGUN}],
        }
    ],
    "scheduled": [],
}


def brigade(*incidents: Any) -> dict[str, Any]:
    part = {"id": "e1", "name": "Engine", "conditions": []}
    return {
        "config": {"companyName": "Brigade", "title": "Brigade"},
        "conditions": {"Engine": "OPERATIONAL"},
        "components": [part],
        "incidents": list(incidents),
    }


BRIGADE = brigade(
    {
        "id": "b7",
        "title": "Hoses leak",
        "name": "Hoses leak",
        "severitySlug": "SEV2",
        "timestamps": {"started": BEGUN},
        "timeline": [{"id": "t", "type": "note", "occurredAt": BEGUN, "body": "We patch."}],
    }
)


def orchard(health: str) -> dict[str, Any]:
    return {
        "overall": {"state": "fine"},
        "trees": [{"name": "Pear", "state": "fine"}, {"name": "Plum", "state": health}],
    }


WORDS: dict[str, Weight] = {"fine": "operational", "rotten": "major"}
ORCHARD = {**AT, "status": "overall.state", "parts": Parts("trees", "name", "state"), "words": WORDS}

SAMPLES: dict[str, Sample] = {
    "aws_health": Sample([], RIVERS, (0,), ((),), frozenset({"status", "summary"})),
    "azure_devops": Sample(
        forges("healthy"),
        forges("unhealthy"),
        ("services", 0, "geographies", 0),
        ((), ("services",), ("services", 0, "geographies")),
    ),
    "azure_health": Sample(
        {"value": []}, SKIES, ("value", 0), ((), ("value",)), options={**KEY, "subscriptions": ("s",)}
    ),
    "better_stack": Sample(
        stacks(),
        HAY,
        ("included", 2),
        ((), ("data",), ("data", "attributes"), ("data", "attributes", "aggregate_state")),
        frozenset({"type"}),
    ),
    "cachet_status": Sample(tiles(), TILES, ("data", 0), ((), ("data",)), role="2 incidents", others=(TILED, TILED3)),
    "feed": Sample(FEED.format("").encode(), FEED.format(ITEM).encode()),
    "firehydrant": Sample(brigade(), BRIGADE, ("incidents", 0), ((), ("incidents",))),
    "google_cloud": Sample([CLOSED_HEIGHT], [*HEIGHTS, CLOSED_HEIGHT], (0,), ((),), frozenset({"end"})),
    "heroku": Sample({**PLAYS, "incidents": []}, PLAYS, ("incidents", 0), ((), ("status",), ("status", 0, "status"))),
    "incident_io": Sample(ongoing(), KITES, ("ongoing_incidents", 0), ((), ("ongoing_incidents",))),
    "instatus": Sample({"page": LAMPS["page"]}, LAMPS, ("activeIncidents", 0), ((), ("page",), ("page", "status"))),
    "json_status": Sample(
        orchard("fine"),
        orchard("rotten"),
        ("trees", 1),
        ((), ("overall",), ("overall", "state"), ("trees",), ("trees", 0, "state")),
        options=ORCHARD,
    ),
    "microsoft365": Sample({"value": []}, OFFICE, ("value", 0), ((), ("value",)), options=KEY),
    "salesforce": Sample([], LEDGERS, (0,), ((),)),
    "slack_status": Sample(
        {**CHATTER, "status": "ok", "active_incidents": []},
        CHATTER,
        ("active_incidents", 0),
        ((), ("active_incidents",)),
    ),
    "status_io": Sample(
        mills(),
        MILLS,
        ("result", "incidents", 0),
        ((), ("result",), ("result", "status_overall"), ("result", "status_overall", "status_code")),
    ),
    "statuspage": Sample(statuspage(), PARCELS, ("incidents", 0), ((), ("status",), ("status", "indicator"))),
    "uptime_kuma": Sample(beats(1), beats(0), ("heartbeatList", "5", 1), ((), ("heartbeatList",)), others=(KUMA,)),
}
