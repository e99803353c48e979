"""How a message looks in Slack, by laws: whatever the words, Slack takes it, and nobody is called by strangers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.destinations.small import banner, message, opened, resolved
from tui_monitor.core.message import Message, News
from tui_monitor.destinations.craft import slack_blocks as look
from tui_monitor.fakes import slack_kit as kit

PIECES = [
    "<!channel>",
    "<@U0123456>",
    "&amp;",
    "<",
    ">",
    "&",
    "|",
    "`",
    "*",
    "\n",
    "\ud800",
    "\x1b[31m",
    "💥",
    "漢",
    "a b ",
]
words = st.lists(st.sampled_from(PIECES) | st.text(max_size=20), max_size=8).map("".join)
long_words = st.builds(lambda piece, count: piece * count, words, st.integers(1, 400))


@st.composite
def messages(draw: st.DrawFn) -> Message:
    made = draw(st.sampled_from([opened, resolved]))
    names = draw(st.lists(words | long_words, min_size=1, max_size=8))
    link = draw(words)
    items = [made(name, n, title=draw(words), by=name, url=f"https://x.test/{link}") for n, name in enumerate(names)]
    return replace(message(items), news=draw(st.sampled_from(list(News))))


def all_looks(told: Message) -> list[list[look.Block]]:
    return [look.top(told, buttons=True), look.reply(told), look.last(told, 500)]


@given(messages())
def test_slack_takes_whatever_is_said(told: Message) -> None:
    for blocks in all_looks(told):
        kit.check(blocks)
        assert sum(map(len, kit.texts_in(blocks))) < kit.WHOLE
        assert kit.called_in(blocks, look.fallback(told)) == []
        assert kit.slips_in(blocks, look.fallback(told)) == []
        assert len(json.dumps({"text": look.fallback(told), "blocks": blocks})) < 60_000
    assert 0 < len(look.fallback(told)) < 4000


@given(words | long_words)
def test_slack_takes_whatever_a_banner_says(text: str) -> None:
    told = banner(text)
    kit.check(look.top(told))
    assert kit.called_in(look.top(told), "") == []


@given(words)
def test_what_is_escaped_is_read_as_it_was_written(text: str) -> None:
    assert kit.shown(look.escaped(text)) == text
    assert not set("<>") & set(look.escaped(text))


def test_what_is_not_shown_is_counted() -> None:
    (*_, section) = look.reply(message([opened(f"service {n}", n) for n in range(500)]))
    shown = sum(f"service {n} is major" in str(look.reply(message([opened(f"service {n}", n)]))) for n in range(50))
    assert section["text"]["text"].endswith(f"and {500 - shown} more")


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("channel", "<!channel>"),
        ("here", "<!here>"),
        ("U0123456", "<@U0123456>"),
        ("W0123456", "<@W0123456>"),
        ("S0123456", "<!subteam^S0123456>"),
    ],
)
def test_whom_the_config_names_is_called_by_slacks_own_word(name: str, word: str) -> None:
    assert look.mentioned(name) == word


@pytest.mark.parametrize("name", ["", "ops", "@ann", "U1", "u0123456", "everyone", "U0123456>", "C0123456"])
def test_whom_slack_cannot_call_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not channel, here"):
        look.mentioned(name)


def test_the_buttons_are_what_the_door_will_hear() -> None:
    (actions,) = [block for block in look.top(message(), buttons=True) if block["type"] == "actions"]
    assert [(one["action_id"], one["value"]) for one in actions["elements"]] == [
        ("tui-monitor:ack", "inc1"),
        ("tui-monitor:resolve", "inc1"),
        ("tui-monitor:ticket", "inc1"),
    ]
