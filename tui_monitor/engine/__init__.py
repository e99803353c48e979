"""The engine: looks, decides, remembers, tells. One loop changes what is believed; everything else reports to it."""

from tui_monitor.engine.clock import Clock
from tui_monitor.engine.engine import Engine
from tui_monitor.engine.renewal import Renewal
from tui_monitor.engine.runner import look_once, withheld

__all__ = ["Clock", "Engine", "Renewal", "look_once", "withheld"]
