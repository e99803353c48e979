"""Secrets are a type that prints as `***`, so that no log, error or repr can show one by accident."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Secret:
    """A text that only `reveal()` shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> Any:
        raise TypeError("a secret is not pickled")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Lets the config reader resolve providers (environment, file, vault) without importing it here."""
        from pydantic_core import core_schema

        def read(value: Any, info: Any) -> Secret:
            resolve = getattr(info.context, "secret_of", None)
            if resolve is not None:
                return cls(resolve(value).reveal())
            if isinstance(value, str | Secret):
                return value if isinstance(value, Secret) else cls(value)
            raise ValueError("must be a text or a list of places to look for the secret")

        return core_schema.with_info_plain_validator_function(read)


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """`text` with every secret in it replaced; the longest first, so that no tail of one is left."""
    for secret in sorted(secrets, key=lambda one: -len(one.reveal())):
        if len(secret.reveal()) >= 4:
            text = text.replace(secret.reveal(), "***")
    return text
