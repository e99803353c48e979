"""Which proxy the environment names for a place (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from tui_monitor.core.errors import Unreadable
from tui_monitor.core.options import basic
from tui_monitor.net.names import literal
from tui_monitor.net.request import Place, address_host, host_name


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where the proxy listens, and what it is shown."""

    place: Place
    credentials: str = ""

    def __repr__(self) -> str:
        return f"Proxy({self.place.authority})"


class Proxies:
    """What the environment said when this was made."""

    def __init__(self) -> None:
        self._by_scheme: dict[str, str] = {}
        if any(name.lower().endswith("_proxy") for name in os.environ):
            from urllib.request import getproxies_environment

            self._by_scheme = getproxies_environment()
        self._known: dict[tuple[str, str, int], Proxy | None] = {}

    def of(self, place: Place) -> Proxy | None:
        """The proxy for this place. Unreadable where the environment names one that cannot be used."""
        if not self._by_scheme or place.is_local:
            return None
        if place.origin not in self._known:
            self._known[place.origin] = self._choose(place)
        return self._known[place.origin]

    def _choose(self, place: Place) -> Proxy | None:
        url = self._by_scheme.get(place.scheme) or self._by_scheme.get("all")
        if not url or self._is_spared(place):
            return None
        return _proxy_of(url if "://" in url else f"http://{url}", place.scheme)

    def _is_spared(self, place: Place) -> bool:
        """Whether NO_PROXY names the host, with its port or without."""
        from urllib.request import proxy_bypass

        return any(proxy_bypass(host) for host in (place.host, f"{place.host}:{place.port}"))


def _proxy_of(url: str, scheme: str) -> Proxy:
    wrong = f"the environment's {scheme}_proxy cannot be used: write it like http://proxy.example.com:3128"
    try:
        parts = urlsplit(url)
        port = parts.port or 80
        if parts.scheme.lower() != "http" or not parts.hostname:
            raise Unreadable(wrong)
        address = literal(parts.hostname)
        host = address_host(parts.hostname) if address else host_name(parts.hostname)
    except ValueError as error:
        raise Unreadable(wrong) from error
    credentials = basic(unquote(parts.username), unquote(parts.password or "")) if parts.username else ""
    return Proxy(Place("http", host, port, "/", address), credentials)
