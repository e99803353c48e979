"""Requests over HTTP as other programs write them: an address, a method, headers, as options of ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from tui_monitor.config.imports.source import MARK


def address(url: str) -> dict[str, Any]:
    """`url`, and `auth` where the address held a user and a password: ours keeps these apart."""
    try:
        parts = urlsplit(url)
        user, password = parts.username, parts.password
    except ValueError:
        return {"url": url}
    if "@" not in parts.netloc or user is None:
        return {"url": url}
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return {"url": bare, "auth": {"basic": {"user": unquote(user), "password": unquote(password or "")}}}


def host_of(url: str) -> str:
    """For a name where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def with_scheme(url: str) -> str:
    """An address without a scheme is one of plain HTTP."""
    return url if url.lower().startswith("http") or MARK.match(url) else f"http://{url}"


def method_of(method: str | None) -> dict[str, str]:
    """Nothing for GET, which is what is meant where nothing is written."""
    word = (method or "GET").strip().upper()
    return {} if word == "GET" else {"method": word}


ANY_STATUS = {"status": "100-999"}
"""For a list that says nothing of the status, where any was good: without it ours wants 200-399."""
