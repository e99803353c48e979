"""Who is told in the demo: a place of each kind, as strict as the real one, with a token that this run alone has."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from tui_monitor.fakes.azure_devops import AzureDevops
from tui_monitor.fakes.cachet3 import Cachet3
from tui_monitor.fakes.http import Answer, Site
from tui_monitor.fakes.pagerduty import PagerDuty
from tui_monitor.fakes.qlik import Qlik
from tui_monitor.fakes.slack import Channel, Slack
from tui_monitor.fakes.webhook import Webhook

AUDIENCE = ("chat", "page", "oncall", "tickets", "audit", "banner")
"""As the config names them."""
COMPONENTS = ("Shop", "Checkout", "Search", "Newsletter", "Orders")
"""What the public page shows, in the words of customers; the config says by their numbers, from 1, which service."""
REMEMBERED = 100
"""Requests that a place keeps, and messages, incidents, alerts, tickets: a demo may run for days."""
CLOSED = b'{"error": "this account is closed"}'


def audience(tokens: Mapping[str, str], remembers: int = REMEMBERED) -> dict[str, Site]:
    """All of them, by their names; none listens yet."""
    chat = Slack(token=tokens["chat"], remembers=remembers)
    chat.channels = [Channel("C0FAKESHOP", "shop")]
    page = Cachet3(token=tokens["page"], remembers=remembers)
    for name in COMPONENTS:
        page.component(name)
    audit = Webhook(remembers=remembers)
    audit.usual = Answer(403, body=CLOSED)
    return {
        "chat": chat,
        "page": page,
        "oncall": PagerDuty(key=tokens["oncall"], remembers=remembers),
        "tickets": AzureDevops(tokens["tickets"], "shop", "Shop", remembers=remembers),
        "audit": audit,
        "banner": Qlik(key=tokens["banner"], remembers=remembers),
    }


def tokens() -> dict[str, str]:
    """A token for each, in letters and digits, as many as PagerDuty wants."""
    return {name: secrets.token_hex(16) for name in AUDIENCE}


def fields(places: Mapping[str, Site], known: Mapping[str, str]) -> dict[str, str]:
    """What the config says of them: on which ports they listen, and their tokens."""
    ports = {name: str(place.port) for name, place in places.items()}
    return {**ports, **{f"{name}-token": token for name, token in known.items()}}
