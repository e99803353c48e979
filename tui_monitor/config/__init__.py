"""From a text that a person wrote to a plan that the engine runs, or to every problem of it at once.

Commands that only ask a running engine need to know where the config is, and nothing else: reading is imported on
use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui_monitor.config.where import find

if TYPE_CHECKING:
    from tui_monitor.config.reader import detection, detection_of_hang, load, read, schema
    from tui_monitor.config.unheard import unheard_of

__all__ = ["detection", "detection_of_hang", "find", "load", "read", "schema", "unheard_of"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tui_monitor.config import reader, unheard

    return getattr(unheard if name == "unheard_of" else reader, name)
