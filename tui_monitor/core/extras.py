"""What only one feature needs is installed apart, and a config that asks for it is told so before anything starts."""

from __future__ import annotations

from importlib.util import find_spec


def need(module: str, extra: str, what: str) -> None:
    """ValueError with what to install where a package is absent that `what` stands on; nothing is imported."""
    try:
        is_there = find_spec(module) is not None
    except (ImportError, ValueError):  # the package above it is absent
        is_there = False
    if not is_there:
        raise ValueError(f"{what} needs a package that is not installed: pip install 'tui-monitor[{extra}]'")
