"""What is sent: built once from the config, its bytes ready, so that a look only has to send them.

Everything that can be wrong with an URL or a header is found here, as ValueError with one plain sentence.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from socket import AF_UNIX
from urllib.parse import quote, urljoin, urlsplit

from tui_monitor import __version__
from tui_monitor.core.options import naming
from tui_monitor.core.secret import Secret
from tui_monitor.core.text import clean
from tui_monitor.net.names import Address, literal
from tui_monitor.net.trust import USUAL, Trust

MAX_BODY = 8 * 1024 * 1024
PORTS = {"http": 80, "https": 443}

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "PURGE")
_OWN_METHOD = re.compile(r"[A-Z]+(?:-[A-Z]+)*")
_SAFE_IN_PATH = "/%:@!$&'()*+,;=-._~"
_SAFE_IN_QUERY = _SAFE_IN_PATH + "?[]{}|^`\\"
_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}")
_NOT_IN_HOST = re.compile(r"[^A-Za-z0-9_.-]")
_HARMLESS = frozenset({"accept", "accept-encoding", "accept-language", "user-agent"})
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where an URL points, taken apart: what is connected to, and what is asked for."""

    scheme: str
    host: str
    port: int
    target: str
    address: Address | None = None

    @property
    def is_local(self) -> bool:
        """Whether this is a socket of this machine, whose path then is the host."""
        return self.address is not None and self.address[0] is AF_UNIX

    @property
    def authority(self) -> str:
        """Host and port as they stand in a Host header."""
        if self.is_local:
            return "localhost"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS.get(self.scheme) else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        return (self.scheme, self.host, self.port)

    def __repr__(self) -> str:
        return f"Place({self.scheme}://{self.authority})"


def place_of(url: str) -> Place:
    """An absolute http or https URL, taken apart. ValueError says what is wrong with it."""
    if not url or any(ord(char) <= 32 or ord(char) == 127 for char in url):
        raise ValueError("the URL is empty or has a blank or a control character in it")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"the URL cannot be read: {clean(str(error))}") from error
    scheme = parts.scheme.lower()
    if scheme not in PORTS:
        raise ValueError("the URL must begin with http:// or https://")
    if "@" in parts.netloc:
        raise ValueError("the URL must not hold a user or password: a check that takes them has options for them")
    if not parts.hostname or port == 0:
        raise ValueError(
            "the URL names no host" if not parts.hostname else "the URL has the port 0, which is not one"
        )
    address = literal(parts.hostname)
    host = address_host(parts.hostname) if address else host_name(parts.hostname)
    target = quote(parts.path or "/", safe=_SAFE_IN_PATH)
    if parts.query:
        target += "?" + quote(parts.query, safe=_SAFE_IN_QUERY)
    return Place(scheme, host, port or PORTS[scheme], target, address)


def place_at(scheme: str, host: str, port: int) -> Place:
    """A host and a port that are written apart. ValueError says what is wrong with the host."""
    bare = host.removeprefix("[").removesuffix("]")
    address = literal(bare)
    return Place(scheme, address_host(bare) if address else host_name(bare), port, "", address)


def place_of_socket(path: str) -> Place:
    """A socket of this machine; a relative path starts at the home of the transport. ValueError: it can be none."""
    if not path or "\0" in path:
        raise ValueError("the socket has no path, or one that there can be none of")
    if path.startswith("unix:") or "://" in path:
        raise ValueError("write only the path of the socket, like /run/some.sock")
    return Place("unix", path, 0, "", (AF_UNIX, path, 0))


def address_host(host: str) -> str:
    """An address literal as it is compared and sent: without its scope."""
    return host.partition("%")[0].lower()


def host_name(host: str) -> str:
    """A name as the resolver, the Host header and TLS want it: lower case, letters of other scripts encoded."""
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError as error:
            raise ValueError(f"the host name cannot be used: {clean(str(error))}") from error
    if wrong := _wrong_in_host(host):
        raise ValueError(f"the host name {wrong}")
    return host.lower().rstrip(".") or host


def _wrong_in_host(host: str) -> str:
    """Why no resolver would take it, and TLS neither."""
    if not host:
        return "is empty"
    if strange := _NOT_IN_HOST.search(host):
        return f"has {strange[0]!r} in it, which no host name has"
    if not _HOST.fullmatch(host):
        return f"is longer than 253 letters, or begins with {host[0]!r}, as no host name does"
    if not all(0 < len(part) < 64 for part in host.rstrip(".").split(".")):
        return "has a part between two dots that is empty, or longer than 63 letters"
    return ""


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """One request, ready to be sent. Its `repr` shows no header, no query and no secret."""

    method: str
    place: Place
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    trust: Trust = USUAL
    redirects: int = 0
    max_body: int = MAX_BODY
    reuse: bool = False
    certificate: bool = False
    strict_redirects: bool = False
    wire: bytes = field(init=False, default=b"")

    def __post_init__(self) -> None:
        object.__setattr__(self, "wire", self._spell(self.place.target))

    def __repr__(self) -> str:
        return f"Request({self.method} {self.place.scheme}://{self.place.authority})"

    @property
    def has_secrets(self) -> bool:
        """Whether another host must not see this: any header that is not plainly harmless, or a body."""
        return bool(self.body) or any(name.lower() not in _HARMLESS for name, _ in self.headers)

    def through_proxy(self, credentials: str) -> bytes:
        """The same for a proxy that passes plain HTTP on: the whole URL in the first line."""
        extra = (("Proxy-Authorization", credentials),) if credentials else ()
        return self._spell(f"{self.place.scheme}://{self.place.authority}{self.place.target}", extra)

    def _spell(self, target: str, extra: tuple[tuple[str, str], ...] = ()) -> bytes:
        lines = [f"{self.method} {target} HTTP/1.1"]
        names = {name.lower() for name, _ in self.headers}
        if "host" not in names:
            lines.append(f"Host: {self.place.authority}")
        lines += [f"{name}: {value}" for name, value in _DEFAULTS if name.lower() not in names]
        lines += [f"{name}: {value}" for name, value in (*self.headers, *extra)]
        if self.body or self.method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(self.body)}")
        lines.append("Connection: keep-alive\r\n\r\n" if self.reuse else "Connection: close\r\n\r\n")
        return "\r\n".join(lines).encode("latin-1") + self.body

    def redirected(self, status: int, location: str) -> Request:
        """The request that a redirect asks for. Another host gets no secret; ValueError where it would need one."""
        if self.place.is_local:
            raise ValueError("redirected away from a socket of this machine")
        here = f"{self.place.scheme}://{self.place.authority}{self.place.target}"
        place = place_of(urljoin(here, location).partition("#")[0])
        method, body, headers = self.method, self.body, self.headers
        if (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST"):
            method, body = "GET", b""
            headers = tuple(one for one in headers if not one[0].lower().startswith("content-"))
        if not _is_kept(self.place, place):
            if self.place.scheme == "https" and place.scheme == "http" and self.has_secrets:
                raise ValueError("redirected from https to http, where its credentials could be read")
            if body:
                raise ValueError("redirected to another host, which would be sent the body")
            headers = tuple(one for one in headers if one[0].lower() in _HARMLESS)
        else:
            headers = tuple(one for one in headers if one[0].lower() != "host")
        return replace(self, method=method, place=place, headers=headers, body=body)


AGENT = f"tui-monitor/{__version__}"
_DEFAULTS = (("User-Agent", AGENT), ("Accept", "*/*"), ("Accept-Encoding", "gzip, deflate"))


def _is_kept(old: Place, new: Place) -> bool:
    """Whether secrets may go along: to the same place, or from plain HTTP to TLS on the same host."""
    upgrade = (old.scheme, old.port, new.scheme, new.port) == ("http", 80, "https", 443)
    return old.origin == new.origin or (old.host == new.host and upgrade)


def build_request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str | Secret] | None = None,
    body: str | bytes | Secret = b"",
    authorization: str = "",
    trust: Trust | None = None,
    redirects: int | str = 0,
    max_body: int = MAX_BODY,
    reuse: bool = False,
    certificate: bool = False,
    socket: str = "",
) -> Request:
    """A request from what a person wrote. ValueError says in one sentence what cannot be sent.

    With `socket`, it goes to that socket of this machine, whatever host the URL names.
    """
    _check_method(method)
    if redirects not in ("none", "error") and not (isinstance(redirects, int) and 0 <= redirects <= 20):
        raise ValueError("redirects is a number from 0 to 20, none or error")
    if not 0 < max_body <= 1 << 30:
        raise ValueError("max_body is a number of bytes from 1 to 1073741824")
    pairs = [(name, _revealed(value)) for name, value in (headers or {}).items()]
    if authorization:
        pairs.append(("Authorization", authorization))
    with naming("url"):
        place = place_of(url)
    if socket:
        with naming("socket"):
            place = replace(place_of_socket(socket), scheme="http", target=place.target)
    with naming("headers"):
        for name, value in pairs:
            _check_header(name, value)
    return Request(
        method=method.upper(),
        place=place,
        headers=tuple(pairs),
        body=_as_bytes(body),
        trust=trust or USUAL,
        redirects=redirects if isinstance(redirects, int) else 0,
        strict_redirects=redirects == "error",
        max_body=max_body,
        reuse=reuse,
        certificate=certificate,
    )


def _revealed(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _as_bytes(body: str | bytes | Secret) -> bytes:
    text = body.reveal() if isinstance(body, Secret) else body
    return text.encode() if isinstance(text, str) else text


def _check_method(method: str) -> None:
    """A method of one's own is spelt in capitals, so that a slip in small letters is not taken for one."""
    if method.upper() in _METHODS or _OWN_METHOD.fullmatch(method):
        return
    near = difflib.get_close_matches(method.upper(), _METHODS, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ValueError(f"method: {clean(method, 40)!r} is not an HTTP method{hint}")


def _check_header(name: str, value: str) -> None:
    if not _TOKEN.fullmatch(name):
        raise ValueError(f"{clean(name, 40)!r} is not the name of a header")
    if name.lower() in _OURS - {"host"}:
        raise ValueError(f"the header {name} is set by the transport")
    if any(char in value for char in "\r\n\0"):
        raise ValueError(f"the header {name} has a line break in it")
    try:
        value.encode("latin-1")
    except UnicodeEncodeError as error:
        raise ValueError(f"the header {name} has a character in it that cannot be sent") from error
