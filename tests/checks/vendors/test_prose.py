"""The HTML of vendors as plain text: the quick way says what the thorough one says."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_monitor.checks.craft.vendor import prose
from tui_monitor.checks.craft.vendor.prose import plain


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("", ""),
        ("  no tags, but 1 < 2 > 0  ", "no tags, but 1 < 2 > 0"),
        ("<p>One</p><p>two<br/>three</p>", "One\ntwo\nthree"),
        ("<UL><LI>a</LI><li class='x'>b</li></UL>end", "- a\n- b\nend"),
        ("a <b>bold</b>  word\n <i>and</i>\t more", "a bold word\nand more"),
        ("R&amp;D &lt;b&gt; &amp;lt;i&amp;gt; &hellip;", "R&D <b> <i> …"),
        ('<a href="https://a.example/?x=1&amp;y=2">read</a> on', "read on"),
        ('<a title="1 > 0">greater</a>', "greater"),
        ("<style>p {color: red}</style>seen<script>alert('<p>')</script>", "seen"),
        ("<!-- not <b>this</b> -->but this", "but this"),
        ("<head><title>T</title></head><body>B</body>", "B"),
        ("<p>cut <b", "cut <b"),
        ("<p>cut &lt;p&gt", "cut <p>"),
    ],
)
def test_what_people_would_see_is_left(text: str, seen: str):
    assert plain(text) == seen


PIECES = (
    *(
        "<p>",
        "</p>",
        "<br>",
        "<br/>",
        "<BR />",
        "</br>",
        "<li>",
        "</li>",
        "<p/>",
        "<b>",
        "</b>",
        "<hr>",
        "<x-y>",
        "<p\n>",
    ),
    *(
        '<a href="b>c">',
        "<div class=x>",
        "<svg/onload=x>",
        "<!--",
        "-->",
        "<style>",
        "</style>",
        "<no>",
        "</",
        "1 < 2",
    ),
    *("<", ">", "&", "&lt;", "&gt;", "&amp;lt;", "&#10;", "&nbsp;", " ", "\n", "a", "ß", "'", '"'),
)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_the_quick_way_says_what_the_thorough_one_says(text: str):
    quick = prose._simply(text)
    if quick is not None:
        lines = [
            [" ".join(line.split()) for line in html.unescape(one).splitlines()]
            for one in (quick, prose._parsed(text))
        ]
        assert [line for line in lines[0] if line] == [line for line in lines[1] if line]


def test_the_usual_update_goes_the_quick_way():
    assert prose._simply('<p><small>Sep <var data-var="date"> 1</var></small><br><strong>Resolved</strong> - ok</p>')


@pytest.mark.parametrize("text", ["<p" * 10_000, "<!--" * 5000, '<a b="' * 3000, "<style>" * 3000, "&" * 20_000])
def test_the_worst_of_it_is_borne(text: str):
    assert isinstance(plain(text + "<p>end</p>"), str)
