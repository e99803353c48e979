"""HTML as vendors write it, as plain text: breaks and items as lines, links with where they lead, nothing else."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

_BREAKS = frozenset({"br", "p", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr"})
_UNSEEN = frozenset({"script", "style", "head", "title", "template", "noscript"})
_TAG = re.compile(r"</?[a-zA-Z!][^>]*>|&(?:#\w+|\w+);")
_SIMPLE = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)(?=[\s/>])[^<>]*>")
_HARD = re.compile(r"<(?:script|style|head|title|template|noscript|textarea|iframe|xmp|no|plain)", re.IGNORECASE)
"""Tags that say that what follows is not to be seen, or is not to be read as HTML."""
MOST = 20_000


class _Prose(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unseen += tag in _UNSEEN
        if tag in _BREAKS:
            self.parts.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        self.unseen = max(0, self.unseen - (tag in _UNSEEN))
        if tag in _BREAKS and tag not in ("br", "hr", "li"):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(data)


def plain(text: str) -> str:
    """The text of some HTML; what has no tags is only unescaped."""
    text = text[:MOST]
    if ("<" not in text and "&" not in text) or not _TAG.search(text):
        return text.strip()
    broken = _simply(text)
    lines = (
        " ".join(line.split()) for line in html.unescape(_parsed(text) if broken is None else broken).splitlines()
    )
    return "\n".join(line for line in lines if line)


def _simply(text: str) -> str | None:
    """The same as a parser makes of it, several times as fast; None where there is more in it than plain tags."""
    broken, tags = _SIMPLE.subn(_break, text)
    is_simple = tags == text.count("<") == text.count(">") and not _HARD.search(text)
    return html.unescape(broken) if is_simple else None


def _break(tag: re.Match[str]) -> str:
    name = tag[2].lower()
    if name not in _BREAKS or (tag[1] and name in ("br", "hr", "li")):
        return ""
    return "\n- " if name == "li" else "\n"


def _parsed(text: str) -> str:
    parser = _Prose()
    parser.feed(text)
    parser.close()
    return "".join(parser.parts)
