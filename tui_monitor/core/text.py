"""Text from outside is hostile: cleaned once, where it enters. Durations as people write them."""

from __future__ import annotations

import re
import unicodedata

_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)", re.IGNORECASE)
_PARTS = re.compile(f"(?:{_PART.pattern})+", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_HARM = re.compile(rf"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029{''.join(sorted(_BIDI))}]")
"""The categories Cc, Cs, Zl and Zp, and what turns the direction of writing: nothing that Python calls printable."""


def clean(text: str, limit: int = 500) -> str:
    """One line of harmless text: no control, escape, bidi or surrogate character, blanks folded, at most `limit`."""
    if len(text) <= limit and text.isprintable() and "  " not in text:  # as most are
        return text.strip()
    return _folded(text[: limit * 4])[:limit].rstrip()


def clean_lines(text: str, limit: int = 10_000) -> str:
    """Like `clean`, with line breaks kept."""
    text = text[: limit * 2]
    if text.replace("\n", "").isprintable() and not ("  " in text or " \n" in text or "\n " in text):
        return text.strip()[:limit].rstrip()
    return "\n".join(map(_folded, text.splitlines())).strip()[:limit].rstrip()


def _folded(line: str) -> str:
    if line.isprintable() and "  " not in line:
        return line.strip()
    return " ".join(_HARM.sub(" ", line).split())


def duration_of(text: str) -> float:
    """`200ms`, `90s`, `5m`, `1h30m`, `2d` or a bare number of seconds, as seconds. ValueError says what is wrong."""
    stripped = text.strip()
    try:
        seconds = float(stripped)
    except ValueError:
        seconds = _spelt_duration(stripped)
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"{stripped!r} is not a duration: it must be a finite number, not below zero")
    return seconds


def _spelt_duration(text: str) -> float:
    if not _PARTS.fullmatch(text):
        raise ValueError(f"{text!r} is not a duration: write it like 200ms, 90s, 5m or 1h30m")
    return sum(float(number) * _SECONDS[unit.lower()] for number, unit in _PART.findall(text))


def spell_duration(seconds: float) -> str:
    """Seconds for a person: `42 ms`, `8 s`, `12 m`, `3 h 05 m`, `2 d 4 h`."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = int(seconds + 0.05)
    if whole < 60:
        return f"{whole} s"
    minutes, second = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} m {second:02d} s" if minutes < 10 and second else f"{minutes} m"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} m"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def spell_number(number: int, noun: str) -> str:
    """`1 service`, `1,234 services`, `2 addresses`."""
    more = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{more}"


def spell_waiting(owed: int, looks: int) -> str:
    """What waits for a place, `3 owed, 412 looks wait`; empty where nothing does."""
    waits = f"{spell_number(looks, 'look')} {'waits' if looks == 1 else 'wait'}"
    return ", ".join(filter(None, (f"{owed:,} owed" if owed else "", waits if looks else "")))


def slug(name: str) -> str:
    """The id made from a name: lower case ASCII words joined by dashes; `service` where nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "service"
