"""What every mail has, whoever carries it: a page that is safe and readable, and who is written to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.destinations.small import NOON, banner, changed, incident, message, opened, resolved, service
from tui_monitor.core.message import Item, Message, News, item_of
from tui_monitor.core.status import Status
from tui_monitor.destinations.craft.mail import letter_of, mailboxes
from tui_monitor.destinations.craft.mail_body import html_of, plain_of
from tui_monitor.destinations.smtp import Smtp

VOID = frozenset({"meta", "br"})
KNOWN = {"html", "head", "meta", "title", "body", "div", "p", "table", "tr", "td", "a"}
HOSTILE = "</p></div></body><script>alert(1)</script><img src=x onerror=y> \"'&amp; javascript:x"


class Page(HTMLParser):
    """Reads a page strictly: what is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(told: Message) -> Page:
    page = Page()
    page.feed(html_of(told))
    page.close()
    assert page.open == []
    assert {tag for tag, _ in page.seen} <= KNOWN
    assert {name for _, attrs in page.seen for name in attrs} <= {
        "style",
        "href",
        "role",
        "charset",
        "name",
        "content",
    }
    return page


def bars(page: Page) -> list[str]:
    return [found[1] for _, attrs in page.seen if (found := re.search(r"solid (#\w+)", attrs.get("style") or ""))]


# -- the page -------------------------------------------------------------------------------------------------------


def test_a_page_says_what_the_text_says_with_a_link_and_a_colour() -> None:
    told = message()
    page = read(told)
    for line in plain_of(told).split("\n"):
        for part in line.split(": ", 1):
            assert part in page.text
    assert [attrs["href"] for tag, attrs in page.seen if tag == "a"] == ["http://api.test/"]
    assert bars(page) == ["#d14343"]
    assert bars(read(message(resolved()))) == ["#3a9d5d"]


def test_a_page_is_readable_on_light_and_dark() -> None:
    page = read(message())
    styles = "; ".join(attrs.get("style") or "" for _, attrs in page.seen)
    assert "background" not in styles
    assert re.findall(r"(?<!-)color: (\w+)", styles) == ["inherit"]
    assert {"name": "color-scheme", "content": "light dark"} in [attrs for tag, attrs in page.seen if tag == "meta"]


@given(st.text(max_size=60) | st.just(HOSTILE))
def test_no_name_breaks_out_of_the_page(name: str) -> None:
    read(message(opened(name, title=name, by=name, url=f"https://x.test/{name}")))
    read(banner(name))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", 'https://x.test/" onclick="y'])
def test_only_an_address_of_the_web_becomes_a_link_and_stays_one(url: str) -> None:
    links = [attrs for tag, attrs in read(message(opened(url=url))).seen if tag == "a"]
    assert [one["href"] for one in links] == ([url] if url.startswith("https") else [])
    assert all(set(one) == {"href", "style"} for one in links)


def test_many_incidents_are_a_line_each_and_no_more_than_people_read() -> None:
    page = read(message([opened(f"service {n}", n) for n in range(500)]))
    assert len(bars(page)) == 50
    assert "and 450 more" in page.text
    assert len(html_of(message([opened("n" * 10_000, n) for n in range(500)]))) < 60_000


# -- addresses ------------------------------------------------------------------------------------------------------


def test_an_address_is_written_to_once_however_it_is_spelt() -> None:
    found = mailboxes(("Ann <ann@x.test>", "ANN@X.test", "bob@x.test"))
    assert [str(one) for one in found] == ["Ann <ann@x.test>", "bob@x.test"]


def test_nobody_is_in_two_lists_of_one_mail() -> None:
    writer = Smtp("h", "o@x.test", ("a@x.test",), cc=("A@x.test", "b@x.test", "c@x.test"), escalate_to=("b@x.test",))
    letter = letter_of(message(), writer)
    assert [one.addr_spec for one in letter.to] == ["a@x.test", "b@x.test"]
    assert [one.addr_spec for one in letter.cc] == ["c@x.test"]


# -- who is escalated to --------------------------------------------------------------------------------------------


@dataclass
class Thread:
    """A destination and what it gave back, as the outbox keeps it."""

    writer: Any
    ref: str = ""
    lists: list[bool] = field(default_factory=list)

    def tell(self, *items: Item) -> bool:
        """Whether the escalation list is written to."""
        letter = letter_of(message(items, self.ref), self.writer)
        self.ref = letter.ref
        self.lists.append("boss@x.test" in [one.addr_spec for one in letter.everyone])
        return self.lists[-1]


def thread(**options: Any) -> Thread:
    return Thread(Smtp("h", "ops@x.test", ("team@x.test",), escalate_to=("boss@x.test",), **options))


def mild(make: Any = opened, n: int = 1, **more: Any) -> Item:
    made: Item = make(n=n, severity=Status.DEGRADED, **more)
    return made


def reminder(n: int = 1, severity: Status = Status.DEGRADED) -> Item:
    one = incident(n, severity=severity)
    return item_of(one, service(), News.REMINDER, (), {}, NOON + timedelta(hours=1))


@pytest.mark.parametrize("least", ["degraded", "partial", "major"])
@pytest.mark.parametrize("severity", [Status.DEGRADED, Status.PARTIAL, Status.MAJOR])
def test_what_is_bad_enough_is_escalated_from_its_first_word_to_its_last(least: str, severity: Status) -> None:
    one = thread(escalate_at=least)
    for make in (opened, changed, resolved):
        assert one.tell(make(severity=severity)) is (severity.rank >= Status(least).rank)


def test_an_incident_of_a_critical_service_is_escalated_however_mild() -> None:
    item = mild()
    assert thread().tell(replace(item, service=replace(item.service, critical=True)))
    assert not thread().tell(item)


def test_what_worsens_is_escalated_from_then_on() -> None:
    one = thread()
    one.tell(mild())
    one.tell(changed())
    one.tell(resolved(revision=3))
    assert one.lists == [False, True, True]


def test_a_reminder_is_escalated_and_so_is_all_that_follows_it() -> None:
    one = thread()
    for item in (mild(), mild(changed), reminder(), mild(changed), mild(resolved)):
        one.tell(item)
    assert one.lists == [False, False, True, True, True]


def test_whoever_was_told_of_a_mild_one_in_company_hears_how_it_ends() -> None:
    one = thread()
    assert one.tell(mild(n=1), opened(n=2))
    assert one.tell(mild(resolved, n=1))


def test_a_thread_stays_the_same_for_mail_programs_when_it_is_escalated() -> None:
    one = thread()
    one.tell(mild())
    first = one.ref
    one.tell(reminder())
    letter = letter_of(message(mild(resolved), one.ref), one.writer)
    assert letter.headers["References"] == letter.headers["In-Reply-To"] == first
    assert one.ref.startswith(first)


def test_without_a_list_nothing_is_remembered_of_it() -> None:
    writer = Smtp("h", "ops@x.test", ("team@x.test",))
    letter = letter_of(message(reminder(), "<a@x.test>"), writer)
    assert (letter.ref, len(letter.everyone)) == ("<a@x.test>", 1)
