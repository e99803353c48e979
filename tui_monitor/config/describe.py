"""The JSON Schema of the whole config, for editors: from the same type hints that the reader goes by."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from tui_monitor import checks as known_checks
from tui_monitor import destinations as known_destinations
from tui_monitor.config.catalogue import by_name
from tui_monitor.config.forms import SEQUENCES, is_fixed, is_required, is_text, options_of, written
from tui_monitor.config.services import Registry
from tui_monitor.config.shape import Patience, Row, Top, Way, at_least_one, not_empty, not_negative, operation
from tui_monitor.config.vendors import VENDOR, needs_of
from tui_monitor.core.keys import BY_ID
from tui_monitor.core.options import is_duration
from tui_monitor.core.secret import Secret

Schema = dict[str, Any]

_VARIABLE: Schema = {"type": "string", "pattern": r"\$\{"}
_TEXT: Schema = {"type": ["string", "number", "boolean"]}
_NUMBER: Schema = {"type": "string", "pattern": r"^\s*[-+]?[0-9.]+([eE][-+]?[0-9]+)?\s*$|\$\{"}
_DURATION: Schema = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": r"^\s*(\d+(\.\d+)?\s*(ms|s|m|h|d|w|MS|S|M|H|D|W)?\s*)+$|\$\{"},
    ]
}
_SIMPLE: dict[Any, Schema] = {
    str: _TEXT,
    Path: _TEXT,
    bool: {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no", "on", "off"]}, _VARIABLE]},
    int: {"anyOf": [{"type": "integer"}, _NUMBER]},
    float: {"anyOf": [{"type": "number"}, _NUMBER]},
    type(None): {"type": "null"},
    Secret: {"$ref": "#/$defs/secret"},
    Any: {},
    object: {},
}
_LIMITS: dict[Any, Schema] = {
    at_least_one: {"anyOf": [{"type": "integer", "minimum": 1}, _NUMBER]},
    not_negative: {"anyOf": [{"type": "integer", "minimum": 0}, _NUMBER]},
    not_empty: {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]},
    operation: {"enum": list(BY_ID)},
}
_FILLED: Schema = {"type": ["string", "number"], "minLength": 1}
_PLACE: Schema = {
    "type": "object",
    "properties": {
        "env": {**_FILLED, "description": "the name of an environment variable"},
        "file": {**_FILLED, "description": "the path of a file, from the folder of the config"},
        "value": {**_FILLED, "description": "the secret itself"},
        "aws_secrets_manager": {
            "type": "object",
            "properties": {"secret": _FILLED, "key": _FILLED, "region": _FILLED, "endpoint_url": _FILLED},
            "required": ["secret"],
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
}
_SECRET: Schema = {
    "description": "a secret: a text, or places to look for it, tried in order",
    "anyOf": [_TEXT, _PLACE, {"type": "array", "items": {"anyOf": [_TEXT, _PLACE]}, "minItems": 1}],
}


def schema(*, checks: Registry = known_checks, destinations: Registry = known_destinations) -> Schema:
    """Every option of this release and of every plugin that is installed."""
    definitions: Schema = {
        "secret": _SECRET,
        "service": _entry(Row, checks),
        "destination": _entry(Patience, destinations),
    }
    for noun, registry in (("check", checks), ("destination", destinations)):
        definitions.update({f"{noun}_{kind}": _options(registry.find(kind)) for kind in registry.kinds()})
    top = _options(Top)
    top["properties"] = {key: _or_nothing(shape) for key, shape in top["properties"].items()}
    top["properties"] |= {
        "services": {"type": "array", "items": {"$ref": "#/$defs/service"}, "minItems": 1},
        "destinations": _or_nothing({"type": "object", "additionalProperties": {"$ref": "#/$defs/destination"}}),
        "routes": _or_nothing({"type": "array", "items": _options(Way)}),
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "tui-monitor"}
    rest = {"required": ["services"], "patternProperties": {"^x-": {}}, "$defs": definitions}
    return {**head, **top, **rest}


def _entry(own: type[Any], registry: Registry) -> Schema:
    """One entry has its own options beside exactly one key that names its kind, or for a service its vendor."""
    noun = "check" if own is Row else "destination"
    shape = _options(own)
    keys = frozenset(shape["properties"])
    for kind in registry.kinds():
        reference: Schema = {"$ref": f"#/$defs/{noun}_{kind}"}
        made: Any = registry.find(kind)
        needs = any(is_required(option) for _, option in options_of(made).values())
        mine = shape["properties"].get(kind)
        either = {"anyOf": [reference, mine]} if mine else _or_nothing(reference)
        shape["properties"][kind] = reference if needs and not mine else either
    shape["oneOf"] = [_naming(kind, is_shared=kind in keys) for kind in registry.kinds()]
    if own is Row:
        named = {"required": [VENDOR]}
        shape["properties"][VENDOR] = _vendor(registry)
        shape["oneOf"].append(named)
        shape["anyOf"] = [{"required": shape.pop("required")}, named]  # a vendor has a name of its own
    return shape


def _naming(kind: str, *, is_shared: bool) -> Schema:
    """An entry that names this kind; a key that is an option of the entry too does so above a mapping."""
    needed: Schema = {"required": [kind]}
    return {**needed, "properties": {kind: {"type": "object"}}} if is_shared else needed


def _vendor(registry: Registry) -> Schema:
    """A name of the catalogue, alone where that suffices, or beside options of the check that reads its page."""
    alone: list[str] = []
    beside: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for name, vendor in by_name().items():
        if vendor.kind in registry.kinds():
            needed = tuple(needs_of(vendor, registry.find(vendor.kind)))
            beside.setdefault((vendor.kind, needed), []).append(name)
            alone += [] if needed else [name]
    mappings = [_beside(kind, needed, names, registry.find(kind)) for (kind, needed), names in beside.items()]
    about = "a vendor whose page is known: tui-monitor vendors lists them all"
    return {"description": about, "anyOf": [{"enum": alone}, _VARIABLE, *mappings]}


def _beside(kind: str, needed: tuple[str, ...], names: list[str], made: Any) -> Schema:
    options = {key: {"$ref": f"#/$defs/check_{kind}/properties/{key}"} for key in options_of(made)}
    return {
        "type": "object",
        "properties": {"name": {"anyOf": [{"enum": names}, _VARIABLE]}, **options},
        "required": ["name", *needed],
        "additionalProperties": False,
    }


def _or_nothing(shape: Schema) -> Schema:
    return {"anyOf": [shape, {"type": "null"}]}


def _options(made: Any) -> Schema:
    options = options_of(made)
    shape: Schema = {
        "type": "object",
        "properties": {key: _option(hint, option) for key, (hint, option) in options.items()},
        "additionalProperties": False,
    }
    required = [key for key, (_, option) in options.items() if is_required(option)]
    about = (made.__doc__ or "").strip().partition("\n")[0]
    if about and not about.startswith(f"{made.__name__}("):
        shape["description"] = about
    return {**shape, "required": required} if required else shape


def _option(hint: Any, option: Field[Any]) -> Schema:
    shape = _form(written(hint, option))
    if option.default is not MISSING and type(option.default) in (str, int, float, bool):
        shape = {**shape, "default": option.default}
    return shape


def _form(hint: Any) -> Schema:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, typing.Hashable) and hint in _SIMPLE:
        return dict(_SIMPLE[hint])
    if origin is typing.Annotated:
        return _annotated(args[0], args[1:])
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_form(one) for one in args]}
    if origin is typing.Literal:
        return {"anyOf": [{"enum": list(args)}, _VARIABLE]}
    if origin in SEQUENCES and args:
        if is_fixed(origin, args):
            return {
                "type": "array",
                "prefixItems": [_form(one) for one in args],
                "minItems": len(args),
                "items": False,
            }
        many: Schema = {"type": "array", "items": _form(args[0])}
        return {"anyOf": [_form(args[0]), many]} if is_text(args[0]) else many
    if isinstance(origin, type) and issubclass(origin, Mapping):
        names = _form(args[0])
        limit = {"propertyNames": names} if "enum" in names else {}
        return {"type": "object", **limit, "additionalProperties": _form(args[1])}
    if is_dataclass(hint):
        return _options(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"anyOf": [{"enum": [one.value for one in hint]}, _VARIABLE]}
    return _foreign(hint)


def _annotated(hint: Any, notes: tuple[Any, ...]) -> Schema:
    shape = dict(_DURATION) if any(is_duration(note) for note in notes) else _form(hint)
    for note in notes:
        if isinstance(note, types.FunctionType) and note in _LIMITS:
            shape = dict(_LIMITS[note])
        elif isinstance(note, str):
            shape["description"] = note
    return shape


def _foreign(hint: Any) -> Schema:
    from pydantic import TypeAdapter

    return TypeAdapter(hint).json_schema()
