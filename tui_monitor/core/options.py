"""The types that options of checks and destinations are written in; the config reads people's spelling of them."""

from __future__ import annotations

from typing import Annotated, Any

from tui_monitor.core.text import duration_of

_CENTURY = 100 * 365 * 86400.0


class _Spelt:
    """Lets the config reader take `1h30m` for a float of seconds, without importing it here."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        def read(value: Any) -> float:
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                raise ValueError("a duration is written like 200ms, 90s, 5m, 1h30m or as a number of seconds")
            seconds = duration_of(str(value))
            if seconds > _CENTURY:
                raise ValueError(f"{value!s} is more than a hundred years")
            return seconds

        return core_schema.no_info_plain_validator_function(
            read, metadata={"pydantic_js_input_core_schema": core_schema.str_schema()}
        )


class _Text:
    """Marks a text with `{fields}`, which the config reader checks."""


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
