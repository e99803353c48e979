"""Names to addresses: looked up in threads of their own, shared by all who ask, kept for a short while.

The C library's resolver blocks and cannot be cancelled, so a lookup that hangs holds its thread. Two lanes keep that
from starving others: names that were resolved before have threads that no unknown or failing name can take.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from tui_monitor.core.errors import Unreachable
from tui_monitor.net.threads import Threads
from tui_monitor.net.words import of_lookup

Address = tuple[socket.AddressFamily, str, int]
"""Family, address, and scope of an IPv6 one."""

Resolve = Callable[[str], list[Address]]


def literal(host: str) -> Address | None:
    """The address that `host` itself spells, so that it is never looked up."""
    bare, _, scope = host.partition("%")
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, bare)
        except OSError:
            continue
        if family is socket.AF_INET and scope:
            return None
        return (family, bare, _scope_number(scope))
    return None


def _scope_number(scope: str) -> int:
    if not scope:
        return 0
    with contextlib.suppress(OSError):
        return socket.if_nametoindex(scope)
    return int(scope) if scope.isdigit() else 0


def resolve(host: str) -> list[Address]:
    """The system's own answer, in its own order. Blocks."""
    found: list[Address] = []
    for family, _, _, _, place in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM):
        if family in (socket.AF_INET, socket.AF_INET6):
            address = (family, str(place[0]).partition("%")[0], int(place[3]) if len(place) == 4 else 0)
            if address not in found:
                found.append(address)
    return found


@dataclass(slots=True, eq=False)
class Lookup:
    """One name on its way to its addresses, and everyone who waits for it."""

    host: str
    waiting: list[Callable[[], None]] = field(default_factory=list)
    begun: bool = False
    addresses: tuple[Address, ...] = ()
    error: Unreachable | None = None
    until: float = 0.0

    @property
    def is_done(self) -> bool:
        return bool(self.addresses) or self.error is not None

    def forget(self, wake: Callable[[], None]) -> None:
        """Somebody no longer waits."""
        if wake in self.waiting:
            self.waiting.remove(wake)


class Names:
    """The lookups of one process. Everything but `_work` runs in the loop."""

    _MOST = 20_000

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        resolve: Resolve = resolve,
        *,
        ttl: float = 30.0,
        threads: int = 16,
    ) -> None:
        self._loop = loop
        self._resolve = resolve
        self._ttl = ttl
        self._known: dict[str, Lookup] = {}
        self._running: dict[str, Lookup] = {}
        self._proven = Threads(threads, "tui-monitor-names")
        self._others = Threads(threads, "tui-monitor-names")

    def known(self, host: str) -> tuple[Address, ...] | None:
        """The addresses that were found a short while ago."""
        lookup = self._known.get(host)
        return lookup.addresses if lookup is not None and self._loop.time() < lookup.until else None

    def ask(self, host: str, wake: Callable[[], None]) -> Lookup:
        """One lookup for everyone who asks for this name at the same time; `wake` is called when it is done."""
        lookup = self._running.get(host)
        if lookup is None:
            lookup = self._running[host] = Lookup(host)
            lane = self._proven if host in self._known else self._others
            lane.put(functools.partial(self._work, lookup))
        lookup.waiting.append(wake)
        return lookup

    def prefer(self, host: str, address: Address) -> None:
        """This address answered: try it first the next time."""
        lookup = self._known.get(host)
        if lookup is not None and address in lookup.addresses:
            rest = tuple(other for other in lookup.addresses if other != address)
            lookup.addresses = (address, *rest)

    def doubt(self, host: str) -> None:
        """Nothing answers where this name pointed: ask anew the next time, it may have moved."""
        lookup = self._known.get(host)
        if lookup is not None:
            lookup.until = 0.0

    def _work(self, lookup: Lookup) -> None:
        lookup.begun = True
        addresses: tuple[Address, ...] = ()
        error: Unreachable | None = None
        try:
            addresses = tuple(self._resolve(lookup.host))
        except OSError as failure:
            error = of_lookup(failure)
        except UnicodeError:
            error = Unreachable("dns", "the name is not one that can be looked up")
        if not addresses and error is None:
            error = Unreachable("dns", "the name does not exist or has no address")
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            self._loop.call_soon_threadsafe(self._done, lookup, addresses, error)

    def _done(self, lookup: Lookup, addresses: tuple[Address, ...], error: Unreachable | None) -> None:
        self._running.pop(lookup.host, None)
        before = self._known.pop(lookup.host, None)
        lookup.addresses, lookup.error = addresses, error
        if addresses:
            if before is not None and before.addresses[0] in addresses:
                first = before.addresses[0]
                lookup.addresses = (first, *(one for one in addresses if one != first))
            lookup.until = self._loop.time() + self._ttl
            self._known[lookup.host] = lookup
            if len(self._known) > self._MOST:
                del self._known[next(iter(self._known))]
        waiting, lookup.waiting = lookup.waiting, []
        for wake in waiting:
            wake()

    def close(self) -> None:
        self._proven.close()
        self._others.close()
