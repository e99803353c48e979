"""One connection, plain or with TLS, as operations that never wait: each does what it can and says how far it came.

Whoever drives a line (`exchange`, `talk`) waits between them. TLS runs in memory, so that both kinds look alike.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from datetime import datetime

from tui_monitor.net.trust import Key, Session, valid_until

CHUNK = 64 * 1024


class Line:
    """A connected socket that does not block."""

    __slots__ = ("certificate_until", "fd", "resumed", "sock", "unsent")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.fd = sock.fileno()
        self.unsent: bytes | memoryview = b""
        self.resumed = False
        self.certificate_until: datetime | None = None

    def write(self, data: bytes) -> None:
        """Send what goes at once; the rest stays in `unsent` for `flush`."""
        try:
            sent = self.sock.send(data)
        except BlockingIOError:
            sent = 0
        self.unsent = memoryview(data)[sent:] if sent < len(data) else b""

    def has_more(self) -> bool:
        """Whether something can be read now; the end counts."""
        try:
            self.sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        return True

    def flush(self) -> None:
        """Send more of what is left. A side that no longer listens may still have answered: that is for `read`."""
        try:
            self.unsent = self.unsent[self.sock.send(self.unsent) :]
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):
            self.unsent = b""

    def read(self) -> bytes | None:
        """What has come; None while nothing has, empty at the end."""
        try:
            return self.sock.recv(CHUNK)
        except BlockingIOError:
            return None


class SecureLine(Line):
    """The same through TLS."""

    __slots__ = ("_in", "_out", "key", "session", "tls")

    def __init__(
        self, sock: socket.socket, context: ssl.SSLContext, name: str, session: Session | None, key: Key | None
    ) -> None:
        super().__init__(sock)
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        ticket = session.ticket if session is not None else None
        self.tls = context.wrap_bio(self._in, self._out, server_hostname=name, session=ticket)
        self.session = session
        self.key = key  # None: the session is not worth keeping, which costs as much as a third of a handshake

    def shake_hands(self) -> bool:
        """Go on with the handshake; whether it is done. What it has to say last goes out with the request."""
        if self.unsent:
            self.flush()
        while True:
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                self._send_out()
            except ssl.SSLError:
                self._send_out()  # the alert that tells the other side why
                raise
            else:
                self._look_at_certificate()
                return True
            if self.unsent or not self._fill():
                return False

    def _look_at_certificate(self) -> None:
        """Now or never: once the line has broken, the certificate is not shown any more."""
        if self.session is not None and self.tls.session_reused:
            self.resumed = True
            self.certificate_until = self.session.until
        else:
            self.certificate_until = valid_until(self.tls.getpeercert(binary_form=True))

    def write(self, data: bytes) -> None:
        self.tls.write(data)
        self._send_out()

    def take_leave(self) -> None:
        """The last of the handshake and a farewell, as far as they go at once: the other side shall see no fault."""
        with contextlib.suppress(OSError):  # what TLS raises is one too: the other side does not say goodbye in turn
            self.tls.unwrap()
        with contextlib.suppress(OSError):
            self._send_out()

    def read(self) -> bytes | None:
        while True:
            try:
                return self.tls.read(CHUNK)
            except ssl.SSLWantReadError:
                if self._out.pending:
                    self._send_out()
                if not self._fill():
                    return None
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    def _fill(self) -> bool:
        data = super().read()
        if data:
            self._in.write(data)
        elif data is not None:
            self._in.write_eof()
        return data is not None

    def _send_out(self) -> None:
        data = self._out.read()
        if self.unsent:
            self.unsent = bytes(self.unsent) + data
            self.flush()
        elif data:
            super().write(data)
