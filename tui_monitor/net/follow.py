"""The steps of an errand over HTTP: each request is made from what came of the last, in one time for all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_monitor.core.errors import TuiMonitorError, Unreachable
from tui_monitor.net.answer import Answer
from tui_monitor.net.exchange import exchange
from tui_monitor.net.flow import Flow, Steps
from tui_monitor.net.request import Request
from tui_monitor.net.words import of_os_error

if TYPE_CHECKING:
    from tui_monitor.net.transport import Net

_MOST = 8
"""Requests of one errand: whoever leads on for longer leads nowhere."""

Onward = Callable[[Answer | Unreachable], Request | None]
"""From what came of a request to the next one; None where the errand ends, with that answer or that failure."""


def follow(net: Net, flow: Flow[Answer], request: Request, onward: Onward) -> Steps[Answer]:
    """The last answer of an errand."""
    for _ in range(_MOST):
        came = yield from _ask(net, flow, request)
        following = onward(came)
        if following is None:
            if isinstance(came, Unreachable):
                raise came
            return came
        request = following
    raise Unreachable("redirect", "one address led to the next without end")


def _ask(net: Net, flow: Flow[Answer], request: Request) -> Steps[Answer | Unreachable]:
    try:
        return (yield from exchange(net, flow, request))
    except Unreachable as error:
        return error
    except OSError as error:
        failure: TuiMonitorError = of_os_error(error)
    if isinstance(failure, Unreachable):
        return failure
    raise failure
