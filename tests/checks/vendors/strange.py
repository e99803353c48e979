"""What is no page of a kind: the recordings of all others, and bodies that are damaged in the usual ways."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checks.vendors.recordings import FOLDER

DAMAGED = (
    b"",
    b" \n",
    b"<!DOCTYPE html><title>Log in</title>",
    b"null",
    b"7",
    b'"ok"',
    b"{}",
    b"[null]",
    b"[[]]",
    b"[{}]",
    b'["operational"]',
    b'{"error": "rate limited"}',
    b'{"ok": false, "error": "ratelimited"}',
    b'{"status": "ok"}',
    b'{"status": {"indicator": "none", "description": "All Systems Operational"}}',
    b'{"current": "no"}',
    b"\xff\xfe\x00\xd8",
)


def strangers(*own: str) -> Any:
    """Every recording that lies in none of these folders."""
    found = sorted(
        str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.parent != FOLDER and path.is_file()
    )
    names = [name for name in found if not name.startswith(tuple(f"{one}/" for one in own))]
    return pytest.mark.parametrize("name", names or [pytest.param("", marks=pytest.mark.skip("no recordings here"))])


def addresses(check: Any) -> list[str]:
    """Where a check asks, in order."""
    places = [one.request.place for one in check.asked]
    return [f"{place.scheme}://{place.authority}{place.target}" for place in places]
