"""Which checks there are: the ways of looking at a service, each a file of its own."""

from tui_monitor.plugins import Registry

_CHECKS = Registry("check", "tui_monitor.checks", ("vendor", "look", "judge"))
kinds, find = _CHECKS.kinds, _CHECKS.find
