"""What real vendors have said, recorded, and the right reading of it: beside the project, and never part of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[4] / "shared" / "fixtures"
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
"""A moment after everything that was recorded had begun."""


@cache
def expected() -> dict[str, Any]:
    known = FOLDER / "EXPECTED.json"
    return json.loads(known.read_text("utf-8")) if known.is_file() else {}


def recording(name: str) -> bytes:
    """The bytes of one recording; the test is skipped where there are no recordings."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip("the recordings are not on this machine")
    return path.read_bytes()


def each(*folders: str) -> Any:
    """Every recording in these folders of which the right reading is known."""
    found = [name for name in expected() if name.startswith(tuple(f"{one}/" for one in folders))]
    return pytest.mark.parametrize("name", found or [pytest.param("", marks=pytest.mark.skip("no recordings here"))])
