"""What people read in an entry of a feed, taken apart: which word it is under which state each update was written,
when, the labels above them, and the window of planned work.

The markup is only looked at for what it shows: a word in bold at the start of a line is a state, whatever it says.
"""

from __future__ import annotations

import html
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from tui_monitor.checks.craft.vendor.document import when
from tui_monitor.core.model import VendorUpdate
from tui_monitor.core.stamp import EPOCH

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

HALF_A_YEAR = timedelta(days=180)
LONGEST_MOMENT = 80
"""Characters of a line that says only when."""
LONGEST_TAG = 64
"""Characters of a tag of which it is remembered what it shows."""

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
_CLOSED_PLAIN = re.compile(rf"[-\u2013\u2014](?<!\S[-\u2013\u2014])\s*((?i:{_CLOSED}))\s*[-\u2013\u2014](?!\S)")
_ESCAPED = re.compile(r"&lt;/?(?:p|br|strong|b|small|div|ul|li|var)\b", re.IGNORECASE)
_UNSEEN = re.compile(r"<(script|style|head|title|template|noscript)\b", re.IGNORECASE)
_MARKS = (
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
_WHOLE = re.compile(r"<[^<>]*>")
_ALL_MARKS = re.compile(r"[\x02-\x05]")
_ODD = re.compile("[\x00-\x1f\x85\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
"""Marks, and what ends a line or is a blank of its own."""
_LINE_ENDS = re.compile(r"[\r\n]+")
_USUAL = re.compile(
    r"<p> *<small> *(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6} +"
    r"<var data-var=['\"]date['\"]> *([0-9]{1,2})</var>, +<var data-var=['\"]time['\"]>([0-9]{1,2}:[0-9]{2})</var>"
    r" +([A-Z]{2,5})</small> *<br ?/?> *<strong>([A-Za-z -]{4,30})</strong> +- +([^<]*(?:<br(?: ?/)?>[^<]*)*)</p>"
)
"""How nearly every update of a feed is written, since one program writes most feeds."""
_FIRST = 4
_TELLING = frozenset(one[:_FIRST] for one in (*KNOWN, *LABELS))
_DASHES = ("-", "\u2013", "\u2014", "*")
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_NOON = datetime(2000, 1, 1, 12, tzinfo=UTC)
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
    """`base` is a moment near the updates, which name no year."""
    return _usual(content, base) or _thorough(content, base)


def _usual(content: str, base: datetime) -> Wording | None:
    """What the thorough way would find, several times as fast: None where an entry is open, or of another shape."""
    if "SCHEDULED" in content or ("&" in content and _ESCAPED.search(content)):
        return None
    if not content.isascii() or any(map(content.__contains__, "\n\r\t")):
        content = content.replace("\n", " ").replace("\r", " ").replace("\t", " ").replace("\xa0", " ")
        if not content.isprintable() and _ODD.search(content):
            return None
    parts = _USUAL.split(content)
    if "".join(parts[::7]).strip():
        return None
    found = Wording()
    for n in range(1, len(parts), 7):
        month, day, clock, zone, state, text = parts[n : n + 6]
        word, lines = state.lower(), _plain_lines(text)
        if word not in KNOWN or not lines:
            return None
        if word in CLOSED and not found.closed:
            found.closed = state
        at = _nearest(month, day, None, clock, zone, base)
        if len(lines) == 1 or all(map(_is_mere, lines[1:])):
            found.updates.append(VendorUpdate("\n".join(filter(None, lines)), at, state))
        else:
            _Pen(found, base).resume(at, state, lines)
    return found if found.closed else None


def _plain_lines(text: str) -> list[str]:
    """Those of a text in which there are breaks at most, the first beside its word; none where there is more."""
    if "<" in text:
        text = text.replace("<br />", "\n").replace("<br>", "\n").replace("<br/>", "\n")
    if "&" in text:
        lines = [_folded(line) for line in html.unescape(text).replace("\xa0", " ").splitlines()] or [""]
        return [] if any("SCHEDULED" in line for line in lines) else lines
    return [" ".join(line.split()) if "  " in line else line.strip() for line in text.split("\n")]


def _folded(line: str) -> str:
    if line.isprintable() and "  " not in line:  # as most are
        return line.strip()
    return " ".join(line.split())


def _bare(line: str) -> str:
    """Without marks."""
    for mark in (_BOLD, _LIGHT, _DATED, _UNDATED):
        line = line.replace(mark, "")
    return _folded(line)


def _thorough(content: str, base: datetime) -> Wording:
    text = shown(content)
    found = Wording()
    if "SCHEDULED EVENT" in text:
        found.is_event = True
        found.window = _window(_bare(text), base)
    closed = _CLOSED_BOLD.search(text) or _CLOSED_PLAIN.search(text)
    found.closed = closed[1] if closed else ""
    _Pen(found, base).write(text)
    found.closed = found.closed or next((one for one in found.words if one.lower() in CLOSED), "")
    return found


def shown(content: str) -> str:
    """The text in lines, in which marks stand for where bold and small print begin and end."""
    if "&" in content and _ESCAPED.search(content):
        content = html.unescape(content)
    if not _TAG.search(content):
        text = html.unescape(_ALL_MARKS.sub(" ", content)).replace("\xa0", " ")
        return _RUNNING_ON.sub(lambda one: f"\n{one[1]}\n{_BOLD}{one[7]}{_LIGHT} - ", text)
    text = _without_unseen(content)
    if not text.isprintable():
        text = _LINE_ENDS.sub(" ", _ALL_MARKS.sub(" ", text))
    return html.unescape(_marked(text)).replace("\xa0", " ")


def _marked(text: str) -> str:
    """With a mark for each tag: all at once, unless some are broken, or stand within others."""
    marked, tags = _WHOLE.subn(_mark_of, text)
    if tags == text.count("<"):
        return marked
    for pattern, mark in _MARKS:
        text = pattern.sub(mark, text)
    return text


def _mark_of(found: re.Match[str]) -> str:
    tag = found[0]
    return _known_mark(tag) if len(tag) <= LONGEST_TAG else _mark(tag)


def _mark(tag: str) -> str:
    return next((mark for pattern, mark in _MARKS if pattern.fullmatch(tag)), tag)


_known_mark = lru_cache(maxsize=256)(_mark)


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
        for raw in text.splitlines():
            self._line(_folded(raw))
        self.close()

    def resume(self, at: datetime | None, word: str, lines: list[str]) -> None:
        """Write what stands below a moment and beside a word."""
        self.at, self.word, self.lines = at, word, [one for one in lines[:1] if one]
        for line in lines[1:]:
            self._line(line)
        self.close()

    def _line(self, line: str) -> None:
        is_bare = line.isprintable()
        bare = line if is_bare else _bare(line)
        if not bare or "SCHEDULED EVENT" in bare:
            return
        if self.is_listing and bare.startswith("- "):
            self.found.components.append(bare[2:].strip())
            return
        self.is_listing = False
        if (is_bare and _is_mere(bare)) or not (
            self._is_label(line, bare) or self._is_moment(line, bare) or self._is_heading(line, bare)
        ):
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
        self.close()
        self.at = moment(found, self.base, bare) if found is not None else None
        return True

    def _is_heading(self, line: str, bare: str) -> bool:
        headed = _HEADED.fullmatch(line)
        if headed:
            word = " ".join(headed[1].split())
            is_known = word.lower() in KNOWN
            has_colon = bool(headed[2] or headed[3])
            if is_known or (headed[4] and not has_colon and len(word.split()) <= 3):
                self._open(word, _bare(headed[5]))
                return True
        plain = _PLAIN.fullmatch(bare)
        if plain is None or (_ITEM.match(bare) and plain[1].lower() in CLOSED):
            return False
        self._open(plain[1], plain[2] or "")
        return True

    def _open(self, word: str, text: str) -> None:
        if self.word or self.lines:
            self.close()
        self.word = word
        self.lines = [text] if text else []

    def close(self) -> None:
        if self.word or self.lines:
            self.found.updates.append(VendorUpdate("\n".join(self.lines), self.at, self.word))
        self.at, self.word, self.lines = None, "", []


def _is_mere(bare: str) -> bool:
    """Whether it can be seen at once that a line without marks is neither a label nor a moment nor a heading."""
    first = bare[:_FIRST]
    return (
        first.isascii()
        and first.lower() not in _TELLING
        and not first.startswith(_DASHES)
        and (len(bare) > LONGEST_MOMENT or ":" not in bare)
    )


def moment(found: re.Match[str], base: datetime, line: str) -> datetime | None:
    """When a line was written, in the year that brings it nearest to `base`; its zone may stand at its end."""
    last = line.rsplit(" ", 1)[-1]
    zone = found["zone"] or (last if last in _UTC or _ZONES.fullmatch(last) else "UTC")
    return _nearest(found["month"], found["day"], found["year"], found["clock"], zone, base)


def _nearest(month: str, day: str, year: str | None, clock: str, zone: str, base: datetime) -> datetime | None:
    nearest: datetime | None = None
    for one in (int(year),) if year else (base.year, base.year - 1, base.year + 1):
        at = _at(one, month, day, clock, zone, base)
        if at is not None and (nearest is None or abs(at - base) < abs(nearest - base)):
            nearest = at
        if nearest is not None and abs(nearest - base) < HALF_A_YEAR:
            break
    return nearest


def _at(year: int, month: str, day: str, clock: str, zone: str, base: datetime) -> datetime | None:
    """Nearly all are of a zone that is known by its name, and need no guess at their shape."""
    begun, passed = _begun(year, month, day), _passed(clock)
    if zone in _UTC:
        return None if begun is None or passed is None else begun + passed
    ahead = _ahead(zone)
    if begun is None or passed is None or ahead is None:
        return when(f"{int(day)} {month[:3]} {year} {clock} {_spelt(zone)}", base)
    with suppress(OverflowError):
        return begun + passed - ahead
    return None


@lru_cache(maxsize=512)
def _begun(year: int, month: str, day: str) -> datetime | None:
    """When a day began: a feed names the same few again and again."""
    try:
        return datetime(year, _MONTHS[month[:3].lower()], int(day), tzinfo=UTC)
    except (ValueError, KeyError):
        return None


@lru_cache(maxsize=2048)
def _passed(clock: str) -> timedelta | None:
    """Since the day began."""
    try:
        hour, minute, second = map(int, f"{clock}:00".split(":")[:3])
        return EPOCH.replace(hour=hour, minute=minute, second=second) - EPOCH
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _ahead(zone: str) -> timedelta | None:
    """By how much the clocks of a zone are ahead of UTC, on whichever day; None where it is not known."""
    noon = when(f"1 Jan 2000 12:00 {_spelt(zone)}", EPOCH)
    return None if noon is None else _NOON - noon


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
