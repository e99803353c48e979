"""The banner that the board shows by itself where a place is automatic: once it has settled, and cleared when well.

What a person has pushed stands until a person clears it; and what a person has cleared stays away until the board has
something else to say.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from tui_monitor.core.banner import BANNER, Banner, Severity
from tui_monitor.core.model import Owing
from tui_monitor.core.plan import Place
from tui_monitor.engine.billboard import would_say
from tui_monitor.engine.byhand import carriers, is_doubtful
from tui_monitor.engine.desk import ASTRAY, Desk

BOARD = "engine"
"""By whom a banner is that no person has pushed."""

SETTLED = 10.0
"""Seconds for which the board must have had the same to say before it is shown."""

LATEST = 60.0
"""Seconds for which the first of several words may wait for the last: what never settles is shown all the same."""

A_SECOND = 1000
"""Incidents that are gone through in a second to find what the board has to say: of more, it is asked less often."""

Word = tuple[str, Severity]
NOTHING: Word = ("", Severity.INFO)
"""All is well; and all that a place has to say by itself where it is not automatic."""


class Signs:
    """Knows since when the board has had what to say; what stands where is kept with the banners."""

    def __init__(self) -> None:
        self._word: Word = NOTHING
        self._since: float | None = None
        self._unsettled: float | None = None
        self._next_at = float("-inf")

    def __repr__(self) -> str:
        return f"<Signs {self._word[0] or 'all well'}>"

    def tick(self, desk: Desk, now: datetime, monotonic: float) -> None:
        settled = self._settled(desk, now, monotonic) if carriers(desk, "automatic") else None
        for place in carriers(desk, "banner"):
            is_automatic = getattr(place.plugin, "automatic", False)
            word = settled if is_automatic else NOTHING
            after = _next(place, desk.banners.table.get(place.name), word, now) if word is not None else None
            if after is not None and (after.cleared or not is_doubtful(desk, place)):
                desk.banners.put(desk.draft, after)
                desk.ledger.show(desk.draft, after, "the board's own banner", now)
            elif after is None:
                self._renew(desk, place, now)
            if is_automatic and settled == NOTHING:
                _forgive(desk, place)

    def _settled(self, desk: Desk, now: datetime, monotonic: float) -> Word | None:
        """What the board has to say; None while that may be another thing in a moment."""
        if monotonic >= self._next_at:
            self._next_at = monotonic + len(desk.incidents) / A_SECOND
            word = would_say(desk, now)
            if self._since is None or word != self._word:
                self._word, self._since = word, monotonic
                self._unsettled = monotonic if self._unsettled is None else self._unsettled
        since = monotonic if self._since is None else self._since
        if monotonic - since < SETTLED and monotonic - (self._unsettled or since) < LATEST:
            return None
        self._unsettled = None
        return self._word

    def _renew(self, desk: Desk, place: Place, now: datetime) -> None:
        """What runs out outside is told again for as long as it stands, and what was given up is tried again."""
        every = getattr(place.plugin, "renewed_every", 0.0)
        row, shown = desk.ledger.rows.get((place.name, BANNER)), desk.banners.table.get(place.name)
        if not every or row is None or shown is None or shown.cleared:
            return
        last = {Owing.TOLD: row.told_at, Owing.GIVEN_UP: row.since}.get(row.state)
        if last is not None and not -ASTRAY <= now - last < timedelta(seconds=every):  # also one from another clock
            desk.ledger.renew(desk.draft, row, now)


def _next(place: Place, stands: Banner | None, word: Word, now: datetime) -> Banner | None:
    """What a place is to show from now on, where that is another banner than the one that stands."""
    text, severity = word
    number = stands.revision + 1 if stands is not None else 1
    if stands is not None and stands.by != BOARD and (stands.is_open or (stands.text, stands.severity) == word):
        return None
    if not text:
        is_ours = stands is not None and stands.is_open
        return (
            Banner(place.name, stands.text, stands.severity, BOARD, now, number, True) if stands and is_ours else None
        )
    if stands is not None and stands.says(text, severity):
        return None
    return Banner(place.name, text, severity, BOARD, now, number)


def _forgive(desk: Desk, place: Place) -> None:
    """All is well: what a person has cleared is shown again should it come back."""
    stands = desk.banners.table.get(place.name)
    if stands is not None and stands.cleared and stands.by != BOARD:
        desk.banners.put(desk.draft, replace(stands, by=BOARD))
