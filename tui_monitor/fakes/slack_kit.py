"""What Slack makes of the blocks and the texts of a message: whether it takes them, and whom they call."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

BLOCKS, WHOLE = 50, 13_000
HEADER, SECTION, FIELD, FIELDS, CONTEXT, ELEMENTS = 150, 3000, 2000, 10, 10, 25
BUTTON, VALUE, NAME, LINK = 75, 2000, 255, 3000

_CALL = re.compile(r"<(![^>|]+|@[UW][A-Z0-9]+)(?:\|[^>]*)?>")
_OURS = re.compile(
    r"<(?:!(?:channel|here|everyone)|!subteam\^S[A-Z0-9]+|!date\^\d+\^[^<>|]+\|[^<>|]*|@[UW][A-Z0-9]+|#[CG][A-Z0-9]+"
    r"|(?:https?://|mailto:)[^<>|\s]+)(?:\|[^<>|]*)?>"
)
_LOOSE = re.compile(r"&(?!amp;|lt;|gt;)|[<>]")


class Invalid(Exception):
    """Blocks that Slack refuses; the text is as Slack says it."""


def check(blocks: Any) -> None:
    """Invalid says what is wrong first, and where."""
    if not isinstance(blocks, list):
        raise Invalid("must provide an array [json-pointer:/blocks]")
    _most("no more than 50 items allowed", len(blocks), BLOCKS, "/blocks")
    names: list[str] = []
    for n, block in enumerate(blocks):
        where = f"/blocks/{n}"
        judge = _JUDGES.get(block.get("type")) if isinstance(block, dict) else None
        if judge is None:
            raise Invalid(f"unsupported type [json-pointer:{where}/type]")
        _known(block, {"type", "block_id", *_PARTS[block["type"]]}, where)
        _text_within(block.get("block_id", "b"), NAME, f"{where}/block_id")
        names += [f"block {block['block_id']}"] if "block_id" in block else []
        names += judge(block, where)
    if len(set(names)) < len(names):
        raise Invalid("`action_id` or `block_id` already exists [json-pointer:/blocks]")


def texts_in(blocks: Any) -> list[str]:
    """The texts that people read, as they came over the wire, in their order."""
    if isinstance(blocks, Mapping):
        if isinstance(blocks.get("text"), str):
            return [blocks["text"]]
        return [text for name, part in blocks.items() if name != "confirm" for text in texts_in(part)]
    if isinstance(blocks, list):
        return [text for part in blocks for text in texts_in(part)]
    return []


def called_in(blocks: Any, text: str) -> list[str]:
    """Whom a message really calls: by its blocks where it has any, by its text where it has none."""
    return [call for one in (_marked_up(blocks) if blocks else [text]) for call in _CALL.findall(one) if _calls(call)]


def slips_in(blocks: Any, text: str) -> list[str]:
    """What of its texts is neither escaped nor one of Slack's own words."""
    return [one for one in (*_marked_up(blocks), text) if _LOOSE.search(_OURS.sub("", one))]


def shown(text: str) -> str:
    """A text as people read it."""
    plain = re.sub(r"<!date\^[^>|]*\|([^>]*)>", r"\1", text)
    plain = re.sub(r"<(?:[^>|]*)\|([^>]*)>", r"\1", plain)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _calls(word: str) -> bool:
    return word.startswith(("@", "!subteam^")) or word in ("!channel", "!here", "!everyone")


def _marked_up(blocks: Any) -> list[str]:
    if isinstance(blocks, Mapping):
        if blocks.get("type") == "mrkdwn":
            return [blocks["text"]]
        return [text for part in blocks.values() for text in _marked_up(part)]
    return [text for part in blocks for text in _marked_up(part)] if isinstance(blocks, list) else []


# -- blocks ---------------------------------------------------------------------------------------------------------


def _header(block: Mapping[str, Any], where: str) -> list[str]:
    _text(block.get("text"), HEADER, f"{where}/text", plain=True)
    return []


def _section(block: Mapping[str, Any], where: str) -> list[str]:
    if "text" not in block and "fields" not in block:
        raise Invalid(f"missing required field: text or fields [json-pointer:{where}]")
    if "text" in block:
        _text(block["text"], SECTION, f"{where}/text")
    for n, one in enumerate(_some(block.get("fields", [{}]), FIELDS, f"{where}/fields") if "fields" in block else ()):
        _text(one, FIELD, f"{where}/fields/{n}")
    return _button(block["accessory"], f"{where}/accessory") if "accessory" in block else []


def _context(block: Mapping[str, Any], where: str) -> list[str]:
    for n, one in enumerate(_some(block.get("elements"), CONTEXT, f"{where}/elements")):
        _text(one, SECTION, f"{where}/elements/{n}")
    return []


def _actions(block: Mapping[str, Any], where: str) -> list[str]:
    elements = _some(block.get("elements"), ELEMENTS, f"{where}/elements")
    return [name for n, one in enumerate(elements) for name in _button(one, f"{where}/elements/{n}")]


def _divider(block: Mapping[str, Any], where: str) -> list[str]:
    return []


_PARTS: Mapping[str, set[str]] = {
    "header": {"text"},
    "section": {"text", "fields", "accessory", "expand"},
    "context": {"elements"},
    "actions": {"elements"},
    "divider": set(),
}
_JUDGES: Mapping[Any, Callable[[Mapping[str, Any], str], list[str]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "divider": _divider,
}


def _button(one: Any, where: str) -> list[str]:
    if not isinstance(one, dict) or one.get("type") != "button":
        raise Invalid(f"unsupported type [json-pointer:{where}/type]")
    _known(one, {"type", "text", "action_id", "value", "style", "url", "confirm", "accessibility_label"}, where)
    _text(one.get("text"), BUTTON, f"{where}/text", plain=True)
    for name, most in (("action_id", NAME), ("value", VALUE), ("url", LINK)):
        if name in one:
            _text_within(one[name], most, f"{where}/{name}")
    if one.get("style", "primary") not in ("primary", "danger"):
        raise Invalid(f"must be a valid enum value [json-pointer:{where}/style]")
    return [f"action {one['action_id']}"] if "action_id" in one else []


def _text(one: Any, most: int, where: str, *, plain: bool = False) -> None:
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    if not isinstance(one, dict) or one.get("type") not in kinds:
        raise Invalid(f"must be a valid text object [json-pointer:{where}/type]")
    option = "emoji" if one["type"] == "plain_text" else "verbatim"
    _known(one, {"type", "text", option}, where)
    if not isinstance(one.get(option, True), bool):
        raise Invalid(f"must be a boolean [json-pointer:{where}/{option}]")
    _text_within(one.get("text"), most, f"{where}/text")


def _text_within(text: Any, most: int, where: str) -> None:
    if not isinstance(text, str) or not text:
        raise Invalid(f"must be more than 0 characters [json-pointer:{where}]")
    _most(f"must be less than {most + 1} characters", len(text), most, where)


def _some(parts: Any, most: int, where: str) -> list[Any]:
    if not isinstance(parts, list) or not parts:
        raise Invalid(f"no less than 1 items allowed [json-pointer:{where}]")
    _most(f"no more than {most} items allowed", len(parts), most, where)
    return parts


def _known(block: Mapping[str, Any], names: set[str], where: str) -> None:
    strange = sorted(set(block) - names)
    if strange:
        raise Invalid(f"additional property: {strange[0]} [json-pointer:{where}]")


def _most(says: str, number: int, most: int, where: str) -> None:
    if number > most:
        raise Invalid(f"{says} [json-pointer:{where}]")
