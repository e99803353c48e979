"""A letter as SendGrid takes it, and what its refusals mean."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.headerregistry import Address
from typing import Any

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.stamp import read_stamp
from tui_monitor.destinations.craft.mail import Letter
from tui_monitor.destinations.craft.posting import Answer, Post, refusal

_UNTRACKED = {"click_tracking": {"enable": False, "enable_text": False}, "open_tracking": {"enable": False}}
"""Links stay as they are written, and nobody is told who has read a mail."""

_WHO = "the token is wrong, revoked or of another region: give an API key of SendGrid"
_SENDER = "the sender is not verified there: verify its address or its domain in SendGrid"


def mail_of(letter: Letter, key: str) -> dict[str, Any]:
    """`key` is the same for each try, and is seen in what SendGrid says of a mail later."""
    lists = {"to": _people(letter.to), **({"cc": _people(letter.cc)} if letter.cc else {})}
    return {
        "personalizations": [lists],
        "from": _person(letter.sender),
        "subject": letter.subject or "An incident",
        "content": [{"type": "text/plain", "value": letter.plain}, {"type": "text/html", "value": letter.html}],
        "headers": dict(letter.headers),
        "custom_args": {"tui_monitor_key": key},
        "tracking_settings": _UNTRACKED,
    }


def trial_of(sender: Address, everyone: Sequence[Address]) -> dict[str, Any]:
    """A mail that is only weighed, and sent to nobody."""
    return {
        "personalizations": [{"to": _people(everyone)}],
        "from": _person(sender),
        "subject": "A trial that nobody is sent",
        "content": [{"type": "text/plain", "value": "A trial that nobody is sent"}],
        "mail_settings": {"sandbox_mode": {"enable": True}},
    }


def _people(addresses: Sequence[Address]) -> list[dict[str, str]]:
    return [_person(one) for one in addresses]


def _person(address: Address) -> dict[str, str]:
    named = {"name": address.display_name} if address.display_name else {}
    return {"email": address.addr_spec, **named}


def refused(post: Post, answer: Answer, now: datetime) -> DeliveryError:
    """Its own words are a list of errors, and when to come again stands in a header of its own."""
    errors = _errors(answer.body)
    mend = _WHO if answer.status == 401 else ""
    if answer.status == 403 and any(one.get("field") == "from" for one in errors):
        mend = _SENDER
    words = "; ".join(f"{one['message']}" for one in errors if one.get("message"))
    headers = dict(answer.headers)
    if answer.status == 429:
        headers.setdefault("retry-after", _reset(headers.get("x-ratelimit-reset", ""), now))
    return refusal(post, replace(answer, headers=headers, body=words.encode() or answer.body), now, mend)


def _errors(body: bytes) -> list[dict[str, Any]]:
    try:
        found = json.loads(body)["errors"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _reset(stamp: str, now: datetime) -> str:
    """Seconds from now to when the limit begins anew; empty where that is not said."""
    try:
        at = read_stamp(stamp, UTC, now)
    except ValueError:
        return ""
    return str(max(0, round((at - now).total_seconds()))) if at else ""
