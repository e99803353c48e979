"""Which destinations there are: the outside places that are told, each a file of its own.

Nothing is loaded before it is asked for: a config that only writes a log imports neither mail nor HTTP.
"""

from tui_monitor.plugins import Registry

_DESTINATIONS = Registry("destination", "tui_monitor.destinations", ("hears", "prove"))
kinds, find = _DESTINATIONS.kinds, _DESTINATIONS.find
