"""The config as a whole: a file read with distrust and put together into a plan, or every problem of it at once."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from tui_monitor import checks as known_checks
from tui_monitor import destinations as known_destinations
from tui_monitor.config.appearance import read_appearance
from tui_monitor.config.draft import Draft
from tui_monitor.config.forms import options_of
from tui_monitor.config.members import check_members, members_of
from tui_monitor.config.places import read_places, read_routes
from tui_monitor.config.publish import read_publish
from tui_monitor.config.quiet import read_dependencies, read_guard, read_maintenance
from tui_monitor.config.services import Registry, fields_in_use, read_services, texts_of
from tui_monitor.config.shape import Board, Defaults, Engine, Keep, Messages, Top, bytes_of
from tui_monitor.config.tree import MAX_BYTES, Fault, grow
from tui_monitor.config.upstream import read_upstream
from tui_monitor.config.variables import with_env_file
from tui_monitor.core.errors import ConfigError, Problem
from tui_monitor.core.message import FIELDS
from tui_monitor.core.model import Service
from tui_monitor.core.plan import Plan
from tui_monitor.core.ports import Fed

T = TypeVar("T")


def load(path: Path, environ: Mapping[str, str] | None = None) -> Plan:
    """The plan in a file, with the `.env` beside it. ConfigError holds everything that is wrong."""
    text = _text_of(path)
    merged, problems = with_env_file(path.parent, os.environ if environ is None else environ)
    try:
        plan = read(text, str(path), merged, path.parent)
    except ConfigError as error:
        raise ConfigError([*problems, *error.problems]) from None
    if problems:
        raise ConfigError(problems)
    return plan


def _at_once(name: str, flags: int) -> int:
    """To open a pipe would wait for whoever writes into it, and an engine that reads its config anew for ever."""
    return os.open(name, flags | os.O_NONBLOCK)


def _text_of(path: Path) -> str:
    file = str(path)
    try:
        with open(path, "rb", opener=_at_once) as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise ConfigError([Problem("the config cannot be read: it is a pipe or a device", file=file)])
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise ConfigError([Problem(f"the config cannot be read: {reason}", file=file)]) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise ConfigError([Problem("is not UTF-8 text from here on", "", line, column, file)]) from None


def read(
    text: str,
    file_name: str,
    environ: Mapping[str, str],
    folder: Path,
    *,
    checks: Registry = known_checks,
    destinations: Registry = known_destinations,
) -> Plan:
    """The plan in a text. `folder` is where relative paths of secrets start from."""
    draft = _draft(text, file_name, environ, folder)
    for key in draft.data:
        if key not in options_of(Top) and not key.startswith("x-"):
            draft.unknown(key, list(options_of(Top)), (key,))
    board, engine, keep = _section(draft, Board), _section(draft, Engine), _section(draft, Keep)
    services = read_dependencies(draft, read_services(draft, _section(draft, Defaults), checks))
    services = read_upstream(draft, services)
    check_members(draft, services)
    draft.known = FIELDS | fields_in_use(draft, checks)
    messages = texts_of(_section(draft, Messages))
    places = read_places(draft, destinations, draft.known)
    services = read_publish(draft, services, places)
    routes = read_routes(draft, board.timezone, places)
    maintenance = read_maintenance(draft, board.timezone)
    guard = read_guard(draft)
    appearance = read_appearance(draft, board)
    if draft.problems:
        raise ConfigError(draft.finished())
    return Plan(
        services=tuple(services),
        places=tuple(places),
        routes=tuple(routes),
        messages=messages,
        title=board.title,
        timezone=board.timezone,
        settle=engine.settle,
        keep_looks=keep.keep_looks,
        keep_history=keep.keep_history,
        size_limit=bytes_of(keep.size_limit),
        concurrency=engine.concurrency,
        log_level=engine.log_level,
        secrets=tuple(draft.secrets),
        source=file_name,
        maintenance=tuple(maintenance),
        guard=guard,
        appearance=appearance,
    )


def _draft(text: str, file: str, environ: Mapping[str, str], folder: Path) -> Draft:
    """The tree of a text that is a mapping at all."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise ConfigError([_at_start("is not UTF-8 text", file, text.count("\n", 0, error.start) + 1)]) from None
    if size > MAX_BYTES:
        raise ConfigError([_at_start(f"is larger than {MAX_BYTES // 1024**2} MB", file)])
    try:
        root, faults = grow(text)
    except Fault as fault:
        raise ConfigError([Problem(str(fault), "", fault.line, fault.column, file)]) from None
    if root is None or root.value == "":
        raise ConfigError([_at_start("is empty: a config lists at least one service", file)])
    if not isinstance(root.value, dict):
        raise ConfigError([_at_start("must be a mapping with sections such as services", file, root.line)])
    draft = Draft(root, file, environ, folder)
    draft.problems.extend(Problem(text, "", node.line, node.column, file) for text, node in faults)
    return draft


def _at_start(text: str, file: str, line: int = 1) -> Problem:
    return Problem(f"the config {text}", "", line, 1, file)


_SECTIONS: dict[type[Any], str] = {
    Board: "board",
    Defaults: "defaults",
    Engine: "engine",
    Keep: "store",
    Messages: "messages",
}


def _section(draft: Draft, shape: type[T]) -> T:
    """A section as written, or its defaults where it is absent or wrong; what is wrong is told."""
    name = _SECTIONS[shape]
    written = draft.data.get(name)
    return (draft.read(shape, written, (name,)) if written is not None else None) or shape()


def schema() -> dict[str, Any]:
    """The JSON Schema of the config; what draws it up is imported on use, since an engine never needs it."""
    from tui_monitor.config import describe

    return describe.schema()


def detection(service: Service) -> float:
    """The longest that an outage can go unnoticed, in seconds, where failing looks are answered at once."""
    return service.every * service.patience.down_after + 1.0


def detection_of_hang(service: Service) -> float:
    """The same where a failing look is not answered at all, so that each one takes the whole timeout.

    What waits for signs of life or goes by other services asks nobody, so nobody can keep it waiting.
    """
    if isinstance(service.check, Fed) or members_of(service):
        return detection(service)
    looks, again = service.patience.down_after, min(service.retry_after, service.every)
    return max(detection(service), service.every + looks * service.timeout + (looks - 1) * again + 1.0)
