"""Feeds that are none, that are damaged, or that are made to do harm."""

from __future__ import annotations

import pytest

from tests.checks.vendors.feeds import atom, entry, item, listed, read, rss, update
from tests.checks.vendors.recordings import NOW
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.syndication import MOST_ENTRIES, PIECE, decoded
from tui_monitor.core.status import Status

BOMB = "<!DOCTYPE l [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{('&' + chr(97 + n) + ';') * 10}'>" for n in range(9)
)
CALM = atom(entry(update("Resolved")))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "an empty page"),
        ("<!DOCTYPE html><html><title>Log in</title></html>", "a web page"),
        ("<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>", "a web page"),
        ('{"status": "ok"}', "something else than a feed"),
        ("<opml version='2.0'><head/></opml>", "neither RSS nor Atom"),
        ("<rss version='2.0'></rss>", "neither RSS nor Atom"),
        ("<rss><channel></channel></rss>", "no entries"),
        ("<feed xmlns='http://www.w3.org/2005/Atom'/>", "no entries"),
        (CALM[:-8], "broken off or damaged"),
        (CALM.replace("</title>", "</titel>", 1), "broken off or damaged"),
        (CALM.replace("<entry>", "<entry><id>2</id>"), "damaged"),
        (f"{BOMB}]><rss><channel><title>&j;</title></channel></rss>", "document type"),
        (
            "<!DOCTYPE rss SYSTEM 'http://127.0.0.1:1/x.dtd'><rss><channel><title>t</title></channel></rss>",
            "document type",
        ),
        (
            "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/hosts'>]><rss><channel><title>&x;</title></channel></rss>",
            "document type",
        ),
        ("<!DOCTYPE r [<!ENTITY % x SYSTEM 'http://127.0.0.1:1/'> %x;]><rss><channel/></rss>", "document type"),
        ("<rss><channel>" + "<a>" * 500 + "</a>" * 500 + "</channel></rss>", "levels deep"),
        (rss("<item/>" * (MOST_ENTRIES + 1)), f"more than {MOST_ENTRIES} entries"),
        (rss(f"<item a='{'x' * 3_000_000}'/>"), "larger than anything"),
        (rss("<!--" + "x" * 3_000_000 + "-->"), "larger than anything"),
        (rss("<item><title>&undeclared;</title></item>"), "broken off or damaged"),
    ],
)
def test_what_is_no_feed_is_unknown_with_the_reason(body: str, words: str):
    reading = read(body)
    assert (reading.status, reading.incidents) == (Status.UNKNOWN, None)
    assert words in reading.message


class TestWhatIsWrongWithIt:
    @pytest.mark.parametrize(
        "stray", ["\x00", "\x08", "\x1b[31m", "\x0c", "\ufffe", "&#27;", "&#x1b;", "&#0;", "&#xD800;"]
    )
    def test_a_character_that_xml_forbids_is_left_out(self, stray: str):
        body = atom(entry(update("Update"), title="Slow labels")).replace("Slow", f"Sl{stray}ow")
        (said,) = listed(read(body))
        assert said.title in ("Slow labels", "Sl[31mow labels")

    @pytest.mark.parametrize("at", range(PIECE - 8, PIECE + 4))
    def test_also_where_the_parser_takes_a_breath(self, at: int):
        start = atom(entry(update("Update"), title="Sl&#27;ow"))
        pad = at - start.index("&amp;#27;") - len("<!---->")
        body = start.replace("&amp;#27;", "&#27;").replace("<feed", f"<!--{'x' * pad}--><feed")
        assert listed(read(body))[0].title == "Slow"

    def test_names_of_html_are_letters(self):
        assert (
            listed(read(rss(item(update("Update"), title="A&nbsp;fox &amp; caf&eacute;"))))[0].title == "A fox & café"
        )

    def test_a_mark_and_blanks_before_it_do_no_harm(self):
        assert read("\ufeff \r\n" + CALM).status is Status.OPERATIONAL

    @pytest.mark.parametrize(
        ("encoding", "declared"),
        [
            ("utf-8", "utf-8"),
            ("utf-8", "iso-8859-1"),
            ("utf-16", "utf-16"),
            ("utf-16-le", "utf-16"),
            ("utf-32", "utf-8"),
            ("iso-8859-1", "iso-8859-1"),
            ("windows-1252", ""),
            ("shift_jis", "Shift_JIS"),
        ],
    )
    def test_its_letters_are_known_by_its_bytes_first(self, encoding: str, declared: str):
        title = "テスト" if encoding == "shift_jis" else "Café"
        said = f' encoding="{declared}"' if declared else ""
        body = rss(item(update("Update"), title=title))
        assert listed(read(f'<?xml version="1.0"{said}?>{body}'.encode(encoding)))[0].title == title

    def test_a_letter_that_is_wrong_costs_no_more_than_itself(self):
        body = b'<?xml version="1.0" encoding="utf-8"?>' + rss(item(update("Update"), title="Caf@")).encode()
        assert listed(read(body.replace(b"Caf@", b"Caf\xe9")))[0].title == "Caf\ufffd"

    @pytest.mark.parametrize("name", ["punycode", "idna", "zlib", "no-such", "undefined"])
    def test_a_charset_that_is_none_is_not_used(self, name: str):
        document = Document(b"<rss>\xe9</rss>", NOW, name)
        assert decoded(document) == "<rss>é</rss>"

    def test_a_large_feed_is_read(self):
        words = "x" * 20_000
        body = atom(*(entry(update("Resolved", words), ref=str(number)) for number in range(300)))
        reading = read(body)
        assert (reading.status, len(reading.over)) == (Status.OPERATIONAL, 300)


@pytest.mark.parametrize(
    "text",
    [
        " " * 200_000,
        "<!--" * 50_000,
        "<" * 200_000,
        "<strong " * 25_000,
        "<script>" * 25_000,
        "- " * 100_000,
        "Jan " * 50_000,
        "\x02" * 200_000,
        "Sep 1, 10:00" + " " * 200_000,
        "Status:" + " " * 200_000,
        "(" * 200_000,
    ],
)
def test_a_text_made_to_take_long_is_read_all_the_same(text: str):
    """A pattern that goes back over such a text would take minutes."""
    for body in (atom(entry(update("Investigating", text))), atom(entry(text, title=text))):
        assert read(body).status in (Status.DEGRADED, Status.UNKNOWN)
