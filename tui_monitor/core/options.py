"""The types that options of checks and destinations are written in; the config reads people's spelling of them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from tui_monitor.core.secret import Secret
from tui_monitor.core.text import duration_of

_CENTURY = 100 * 365 * 86400.0


class _Spelt:
    """Lets the config reader take `1h30m` for a float of seconds, without importing it here."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        def read(value: Any) -> float:
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                raise ValueError("must be a duration like 90s or 5m")
            seconds = duration_of(str(value))
            if seconds > _CENTURY:
                raise ValueError(f"{value!s} is more than a hundred years")
            return seconds

        return core_schema.no_info_plain_validator_function(
            read, metadata={"pydantic_js_input_core_schema": core_schema.str_schema()}
        )


class _Text:
    """Marks a text with `{fields}`, which the config reader checks."""


@contextmanager
def naming(option: str) -> Iterator[None]:
    """Of which option a ValueError speaks, where its sentence does not say: the config reader points at its line."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{option}: {error}") from None


@dataclass(frozen=True, slots=True)
class _Leading:
    """Marks a path, from the folder of the config, with what must be there; the config reader looks."""

    need: str


def need_of(note: Any) -> str:
    """What must be true of the path that a note of an `Annotated` type marks; empty where it marks none."""
    return note.need if isinstance(note, _Leading) else ""


def is_template(note: Any) -> bool:
    """Whether a note of an `Annotated` type is the one that makes it a `Template`."""
    return isinstance(note, _Text)


def is_duration(note: Any) -> bool:
    """Whether a note of an `Annotated` type is the one that makes it a `Duration`."""
    return isinstance(note, _Spelt)


Duration = Annotated[float, _Spelt()]
"""Seconds, written as people write them."""

Template = Annotated[str, _Text()]
"""A text with `{fields}`."""

CertificateFile = Annotated[str, _Leading("certificate")]
"""A file with certificates in PEM; empty for none."""

KeyFile = Annotated[str, _Leading("key")]
"""A file with a private key in PEM; empty for none."""

WatchedFile = Annotated[str, _Leading("watched file")]
"""A file that somebody else writes, and that need not be there yet; empty for none."""

OutputFile = Annotated[str, _Leading("output file")]
"""A file that we write, and make where it is missing."""

OutputFolder = Annotated[str, _Leading("output folder")]
"""A folder that we write files in, and make where it is missing."""


@dataclass(frozen=True, slots=True)
class Basic:
    """A user and a password."""

    user: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Auth:
    """Who we are to an HTTP server: exactly one of the two."""

    basic: Basic | None = None
    bearer: Secret | None = None

    def __post_init__(self) -> None:
        if (self.basic is None) == (self.bearer is None):
            raise ValueError("auth has exactly one of basic and bearer")

    @property
    def header(self) -> str:
        """The value of the Authorization header; as secret as what it is made of."""
        if self.basic is not None:
            return basic(self.basic.user, self.basic.password.reveal())
        return f"Bearer {self.bearer.reveal()}" if self.bearer is not None else ""


def basic(user: str, password: str) -> str:
    """The value of an Authorization header for a user and a password."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """The files of a certificate and its key, which may be in the same one."""

    cert: CertificateFile
    key: KeyFile = ""
