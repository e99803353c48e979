"""The way to the registry of a name: by IANA's list (or one like it), what is remembered of it, and redirects.

A list and a registry may send us to any host, for that is what they are for; but from TLS only on to TLS.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.options import naming
from tui_monitor.core.text import clean
from tui_monitor.net.answer import Answer
from tui_monitor.net.names import literal
from tui_monitor.net.protocols.rdap import base_of
from tui_monitor.net.request import Request, host_name, place_of
from tui_monitor.net.trust import USUAL, Trust

IANA = "https://data.iana.org/rdap/dns.json"

_ACCEPT = (("Accept", "application/rdap+json, application/json;q=0.9"),)
_MOST = 1 << 20
_REMEMBERED = 7
"""Days for which the list is not asked again: it hardly ever changes."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Registered:
    """A name to ask for, and whom: the registry at `server`, or else the one that `bootstrap` names."""

    name: str
    server: str = ""
    bootstrap: str = IANA
    trust: Trust = USUAL

    @property
    def top(self) -> str:
        return self.name.rpartition(".")[2]

    def request(self, url: str) -> Request:
        return Request("GET", place_of(url), _ACCEPT, trust=self.trust, max_body=_MOST)


def build_registered(name: str, *, server: str = "", bootstrap: str = "", trust: Trust | None = None) -> Registered:
    """From what a person wrote. ValueError says in one sentence what is wrong with it."""
    with naming("name"):
        host = host_name(name)
        if "." not in host or literal(host):
            raise ValueError(f"{clean(name, 80)!r} is not a name that somebody can register")
    made = Registered(host, server, bootstrap or IANA, trust or USUAL)
    for option, url in (("bootstrap", made.bootstrap), ("server", made.server)):
        with naming(option):
            made.request(url or IANA)
    return made


class Errand:
    """One look: to the registry that is known, or first to the list that names it, and on to where these send it."""

    def __init__(self, asked: Registered, memo: str, now: datetime) -> None:
        self._asked, self._now = asked, now
        self._learnt, self._base = ("", asked.server) if asked.server else self._remembered(memo)
        self._asks_list = self._has_asked_list = False
        is_fresh = f"{now - timedelta(_REMEMBERED):%Y-%m-%d}" <= self._learnt <= f"{now:%Y-%m-%d}"
        self.request = self._to_registry() if asked.server or is_fresh else self._to_list()

    @property
    def memo(self) -> str:
        """Since when it is known of which part of the tree who is in charge."""
        return "" if self._asked.server else f"{self._learnt} {self._asked.top} {self._base}"

    def _remembered(self, memo: str) -> tuple[str, str]:
        learnt, top, base = (*memo.split(" "), "", "", "")[:3]
        with suppress(ValueError):
            if top == self._asked.top and self._asked.request(base):
                return learnt, base
        return "", ""

    def onward(self, came: Answer | Unreachable) -> Request | None:
        """Where to ask next; None at the end of the errand."""
        before = self.request.place.host
        following = self._following(came)
        if following is None and isinstance(came, Unreachable):
            raise Unreachable(came.cause, f"{before} cannot be asked: {came}")
        return following

    def _following(self, came: Answer | Unreachable) -> Request | None:
        """Failures lead on, too: a registry may have moved, and an old address is better than none."""
        if isinstance(came, Answer) and came.status in _REDIRECTS:
            return self._redirected(came)
        is_answered = isinstance(came, Answer) and came.status == 200
        if not self._asks_list:
            is_over = is_answered or self._has_asked_list or bool(self._asked.server)
            return None if is_over else self._to_list()
        if isinstance(came, Answer) and is_answered:
            self._base, self._learnt = base_of(self._asked.name, came), f"{self._now:%Y-%m-%d}"
        elif not self._base and isinstance(came, Answer):
            raise Unreadable(f"the list of registries cannot be had: {came.place.host} answered {came.status}")
        return self._to_registry() if self._base else None

    def _to_list(self) -> Request:
        self._asks_list = self._has_asked_list = True
        self.request = self._asked.request(self._asked.bootstrap)
        return self.request

    def _to_registry(self) -> Request:
        try:
            following = self._asked.request(f"{self._base.rstrip('/')}/domain/{self._asked.name}")
        except ValueError as error:
            raise Unreadable(f"the address of the registry of .{self._asked.top} cannot be used: {error}") from error
        self.request = self._safe(following) if self._asks_list else following
        self._asks_list = False
        return self.request

    def _redirected(self, answer: Answer) -> Request:
        try:
            following = self.request.redirected(answer.status, answer.header("location") or "")
        except ValueError as error:
            raise Unreadable(f"the redirect of {answer.place.host} cannot be followed: {error}") from error
        self.request = self._safe(following)
        return self.request

    def _safe(self, following: Request) -> Request:
        before = self.request.place
        if before.scheme == "https" and following.place.scheme != "https":
            raise Unreadable(f"{before.host} leads to an address without TLS, where anybody could answer")
        return following
