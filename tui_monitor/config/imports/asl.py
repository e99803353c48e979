"""The config of the ASL monitor: services with one expected status, told after so many failures in a row."""

from __future__ import annotations

from typing import Any

from tui_monitor.config.imports.names import Names
from tui_monitor.config.imports.sheet import Entry, Sheet
from tui_monitor.config.imports.source import Branch, Leaf
from tui_monitor.config.imports.spans import span
from tui_monitor.config.imports.web import address, host_of, method_of

PROGRAM = "the ASL monitor"
_UNKNOWN = "the ASL monitor has no such option"
_OFF = "it was switched off"
_TOKEN = "SLACK_BOT_TOKEN"  # noqa: S105 - the name of a variable
_CHANNEL = "#asl-alerts"
_LEVELS = {"debug": "debug", "info": "info", "warning": "warning", "warn": "warning", "error": "error"}


def read_asl(top: Branch) -> Sheet:
    sheet = Sheet(PROGRAM, top.source.file, left=top.pile)
    sheet.differences = [
        "a timeout is for the whole look; there it was for each wait within it",
    ]
    sheet.sections["defaults"] = _defaults(top)
    names = Names()
    for row in top.rows("services"):
        entry = _service(row, names, sheet)
        if entry is not None:
            sheet.services.append(entry)
    _read_logging(top, sheet)
    _read_slack(top, sheet)
    top.close({}, _UNKNOWN)
    return sheet


def _defaults(top: Branch) -> Entry:
    entry = Entry({}, "monitoring")
    found: dict[str, Any] = {"every": "20s", "timeout": "10s", "down_after": 2, "up_after": 1}
    told = top.branch("monitoring", entry.left)
    if told is not None:
        entry.line = told.line
        found["every"] = span(told.leaf("check_interval")) or found["every"]
        found["timeout"] = span(told.leaf("default_timeout")) or found["timeout"]
        found["down_after"] = _in_a_row(told.leaf("failure_threshold")) or found["down_after"]
        told.close({}, _UNKNOWN)
    entry.data = {**found, "retry_after": found["every"]}
    return entry


def _in_a_row(leaf: Leaf | None) -> int | None:
    """Of failures: at `n` of them there is an incident, and fewer than one cannot be."""
    number = leaf.number() if leaf is not None else None
    if leaf is None or number is None:
        return None
    whole = -int(-number // 1)
    if whole > 1_000_000:
        leaf.leave("is more than a million")
        return None
    return max(whole, 1)


def _service(row: Leaf, names: Names, sheet: Sheet) -> Entry | None:
    entry = Entry({}, row.path, row.line)
    told = row.branch(entry.left)
    url = told.text("url") if told is not None else None
    if told is None or not url:
        sheet.left.extend(entry.left)
        row.leave("left out: it has no url")
        return None
    name = told.text("name")
    if not name:
        entry.remarks.append("had no name there")
    check: dict[str, Any] = {**address(url), **method_of(told.text("method"))}
    check["expect"] = [{"status": _status(told.leaf("expected_status"))}]
    timeout = span(told.leaf("timeout"))
    critical = told.flag("critical")
    entry.data = {
        **names.give(name or host_of(url), entry),
        **({"critical": True} if critical is not False else {}),
        **({"timeout": timeout} if timeout else {}),
        "http": check,
    }
    told.close({}, _UNKNOWN)
    return entry


def _status(leaf: Leaf | None) -> int | str:
    """The one status that was good; a service that named an impossible one was never well."""
    number = leaf.number() if leaf is not None else None
    if number is not None and leaf is not None and not (number.is_integer() and 100 <= number <= 999):
        leaf.leave("is no status, so it was never well there; 200 is expected here")
        return 200
    return 200 if number is None else int(number)


def _read_logging(top: Branch, sheet: Sheet) -> None:
    entry = Entry({}, "logging")
    told = top.branch("logging", entry.left)
    if told is None:
        return
    entry.line = told.line
    level = told.leaf("level")
    word = (level.text() or "info").lower() if level is not None else "info"
    if level is not None and word not in _LEVELS:
        level.leave("is no level here; the next is error" if word == "critical" else "is no level")
    found = "error" if word == "critical" else _LEVELS.get(word, "info")
    entry.data = {"log_level": found} if found != "info" else {}
    folder = told.leaf("incidents_dir")
    path = folder.text() if folder is not None else None
    if folder is not None and path:
        files = Entry({"json_files": {"path": path}}, folder.path, folder.line)
        files.remarks.append(
            "one file for each incident, in a shape of our own; files that are there stay as they are"
        )
        sheet.destinations["files"] = files
        sheet.routes.append(Entry({"to": ["files"]}))
    told.close({"file": "the log is kept in the folder for logs of this program"}, _UNKNOWN)
    sheet.sections["engine"] = entry


def _read_slack(top: Branch, sheet: Sheet) -> None:
    """The token was always taken from the environment; only critical services call the channel, there as here."""
    entry = Entry({}, "slack")
    told = top.branch("slack", entry.left)
    if told is None:
        return
    entry.line = told.line
    if told.flag("enabled") is False:
        told.leave("enabled", _OFF)
        told.close({}, _OFF)
        sheet.left.extend(entry.left)
        return
    mention: dict[str, Any] = {} if told.flag("mention_channel") is not False else {"mention": []}
    entry.data = {"slack": {"token": f"\ue000{_TOKEN}\ue001", "channel": told.text("channel") or _CHANNEL, **mention}}
    entry.remarks.append("one message for each incident, which is edited; its recovery stands in its thread")
    told.close({}, _UNKNOWN)
    sheet.destinations["slack"] = entry
    sheet.routes.append(Entry({"to": ["slack"]}))
