"""Text that means harm, and a world in which every text that comes from outside is some of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import Any

from tui_monitor.core.model import Kind

LONG = 10_000

KINDS: Mapping[str, tuple[str, ...]] = {
    "markup": (
        *("[/foo]", "[bold", "[@click=app.quit]x[/]", "$var", "[red on blue]x[/red]", "[]", "[/]", "\\[b]", "]["),
        *("[link=file:///etc/passwd]x[/link]", ":smile:", "{name}", "%s %(x)d", "{0.__class__}", "&amp;<b>"),
        *("`x` *y* _z_", "[[[[", "a [b=", '[a="', "[?]", "[!]", "[x/]", "[#ff0000]x", "$", "@", "^", "~", "\\"),
    ),
    "escapes": (
        *("\x1b[2Jclear", "\x1b]52;c;aGFjaw==\x07osc", "\x1b]8;;http://evil.invalid\x1b\\link\x1b]8;;\x1b\\"),
        *("\x1bP+q544e\x1b\\dcs", "\x9b31mc1", "\x9d0;title\x9cost", "\x90dcs\x9c", "\x1b]0;title\x07"),
        *("\x1b", "a\x1b", "\x1b[", "\x1b_apc\x1b\\", "\x1b^pm\x1b\\", "\x1bc", "\x1b[6n", "\x1b[31mred\x1b[0m"),
        *("\x18\x1a", "\x1b[?1049l", "\x1b[?1003h"),
    ),
    "controls": (
        *("bell\x07", "cr\rover", "back\x08\x08space", "tab\tand\ttab", "nul\x00l", "del\x7f", "vt\x0bff\x0c"),
        *("flood\n\n\n\n\nof\nlines\n" * 5, "\r\n\r\n", "\x85nel", "\u2028line\u2029part", "", " ", "\u00a0"),
        *("\x0e\x0f", "x" + " " * 99),
    ),
    "bidi": (
        *("\u202egnp.exe", "\u2066iso\u2069", "\u200fmark", "\u061c", "שלום עולם", "مرحبا بالعالم"),
        *("\u200bzero\u200cwidth\u200djoin\ufeff", "\u2060", "soft\u00adhyphen", "\u180e", "\u3164filler"),
        *("abc \u202b שלום \u202c x", "\U000e0041tag"),
    ),
    "wide": (
        *("日本語のサービス", "한국어 서비스", "\uff26\uff35\uff2c\uff2c", "ｱｲｳ", "👍 👍🏽", "🇩🇪🇫🇷🇯🇵", "日" * 200),
        *("👨\u200d👩\u200d👧\u200d👦", "❤\ufe0f ✔\ufe0f 1\ufe0f\u20e3", "e\u0301\u0302\u0303\u0304\u0305"),
        *("Z\u0351\u036b\u0343\u036a\u0302\u036b\u033dalgo" * 3, "\u0301alone", "🫠🪿", "\U0001f9d1\U0001f3ff"),
        *("नमस्ते", "ไทย", "\U0001d518\U0001d52b", "\ue0b0icon", "\U0010ffff", "\u0378", "①㉈", "―…", "½ ™ ©"),
        "\u2630\u2631",
    ),
    "surrogates": ("\ud800", "\udfff\ud800", "a\udc80b", "\ud83d", "x\ud83d\ude00y"),
    "long": (
        *("x" * LONG, "word " * (LONG // 5), "日本" * (LONG // 2), "[b]" * (LONG // 3), "\x1b[31m" * (LONG // 5)),
        *("e\u0301" * (LONG // 2), "line\n" * (LONG // 5), "a" * 39 + " " + "b" * LONG),
    ),
}

EVERY = tuple(dict.fromkeys(text for texts in KINDS.values() for text in texts))

STRUCTURE = frozenset(
    (
        *(
            "id",
            "service",
            "incident",
            "subject",
            "status",
            "severity",
            "state",
            "worst",
            "said",
            "cursor",
            "timezone",
        ),
        *(
            "day",
            "unreachable",
            "appearance",
            "services",
            "depends_on",
            "upstream",
            "needed_by",
            "suppressed_by",
            "statuses",
        ),
        *("failing",),
    )
)
"""Keys of what the engine itself makes, and never takes from outside."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT")
_OWN = frozenset(("vendor", "board", *(kind.value for kind in Kind)))


def infected(value: Any, texts: Iterator[str], key: str = "") -> Any:
    """The same, with the next of these texts in the place of each that could have come from outside."""
    if isinstance(value, str):
        is_own = (key in ("kind", "by") and value in _OWN) or (key == "source" and value in ("command", "config"))
        return value if is_own or _MOMENT.match(value) else next(texts)
    if isinstance(value, Mapping):
        return {one: _member(one, its, texts) for one, its in value.items()}
    if isinstance(value, list | tuple):
        return [infected(one, texts, key) for one in value]
    return value


def _member(key: str, value: Any, texts: Iterator[str]) -> Any:
    has_rows = isinstance(value, list) and any(isinstance(one, Mapping) for one in value)
    if key in STRUCTURE and not has_rows:
        return value
    return infected(value, texts, key)


def of_kind(kind: str) -> Iterator[str]:
    return cycle(KINDS[kind])
