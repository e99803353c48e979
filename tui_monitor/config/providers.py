"""Where a secret may come from: tried in order, the first that has it wins. What was tried is told, never a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tui_monitor.config.forms import near
from tui_monitor.config.tree import Filled, Real, Whole
from tui_monitor.core.secret import Secret
from tui_monitor.core.text import clean

MAX_BYTES = 64 * 1024
KINDS = ("env", "file", "aws_secrets_manager", "value")
AWS_KEYS = ("secret", "key", "region", "endpoint_url")

Inner = tuple[str | int, ...]


class Misplaced(ValueError):
    """Several things wrong inside one value: where each stands in it, and its sentence."""

    def __init__(self, faults: list[tuple[Inner, str]]) -> None:
        super().__init__("; ".join(text for _, text in faults))
        self.faults = faults


class Absent(Exception):
    """This place does not have the secret; the next one is tried."""


class Providers:
    """Resolves secrets of one config and remembers them, so that they can be kept out of every text."""

    def __init__(self, environ: Mapping[str, str], folder: Path) -> None:
        self.found: list[Secret] = []
        self._environ = environ
        self._folder = folder
        self._vault: dict[tuple[str, str, str], str | Absent] = {}

    def resolve(self, value: Any) -> Secret:
        """The secret that is written or pointed to. Misplaced says everything that is wrong with it."""
        if isinstance(value, list | dict):
            text = self._from_places(value if isinstance(value, list) else [value], isinstance(value, list))
        else:
            text = _text(value, ())
        if not text:
            raise Misplaced([((), "is empty")])
        for piece in value.pieces if isinstance(value, Filled) else ():
            self.remember(piece)
        return self.remember(text)

    def remember(self, text: str) -> Secret:
        """A text that must not be shown; `Bearer ${TOKEN}` is one, and so is the token alone."""
        secret = Secret(text)
        if text and secret not in self.found:
            self.found.append(secret)
        return secret

    def _from_places(self, places: list[Any], is_list: bool) -> str:
        faults = [
            (((n,) if is_list else ()) + inner, text)
            for n, one in enumerate(places)
            for inner, text in _faults_of(one)
        ]
        if faults or not places:
            raise Misplaced(faults or [((), "names no place to look for the secret")])
        tried = []
        for one in places:
            try:
                return self._try(one)
            except Absent as error:
                tried.append(str(error))
        raise Misplaced([((), f"no secret found: {'; '.join(tried)}")])

    def _try(self, place: Any) -> str:
        if not isinstance(place, dict):
            return _text(place, ())
        ((kind, options),) = place.items()
        ways: dict[str, Callable[[Any], str]] = {
            "env": self._from_env,
            "file": self._from_file,
            "aws_secrets_manager": self._from_aws,
            "value": lambda text: _text(text, ()),
        }
        return ways[kind](options)

    def _from_env(self, name: Any) -> str:
        value = self._environ.get(str(name))
        if not value:
            raise Absent(
                f"the environment variable {clean(str(name), 60)} is {'not set' if value is None else 'empty'}"
            )
        return value

    def _from_file(self, name: Any) -> str:
        path = self._folder / str(name)
        shown = clean(str(name), 200)
        try:
            with path.open("rb") as file:
                text = file.read(MAX_BYTES + 1).decode()
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            raise Absent(f"the file {shown} cannot be read ({reason})") from None
        except ValueError:
            raise Absent(f"the file {shown} is not UTF-8 text") from None
        if len(text) > MAX_BYTES:
            raise Absent(f"the file {shown} is too long for a secret")
        if not text.strip():
            raise Absent(f"the file {shown} is empty")
        return text.removesuffix("\n").removesuffix("\r")

    def _from_aws(self, options: Mapping[str, Any]) -> str:
        """Imported on use: most configs have nothing to do with it. One request serves every key of a secret."""
        from tui_monitor.config import aws

        asked = (str(options["secret"]), str(options.get("region") or ""), str(options.get("endpoint_url") or ""))
        if asked not in self._vault:
            try:
                self._vault[asked] = aws.fetch(*asked, self._environ)
            except Absent as error:
                self._vault[asked] = error
        held = self._vault[asked]
        if isinstance(held, Absent):
            raise held
        return aws.pick(held, asked[0], options.get("key"))


def _text(value: Any, inner: Inner) -> str:
    if isinstance(value, str | Whole | Real):
        return str(value)
    raise Misplaced([(inner, "must be a text, or a place to look for it such as {env: NAME}")])


def _faults_of(place: Any) -> list[tuple[Inner, str]]:
    """What is wrong with the form of one place, before anything is looked up."""
    if not isinstance(place, dict):
        return (
            [] if isinstance(place, str | Whole | Real) else [((), "must be a text or a place such as {env: NAME}")]
        )
    if len(place) != 1:
        return [((), f"must have exactly one of {', '.join(KINDS)}")]
    ((kind, options),) = place.items()
    if kind not in KINDS:
        hint = near(kind, KINDS) or f"; known are {', '.join(KINDS)}"
        return [((kind,), f"no place for secrets is called {clean(kind, 60)!r}{hint}")]
    if kind == "aws_secrets_manager":
        return [((kind, *inner), text) for inner, text in _faults_of_aws(options)]
    return [] if _is_filled_text(options) else [((kind,), "must be a text that is not empty")]


def _faults_of_aws(options: Any) -> list[tuple[Inner, str]]:
    if not isinstance(options, dict):
        return [((), f"must be a mapping with {', '.join(AWS_KEYS)}")]
    faults: list[tuple[Inner, str]] = []
    for key, value in options.items():
        if key not in AWS_KEYS:
            hint = near(key, AWS_KEYS) or f"; known here are {', '.join(AWS_KEYS)}"
            faults.append(((key,), f"unknown key {clean(key, 60)!r}{hint}"))
        elif not _is_filled_text(value):
            faults.append(((key,), "must be a text that is not empty"))
    return faults if "secret" in options else [*faults, ((), "'secret' is missing")]


def _is_filled_text(value: Any) -> bool:
    return isinstance(value, str | Whole | Real) and bool(str(value))
