"""Times as programs write them: ISO 8601, RFC 822 and its kin, epochs; and what they write where there is none yet.

Stamps come from outside, so that nothing here trusts a length or a number. A day before a month or the other way
round is never guessed: such a stamp is for an explicit format.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from tui_monitor.core.text import clean
from tui_monitor.core.window import zone_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

LONGEST = 100
"""Characters that a stamp may have."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_UNITS = ((1e11, 1_000_000), (1e14, 1_000), (1e17, 1))
"""Below which size a number counts seconds, milliseconds or microseconds since the epoch, and how many of these last
make one of them; above, it counts nanoseconds. Each holds for thousands of years around ours."""

_UNSET = frozenset({"", "-", "0", "null", "none", "never"})
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HOURS = {"Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3}
_HOURS |= {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
"""Zones by name: those of RFC 822, and the European ones, which mean one thing only."""

_CLOCK = r"(?P<clock>\d\d?:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)"
_ZONE = r"(?P<zone>(?:UTC|GMT)?[+-]\d\d(?::?\d\d)?|[A-Z]{1,4})"
_pattern = partial(re.compile, flags=re.ASCII | re.IGNORECASE)

_SHAPES = (
    # 2026-11-20T13:45:00.123+01:00, 2026/11/20 13:45, 2026-11-20
    _pattern(rf"(?P<year>\d{{4}})(?P<sep>[-/.])(?P<month>\d\d?)(?P=sep)(?P<day>\d\d?)"
             rf"(?:[T ]\s*{_CLOCK}\s*{_ZONE}?)?"),
    # 20261120T134500Z, 20261120134500, 20261120
    _pattern(rf"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?:T?(?P<digits>\d{{4}}(?:\d\d)?)\s*{_ZONE}?)?"),
    # Fri, 20 Nov 2026 13:45:00 GMT, Friday, 20-Nov-26 13:45:00 GMT, 20 Nov 26 13:45 Z
    _pattern(rf"(?:[a-z]{{3,9}},?\s+)?(?P<day>\d\d?)[ -](?P<month>[a-z]{{3,9}})[ -](?P<year>\d{{4}}|\d\d)"
             rf"(?:,?\s+{_CLOCK}\s*{_ZONE}?)?"),
    # Fri Nov 20 13:45:00 2026, Fri Nov 20 13:45:00 UTC 2026
    _pattern(rf"(?:[a-z]{{3}},?\s+)?(?P<month>[a-z]{{3,9}})\s+(?P<day>\d\d?)\s+{_CLOCK}\s+(?:{_ZONE}\s+)?(?P<year>\d{{4}})"),
    # Fri Nov 20 2026 13:45:00 GMT+0100 (Central European Standard Time), Nov 20, 2026
    _pattern(rf"(?:[a-z]{{3}},?\s+)?(?P<month>[a-z]{{3,9}})\s+(?P<day>\d\d?),?\s+(?P<year>\d{{4}})"
             rf"(?:,?\s+{_CLOCK}\s*{_ZONE}?(?:\s+\([^()]*\))?)?"),
)  # fmt: skip
_EXACT = re.compile(
    r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
"""The usual shape: read by the machine's own hand, as pages hold thousands of them."""
_NUMBER = _pattern(r"[+-]?\d{1,19}(?:\.\d{1,9})?")
_DATE_CALL = _pattern(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_NAMED_ZONE = _pattern(r"\[[a-z0-9_+/-]{1,60}\]$")


def zone_named(name: str) -> ZoneInfo:
    """ValueError: there is no such time zone."""
    try:
        return zone_of(name)
    except (ValueError, OSError, KeyError):
        raise ValueError(f"{clean(name, 60)!r} is not a time zone: write it like Europe/Paris") from None


def check_format(pattern: str) -> None:
    """ValueError: it is not one that `strptime` understands, or it has no date in it."""
    sample = datetime(2026, 11, 20, 13, 45, 59, 123456, tzinfo=UTC)
    try:
        read = datetime.strptime(sample.strftime(pattern), pattern)  # noqa: DTZ007 - its zone is of no matter here
    except (ValueError, re.error):
        read = None
    if read is None or read.date() != sample.date():
        raise ValueError(f"{clean(pattern, 60)!r} is not a format of dates and times like '%d.%m.%Y %H:%M'")


def read_stamp(value: Any, zone: tzinfo, now: datetime, pattern: str = "") -> datetime | None:
    """The moment that is meant; None where there is none yet. ValueError: this is no time that can be told.

    A stamp that names no zone is of `zone`, and one of an hour that the clocks there show twice is the last that is
    not yet to come. `pattern` is what `strptime` makes of it, instead of all the usual ways.
    """
    if value is None:
        return None
    if type(value) is str and not pattern and _EXACT.fullmatch(value):
        try:
            return _settled(datetime.fromisoformat(value), zone, now)
        except (ValueError, OverflowError):  # 24:00, a leap second, a zone a day wide
            pass
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{'true or false' if isinstance(value, bool) else 'a list or mapping'} is not a time")
    text = str(value).strip()
    if text.lower() in _UNSET:
        return None
    try:
        if len(text) > LONGEST:
            raise ValueError("too long")
        return _by_pattern(text, pattern, zone, now) if pattern else _by_shape(value, text, zone, now)
    except (ValueError, OverflowError):
        raise ValueError(f"{clean(text, 60)!r} is not a time that can be read") from None


def _by_pattern(text: str, pattern: str, zone: tzinfo, now: datetime) -> datetime | None:
    read = datetime.strptime(text, pattern)  # noqa: DTZ007 - one without a zone is settled next
    return None if read.year <= 1 else _settled(read, zone, now)


def _by_shape(value: Any, text: str, zone: tzinfo, now: datetime) -> datetime | None:
    if called := _DATE_CALL.fullmatch(text):
        return EPOCH + timedelta(milliseconds=int(called[1]))
    text = _NAMED_ZONE.sub("", text)
    for shape in _SHAPES:
        found = shape.fullmatch(text)
        if found is not None:
            return _by_parts(found.groupdict(), zone, now)
    if isinstance(value, str) and not _NUMBER.fullmatch(text):
        raise ValueError("of no known shape")
    return _since_epoch(float(text) if "." in text or isinstance(value, float) else int(text))


def _since_epoch(number: float) -> datetime | None:
    if not number:
        return None
    for below, many in _UNITS:
        if abs(number) < below:
            return EPOCH + timedelta(microseconds=number * many)
    return EPOCH + timedelta(microseconds=number / 1000)


def _by_parts(parts: dict[str, str | None], zone: tzinfo, now: datetime) -> datetime | None:
    """From year, month, day, clock and zone, as far as they were written."""
    year, day = _year(parts["year"] or ""), int(parts["day"] or "0")
    if year <= 1:
        return None
    digits = parts.get("digits")
    clock = parts.get("clock") or (":".join(re.findall("..", digits)) if digits else "00:00")
    hour, minute, second, fraction = _clock(clock)
    midnight = datetime.combine(date(year, _month(parts["month"] or ""), day), time(), _zone(parts.get("zone")))
    at = midnight + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=fraction)
    return _settled(at, zone, now)


def _year(text: str) -> int:
    """Two digits are of this century up to 49 (RFC 2822)."""
    return int(text) if len(text) == 4 else int(text) + (2000 if int(text) < 50 else 1900)


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.index(text[:3].lower()) + 1


def _clock(text: str) -> tuple[int, int, int, int]:
    """Hours to microseconds: 24:00 is the end of a day, and second 60 a leap second."""
    whole, _, fraction = text.replace(",", ".").partition(".")
    hour, minute, *rest = map(int, whole.split(":"))
    second = rest[0] if rest else 0
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second):
        raise ValueError("no clock shows this")
    return hour, minute, second, int(fraction.ljust(6, "0")[:6]) if fraction else 0


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    name = text.upper()
    if name in _HOURS:
        return timezone(timedelta(hours=_HOURS[name]))
    sign, digits = name.lstrip("UTCGM")[:1], re.sub(r"\D", "", name).ljust(4, "0")
    if sign not in ("+", "-"):
        raise ValueError("no zone of this name is known")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if sign == "-" else offset)


def _settled(at: datetime, zone: tzinfo, now: datetime) -> datetime:
    """In UTC; of an hour that comes twice the last that is not yet to come."""
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    if zone is UTC:
        return at.replace(tzinfo=UTC)
    first, second = (at.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return second if first < second <= now else first


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds from `now`, from the seconds or the date of a Retry-After header; None where it says nothing."""
    stripped = text.strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", stripped):
        return float(stripped)
    try:
        at = parsedate_to_datetime(stripped)
    except ValueError:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=now.tzinfo)
    return max(0.0, (aware - now).total_seconds())
