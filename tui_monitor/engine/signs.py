"""The banner that the board shows by itself where a place is automatic: once it has settled, and cleared when well.

What a person has pushed stands until a person clears it; and what a person has cleared stays away until the board has
something else to say.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tui_monitor.core.banner import BANNER, Banner, Severity
from tui_monitor.core.model import Owing
from tui_monitor.core.plan import Place
from tui_monitor.engine.billboard import would_say
from tui_monitor.engine.byhand import carriers
from tui_monitor.engine.desk import Desk

BOARD = "engine"
"""By whom a banner is that no person has pushed."""

SETTLED = timedelta(seconds=10)
"""For how long the board must have had the same to say before it is shown."""

LATEST = timedelta(seconds=60)
"""How long the first of several words may wait for the last: where it never settles, it is shown all the same."""

Word = tuple[str, Severity]
NOTHING: Word = ("", Severity.INFO)
"""All is well; and all that a place has to say by itself where it is not automatic."""


class Signs:
    """Knows since when the board has had what to say; what stands where is kept with the banners."""

    def __init__(self) -> None:
        self._word: Word = NOTHING
        self._since: datetime | None = None
        self._unsettled: datetime | None = None

    def __repr__(self) -> str:
        return f"<Signs {self._word[0] or 'all well'}>"

    def tick(self, desk: Desk, now: datetime) -> None:
        settled = self._settled(desk, now) if carriers(desk, "automatic") else None
        for place in carriers(desk, "banner"):
            word = settled if getattr(place.plugin, "automatic", False) else NOTHING
            after = _next(place, desk.banners.table.get(place.name), word, now) if word is not None else None
            if after is not None:
                desk.banners.put(desk.draft, after)
                desk.ledger.show(desk.draft, after, "the board's own banner", now)
            else:
                self._renew(desk, place, now)

    def _settled(self, desk: Desk, now: datetime) -> Word | None:
        """What the board has to say; None while that may be another thing in a moment."""
        word = would_say(desk, now)
        if self._since is None or word != self._word:
            self._word, self._since = word, now
            self._unsettled = self._unsettled or now
        if now - self._since < SETTLED and now - (self._unsettled or now) < LATEST:
            return None
        self._unsettled = None
        return word

    def _renew(self, desk: Desk, place: Place, now: datetime) -> None:
        """What runs out outside is told again for as long as it stands, and what was given up is tried again."""
        every = getattr(place.plugin, "renewed_every", 0.0)
        row, shown = desk.ledger.rows.get((place.name, BANNER)), desk.banners.table.get(place.name)
        if not every or row is None or shown is None or shown.cleared:
            return
        last = {Owing.TOLD: row.told_at, Owing.GIVEN_UP: row.since}.get(row.state)
        if last is not None and now - last >= timedelta(seconds=every):
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
