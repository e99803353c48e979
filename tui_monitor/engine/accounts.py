"""What has come of a delivery, and what has become of the line: entered at the desk, and said to people."""

from __future__ import annotations

import logging
from datetime import datetime

from tui_monitor.core.model import Kind
from tui_monitor.core.text import clean, spell_duration
from tui_monitor.engine.desk import Desk
from tui_monitor.engine.guard import Line
from tui_monitor.engine.outbox import Sent

log = logging.getLogger(__name__)


def account(desk: Desk, sent: Sent, now: datetime) -> None:
    """What came of a delivery, entered into the ledger and said to people."""
    delivery, name = sent.delivery, sent.delivery.place.name
    title = clean(delivery.message.title, 200)
    if sent.receipt is not None:
        desk.ledger.settle(desk.draft, delivery, sent.receipt, now)
        note = clean(sent.receipt.note)
        if note:
            log.warning("%s was told, but: %s", name, note)
        desk.tell_board(Kind.TOLD, f"{name} told: {title}" + (f" ({note})" if note else ""), now, by=name)
    elif sent.error is None:
        desk.ledger.release(desk.draft, delivery, now)
    else:
        given_up = desk.ledger.fail(desk.draft, delivery, sent.error, now)
        log.warning("%s was not told: %s", name, sent.error)
        if given_up:
            log.error("gave up telling %s: %s", name, title)
            desk.tell_board(Kind.GAVE_UP, f"gave up telling {name}: {title}: {sent.error}", now, by=name)


def note_line(desk: Desk, line: Line, now: datetime) -> None:
    """One event when the line is cut, one when it is back; what was owed meanwhile goes out then."""
    if line.is_cut:
        log.warning("%s", line.text)
        desk.tell_board(Kind.CUT_OFF, line.text, now)
        return
    lasted = max(0.0, (now - line.since).total_seconds())
    text = line.text or f"the line is back after {spell_duration(lasted)}; what is owed goes out now"
    log.warning("%s", text)
    desk.tell_board(Kind.BACK, text, now)
    desk.ledger.spare(desk.draft, lasted, now)
