"""The config of Server Status Check: servers whose data must not be too old, in minutes, told again and again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from tui_monitor.config.imports.names import Names
from tui_monitor.config.imports.sheet import Entry, Sheet
from tui_monitor.config.imports.source import Branch, Leaf
from tui_monitor.config.imports.spans import span
from tui_monitor.config.imports.web import address, host_of
from tui_monitor.config.tree import Node

PROGRAM = "Server Status Check"
_UNKNOWN = f"{PROGRAM} has no such option"
_UNSAVED = "no server has `db_save: true`, so nothing was written there"
_NO_DATABASE = "there is no database that it could be saved to"
_OF_DATABASE = ("engine", "username", "password", "adress", "db", "table")
_TABLE = "observations"
_LOG = "the log is kept in the folder for logs of this program"
_FOUND_AT = "computed_time || data_version.computed_refresh_date"
_LEVELS = {"DEBUG": "debug", "INFO": "info", "WARNING": "warning", "WARN": "warning", "ERROR": "error"}
_MINUTE = 60.0

DIFFERENCES = [
    "an age is counted from the time in the answer to the clock of this machine; there to the time that the server "
    "said it was",
    "a server that does not answer is down; there it counted as one with new data",
    "its time is computed_time as documented, or data_version.computed_refresh_date, which the program itself read",
    "people are also told when data are fresh again; the texts are those of this program",
]


def mended(text: str) -> str:
    """The text with lines that go on where a comment ended commented too: its own documentation has one."""
    lines = text.split("\n")
    for n, line in enumerate(lines[1:], 1):
        is_words = re.fullmatch(r"\s+[^\s#:-][^:]*", line) is not None
        if is_words and re.search(r"(^|\s)#", lines[n - 1]):
            lines[n] = f"#{line[1:]}"
    return "\n".join(lines)


def read_server_status_check(top: Branch) -> Sheet:
    sheet = Sheet(PROGRAM, top.source.file, left=top.pile, differences=list(DIFFERENCES))
    sheet.sections["defaults"] = _defaults(top)
    held = top.leaf("servers")
    names = Names()
    telling: dict[str, list[str]] = {}
    saving: list[tuple[str, Leaf]] = []
    for key, row in _servers(held):
        entry = Entry({}, row.path, row.line)
        told = row.branch(entry.left)
        if told is None or not _fill(entry, told, key, names):
            sheet.left.extend(entry.left)
            row.leave("left out: it has no adress")
            continue
        sheet.services.append(entry)
        if told.flag("notification") is False:
            told.leave("msg_interval", "nobody was told of this server, so nobody is told of it again")
        else:
            again = span(told.leaf("msg_interval"), _MINUTE) or "5m"
            telling.setdefault(again, []).append(entry.data["name"])
        saves = told.leaf("db_save")
        if saves is not None and saves.flag():
            saving.append((entry.data["name"], saves))
        told.close({}, _UNKNOWN)
    _read_credentials(top, sheet, telling, [name for name, _ in saving])
    if "database" not in sheet.destinations:
        for _, saves in saving:
            saves.leave(_NO_DATABASE)
    _read_logs(top, sheet)
    top.close({}, _UNKNOWN)
    return sheet


def _servers(held: Leaf | None) -> Iterator[tuple[str, Leaf]]:
    """A mapping by name; a list is taken too."""
    if held is not None and isinstance(held.node.value, list):
        yield from (("", row) for row in held.rows())
    many = held.branch() if held is not None and not isinstance(held.node.value, list) else None
    if many is not None:
        yield from many.leaves()


def _defaults(top: Branch) -> Entry:
    entry = Entry({"every": "60s", "down_after": 1, "up_after": 1}, "main")
    told = top.branch("main", entry.left)
    if told is not None:
        entry.line = told.line
        every = span(_with_its_number(told.leaf("checkup_interval")))
        entry.data["every"] = every or "60s"
        told.close({}, _UNKNOWN)
    return entry


def _with_its_number(leaf: Leaf | None) -> Leaf | None:
    """A number with an explanation behind it, as the documentation of the program has it, counts as the number."""
    text = leaf.node.value if leaf is not None else None
    found = re.fullmatch(r"(\d+)\s+\D.*", text) if isinstance(text, str) else None
    if leaf is None or found is None:
        return leaf
    leaf.leave(f"only its number was taken, {found.group(1)}")
    return replace(leaf, node=Node(found.group(1), leaf.node.line, leaf.node.column, plain=True))


def _fill(entry: Entry, told: Branch, key: str, names: Names) -> bool:
    url = told.text("adress") or told.text("address")
    if not url:
        return False
    name = told.text("name") or key or host_of(url)
    check: dict[str, Any] = {**address(url), "json": _FOUND_AT}
    check["stale_after"] = span(told.leaf("notification_treshold"), _MINUTE) or "15m"
    check["verify_tls"] = False
    entry.data = {**names.give(name, entry), "freshness": check}
    return True


def _read_credentials(top: Branch, sheet: Sheet, telling: dict[str, list[str]], saving: list[str]) -> None:
    told = top.branch("credentials")
    if told is None:
        return
    _read_chat(told, sheet, telling)
    _read_database(told.leaf("DB"), sheet, saving)
    told.close({}, _UNKNOWN)


def _read_chat(credentials: Branch, sheet: Sheet, telling: dict[str, list[str]]) -> None:
    entry = Entry({}, "credentials.ROCKETCHAT")
    chat = credentials.branch("ROCKETCHAT", entry.left)
    url = chat.text("webhook") if chat is not None else None
    if chat is not None and url:
        entry.line = chat.line
        headers = chat.texts("headers")
        entry.data = {"rocketchat": {"url": url, **({"headers": headers} if headers else {})}}
        chat.close({}, _UNKNOWN)
        sheet.destinations["rocketchat"] = entry
        _lead_there(sheet, telling)
    elif chat is not None:
        sheet.left.extend(entry.left)
        credentials.leave("ROCKETCHAT", "left out: it has no webhook")


def _read_database(leaf: Leaf | None, sheet: Sheet, saving: list[str]) -> None:
    """Its password stood in an address there, spelt as addresses have it; ours is told as it is."""
    told = leaf.branch([]) if leaf is not None else None
    if leaf is None or told is None:
        return
    if not saving:
        leaf.leave(_UNSAVED)
        return
    entry = Entry({}, leaf.path, leaf.line)
    told.pile = entry.left
    engine, user, password, place, db, table = (told.text(key) or "" for key in _OF_DATABASE)
    if not engine or not place or not db:
        leaf.leave("left out: it has no engine, adress or db")
        return
    address = {"url": f"{engine}://{user}{user and '@'}{place}/{db}"}
    secret = {"password": unquote(password)} if password else {}
    ours = f"{table[: 62 - len(_TABLE)]}_{_TABLE}" if table else _TABLE
    entry.data = {"sql": {**address, **secret, "table": ours, "services": saving}}
    entry.remarks.append(
        f"{f'the table {table}' if table else 'the table of old'} stays as it is: there a row was how long some data "
        "had stood, once there were new ones; here each look is a row of a table of our own, with the age in measures"
    )
    told.close({}, _UNKNOWN)
    sheet.destinations["database"] = entry


def _lead_there(sheet: Sheet, telling: dict[str, list[str]]) -> None:
    """One route for each rhythm in which people were told again."""
    for again, some in telling.items():
        when = {} if len(some) == len(sheet.services) else {"when": {"services": some}}
        sheet.routes.append(Entry({**when, "to": ["rocketchat"], "remind_every": again}))
    if sheet.routes and sum(map(len, telling.values())) < len(sheet.services):
        sheet.routes[0].remarks.append(
            "servers without `notification: true` were watched, and nobody was told of them"
        )


def _read_logs(top: Branch, sheet: Sheet) -> None:
    entry = Entry({}, "logs")
    told = top.branch("logs", entry.left)
    if told is None:
        return
    entry.line = told.line
    level = told.leaf("level")
    word = (level.text() or "INFO").rpartition(".")[2].upper() if level is not None else "INFO"
    if level is not None and word not in _LEVELS:
        level.leave("the next level here is error" if word == "CRITICAL" else "is no level")
    found = "error" if word == "CRITICAL" else _LEVELS.get(word, "info")
    entry.data = {"log_level": found} if found != "info" else {}
    told.close({"filename": _LOG, "filemode": _LOG}, _UNKNOWN)
    sheet.sections["engine"] = entry
