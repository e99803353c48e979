"""From the type hints of a dataclass of options to a validator. Whatever a hint may be is decided here, once.

Only pydantic's compiled core is imported: it takes half the time and memory of pydantic itself, which is fetched for
a hint that none of ours uses.
"""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache, partial
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError, SchemaValidator, core_schema

from tui_monitor.config.tree import Filled, Real, Whole, bare
from tui_monitor.core.options import ClientCertificate, is_template, need_of
from tui_monitor.core.secret import Secret
from tui_monitor.core.template import faults

Form = core_schema.CoreSchema
SEQUENCES = (tuple, list, Sequence, set, frozenset, AbstractSet)
TAG = "\0"
"""What the tags of a choice begin with, so that they are told from keys in the place of an error."""


@cache
def validator_of(hint: Any) -> SchemaValidator:
    return SchemaValidator(form_of(hint))


def near(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where one of the known words is meant, else nothing."""
    words = list(known)
    lower = {one.lower(): one for one in reversed(words)}
    begun = [one for one in lower if len(word) > 2 and one.startswith(word.lower())]
    found = difflib.get_close_matches(word.lower(), lower, 1) or begun
    return f"; did you mean {lower[found[0]]!r}?" if found else ""


def form_of(hint: Any) -> Form:
    """The form that a value of this type takes in a config."""
    simple = _SIMPLE.get(hint) if isinstance(hint, typing.Hashable) else None
    if simple is not None:
        return simple()
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _annotated(args[0], args[1:], hint)
    if origin in (typing.Union, types.UnionType):
        return _union(args)
    if origin is typing.Literal:
        return _choice({str(one): one for one in args})
    if origin in SEQUENCES and args:
        return _sequence(origin, args)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return core_schema.dict_schema(form_of(args[0]), form_of(args[1]))
    if isinstance(hint, type):
        return _of_class(hint)
    return _foreign(hint)


def _of_class(hint: type[Any]) -> Form:
    if hint is ClientCertificate:
        return core_schema.with_info_after_validator_function(_check_pair, _dataclass(hint))
    if is_dataclass(hint):
        return _dataclass(hint)
    if issubclass(hint, Enum):
        return _choice({str(one.value): one for one in hint})
    if hasattr(hint, "__get_pydantic_core_schema__"):
        return typing.cast(Form, hint.__get_pydantic_core_schema__(hint, form_of))
    return _foreign(hint)


def _text(value: Any) -> str:
    if isinstance(value, str | Whole | Real):
        return str(value)
    raise PydanticCustomError("text", "must be a text")


_SIMPLE: dict[Any, Callable[[], Form]] = {
    str: lambda: core_schema.no_info_plain_validator_function(_text),
    bool: core_schema.bool_schema,
    int: core_schema.int_schema,
    float: lambda: core_schema.float_schema(allow_inf_nan=False),
    type(None): core_schema.none_schema,
    Path: lambda: core_schema.no_info_plain_validator_function(lambda value: Path(_text(value))),
    Any: lambda: core_schema.no_info_plain_validator_function(bare),
    object: lambda: core_schema.no_info_plain_validator_function(bare),
}


def _annotated(hint: Any, notes: Sequence[Any], whole: Any) -> Form:
    """Hooks and checks of a hint. A plain function is a check of the value, a text tells people what it means."""
    spelt = next((note for note in notes if hasattr(note, "__get_pydantic_core_schema__")), None)
    form = spelt.__get_pydantic_core_schema__(hint, form_of) if spelt is not None else form_of(hint)
    for note in notes:
        if is_template(note):
            form = core_schema.with_info_after_validator_function(_check_fields, form)
        elif need_of(note):
            form = core_schema.with_info_after_validator_function(partial(_check_path, need_of(note)), form)
        elif isinstance(note, types.FunctionType):
            form = core_schema.no_info_after_validator_function(note, form)
        elif note is not spelt and not isinstance(note, str):
            return _foreign(whole)
    return typing.cast(Form, form)


def _check_fields(text: str, info: Any) -> str:
    found = faults(text, info.context.known)
    if found:
        raise ValueError(found[0])
    return text


def _check_path(need: str, text: str, info: Any) -> str:
    return str(info.context.paths.usable(need, text))


def _check_pair(pair: ClientCertificate, info: Any) -> ClientCertificate:
    checked: ClientCertificate = info.context.paths.matching(pair)
    return checked


def _choice(options: Mapping[str, Any]) -> Form:
    def read(value: Any) -> Any:
        word = str(value) if isinstance(value, str | Whole | Real) else None
        if word is None or word not in options:
            raise PydanticCustomError("choice", "choice", {"options": list(options)})
        return options[word]

    return core_schema.no_info_plain_validator_function(read)


def _sequence(origin: Any, args: tuple[Any, ...]) -> Form:
    if is_fixed(origin, args):
        return core_schema.tuple_schema([form_of(one) for one in args])
    form: Form = core_schema.list_schema(form_of(args[0]))
    if is_text(args[0]):
        form = core_schema.no_info_before_validator_function(_listed, form)
    made = frozenset if origin in (set, frozenset, AbstractSet) else tuple
    return core_schema.no_info_after_validator_function(list if origin is list else made, form)


def is_fixed(origin: Any, args: tuple[Any, ...]) -> bool:
    """Whether a type is a tuple of so many values, each of a type of its own."""
    return origin is tuple and not (len(args) == 2 and args[1] is Ellipsis)


def is_text(hint: Any) -> bool:
    return hint is str or (typing.get_origin(hint) is typing.Annotated and typing.get_args(hint)[0] is str)


def _listed(value: Any) -> Any:
    """One text where a list of texts is wanted is a list of one."""
    return [value] if isinstance(value, str | Whole | Real) else value


# -- dataclasses ------------------------------------------------------------------------------------------------


@cache
def options_of(made: Any) -> dict[str, tuple[Any, Field[Any]]]:
    """The options of a plugin by their keys; `from_` is how Python spells the key `from`."""
    options = {one.name: one for one in fields(made) if one.init}
    hints = _hints_of(made, options)
    return {name.removesuffix("_"): (hints[name], option) for name, option in options.items()}


def _hints_of(made: Any, names: Collection[str]) -> dict[str, Any]:
    """Only of options: what a plugin works out for itself may have types that only a type checker knows."""
    hints: dict[str, Any] = {}
    for owner in reversed(made.__mro__):
        own = {name: hint for name, hint in vars(owner).get("__annotations__", {}).items() if name in names}
        holder = type(owner.__name__, (), {"__annotations__": own, "__module__": owner.__module__})
        hints |= typing.get_type_hints(holder, include_extras=True)
    return hints


def is_required(option: Field[Any]) -> bool:
    return option.default is MISSING and option.default_factory is MISSING


def written(hint: Any, option: Field[Any]) -> Any:
    """What may be written for an option. Where None is how it says that nothing was, nobody writes a null."""
    return _something(hint) if option.default is None else hint


def _something(hint: Any) -> Any:
    """The type without its None."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        made: Any = typing.Annotated
        return made[(_something(args[0]), *args[1:])]
    if origin in (typing.Union, types.UnionType):
        return typing.Union[tuple(one for one in args if one is not type(None))]  # noqa: UP007 - of any number
    return hint


def _form_of_option(hint: Any, option: Field[Any]) -> Form:
    form = form_of(written(hint, option))
    if not is_required(option) or hint in (Any, object) or _something(hint) != hint:
        return form

    def refuse_nothing(value: Any) -> Any:
        if value is None:
            raise PydanticCustomError("nothing", "has no value: give one")
        return value

    return core_schema.no_info_before_validator_function(refuse_nothing, form)


def _dataclass(made: Any) -> Form:
    options = options_of(made)
    known = list(options)
    names = {key: option.name for key, (_, option) in options.items() if key != option.name}

    def build(values: dict[str, Any]) -> Any:
        for key in names.keys() & values.keys():
            values[names[key]] = values.pop(key)
        return made(**values)

    def refuse(_: Any) -> Any:
        raise PydanticCustomError("unknown_key", "unknown", {"known": known})

    form = core_schema.typed_dict_schema(
        {
            key: core_schema.typed_dict_field(_form_of_option(hint, option), required=is_required(option))
            for key, (hint, option) in options.items()
        },
        extra_behavior="allow",
        extras_schema=core_schema.no_info_plain_validator_function(refuse),
    )
    return core_schema.no_info_after_validator_function(build, form)


# -- choices ----------------------------------------------------------------------------------------------------


def _union(args: tuple[Any, ...]) -> Form:
    """One form per shape of what is written (a scalar, a mapping, a list), so that errors speak of what was meant."""
    members = [one for one in args if one is not type(None)]
    form = form_of(members[0]) if len(members) == 1 else _by_shape(members)
    return core_schema.nullable_schema(form) if len(members) < len(args) else form


def _by_shape(members: list[Any]) -> Form:
    shaped: dict[str, list[Any]] = {}
    for member in members:
        for shape in shapes_of(member):
            shaped.setdefault(shape, []).append(member)
    choices: dict[typing.Hashable, Form] = {}
    for shape, hints in shaped.items():
        choices.update(_scalars(hints) if shape == "scalar" else _numbered(shape, hints))

    def tag_of(value: Any) -> str | None:
        shape = shape_of(value)
        hints = shaped.get(shape, [])
        if shape == "scalar" and Secret in hints and isinstance(value, Filled):
            return f"{TAG}secret"
        return f"{TAG}{shape}{_closest(value, hints)}" if hints else None

    wanted = " or ".join(_SHAPES[shape] for shape in shaped)
    return core_schema.tagged_union_schema(
        choices, tag_of, custom_error_type="shape", custom_error_message=f"must be {wanted}"
    )


_SHAPES = {"scalar": "a single value", "mapping": "a mapping of keys to values", "list": "a list"}


def _numbered(shape: str, hints: list[Any]) -> dict[str, Form]:
    return {f"{TAG}{shape}{n}": form_of(hint) for n, hint in enumerate(hints)}


def _scalars(hints: list[Any]) -> dict[str, Form]:
    """A text may be a secret when it came from the environment; numbers and truth keep their own types."""
    plain = [hint for hint in hints if hint is not Secret]
    secret = {f"{TAG}secret": form_of(Secret)} if Secret in hints else {}
    if len(plain) < 2:
        return {f"{TAG}scalar0": form_of(plain[0] if plain else Secret), **secret}
    exact: list[Form | tuple[Form, str]] = [
        core_schema.str_schema() if hint is str else form_of(hint) for hint in plain
    ]
    words = [word for hint in plain for word in _words_of(hint)]
    wanted = " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
    exact_words = "\n".join(word for word in words if word not in _KINDS.values())
    union = core_schema.union_schema(
        exact,
        custom_error_type="words",
        custom_error_message="words",
        custom_error_context={"wanted": wanted, "words": exact_words},
    )
    return {f"{TAG}scalar0": core_schema.no_info_before_validator_function(bare, union), **secret}


_KINDS: dict[Any, str] = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def _words_of(hint: Any) -> list[str]:
    """What people may write for one member of a union."""
    if typing.get_origin(hint) is typing.Literal:
        return [str(one) for one in typing.get_args(hint)]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return [str(one.value) for one in hint]
    plain = typing.get_args(hint)[0] if typing.get_origin(hint) is typing.Annotated else hint
    return [_KINDS.get(plain, "another value") if isinstance(plain, typing.Hashable) else "another value"]


def _closest(value: Any, hints: list[Any]) -> int:
    """Of several kinds of mapping, the one that shares most keys with what is written."""
    if len(hints) < 2 or not isinstance(value, dict):
        return 0
    shared = [len(_keys_of(hint) & value.keys()) for hint in hints]
    return shared.index(max(shared))


def _keys_of(hint: Any) -> AbstractSet[str]:
    made: Any = hint
    return options_of(made).keys() if is_dataclass(hint) else frozenset()


def shape_of(value: Any) -> str:
    return "mapping" if isinstance(value, dict) else "list" if isinstance(value, list) else "scalar"


def shapes_of(hint: Any) -> Collection[str]:
    """What a value of this type may look like in a config."""
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        return shapes_of(typing.get_args(hint)[0])
    if origin in (typing.Union, types.UnionType):
        return {shape for one in typing.get_args(hint) if one is not type(None) for shape in shapes_of(one)}
    if origin in SEQUENCES or hint in SEQUENCES:
        return ("list",)
    if is_dataclass(hint) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return ("mapping",)
    return ("scalar", "mapping", "list") if hint in (Secret, Any, object) else ("scalar",)


def _foreign(hint: Any) -> Form:
    """A type that only a stranger's plugin uses: pydantic itself knows many more."""
    from pydantic import TypeAdapter

    form = TypeAdapter(hint).core_schema
    return core_schema.no_info_before_validator_function(bare, form)
