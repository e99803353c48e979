"""A config on its way to a plan: the tree it came from, everything wrong with it so far, the secrets found in it."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic_core import ValidationError

from tui_monitor.config.forms import TAG, near, validator_of
from tui_monitor.config.paths import Paths
from tui_monitor.config.providers import Misplaced, Providers
from tui_monitor.config.tree import Filled, Node, key_at, node_at, scalar, under, value_at
from tui_monitor.config.variables import replace
from tui_monitor.core.errors import Problem
from tui_monitor.core.message import FIELDS
from tui_monitor.core.secret import Secret, redact
from tui_monitor.core.text import clean

T = TypeVar("T")
Place = tuple[str | int, ...]
_NAMES = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)")


class Draft:
    """Also the context of the validators: `known` fields of templates, `secret_of` for secrets, `paths` for files."""

    def __init__(self, root: Node, file: str, environ: Mapping[str, str], folder: Path) -> None:
        self.root = root
        self.file = file
        self.known: frozenset[str] = FIELDS
        self.problems: list[Problem] = []
        self.paths = Paths(folder)
        self._environ = environ
        self._unfilled: set[int] = set()
        self._providers = Providers(environ, folder)
        self.data = self._plain(root, ())

    @property
    def secrets(self) -> list[Secret]:
        return self._providers.found

    def secret_of(self, value: Any) -> Secret:
        return self._providers.resolve(value)

    def read(self, hint: type[T], value: Any, place: Place) -> T | None:
        """The value as the type wants it; None where something is wrong with it, which is then told."""
        shape: Any = hint
        try:
            return typing.cast(T, validator_of(shape).validate_python(value, context=self))
        except ValidationError as error:
            for one in error.errors(include_url=False):
                self._translate(one, place)
            return None

    def tell(self, text: str, place: Place, *, key: bool = False) -> None:
        """One more problem, at the value of a place or at its key. A value that is not there yet is told once."""
        if id(value_at(self.root, place)) in self._unfilled and not key:
            return
        node = (key_at if key else node_at)(self.root, place)
        shown = self._without_values(text, place)
        self.problems.append(Problem(shown, spell(place), node.line, node.column, self.file))

    def unknown(self, key: str, known: Sequence[str], place: Place) -> None:
        hint = near(key, known) or f"; known here are {', '.join(known)}"
        self.tell(f"unknown key {clean(key, 60)!r}{hint}", place, key=True)

    def line_of(self, place: Place) -> int:
        return node_at(self.root, place).line

    def finished(self) -> list[Problem]:
        """Every problem by line, without the text of any secret."""
        ordered = sorted(self.problems, key=lambda one: (one.line or 0, one.column or 0))
        return [
            Problem(self._redacted(one.text), self._redacted(one.path), one.line, one.column, one.file)
            for one in dict.fromkeys(ordered)
        ]

    # -- values -------------------------------------------------------------------------------------------------

    def _plain(self, node: Node, place: Place) -> Any:
        value = node.value
        if isinstance(value, str):
            return self._scalar(node, value, place)
        if isinstance(value, dict):
            return {key: self._plain(one, (*place, key)) for key, (_, one) in value.items()}
        return [self._plain(one, (*place, n)) for n, one in enumerate(value)]

    def _scalar(self, node: Node, value: str, place: Place) -> Any:
        if "${" not in value or node.said is not None:
            if node.said is None:
                return scalar(value) if node.plain else value
            return self._filled(node)
        filled, faults = replace(value, self._environ)
        node.said, node.value = value, filled
        if faults:
            self._unfilled.add(id(node))
        self.problems.extend(
            Problem(fault, spell(place), node.line, node.column, self.file) for fault in dict.fromkeys(faults)
        )
        return self._filled(node)

    def _filled(self, node: Node) -> Filled:
        text = Filled(node.value)
        text.plain = node.plain
        text.pieces = tuple(self._environ.get(name, "") for name in _NAMES.findall(node.said or ""))
        return text

    # -- words --------------------------------------------------------------------------------------------------

    def _translate(self, error: Mapping[str, Any], place: Place) -> None:
        steps = tuple(step for step in error["loc"] if not (isinstance(step, str) and step.startswith(TAG)))
        where = (*place, *(step for step in steps if step != "[key]"))
        kind, context = error["type"], error.get("ctx", {})
        is_absent = error["input"] is None and isinstance(where[-1], str) and kind != "nothing"
        advice = "; leave the key out for its default" if is_absent else ""
        if kind == "unknown_key":
            self.unknown(str(where[-1]), context["known"], where)
        elif isinstance(context.get("error"), Misplaced):
            for inner, text in context["error"].faults:
                self.tell(text + advice, (*where, *inner))
        elif kind == "missing":
            self.tell(f"{where[-1]!r} is missing" if isinstance(where[-1], str) else "has too few values", where[:-1])
        elif kind == "value_error":
            option, text = self._spoken_of(clean(str(context["error"])), where)
            if not (option and self._is_unfilled((*where, *option))):
                self.tell(text + advice, (*where, *option))
        else:
            self.tell(self._sentence(error, where) + advice, where)

    def _spoken_of(self, text: str, place: Place) -> tuple[Place, str]:
        """A plugin speaks of its options by name, in one of the first words or alone before a colon.

        That key is where to look. Quoted words are somebody's values, which may be called like an option.
        """
        node = value_at(self.root, place)
        keys = node.value if node is not None and isinstance(node.value, dict) else {}
        option, colon, rest = text.partition(": ")
        if colon and option in keys:
            return (option,), rest
        words = re.findall(r"\w+", re.sub(r"'[^']*'", " ", text).lower())[:3]
        return next(((word,) for word in words if word in keys), ()), text

    def _is_unfilled(self, place: Place) -> bool:
        """Whether a variable is missing anywhere in an option: that is told, and what else is wrong comes of it."""
        node = value_at(self.root, place)
        return node is not None and any(id(one) in self._unfilled for one in under(node))

    def _sentence(self, error: Mapping[str, Any], where: Place) -> str:
        node = value_at(self.root, where)
        is_text = node is not None and isinstance(node.value, str) and error["input"] is not None
        written = node.said or node.value if node is not None and is_text else None
        given = f", not {clean(written, 60)!r}" if written else ""
        if error["type"] == "choice":
            options = error["ctx"]["options"]
            known = f"one of {', '.join(options)}" if len(options) > 1 else options[0]
            return f"must be {known}{given}{near(written or '', options)}"
        if error["type"] == "words":
            return f"must be {error['ctx']['wanted']}{given}{near(written or '', error['ctx']['words'].split())}"
        wanted = next((words for sign, words in _WANTED if error["type"].startswith(sign)), None)
        if wanted in _CONTAINERS:
            return f"must be {wanted}"
        return f"must be {wanted}{given}" if wanted else clean(error["msg"].replace("Input should", "must"))

    def _without_values(self, text: str, place: Place) -> str:
        """The sentence with what came from the environment written as in the config."""
        node = value_at(self.root, place)
        for one in under(node) if node is not None else ():
            for value, said in self._origins(one):
                text = text.replace(f"'{value}'", f"'{said}'")
                text = text.replace(value, said) if len(value) > 3 else text
        return text

    def _origins(self, node: Node) -> Iterator[tuple[str, str]]:
        if node.said is None:
            return
        pieces = [(self._environ.get(name, ""), f"${{{name}}}") for name in _NAMES.findall(node.said)]
        for value, said in [(node.value, node.said), *pieces]:
            for spelt in (value, value.strip(), repr(value)[1:-1], repr(value.strip())[1:-1], clean(value)):
                if spelt and spelt not in said:
                    yield spelt, said

    def _redacted(self, text: str) -> str:
        spelt = [Secret(repr(one.reveal())[1:-1]) for one in self.secrets]
        return redact(text, [*self.secrets, *spelt])


_CONTAINERS = ("a mapping of keys to values", "a list")
_WANTED = (
    ("int_", "a whole number"),
    ("float_", "a number"),
    ("finite_number", "a number"),
    ("bool_", "true or false"),
    ("text", "a text"),
    ("string_", "a text"),
    ("dict_", "a mapping of keys to values"),
    ("mapping_", "a mapping of keys to values"),
    ("list_", "a list"),
    ("tuple_", "a list"),
)


def spell(place: Place) -> str:
    """`services[2].http.url`"""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{clean(step, 60)}" if text else clean(step, 60)
    return text
