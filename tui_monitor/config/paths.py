"""Paths of a config: whether what they lead to can be used, judged before anything runs and without making any."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tui_monitor.core.options import ClientCertificate
from tui_monitor.core.text import clean


class Paths:
    """Judges the paths of one config, each once: thousands of services may trust the same file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[str, str], str] = {}

    def usable(self, need: str, text: str) -> str:
        """The path with `~` written out; ValueError says why it cannot be used. An empty one leads nowhere."""
        if not text:
            return text
        fault = self._known.get((need, text))
        if fault is None:
            fault = self._known[need, text] = self._fault(need, text)
        if fault:
            raise ValueError(fault)
        return str(Path(text).expanduser()) if text.startswith("~") else text

    def _fault(self, need: str, text: str) -> str:
        noun = "folder" if need == "output folder" else "file"
        try:
            reason = _JUDGES[need](self._folder / Path(text).expanduser())
        except OSError as error:
            reason = f"cannot be used: {(error.strerror or 'unknown reason').lower()}"
        except (ValueError, RuntimeError):
            reason = "cannot be used: there can be no such path"
        return f"the {noun} {clean(text, 200)} {reason}" if reason else ""

    def matching(self, pair: ClientCertificate) -> ClientCertificate:
        """A certificate with the key that belongs to it; ValueError names the option that is wrong."""
        import ssl

        name, cert = ("key", self._folder / pair.key) if pair.key else ("cert", None), self._folder / pair.cert
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_cert_chain(cert, name[1], password=_no_password)
        except ssl.SSLError as error:
            is_other = "MISMATCH" in (error.reason or "")
            raise ValueError(f"{name[0]}: {_OTHER if is_other else _NO_KEY}") from None
        except (OSError, ValueError):
            raise ValueError(f"{name[0]}: the key cannot be read, or is protected by a password") from None
        return pair


_OTHER = "the key is not the one of the certificate"
_NO_KEY = "the file holds no private key in PEM"


def _no_password() -> str:
    raise ValueError


def _readable(path: Path) -> str:
    """A plain file: anything else might never end."""
    if path.exists() and not path.is_file():
        return "is not a file"
    try:
        path.open("rb").close()
    except OSError as error:
        return f"cannot be read: {(error.strerror or 'unknown reason').lower()}"
    return ""


def _certificate(path: Path) -> str:
    import ssl

    unreadable = _readable(path)
    if unreadable:
        return unreadable
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        return "holds no certificate in PEM"
    return ""


def _watched(path: Path) -> str:
    return "is a folder: name a file in it" if path.is_dir() else ""


def _output_file(path: Path) -> str:
    """A file, a pipe or a device that is there and may be written to, or one that could be made."""
    place = path.resolve()
    if place.is_dir():
        return "is a folder: name a file in it"
    if place.exists():
        return "" if os.access(place, os.W_OK) else "cannot be written"
    return _output_folder(place.parent)


def _output_folder(path: Path) -> str:
    place = path.resolve()
    there = next(one for one in (place, *place.parents) if one.exists())
    if not there.is_dir():
        return f"cannot be made: {clean(str(there), 200)} is not a folder"
    if not os.access(there, os.W_OK | os.X_OK) or _is_made_by_kernel(there):
        return f"cannot be written: nothing can be made in {clean(str(there), 200)}"
    return ""


def _is_made_by_kernel(folder: Path) -> bool:
    """/proc and its like, which not even root can write to, although the system says that root may write anywhere."""
    return not folder.stat().st_mode & 0o222 and os.statvfs(folder).f_blocks == 0


_JUDGES: dict[str, Callable[[Path], str]] = {
    "certificate": _certificate,
    "key": _readable,
    "watched file": _watched,
    "output file": _output_file,
    "output folder": _output_folder,
}
