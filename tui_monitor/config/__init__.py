"""From a text that a person wrote to a plan that the engine runs, or to every problem of it at once."""

from tui_monitor.config.reader import detection, detection_of_hang, load, read, schema
from tui_monitor.config.where import find

__all__ = ["detection", "detection_of_hang", "find", "load", "read", "schema"]
