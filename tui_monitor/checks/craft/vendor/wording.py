"""What people read in an entry of a feed, taken apart: which word it is under which state each update was written,
when, the labels above them, and the window of planned work.

The markup is only looked at for what it shows: a word in bold at the start of a line is a state, whatever it says.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from tui_monitor.checks.craft.vendor.document import when
from tui_monitor.core.model import VendorUpdate

CLOSED = frozenset({
    "resolved",
    "completed",
    "maintenance complete",
    "maintenance completed",
    "postmortem",
    "post-mortem",
    "cancelled",
    "canceled",
    "closed",
    "fixed",
})  # fmt: skip
TO_COME = frozenset({"scheduled", "maintenance scheduled"})
PLANNED = TO_COME | {"in progress", "maintenance in progress", "verifying"}
OPEN = PLANNED | {
    "update",
    "investigating",
    "identified",
    "monitoring",
    "acknowledged",
    "watching",
    "mitigated",
    "recovering",
}
KNOWN = CLOSED | OPEN
LABELS = (
    "type",
    "status",
    "severity",
    "impact",
    "duration",
    "affected components",
    "affected services",
    "components",
)
LISTS = frozenset({"affected components", "affected services", "components"})

REMEMBERED = 512
"""Entries that are not taken apart again: those of some twenty feeds."""
LONGEST_REMEMBERED = 20_000
"""Characters of an entry, so that a stranger's feeds do not fill the memory."""
HALF_A_YEAR = timedelta(days=180)
LONGEST_MOMENT = 80
"""Characters of a line that says only when."""

_BOLD, _LIGHT, _DATED, _UNDATED = "\x02", "\x03", "\x04", "\x05"
_KNOWN = "|".join(sorted((re.escape(word).replace("\\ ", r"\s+") for word in KNOWN), key=len, reverse=True))
_DATE = (
    r"(?P<month>(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6})\.?\s+(?P<day>\d{1,2})"
    r"(?:,?\s+(?P<year>\d{4}))?,?\s+(?:at\s+)?(?P<clock>\d{1,2}:\d\d(?::\d\d)?)"
)
_ZONE = r"(?P<zone>(?:UTC|GMT)[+-]\d{1,2}(?::?\d\d)?|[A-Z]{2,5}|[+-]\d\d:?\d\d)"
_MOMENT = re.compile(rf"{_DATE}(?:\s*{_ZONE})?")
_RUNNING_ON = re.compile(rf"((?:{_DATE})(?:\s*{_ZONE})?)\s+[-\u2013\u2014]\s+((?i:{_KNOWN}))\s+[-\u2013\u2014]\s+")
_WINDOW = re.compile(
    rf"SCHEDULED EVENT\s+{_DATE}(?:\s*{_ZONE})?\s*[-\u2013\u2014]\s*"
    r"(?:(?P<month2>[A-Z][a-z]{2,8})\.?\s+(?P<day2>\d{1,2})(?:,?\s+(?P<year2>\d{4}))?,?\s+)?(?P<clock2>\d{1,2}:\d\d)"
    rf"(?:\s*{_ZONE.replace('zone', 'zone2')})?"
)
_HEADED = re.compile(
    rf"{_BOLD}\s*([^{_BOLD}{_LIGHT}]{{1,80}}?)\s*(:?)\s*{_LIGHT}\s*(:?)\s*([-\u2013\u2014]?)\s*(.*)", re.DOTALL
)
_PLAIN = re.compile(
    rf"(?:[-\u2013\u2014*]\s*)?({_KNOWN})(?:\s*[-\u2013\u2014:]\s+(.*)|\s*[-\u2013\u2014:.]?)",
    re.IGNORECASE | re.DOTALL,
)
_ITEM = re.compile(r"(?:[-\u2013\u2014*]\s*)?[\w -]+:", re.ASCII)
"""`- Completed: Europe` is an item of a list, and not the state of it all."""
_LABELLED = re.compile(rf"({'|'.join(LABELS)})\s*:?\s*(.*)", re.IGNORECASE | re.DOTALL)
_CLOSED = "|".join(sorted(map(re.escape, CLOSED), key=len, reverse=True))
_CLOSED_BOLD = re.compile(rf"{_BOLD}\s*(?:status:\s*)?({_CLOSED})\W{{0,3}}{_LIGHT}", re.IGNORECASE)
_CLOSED_PLAIN = re.compile(rf"(?<!\S)[-\u2013\u2014]\s*((?i:{_CLOSED}))\s*[-\u2013\u2014](?!\S)")
_ESCAPED = re.compile(r"&lt;/?(?:p|br|strong|b|small|div|ul|li|var)\b", re.IGNORECASE)
_UNSEEN = re.compile(r"<(script|style|head|title|template|noscript)\b", re.IGNORECASE)
_MARKS = (
    (re.compile(r"[\x02-\x05]"), " "),
    (re.compile(r"[\r\n]+"), " "),
    (re.compile(r"<!--[^<>]*>"), ""),
    (re.compile(r"<(?:strong|b)(?:\s[^<>]*)?>", re.IGNORECASE), _BOLD),
    (re.compile(r"</(?:strong|b)\s*>", re.IGNORECASE), _LIGHT),
    (re.compile(r"<small(?:\s[^<>]*)?>", re.IGNORECASE), _DATED),
    (re.compile(r"</small\s*>", re.IGNORECASE), f"{_UNDATED}\n"),
    (re.compile(r"<li(?:\s[^<>]*)?>", re.IGNORECASE), "\n- "),
    (re.compile(r"</?(?:br|p|div|li|ul|ol|tr|table|h[1-6]|hr)(?:[\s/][^<>]*)?>", re.IGNORECASE), "\n"),
    (re.compile(r"</?[a-zA-Z][^<>]*>"), ""),
)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_ALL_MARKS = re.compile(r"[\x02-\x05]")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ZONES = re.compile(_ZONE)
_UTC = frozenset({"UTC", "GMT", "GMT+0", "UTC+0", "Z", ""})


@dataclass(slots=True)
class Wording:
    """What an entry says. `closed` is the word that ends it, wherever it stands."""

    updates: list[VendorUpdate] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    components: list[str] = field(default_factory=list)
    window: tuple[datetime | None, datetime | None] = (None, None)
    is_event: bool = False
    closed: str = ""

    @property
    def words(self) -> list[str]:
        return [one.state for one in self.updates if one.state]


def worded(content: str, base: datetime) -> Wording:
    """`base` is a moment near the updates, which name no year. What it gives is remembered: nobody may change it.

    Of the entries of a feed hardly one changes from one look to the next.
    """
    return _remembered(content, base) if len(content) <= LONGEST_REMEMBERED else _worded(content, base)


@lru_cache(maxsize=REMEMBERED)
def _remembered(content: str, base: datetime) -> Wording:
    return _worded(content, base)


def _worded(content: str, base: datetime) -> Wording:
    text = shown(content)
    found = Wording()
    if "SCHEDULED EVENT" in text:
        found.is_event = True
        found.window = _window(" ".join(_ALL_MARKS.sub("", text).split()), base)
    closed = _CLOSED_BOLD.search(text) or _CLOSED_PLAIN.search(text)
    found.closed = closed[1] if closed else ""
    _Pen(found, base).write(text)
    found.closed = found.closed or next((one for one in found.words if one.lower() in CLOSED), "")
    return found


def shown(content: str) -> str:
    """The text in lines, in which marks stand for where bold and small print begin and end."""
    if _ESCAPED.search(content):
        content = html.unescape(content)
    if not _TAG.search(content):
        text = html.unescape(_ALL_MARKS.sub(" ", content)).replace("\xa0", " ")
        return _RUNNING_ON.sub(lambda one: f"\n{one[1]}\n{_BOLD}{one[7]}{_LIGHT} - ", text)
    text = _without_unseen(content)
    for pattern, mark in _MARKS:
        text = pattern.sub(mark, text)
    return html.unescape(text).replace("\xa0", " ")


def _without_unseen(text: str) -> str:
    """Without scripts and the like, which nobody would see."""
    kept, at = [], 0
    while found := _UNSEEN.search(text, at):
        kept.append(text[at : found.start()])
        end = re.compile(f"</{found[1]}", re.IGNORECASE).search(text, found.end())
        if end is None:
            return "".join(kept)
        at = end.start()
    return "".join((*kept, text[at:]))


class _Pen:
    """Writes the lines of an entry to the updates to which they belong."""

    def __init__(self, found: Wording, base: datetime) -> None:
        self.found, self.base = found, base
        self.at: datetime | None = None
        self.word = ""
        self.lines: list[str] = []
        self.is_listing = False

    def write(self, text: str) -> None:
        for line in self._lines(text):
            self._line(line)
        self._close()

    def _lines(self, text: str) -> Iterator[str]:
        return (line for raw in text.splitlines() if (line := " ".join(raw.split())))

    def _line(self, line: str) -> None:
        bare = " ".join(_ALL_MARKS.sub("", line).split())
        if not bare or "SCHEDULED EVENT" in bare:
            return
        if self.is_listing and bare.startswith("- "):
            self.found.components.append(bare[2:].strip())
            return
        self.is_listing = False
        if self._is_label(line, bare) or self._is_moment(line, bare) or self._is_heading(line, bare):
            return
        self.lines.append(bare)

    def _is_label(self, line: str, bare: str) -> bool:
        labelled = _LABELLED.fullmatch(bare)
        if labelled is None:
            return False
        is_heading = line.startswith(_BOLD) and not labelled[2]
        if not is_heading and not bare[len(labelled[1]) :].lstrip().startswith(":"):
            return False
        name, value = labelled[1].lower(), labelled[2].strip()
        if name == "status":
            known = _PLAIN.fullmatch(value)
            self._open(known[1] if known else value[:60], (known[2] or "") if known else "")
        elif name in LISTS:
            self.is_listing = True
            self.found.components += [one.strip() for one in value.split(",") if one.strip()]
        else:
            self.found.labels.setdefault(name, value[:100])
        return True

    def _is_moment(self, line: str, bare: str) -> bool:
        """A line that says only when: in small print, or with nothing beside."""
        if len(bare) > LONGEST_MOMENT:
            return False
        found = _MOMENT.search(bare)
        is_alone = found is not None and len(found[0]) > len(bare) - 3
        if not is_alone and not (line.startswith(_DATED) and line.endswith(_UNDATED)):
            return False
        self._close()
        self.at = moment(found, self.base, bare) if found is not None else None
        return True

    def _is_heading(self, line: str, bare: str) -> bool:
        headed = _HEADED.fullmatch(line)
        if headed:
            word = " ".join(headed[1].split())
            is_known = word.lower() in KNOWN
            has_colon = bool(headed[2] or headed[3])
            if is_known or (headed[4] and not has_colon and len(word.split()) <= 3):
                self._open(word, " ".join(_ALL_MARKS.sub("", headed[5]).split()))
                return True
        plain = _PLAIN.fullmatch(bare)
        if plain is None or (_ITEM.match(bare) and plain[1].lower() in CLOSED):
            return False
        self._open(plain[1], plain[2] or "")
        return True

    def _open(self, word: str, text: str) -> None:
        if self.word or self.lines:
            self._close()
        self.word = word
        self.lines = [text] if text else []

    def _close(self) -> None:
        if self.word or self.lines:
            self.found.updates.append(VendorUpdate("\n".join(self.lines), self.at, self.word))
        self.at, self.word, self.lines = None, "", []


def moment(found: re.Match[str], base: datetime, line: str) -> datetime | None:
    """When a line was written, in the year that brings it nearest to `base`; its zone may stand at its end."""
    last = line.rsplit(" ", 1)[-1]
    zone = found["zone"] or (last if last in _UTC or _ZONES.fullmatch(last) else "UTC")
    return _nearest(found["month"], found["day"], found["year"], found["clock"], zone, base)


def _nearest(month: str, day: str, year: str | None, clock: str, zone: str, base: datetime) -> datetime | None:
    nearest: datetime | None = None
    for one in [int(year)] if year else [base.year, base.year - 1, base.year + 1]:
        at = _at(one, month, day, clock, zone, base)
        if at is not None and (nearest is None or abs(at - base) < abs(nearest - base)):
            nearest = at
        if nearest is not None and abs(nearest - base) < HALF_A_YEAR:
            break
    return nearest


def _at(year: int, month: str, day: str, clock: str, zone: str, base: datetime) -> datetime | None:
    """Nearly all are of UTC, and need no guess at their shape."""
    if zone not in _UTC:
        return when(f"{int(day)} {month[:3]} {year} {clock} {_spelt(zone)}", base)
    try:
        hour, minute, second = map(int, f"{clock}:00".split(":")[:3])
        return datetime(year, _MONTHS.index(month[:3].lower()) + 1, int(day), hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _spelt(zone: str) -> str:
    """`GMT+1` as `GMT+01`."""
    return re.sub(r"(?<=[+-])(\d)(?!\d)", r"0\1", zone)


def _window(text: str, base: datetime) -> tuple[datetime | None, datetime | None]:
    found = _WINDOW.search(text)
    if found is None:
        return None, None
    zone = found["zone"] or found["zone2"] or "UTC"
    begins = _nearest(found["month"], found["day"], found["year"], found["clock"], zone, base)
    if begins is None:
        return None, None
    month, day = found["month2"] or found["month"], found["day2"] or found["day"]
    ends = _nearest(month, day, found["year2"], found["clock2"], found["zone2"] or zone, begins)
    if ends is not None and ends < begins and not found["month2"]:
        ends += timedelta(days=1)
    return begins, ends
