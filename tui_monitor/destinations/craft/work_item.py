"""Incidents as a work item of Azure DevOps: its fields, its comments, and by what it is found again."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from tui_monitor.core.message import Message, News
from tui_monitor.core.options import naming
from tui_monitor.core.status import worst
from tui_monitor.core.template import fill
from tui_monitor.destinations.craft.document import facts_of, lines_of, listed, shorten
from tui_monitor.destinations.craft.filling import FIELD, check_address, check_fields, fields_of

OURS = "tui-monitor"
"""The tag of every work item that was made here; the id of its incident behind it is another."""

MOST_TAGS = 50
"""Of the hundred that a work item may have."""

TITLE, TAGS, STATE, HISTORY = "System.Title", "System.Tags", "System.State", "System.History"
DETAILS, STEPS = "System.Description", "Microsoft.VSTS.TCM.ReproSteps"
PRIORITY, SEVERITY = "Microsoft.VSTS.Common.Priority", "Microsoft.VSTS.Common.Severity"

BUG = {"degraded": "3 - Medium", "partial": "2 - High", "major": "1 - Critical"}
"""The severities of a Bug, which no other type has by itself."""

_MOST_LINES, _LONGEST = 50, 30_000
_RICH = frozenset({DETAILS, STEPS, "Microsoft.VSTS.TCM.SystemInfo", "Microsoft.VSTS.Common.AcceptanceCriteria"})
_NAME = re.compile(r"\w+(\.\w+)+")
_TAKEN = frozenset({TITLE, TAGS, STATE, HISTORY})


class Form(Protocol):
    """The options by which a work item is filled in."""

    @property
    def organization(self) -> str: ...
    @property
    def project(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def area_path(self) -> str: ...
    @property
    def iteration_path(self) -> str: ...
    @property
    def assigned_to(self) -> str: ...
    @property
    def tags(self) -> Sequence[str]: ...
    @property
    def priority(self) -> Mapping[Any, int]: ...
    @property
    def severity(self) -> Mapping[Any, str] | None: ...
    @property
    def extra(self) -> Mapping[str, str]: ...
    @property
    def close_state(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def api_version(self) -> str: ...


def check(form: Form) -> None:
    """ValueError says what is wrong with the options."""
    check_address(form.url)
    for option in ("organization", "project", "type"):
        name = str(getattr(form, option))
        if not name.strip() or not name.isprintable() or "/" in name:
            raise ValueError(f"{option} must be a name without slashes")
    if not re.fullmatch(r"\d+\.\d+", form.api_version):
        raise ValueError("api_version must be a number like 7.1")
    if any(re.search(r"[;,]", tag) or not tag.strip() for tag in form.tags):
        raise ValueError("tags must hold a tag each, without commas and semicolons")
    if not all(1 <= one <= 4 for one in form.priority.values()):
        raise ValueError("priority must be a number from 1 to 4 for each severity")
    for name in form.extra:
        if not _NAME.fullmatch(name) or name in _TAKEN:
            raise ValueError(f"extra cannot set {name!r}: name another field, as in Custom.Team")
    for name, text in {"title": form.title, **form.extra}.items():
        with naming(name):
            check_fields(text)


# -- what goes there ------------------------------------------------------------------------------------------------


def opening(form: Form, message: Message) -> list[dict[str, Any]]:
    """A work item as it is made."""
    own = STEPS if _is_bug(form) else DETAILS
    worst_of_all = worst(item.incident.severity for item in message.items)
    return _patch(
        {
            TITLE: title_of(message, form.title),
            own: _details(message),
            **_fixed(form, [OURS, *tags_of(message)], worst_of_all.value),
            **_extra(form, message),
        }
    )


def comment(message: Message) -> list[dict[str, Any]]:
    """What is said of a change, with a mark by which it is known again."""
    return _patch({HISTORY: f"{_lines(message)}<p><small>{mark_of(message)}</small></p>"})


def ending(form: Form, message: Message) -> list[dict[str, Any]]:
    """The state to go to, once nothing that was told in this work item lasts any more."""
    is_over = message.news in (News.RESOLVED, News.OVER) and not message.beside
    return _patch({STATE: form.close_state if is_over else ""})


def is_in(item: Mapping[str, Any], end: list[dict[str, Any]]) -> bool:
    """Whether a work item is in the state that it is to go to, if it is to go anywhere."""
    return not end or item.get("fields", {}).get(STATE) == end[0]["value"]


def trial(form: Form) -> list[dict[str, Any]]:
    """A work item with all that does not depend on an incident."""
    plain = {name: text for name, text in form.extra.items() if not FIELD.search(text)}
    return _patch({TITLE: "A trial that is not kept", **_fixed(form, [OURS], "major"), **plain})


def missing(form: Form, kind: Mapping[str, Any]) -> list[str]:
    """The fields that are to be set and that its type does not have; none where the type does not tell its fields."""
    known = {str(one.get("referenceName")) for one in kind.get("fieldInstances") or ()}
    wanted = {op["path"].removeprefix("/fields/") for op in trial(form)} | form.extra.keys()
    return sorted(wanted - known) if known else []


def _is_bug(form: Form) -> bool:
    """Whether it has its steps where others have a description, and a severity."""
    return form.type.casefold() == "bug"


def _fixed(form: Form, tags: Sequence[str], grade: str) -> dict[str, Any]:
    severity = form.severity if form.severity is not None else BUG if _is_bug(form) else {}
    return {
        TAGS: "; ".join([*form.tags, *tags]),
        "System.AreaPath": form.area_path,
        "System.IterationPath": form.iteration_path,
        "System.AssignedTo": form.assigned_to,
        PRIORITY: form.priority.get(grade),
        SEVERITY: severity.get(grade),
    }


def tags_of(message: Message) -> list[str]:
    """What its work item is found by, whichever of its incidents is asked about first."""
    names = sorted({item.incident.id for item in message.items})
    return [f"{OURS} {name}" for name in names[:MOST_TAGS]]


def mark_of(message: Message) -> str:
    """What a comment is known again by; it stays in the text, for nothing that is hidden outlives its cleaning."""
    return f"{OURS} {message.key}"


def title_of(message: Message, template: str) -> str:
    """At most 255 units of UTF-16, of which some characters are two; the message's own where nothing comes of it."""
    filled = fill(template, fields_of(message))
    filled = filled if shorten(filled, 255) else message.title
    line = shorten(filled, 255)
    return line if len(line.encode("utf-16-le")) <= 510 else shorten(filled, 127)


def _extra(form: Form, message: Message) -> dict[str, str]:
    """Fields by the config; of those that hold pages, what is filled in is made harmless."""
    fields = {name: shorten(value, 4000) for name, value in fields_of(message).items()}
    return {name: fill(text, fields, html.escape if name in _RICH else str) for name, text in form.extra.items()}


def _patch(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What sets these fields, leaving alone those that have no value."""
    kept = {name: value for name, value in fields.items() if value not in (None, "")}
    return [{"op": "add", "path": f"/fields/{name}", "value": value} for name, value in kept.items()]


def _details(message: Message) -> str:
    """The words and the facts, as HTML."""
    facts = "".join(f"<li><b>{label}</b>: {_cell(value)}</li>" for label, value in facts_of(message))
    return f"{_lines(message)}<ul>{facts}</ul>" if facts else _lines(message)


def _lines(message: Message) -> str:
    lines = (f"<p>{html.escape(line)}</p>" for line in lines_of(message))
    return listed(lines, _LONGEST, _MOST_LINES, "\n")


def _cell(value: str) -> str:
    shown = html.escape(value)
    return f'<a href="{shown}">{shown}</a>' if value.startswith(("https://", "http://")) else shown
