"""What an entry of a feed says: the quick way finds what the thorough one does, and nothing is remembered wrongly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.checks.vendors.feeds import atom, entry, item, read, rss, update
from tests.checks.vendors.recordings import NOW
from tui_monitor.checks.craft.vendor import wording
from tui_monitor.checks.craft.vendor.feed import LONGEST_REMEMBERED, item_of
from tui_monitor.checks.craft.vendor.syndication import Entry
from tui_monitor.checks.craft.vendor.wording import worded

ODD = (
    *(
        "<br>",
        "<br >",
        "<br/>",
        "<BR/>",
        "<p>",
        "</P>",
        "<b>",
        "</b>",
        "<li>",
        "<small>",
        "<!-- x -->",
        "<script>",
        "<",
        ">",
    ),
    *(
        "  ",
        "\n",
        "\t",
        "\r",
        "\xa0",
        "\u200b",
        "\u2003",
        "\u2028",
        "\x85",
        "&amp;",
        "&nbsp;",
        "&#10;",
        "&lt;",
        "&lt;p&gt;x",
    ),
    *(
        "Status: Identified",
        "Affected components: a, b",
        "- c",
        "Impact: major",
        "Sep 1, 10:44 UTC",
        "Sep 1, 10:44 CET",
    ),
    *("SCHEDULED EVENT", "SCHEDULED&#32;EVENT Sep 1, 10:00 - 12:00 UTC", " - Completed - ", "- Completed: Europe"),
    *("Identified: more", "\u2014 Identified - more", "Monitoring", "Mail was slow.", "\u017ftatus: Identified"),
)


def check(*texts: str) -> None:
    words = ("Resolved", "Update", "Maintenance completed", "In progress", "investigating", "Strange")
    content = "".join(update(word, text) for word, text in zip(words, texts, strict=False))
    assert wording._usual(content, NOW) in (None, wording._thorough(content, NOW))


@pytest.mark.parametrize("odd", ODD)
def test_the_quick_way_finds_what_the_thorough_one_finds(odd: str):
    for text in (odd, f"One {odd} two", f"One<br />{odd}<br />two", f"One<br />{odd}"):
        check(text, "Words.", text)


@given(st.lists(st.lists(st.sampled_from((*ODD, "<br />")), max_size=5).map("".join), min_size=1, max_size=6))
def test_the_quick_way_finds_it_in_any_texts(texts: list[str]):
    check(*texts)


@pytest.mark.parametrize(
    "text", ["Words.", "One<br />two<br/>three", "It&#39;s &amp; was", "Caf\xe9 \u2019s", "Two  blanks"]
)
def test_the_usual_entry_goes_the_quick_way(text: str):
    content = "\n".join((update("Resolved", text), update("Investigating", text)))
    found = wording._usual(content, NOW)
    assert found is not None
    assert [one.state for one in found.updates] == ["Resolved", "Investigating"]


LINES = (
    *(
        "Status: Identified",
        "impact: major",
        "Affected components: a",
        "Resolved",
        "Monitoring - more",
        "\u2013 Update",
        "- Fixed",
    ),
    *("Sep 1, 10:44 UTC", "Sep 1, 2026 10:44", "\u017ftatus: Identified", "*Investigating: more", "\u2014Closed"),
)


@pytest.mark.parametrize("line", LINES)
def test_no_line_is_mere_that_is_a_label_a_moment_or_a_heading(line: str):
    assert not wording._is_mere(line)


@pytest.mark.parametrize(
    "line", ["Mail was slow.", "At 10:44 UTC a deployment began, by which " + "mail was slow " * 6]
)
def test_most_lines_are_mere(line: str):
    assert wording._is_mere(line)


def test_an_entry_that_is_open_goes_the_thorough_way():
    assert wording._usual(update("Monitoring"), NOW) is None


@pytest.mark.parametrize(
    "text",
    ["<b>x</b>", "<b>x <p", "<b <b>>x", "<<b>p>x", "<!-- <b> -->x", "<!-->x</small><!-- y -->", "1 < 2 > <i>1</i>"],
)
def test_all_tags_at_once_are_marked_as_one_after_the_other(text: str):
    one_by_one = text
    for pattern, mark in wording._MARKS:
        one_by_one = pattern.sub(mark, one_by_one)
    assert wording._marked(text) == one_by_one


@pytest.mark.parametrize(
    ("zone", "hours"), [("UTC", 0), ("GMT", 0), ("CET", 1), ("PST", -8), ("PDT", -7), ("GMT+2", 2), ("+05:30", 5.5)]
)
def test_a_moment_is_told_in_the_zone_that_it_names(zone: str, hours: float):
    (found,) = worded(update("Resolved").replace("UTC", zone), NOW).updates
    assert found.at == datetime(2026, 9, 1, 10, tzinfo=UTC) - timedelta(hours=hours)


class TestRemembering:
    def entry_of(self, text: str, **more: str) -> Entry:
        return Entry({"title": "Slow labels", "content": update("Resolved", text), **more}, "https://p.example/1")

    def test_what_has_not_changed_is_not_taken_apart_again(self):
        dated = {"updated": "2026-09-01T10:30:00Z"}
        first = item_of(self.entry_of("Once", **dated), "1", NOW)
        assert item_of(self.entry_of("Once", **dated), "1", NOW + timedelta(days=1)) is first
        assert item_of(self.entry_of("Twice", **dated), "1", NOW).incident.update == "Twice"
        assert item_of(self.entry_of("Once", updated="2026-09-01T10:31:00Z"), "1", NOW) is not first
        assert item_of(self.entry_of("Once", **dated), "2", NOW).incident.ref == "2"

    @pytest.mark.parametrize("dated", [{}, {"updated": "soon"}])
    def test_what_does_not_date_itself_is_dated_by_each_look(self, dated: dict[str, str]):
        for year in (2025, 2026):
            (one,) = item_of(self.entry_of("Once", **dated), "1", NOW.replace(year=year)).incident.updates
            assert one.at == datetime(year, 9, 1, 10, tzinfo=UTC)

    def test_a_stranger_fills_no_memory(self):
        dated = {"updated": "2026-09-01T10:30:00Z"}
        entries = [self.entry_of("x" * LONGEST_REMEMBERED, **dated) for _ in range(2)]
        assert item_of(entries[0], "1", NOW) is not item_of(entries[1], "1", NOW)

    def test_an_entry_that_others_tell_on_is_not_altered_by_them(self):
        old = item(update("Update", "Old.", clock="10:00"), pubDate="Tue, 01 Sep 2026 10:00:00 GMT")
        new = item(update("Resolved", "New.", clock="10:30"), pubDate="Tue, 01 Sep 2026 10:30:00 GMT")
        both, alone = [rss(old, new), rss(new)], {"identity": "link"}
        assert read(both[0], **alone) == read(both[0], **alone)
        assert [len(read(body, **alone).over[0].updates) for body in (*both, *both)] == [2, 1, 2, 1]

    def test_a_maintenance_that_is_remembered_begins_all_the_same(self):
        content = update("Scheduled", "SCHEDULED EVENT<br>")
        body = atom(entry(content, title="Scheduled maintenance", published="2026-09-02T10:00:00Z"))
        before, after = read(body, now=NOW), read(body, now=NOW + timedelta(days=2))
        assert (len(before.maintenances), len(after.maintenances)) == (1, 0)
