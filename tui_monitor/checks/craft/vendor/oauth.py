"""Keys for pages that ask who reads them: bought with a secret (OAuth client credentials), kept while they are good.

A key lives in this process alone, and services with the same login share it. Neither it nor the secret is ever shown.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, urlencode

from tui_monitor.checks.craft.vendor.document import Document, Row, mapping, text_of
from tui_monitor.checks.craft.vendor.page import heed, keep_still
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.options import naming
from tui_monitor.core.secret import Secret, redact
from tui_monitor.core.text import clean, spell_duration
from tui_monitor.net import Answer, Request, Trust, build_request
from tui_monitor.net.request import place_of

if TYPE_CHECKING:
    from tui_monitor.core.ports import Outside

EARLY = 300.0
"""Seconds before its end at which a key is renewed; of one that lasts no longer than twice that, at its half."""

UNSAID, LONGEST = 600.0, 86_400.0
"""Seconds for which a key is kept whose login does not say for how long it is good, and for which any is kept."""

_KEY = re.compile(r"[\x21-\x7e]{1,20000}")
_MARKS = re.compile(r"\s*(?:Trace ID|Correlation ID|Timestamp):", re.IGNORECASE)
"""Where the numbers of a refusal begin, which differ each time."""


@dataclass(frozen=True, slots=True)
class Key:
    """What stands in the header Authorization, and until when it is taken from the shelf."""

    header: Secret
    until: datetime


@dataclass(frozen=True, slots=True)
class Login:
    """Where a key is bought, and with what. Two that are equal share one key."""

    request: Request
    secret: Secret

    async def key(self, outside: Outside, within: float, refused: Secret | None) -> Secret:
        """The key that is kept, or a new one; one that was `refused` is bought anew, unless somebody just has."""
        shelf = outside.net.shelf
        gate = shelf.take(("gate", self.request)) or asyncio.Lock()
        shelf.put(("gate", self.request), gate)
        try:
            async with asyncio.timeout(within), gate:
                known: Key | None = shelf.take(("key", self.request))
                if known is None or known.header == refused or known.until <= outside.now:
                    known = await self._buy(outside, within)
                    shelf.put(("key", self.request), known)
                return known.header
        except TimeoutError:
            raise Unreachable("timeout", f"{self._name} gave no key within {spell_duration(within)}") from None
        except Unreachable as error:
            raise Unreachable(error.cause, f"{self._name}: {error}") from None

    @property
    def _name(self) -> str:
        return f"the login at {self.request.place.authority}"

    async def _buy(self, outside: Outside, within: float) -> Key:
        try:
            keep_still(outside, self.request)
            answer: Answer = await outside.net.fetch(self.request, within)
            heed(outside, answer)
            data = self._data(answer, outside.now)
            return Key(Secret(f"Bearer {_token(data)}"), outside.now + timedelta(seconds=_lasts(data)))
        except Unreadable as error:
            hidden = [Secret(one(self.secret.reveal())) for one in (str, quote, quote_plus)]
            raise Unreadable(redact(f"{self._name}: {error}", hidden)) from None

    def _data(self, answer: Answer, now: datetime) -> Row:
        """What it grants. Unreadable with its own words where it refuses."""
        document = Document(answer.body, now, answer.charset)
        try:
            data = mapping(document.json, "its answer")
        except Unreadable as error:
            raise Unreadable(str(error) if answer.status == 200 else f"it answered {answer.title}") from None
        why = _MARKS.split(text_of(data, "error_description"), maxsplit=1)[0] or text_of(data, "error")
        if why:
            raise Unreadable(f"it gave no key: {clean(why, 300)}")
        if answer.status != 200:
            raise Unreadable(f"it answered {answer.title}")
        return data


def _token(data: Row) -> str:
    token: Any = data.get("access_token")
    if not isinstance(token, str) or not _KEY.fullmatch(token):
        raise Unreadable("its answer holds no key")
    if text_of(data, "token_type", "Bearer").lower() != "bearer":
        raise Unreadable(f"it gave a key of another kind: {clean(text_of(data, 'token_type'), 40)}")
    return token


def _lasts(data: Row) -> float:
    """Seconds from now for which a key is kept."""
    try:
        seconds = float(text_of(data, "expires_in", str(UNSAID)))
    except ValueError:
        seconds = UNSAID
    seconds = min(LONGEST, seconds) if seconds > 0 else 0.0  # what is no number at all is not larger than zero either
    return seconds - min(EARLY, seconds / 2)


def login_at(base: str, tenant: str, client_id: str, secret: Secret, scope: str, ca: str = "") -> Login:
    """The login of Microsoft for a program. ValueError says what is wrong with its address."""
    asked = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret.reveal()}
    with naming("login"):
        place_of(base)
    request = build_request(
        "POST",
        f"{base.rstrip('/')}/{quote(tenant, safe='')}/oauth2/v2.0/token",
        headers={"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"},
        body=Secret(urlencode({**asked, "scope": scope})),
        trust=Trust(ca=ca),
    )
    return Login(request, secret)
