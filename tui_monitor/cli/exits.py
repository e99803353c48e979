"""What a script learns from the exit code."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    FINE = 0
    NOT_OPERATIONAL = 1
    REFUSED = 1
    BAD_USAGE = 2
    NO_ENGINE = 3
    INTERRUPTED = 130
