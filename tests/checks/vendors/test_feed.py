"""Feeds: RSS 2.0, RSS 1.0 and Atom, of a past or of the present, recorded and made up."""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.checks.vendors.feeds import atom, entry, item, listed, read, rss, update
from tests.checks.vendors.recordings import NOW, each, expected, recording
from tui_monitor.checks.feed import Feed
from tui_monitor.core.listed import weigh_list
from tui_monitor.core.model import Belief, Kind, Patience
from tui_monitor.core.status import Status


class TestWhatWasRecorded:
    @each("rss_feeds")
    def test_is_read_rightly(self, name: str):
        right: Mapping[str, Any] = expected()[name]
        reading = read(recording(name))
        if right["active"] == "undecidable":
            assert (reading.status, reading.incidents) == (Status.UNKNOWN, ())
            return
        found = [(one.title, one.maintenance) for one in listed(reading)]
        assert found == [(one["title"], one["maintenance"]) for one in right["active"]]
        assert len(reading.over) == right["entries"] - len(found)
        assert not reading.maintenances
        closed_late = [one["title"] for one in right["resolved_but_first_strong_says_otherwise"]]
        assert set(closed_late) <= {one.title for one in reading.over}
        for one in listed(reading):
            (said,) = [said for said in right["active"] if said["title"] == one.title]
            published = datetime.fromisoformat(said["published"])
            assert (one.started_at if one.maintenance else one.updated_at) == published
        outages = [one for one in right["active"] if not one["maintenance"]]
        assert reading.status is (Status.DEGRADED if outages else Status.OPERATIONAL)

    def test_each_update_has_its_words_and_its_time(self):
        (said,) = listed(read(recording("rss_feeds/github_history_2025-09-15_ongoing.atom")))
        assert [one.at for one in said.updates] == [
            datetime(2025, 9, 13, 12, 44, tzinfo=UTC),
            datetime(2025, 9, 13, 12, 49, tzinfo=UTC),
            datetime(2025, 9, 13, 22, 39, tzinfo=UTC),
        ]
        assert said.state == "Investigating"
        assert not any("<" in one.text or "&" in one.text for one in said.updates)

    def test_a_window_of_planned_work_is_read_from_its_words(self):
        feed = recording("rss_feeds/github_history_2023-02-08_ongoing.atom")
        (planned,) = [one for one in listed(read(feed)) if one.maintenance]
        assert planned.started_at == datetime(2023, 2, 8, 22, tzinfo=UTC)
        assert planned.until == datetime(2023, 2, 9, 13, tzinfo=UTC)
        before = read(feed, now=datetime(2023, 2, 8, 12, tzinfo=UTC))
        assert [one.title for one in before.maintenances] == [planned.title]
        assert before.status is Status.DEGRADED


class TestWhenItIsOver:
    @pytest.mark.parametrize("word", ["Resolved", "RESOLVED", "Completed", "resolved.", "Postmortem", "Cancelled"])
    def test_any_update_that_says_so_is_enough(self, word: str):
        reading = read(
            atom(entry(update("Update", clock="10:30"), update(word), update("Investigating", clock="09:00")))
        )
        assert (reading.status, reading.incidents) == (Status.OPERATIONAL, ())
        assert [one.ref for one in reading.over] == ["tag:p.example:i1"]

    @pytest.mark.parametrize(
        "description",
        [
            "<strong>RESOLVED</strong> - <p>It is over.</p>",
            "<b>Status: Resolved</b><br/>Well.<br/><b>Affected components</b><ul><li>API (Operational)</li></ul>",
            html.escape("<p><strong>Resolved</strong> - twice escaped</p>"),
            "<p><b>Type:</b> Incident</p><strong>Investigating</strong> - a<br><strong>Resolved</strong> - b",
            "Type: Incident\nDuration: 1 hour\n Sep 1, 09:00:00 GMT+0 - Investigating - We look. "
            "Sep 1, 10:01:05 GMT+0 - Resolved - Done.",
            "It was slow. - Resolved - It is quick.",
            "Resolved - It is quick.",
            "Status: resolved",
        ],
    )
    @pytest.mark.parametrize("cdata", [False, True])
    def test_in_whichever_way_it_is_written(self, description: str, cdata: bool):
        reading = read(rss(item(description, cdata=cdata)))
        assert (reading.status, reading.incidents, len(reading.over)) == (Status.OPERATIONAL, (), 1)

    @pytest.mark.parametrize("title", ["[RESOLVED] Slow labels", "RESOLVED: Slow labels", "Slow labels - Resolved"])
    def test_the_title_may_say_so(self, title: str):
        assert read(rss(item("Words.", title=title))).incidents == ()

    @pytest.mark.parametrize(
        "words",
        [
            "We hope to have this resolved soon.",
            "The problem of Monday was resolved, this one is new.",
            "Steps:<br>- Completed: Europe<br>- Completed: Asia",
            "This is not resolved - we go on.",
        ],
    )
    def test_words_within_a_sentence_say_nothing(self, words: str):
        reading = read(atom(entry(update("Investigating", words))))
        assert [one.title for one in listed(reading)] == ["Slow labels"]
        assert reading.status is Status.DEGRADED

    def test_the_end_is_when_it_says_so(self):
        (said,) = read(atom(entry(update("Resolved", clock="10:20"), update("Identified", clock="09:50")))).over
        assert said.started_at == datetime(2026, 9, 1, 9, 50, tzinfo=UTC)
        assert said.until == datetime(2026, 9, 1, 10, 30, tzinfo=UTC)
        assert said.state.lower() == "resolved"


class TestWhatIsOpen:
    def test_has_the_least_weight_where_none_is_said(self):
        (said,) = listed(read(atom(entry(update("Monitoring", clock="10:20"), update("Investigating")))))
        assert (said.status, said.state) == (Status.DEGRADED, "Monitoring")
        assert [one.state for one in said.updates] == ["Investigating", "Monitoring"]

    @pytest.mark.parametrize(
        ("title", "more", "status"),
        [
            ("Major outage of labels", "", "major"),
            ("Partial outage", "", "partial"),
            (
                "Labels",
                "<b>Affected components</b><ul><li>Labels (Partial outage)</li><li>API (Operational)</li></ul>",
                "partial",
            ),
            ("Labels", "<p><strong>Impact:</strong> critical</p>", "major"),
        ],
    )
    def test_has_the_weight_that_it_names(self, title: str, more: str, status: str):
        assert read(atom(entry(update("Investigating"), more, title=title))).status == status

    def test_names_the_components_that_it_lists(self):
        affected = "<b>Affected components</b><ul><li>Labels (Degraded performance)</li><li>API</li></ul>"
        (said,) = listed(read(atom(entry("<b>Status: Identified</b><br/>A cable.<br/>", affected))))
        assert said.components == ("Labels", "API")
        assert (said.state, said.update) == ("Identified", "A cable.")

    def test_with_a_word_of_its_own_is_of_unknown_weight(self):
        reading = read(atom(entry(update("Triaging"))))
        assert [one.status for one in listed(reading)] == [Status.UNKNOWN]
        assert reading.status is Status.UNKNOWN

    def test_what_says_nothing_of_its_state_is_neither_an_outage_nor_well(self):
        reading = read(atom(entry("Words about something."), entry(update("Resolved"), ref="i2")))
        assert (reading.status, reading.incidents) == (Status.UNKNOWN, ())
        assert reading.message == "its feed does not say whether 'Slow labels' is over"

    def test_an_entry_without_anything_is_not_lost(self):
        assert read(atom("<entry/>")).status is Status.UNKNOWN

    def test_beside_an_outage_it_hides_nothing(self):
        reading = read(atom(entry("Words."), entry(update("Identified"), ref="i2", title="No labels")))
        assert (reading.status, reading.message) == (Status.DEGRADED, "No labels")

    def test_a_script_is_not_shown_and_markup_is_gone(self):
        text = "it <em>works</em> &amp; <script>alert(1)</script>goes <a href='https://x.example'>on</a><br />well"
        (said,) = listed(read(atom(entry(update("Update", text)))))
        assert said.update == "it works & goes on\nwell"

    def test_xhtml_is_read_like_escaped_html(self):
        content = '<content type="xhtml"><div><p><strong>Resolved</strong> - a &lt;em&gt; c</p></div></content>'
        (said,) = read(atom(f"<entry><id>1</id><title>T</title>{content}</entry>")).over
        assert said.update == "a <em> c"

    def test_a_link_that_is_no_web_address_is_left_out(self):
        (said,) = listed(read(rss(item(update("Update"), link="javascript:alert(1)"))))
        assert said.url == ""

    @pytest.mark.parametrize(
        ("date", "clock", "published", "at"),
        [
            ("Dec 31", "23:50", "2026-01-01T00:10:00Z", datetime(2025, 12, 31, 23, 50, tzinfo=UTC)),
            ("Jan 1", "00:10", "2025-12-31T23:50:00Z", datetime(2026, 1, 1, 0, 10, tzinfo=UTC)),
            ("Feb 30", "00:10", "2026-02-28T00:00:00Z", None),
        ],
    )
    def test_the_year_is_the_nearest(self, date: str, clock: str, published: str, at: datetime | None):
        (said,) = listed(read(atom(entry(update("Update", date=date, clock=clock), published=published))))
        assert said.updates[0].at == at

    @pytest.mark.parametrize(
        ("zone", "hour"), [("CET", 11), ("PDT", 19), ("GMT+1", 11), ("UTC+05:30", 7), ("-0200", 14), ("XYZ", None)]
    )
    def test_a_zone_is_heeded_and_none_is_guessed(self, zone: str, hour: int | None):
        text = f"<small>Sep 1, 12:30 {zone}</small><br><strong>Update</strong> - a"
        (said,) = listed(read(atom(entry(text))))
        assert (said.updates[0].at.hour if said.updates[0].at else None) == hour


class TestPlannedWork:
    WINDOW = "<strong>THIS IS A SCHEDULED EVENT Sep <var>{}</var>, 22:00&nbsp;-&nbsp;23:30 UTC</strong>"

    @pytest.mark.parametrize(
        ("day", "words", "found"),
        [
            (2, ["Scheduled"], "announced"),
            (1, ["In progress", "Scheduled"], "open"),
            (2, ["Verifying", "Scheduled"], "open"),
            (1, ["Completed", "In progress", "Scheduled"], "over"),
        ],
    )
    def test_is_never_an_outage(self, day: int, words: list[str], found: str):
        now = datetime(2026, 9, 1, 22, 30, tzinfo=UTC)
        reading = read(atom(entry(self.WINDOW.format(day), *map(update, words), title="New shelves")), now=now)
        lists = {"announced": reading.maintenances, "open": reading.incidents, "over": reading.over}
        (said,) = lists[found] or ()
        assert said.maintenance
        assert said.started_at == datetime(2026, 9, day, 22, tzinfo=UTC)
        assert said.until == datetime(2026, 9, day, 23, 30, tzinfo=UTC)
        assert reading.status is (Status.MAINTENANCE if found == "open" else Status.OPERATIONAL)

    def test_a_window_may_be_spelt_by_elements(self):
        words = item(
            "Words.",
            title="Maintenance of the shelves",
            pubDate="Wed, 02 Sep 2026 22:00:00 +0000",
            maintenanceEndDate="Thu, 03 Sep 2026 01:00:00 +0000",
        )
        (said,) = read(rss(words)).maintenances
        assert said.started_at == datetime(2026, 9, 2, 22, tzinfo=UTC)
        assert said.until == datetime(2026, 9, 3, 1, tzinfo=UTC)
        later = read(rss(words), now=datetime(2026, 9, 2, 23, tzinfo=UTC))
        assert later.status is Status.MAINTENANCE

    def test_a_night_that_ends_tomorrow(self):
        window = "<strong>THIS IS A SCHEDULED EVENT Sep 2, 23:00 - 01:00 UTC</strong>"
        (said,) = read(atom(entry(window, update("Scheduled")))).maintenances
        assert said.until == datetime(2026, 9, 3, 1, tzinfo=UTC)

    def test_a_label_may_say_so(self):
        (said,) = listed(read(atom(entry("<p><strong>Type:</strong> Maintenance</p>", update("In progress")))))
        assert said.maintenance


class TestOfThePresent:
    AZURE = "Azure Status"

    def test_what_is_there_is_open_and_what_is_not_is_over(self):
        there = rss(item("Starting at 10:00 UTC, a subset of customers."), title=self.AZURE)
        assert read(there).status is Status.DEGRADED
        empty = read(rss(title=self.AZURE))
        assert (empty.status, empty.incidents, empty.reach) == (Status.OPERATIONAL, (), None)

    def test_it_may_be_said_of_any_feed(self):
        body = rss(item("Words."))
        assert read(body).status is Status.UNKNOWN
        assert read(body, presence="open").status is Status.DEGRADED

    def test_and_not_of_azure(self):
        assert read(rss(item("Words."), title=self.AZURE), presence="history").status is Status.UNKNOWN

    def test_a_monitor_that_is_down_is_known_at_each_fetch(self):
        def feed(number: int) -> str:
            down = item(
                "Labels has been down since 10:00.", guid=f"https://k.example?id={number}", title="Labels is down"
            )
            return rss(down, head="<description>Current status: Degraded Service</description>")

        first, second = (listed(read(feed(number)))[0].ref for number in (1, 2))
        assert first == second

    def test_azure_uses_an_id_again(self):
        bodies = [
            rss(item("Words.", guid="7", title=title), title=self.AZURE) for title in ("Storage - X", "Mail - Y")
        ]
        assert len({listed(read(body))[0].ref for body in bodies}) == 2

    def test_a_state_in_the_title_does_not_make_another_incident(self):
        bodies = [
            rss(item("Words.", title=f"Storage - X - {word}"), title=self.AZURE)
            for word in ("Investigating", "Mitigated")
        ]
        assert len({listed(read(body))[0].ref for body in bodies}) == 1


class TestByWhatAnEntryIsKnown:
    def refs(self, *items: str, **options: Any) -> list[str]:
        return [one.ref for one in listed(read(rss(*items), **options))]

    def test_its_id_or_its_link_or_its_title(self):
        one, other = item(update("Update"), guid="1"), item(update("Update"), guid="2", title="Another")
        assert self.refs(one, other) == ["1", "2"]
        assert self.refs(one, other, identity="link") == ["https://p.example/i/1"]
        assert self.refs(one, other, identity="title") == ["Slow labels", "Another"]

    def test_an_id_that_several_share_is_none(self):
        one, other = item(update("Update"), guid="1"), item(update("Update"), guid="1", link="https://p.example/i/2")
        assert self.refs(one, other) == ["https://p.example/i/1", "https://p.example/i/2"]

    def test_where_nothing_tells_them_apart_their_time_does(self):
        one, other = item(update("Update")), item(update("Update"), pubDate="Mon, 31 Aug 2026 10:00:00 GMT")
        assert len(set(self.refs(one, other))) == 2

    def test_a_long_one_is_cut_and_still_its_own(self):
        refs = self.refs(*(item(update("Update"), guid="x" * 400 + end) for end in "ab"))
        assert len(set(refs)) == 2
        assert max(map(len, refs)) <= 150

    def test_several_entries_may_tell_of_one_incident(self):
        first = item("<strong>Investigating</strong> - a", guid="1", pubDate="Tue, 01 Sep 2026 09:00:00 GMT")
        last = item("<strong>Identified</strong> - b", guid="2", pubDate="Tue, 01 Sep 2026 10:00:00 GMT")
        (said,) = listed(read(rss(last, first), identity="link"))
        assert [one.text for one in said.updates] == ["a", "b"]
        end = item("<strong>Resolved</strong> - c", guid="3", pubDate="Tue, 01 Sep 2026 11:00:00 GMT")
        assert read(rss(end, last, first), identity="link").incidents == ()

    def test_an_old_end_does_not_close_what_began_anew(self):
        old = item("<strong>Resolved</strong> - c", guid="1", pubDate="Sat, 01 Aug 2026 11:00:00 GMT")
        new = item("<strong>Investigating</strong> - a", guid="2")
        assert len(listed(read(rss(old, new), identity="title"))) == 1


class TestOnlyWhatWasChosen:
    @pytest.mark.parametrize("wanted", ["labels", "Labels", "slow labels"])
    def test_by_the_words_of_the_title_or_the_text(self, wanted: str):
        other = entry(update("Update", "The roof leaks."), ref="i2", title="Rain")
        reading = read(atom(entry(update("Update")), other), components=[wanted])
        assert [one.title for one in listed(reading)] == ["Slow labels"]
        assert [one.title for one in listed(read(atom(other), components=["roof"]))] == ["Rain"]

    def test_a_part_of_a_word_is_not_the_word(self):
        reading = read(atom(entry(update("Update"), title="Slow in Australia")), components=["US"])
        assert (reading.status, reading.incidents) == (Status.OPERATIONAL, ())

    def test_the_words_count_whichever_components_it_lists(self):
        listing = "<b>Affected components</b><ul><li>API</li></ul>"
        assert len(listed(read(atom(entry(update("Update"), listing)), components=["Labels"]))) == 1
        assert len(listed(read(atom(entry(update("Update"), listing)), components=["api"]))) == 1

    def test_what_was_not_chosen_may_stay_unclear(self):
        assert read(atom(entry("Words.")), components=["Mail"]).status is Status.OPERATIONAL

    def test_lighter_ones_are_left_out(self):
        assert read(atom(entry(update("Update"))), severity="major").incidents == ()

    def test_old_ones_are_over_where_a_limit_is_set(self):
        old = atom(entry(update("Update", date="Aug 1"), published="2026-08-01T10:00:00Z", updated=""))
        unclear = atom(entry("Words.", published="2026-08-01T10:00:00Z", updated=""))
        assert [read(body).status for body in (old, unclear)] == [Status.DEGRADED, Status.UNKNOWN]
        week = 7 * 86400.0
        assert [read(body, max_age=week).status for body in (old, unclear)] == [Status.OPERATIONAL] * 2
        assert read(atom(entry(update("Update"))), max_age=week).status is Status.DEGRADED


def test_rss_1_is_a_feed_too():
    body = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>Parcels</title></channel>'
        '<item rdf:about="1"><title>Slow</title><link>https://p.example/1</link><description>Investigating - a'
        "</description><dc:date>2026-09-01T10:00:00+02:00</dc:date></item></rdf:RDF>"
    )
    (said,) = listed(read(body))
    assert (said.title, said.ref) == ("Slow", "https://p.example/1")
    assert said.started_at == datetime(2026, 9, 1, 8, tzinfo=UTC)


def test_what_stands_in_another_namespace_is_something_else():
    body = rss(item(update("Update")).replace("<item>", "<item><media:title>Picture</media:title>"))
    assert listed(read(body))[0].title == "Slow labels"


# -- from look to look ---------------------------------------------------------------------------------------------


class Watching:
    """What is believed from one feed to the next."""

    def __init__(self) -> None:
        self.belief, self.at = Belief("parcels"), NOW

    def sees(self, body: str, **options: Any) -> list[Kind]:
        self.at += timedelta(minutes=5)
        reading = read(body, now=self.at, **options)
        if reading.incidents is None:
            return []
        listing = weigh_list(self.belief, reading, self.at, Patience())
        self.belief = listing.belief
        return [one.kind for one in listing.events]


class TestFromLookToLook:
    def test_each_change_is_told_once(self):
        watching = Watching()
        first, second, third = (
            update("Investigating", clock="09:00"),
            update("Identified"),
            update("Resolved", clock="11:00"),
        )
        assert watching.sees(atom(entry(first))) == [Kind.OPENED]
        assert watching.sees(atom(entry(first))) == []
        assert watching.sees(atom(entry(second, first))) == [Kind.UPDATED]
        assert watching.sees(atom(entry(second, first, title="Slow labels and mail"))) == [Kind.UPDATED]
        worse = entry(second, first, title="Major outage of labels")
        assert watching.sees(atom(worse)) == [Kind.WORSENED]
        assert watching.sees("<html>no</html>") == []
        assert watching.sees(atom(entry(third, second, first))) == [Kind.RESOLVED]
        assert watching.sees(atom(entry(update("Postmortem", clock="12:00"), third, second, first))) == []

    def test_what_falls_off_the_end_of_the_list_may_still_last(self):
        watching = Watching()
        old = entry(update("Update", date="Aug 1"), ref="old", published="2026-08-01T10:00:00Z", updated="")
        new = entry(update("Resolved"), ref="new")
        assert watching.sees(atom(new, old)) == [Kind.OPENED]
        assert watching.sees(atom(new)) == []
        ended = entry(update("Resolved"), ref="old", published="2026-08-01T10:00:00Z")
        assert watching.sees(atom(new, ended)) == [Kind.RESOLVED]

    def test_what_is_taken_back_is_over(self):
        watching = Watching()
        past = entry(update("Resolved", date="Aug 1"), ref="old", published="2026-08-01T10:00:00Z", updated="")
        assert watching.sees(atom(entry(update("Update")), past)) == [Kind.OPENED]
        assert watching.sees(atom(past)) == [Kind.RESOLVED]

    def test_an_incident_whose_entry_is_no_longer_clear_lasts(self):
        watching = Watching()
        assert watching.sees(atom(entry(update("Investigating")))) == [Kind.OPENED]
        assert watching.sees(atom(entry("Words."))) == []
        assert len(watching.belief.vendor) == 1

    def test_of_the_present_absence_is_the_end(self):
        watching = Watching()
        azure = rss(item("Words."), title="Azure Status")
        assert watching.sees(azure) == [Kind.OPENED]
        assert watching.sees(rss(title="Azure Status")) == [Kind.RESOLVED]

    def test_also_beside_one_that_began_later(self):
        watching = Watching()
        times = {"A": "09", "B": "10"}.items()
        one, other = (item("W.", title=name, pubDate=f"Tue, 01 Sep 2026 {hour}:00:00 GMT") for name, hour in times)
        assert watching.sees(rss(one, other, title="Azure Status")) == [Kind.OPENED, Kind.OPENED]
        assert watching.sees(rss(other, title="Azure Status")) == [Kind.RESOLVED]


def test_it_asks_for_a_feed():
    (asked,) = Feed("https://p.example/history.atom").asked
    assert "application/atom+xml" in dict(asked.request.headers)["Accept"]
