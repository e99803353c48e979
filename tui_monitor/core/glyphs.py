"""The sign of each status. Terminal and command line show the same one, and the word always stands beside it."""

from __future__ import annotations

from collections.abc import Mapping

SIGNS: Mapping[str, tuple[str, str]] = {
    "operational": ("●", "o"),
    "maintenance": ("◇", "m"),
    "degraded": ("◐", "d"),
    "partial": ("◑", "p"),
    "major": ("✖", "x"),
    "unknown": ("?", "?"),
}
"""For each status a sign of one cell, and an ASCII sign for terminals without it.

The ASCII signs are the first letters of what they stand for (`o` for operational, `x` for the cross), so that no two
are alike: with `!` for both degraded and partial, a terminal without colours could not tell them apart.
"""
