"""Feeds of AWS and Google Cloud, which write several entries of one incident, and the words of incident.io."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape

import pytest

from tests.checks.vendors.recordings import NOW
from tui_monitor import checks
from tui_monitor.core.model import Reading
from tui_monitor.core.status import Status

GOOGLE = "https://status.cloud.google.com"


def amazon(*entries: tuple[str, str, int]) -> Reading:
    """Entries by title, service and minutes since they were written, newest first as AWS lists them."""
    items = "".join(
        f"<item><title><![CDATA[{title}]]></title><link>http://status.aws.amazon.com/</link>"
        f"<pubDate>{(NOW - timedelta(minutes=ago)).strftime('%a, %d %b %Y %H:%M:%S')} GMT</pubDate>"
        f'<guid isPermaLink="false">http://status.aws.amazon.com/#{service}_{10_000 - ago}</guid>'
        f"<description>Words of {ago} minutes ago</description></item>"
        for title, service, ago in entries
    )
    head = "<title>Amazon Kites (Atlantis) Service Status</title><link>http://status.aws.amazon.com/</link>"
    body = f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'
    return checks.read("feed", body.encode(), now=NOW)


def google(*entries: tuple[str, str, int], link: str = "/incidents/") -> Reading:
    items = "".join(
        f"<entry><title>{title}</title><link href='{GOOGLE}{link}{ref if link else ''}'/><id>tag:{ref}.{ago}</id>"
        f"<updated>{(NOW - timedelta(minutes=ago)).isoformat()}</updated>"
        f"<summary type='html'>{escape('<p>Incident began at <strong>09-01 01:14</strong></p>')}</summary></entry>"
        for title, ref, ago in entries
    )
    head = f"<title>Google Cloud Service Health Updates</title><link href='{GOOGLE}/'/>"
    return checks.read("feed", f"<feed xmlns='http://www.w3.org/2005/Atom'>{head}{items}</feed>".encode(), now=NOW)


@pytest.mark.parametrize(
    ("title", "right"),
    [
        ("Service disruption: Kites are falling", Status.MAJOR),
        ("Performance issues: Kites are low", Status.DEGRADED),
        ("Informational message: Kites are watched", Status.OPERATIONAL),
    ],
)
def test_an_entry_of_amazon_is_open_until_one_of_its_service_says_otherwise(title: str, right: Status):
    reading = amazon((title, "kites-atlantis-1", 5), ("Informational message: Wind", "kites-atlantis-1", 30))
    (said,) = reading.incidents or ()
    assert (reading.status, said.title, said.status) == (right, title, right)
    assert said.started_at == NOW - timedelta(minutes=30)
    assert [one.text for one in said.updates] == ["Words of 30 minutes ago", "Words of 5 minutes ago"]


def test_what_amazon_has_resolved_is_over_with_all_that_came_before():
    well = "Service is operating normally: [RESOLVED] Kites were falling"
    reading = amazon((well, "kites-atlantis-1", 5), ("Service disruption: Kites fall", "kites-atlantis-1", 30))
    assert (reading.status, reading.incidents) == (Status.OPERATIONAL, ())
    assert [(one.title, len(one.updates)) for one in reading.over] == [(well, 2)]


def test_what_follows_what_is_over_at_amazon_is_another_incident():
    well = "Service is operating normally: [RESOLVED] Kites were falling"
    entries = [
        ("Performance issues: Again", "kites-atlantis-1", 5),
        (well, "kites-atlantis-1", 60),
        ("Service disruption: Kites fall", "kites-atlantis-1", 90),
    ]
    reading = amazon(*entries)
    assert [(one.title, len(one.updates)) for one in reading.incidents or ()] == [("Performance issues: Again", 1)]
    assert len(reading.over) == 1
    assert amazon(*reversed(entries)).incidents == reading.incidents


def test_one_service_of_amazon_says_nothing_of_another():
    well = "Service is operating normally: [RESOLVED] Kites were falling"
    reading = amazon((well, "kites-atlantis-1", 5), ("Service disruption: Boats sink", "boats-atlantis-1", 30))
    assert [one.title for one in reading.incidents or ()] == ["Service disruption: Boats sink"]


def test_an_incident_of_amazon_keeps_its_name_while_it_goes_on():
    first = amazon(("Informational message: Wind", "kites-atlantis-1", 30))
    later = amazon(
        ("Service disruption: Fall", "kites-atlantis-1", 5), ("Informational message: Wind", "kites-atlantis-1", 30)
    )
    assert [one.ref for one in first.incidents or ()] == [one.ref for one in later.incidents or ()]


def test_an_incident_of_google_is_open_until_its_newest_entry_resolves_it():
    reading = google(("UPDATE: Kites are late", "Kx1", 5), ("UPDATE: Kites may be late", "Kx1", 30))
    (said,) = reading.incidents or ()
    assert (said.title, said.ref, said.status) == (
        "UPDATE: Kites are late",
        f"{GOOGLE}/incidents/Kx1",
        Status.DEGRADED,
    )
    reading = google(("RESOLVED: Kites are late", "Kx1", 5), ("UPDATE: Kites are late", "Kx1", 30))
    assert (reading.status, reading.incidents, len(reading.over)) == (Status.OPERATIONAL, (), 1)


def test_entries_of_google_that_lead_nowhere_of_their_own_are_not_one():
    reading = google(("RESOLVED: Kites are late", "Kx1", 5), ("UPDATE: Boats are late", "Kx2", 30), link="")
    assert [one.title for one in reading.incidents or ()] == ["UPDATE: Boats are late"]
    assert reading.reach == datetime.fromtimestamp((NOW - timedelta(minutes=30)).timestamp(), UTC)


@pytest.mark.parametrize(
    ("state", "place"), [("in progress", 0), ("scheduled", 1), ("complete", 2), ("completed", 2)]
)
def test_maintenance_in_the_words_of_incident_io_is_maintenance(state: str, place: int):
    begins = NOW + timedelta(days=1 if state == "scheduled" else -1)
    item = (
        f"<item><title>New string</title><pubDate>{begins:%a, %d %b %Y %H:%M:%S} GMT</pubDate><guid>a</guid>"
        f"<description>{escape(f'<b>Status: Maintenance {state}</b><br/>Words.')}</description></item>"
    )
    body = f"<rss version='2.0'><channel><title>Kites</title>{item}</channel></rss>"
    reading = checks.read("feed", body.encode(), now=NOW)
    lists = [reading.incidents or (), reading.maintenances, reading.over]
    assert [[one.maintenance for one in some] for some in lists] == [[True] * (place == at) for at in range(3)]
    assert reading.status == (Status.MAINTENANCE if place == 0 else Status.OPERATIONAL)
