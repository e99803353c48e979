"""What went wrong on the way, as one plain sentence and a cause that stays the same from look to look."""

from __future__ import annotations

import errno
import os
import socket
import ssl

from tui_monitor.core.errors import TuiMonitorError, Unreachable, Unreadable
from tui_monitor.core.text import clean

_CAUSES = {
    errno.ECONNREFUSED: ("refused", "the connection was refused"),
    errno.ECONNRESET: ("reset", "the connection was reset by the other side"),
    errno.ECONNABORTED: ("reset", "the connection was aborted"),
    errno.EPIPE: ("reset", "the connection was closed by the other side"),
    errno.ETIMEDOUT: ("timeout", "the connection timed out"),
    errno.EHOSTUNREACH: ("network", "no route to the host"),
    errno.EHOSTDOWN: ("network", "the host is down"),
    errno.ENETUNREACH: ("network", "the network is unreachable"),
    errno.ENETDOWN: ("network", "the network is down"),
    errno.EACCES: ("network", "the connection is not permitted here"),
    errno.EPERM: ("network", "the connection is not permitted here"),
}

_OURS = {
    errno.EMFILE: "no file descriptor is left for a connection",
    errno.ENFILE: "the system has no file descriptor left for a connection",
    errno.ENOBUFS: "the system has no buffer left for a connection",
    errno.ENOMEM: "the system has no memory left for a connection",
    errno.EADDRNOTAVAIL: "no local address or port is left for a connection",
}

_CERTIFICATE = {
    9: "the certificate is not yet valid",
    10: "the certificate has expired",
    18: "the certificate is self-signed",
    19: "the certificate's chain ends in a self-signed one that is not trusted",
    20: "the certificate's issuer is not trusted",
    21: "the certificate's issuer is not trusted",
    23: "the certificate was revoked",
    62: "the certificate is for another name",
    64: "the certificate is for another address",
}


def of_os_error(error: OSError) -> TuiMonitorError:
    """A failed system call. What this machine has run out of says nothing about a service: Unreadable."""
    number = error.errno or 0
    if number in _OURS:
        return Unreadable(_OURS[number])
    cause, text = _CAUSES.get(number, ("network", f"the connection failed: {clean(error.strerror or str(error))}"))
    return Unreachable(cause, text)


class NoSocket(Unreadable):
    """Nothing can be told of what is asked for there; but whoever makes the socket itself is down."""


def of_socket(number: int, path: str) -> TuiMonitorError:
    """A socket of this machine that does not take us in."""
    if number in (errno.ENOENT, errno.ENOTDIR):
        return NoSocket(f"there is no socket {path}: is the service that makes it installed and started?")
    if number in (errno.EACCES, errno.EPERM):
        return Unreadable(f"this user may not use the socket {path}: add it to the group that the socket belongs to")
    if number == errno.EPROTOTYPE:
        return Unreadable(f"the socket {path} is of another kind")
    if number == errno.ECONNREFUSED:
        return Unreachable("refused", f"nobody listens at the socket {path}")
    return of_os_error(OSError(number, os.strerror(number)))


def of_lookup(error: OSError) -> Unreachable:
    """A name that was not resolved."""
    number = getattr(error, "errno", 0)
    if number in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
        return Unreachable("dns", "the name does not exist or has no address")
    if number == socket.EAI_AGAIN:
        return Unreachable("dns", "the name servers did not answer for the name")
    return Unreachable("dns", f"the name cannot be looked up: {clean(error.strerror or str(error))}")


def of_certificate(error: ssl.SSLCertVerificationError) -> str:
    """Why a certificate is not trusted."""
    known = _CERTIFICATE.get(error.verify_code)
    return known or f"the certificate is not trusted: {clean(error.verify_message)}"


def of_file(error: OSError | ValueError) -> str:
    """Why a file with a certificate or a key is of no use."""
    if isinstance(error, ssl.SSLError):
        reason = (error.reason or str(error)).replace("_", " ").lower()
        if "mismatch" in reason:
            return "the key is not the certificate's"
        holds_none = any(word in reason for word in ("pem", "start line", "no certificate"))  # by version of OpenSSL
        return "no certificate or key in PEM is in it" if holds_none else clean(reason)
    if isinstance(error, OSError):
        return clean(error.strerror or "it cannot be opened").lower()
    return clean(str(error))


def of_tls(error: ssl.SSLError) -> Unreachable:
    """A handshake that failed for another reason than the certificate."""
    reason = (error.reason or "").replace("_", " ").lower()
    if "wrong version number" in reason or "http request" in reason or "record layer failure" in reason:
        return Unreachable("tls", "the other side does not speak TLS")
    if "certificate required" in reason:
        return Unreachable("tls", "the other side asks for a client certificate")
    if "unsupported protocol" in reason or "protocol version" in reason:
        return Unreachable("tls", "it offers no version of TLS that is still safe")
    if isinstance(error, ssl.SSLEOFError) or "eof" in reason:
        return Unreachable("tls", "the connection was closed in the middle of the TLS handshake")
    return Unreachable("tls", f"TLS failed: {clean(reason) or 'no reason was given'}")
