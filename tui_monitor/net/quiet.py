"""Libraries that would write whole addresses into the log, or what is in a request, are kept from it."""

from __future__ import annotations

import logging


def quieten(*names: str, level: int = logging.WARNING) -> None:
    """These loggers, and those below them, say nothing under a level."""
    for name in names:
        logging.getLogger(name).setLevel(level)


def silence(*names: str) -> None:
    """These loggers say nothing at all: even what went wrong is said with the address."""
    quieten(*names, level=logging.CRITICAL + 10)
