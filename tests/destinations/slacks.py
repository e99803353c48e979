"""Slack as the tests of it speak to it: a workspace, a bot in it, a webhook, and what is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.destinations.small import NOON, changed, message, opened
from tui_monitor.core.message import Item, Message, News, message_of
from tui_monitor.core.model import State
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.slack import Slack
from tui_monitor.fakes.slack import Slack as Workspace

OPS = "C0FAKEOPS"


def to(workspace: Workspace, channel: str = "#ops", **options: Any) -> Slack:
    return Slack(Secret(workspace.token), channel, api=workspace.api, **options)


def hooked(workspace: Workspace, **options: Any) -> Slack:
    return Slack(webhook_url=Secret(workspace.hook), **options)


def calls(workspace: Workspace) -> list[str]:
    """The methods that were called, in their order."""
    return [heard.path.rpartition("/")[2] for heard in workspace.heard]


def critical(item: Item) -> Item:
    return replace(item, service=replace(item.service, critical=True))


def acknowledged(**more: Any) -> Item:
    return changed(state=State.ACKNOWLEDGED, by="ann", acknowledged_at=NOON, **more)


def reminder(item: Item, ref: str = "") -> Message:
    return message_of("ops", [replace(item, news=News.REMINDER)], NOON, ref, told_at=NOON)


def many(count: int = 7) -> Message:
    return message([opened(f"service {n}", n) for n in range(count)])
