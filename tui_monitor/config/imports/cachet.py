"""A Cachet that runs, as a config: its components are services, looked at where they link to and shown there again.

It is asked over its API, so that there is no file and no line to speak of. A token in CACHET_TOKEN shows components
that are switched off as well, which are then told of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tui_monitor.config.imports.names import Names
from tui_monitor.config.imports.sheet import Entry, Sheet
from tui_monitor.config.imports.source import Branch, Leaf
from tui_monitor.config.imports.web import address, with_scheme
from tui_monitor.core.errors import ConfigError, Problem
from tui_monitor.core.ports import Outside
from tui_monitor.core.secret import Secret
from tui_monitor.core.text import clean
from tui_monitor.destinations.craft.cachet import Api, Refusal, Row, check_url, find_api, whole

PLACE = "cachet"
TOKEN = "CACHET_TOKEN"  # noqa: S105 - the name of the variable that holds it
_UNKNOWN = "Cachet has nothing of this name"
_NO_LINK = "left out: it links to nothing that could be looked at; add `link` there, or a check of your own here"
_METRIC = "belongs to no component there: write it as `metric` under the `publish` of the service that it measures"

DIFFERENCES = [
    "Cachet looks at nothing by itself: here each component is looked at where it links to, and well where that "
    "answers with a status from 200 to 399",
]


async def fetch_cachet(url: str, outside: Outside, environ: Mapping[str, str]) -> bytes:
    """What it says of its components, groups and metrics, in one document. DeliveryError where it cannot be asked."""
    try:
        check_url(url)
    except ValueError as error:
        raise ConfigError([Problem(str(error), file=clean(url, 200))]) from None
    api = await find_api(url, Secret(environ.get(TOKEN, "")), outside.http, outside.now)
    groups = {} if api.is_new else {whole(row.get("id")): row for row in await _optional(api, "components/groups")}
    components = await api.rows("components", include="group")
    document = {
        "url": api.page,
        "version": api.version,
        "components": {str(whole(row.get("id"))): _component(row, groups) for row in components},
        "metrics": {
            str(whole(row.get("id"))): _texts(row, "name", "suffix") for row in await _optional(api, "metrics")
        },
    }
    return json.dumps(document, ensure_ascii=False).encode()


async def _optional(api: Api, path: str) -> list[Row]:
    """What an old one may not have."""
    try:
        return await api.rows(path)
    except Refusal as refused:
        if refused.status != 404:
            raise
        return []


def _component(row: Row, groups: Mapping[int, Row]) -> Row:
    group = row.get("group") or groups.get(whole(row.get("group_id")), {}).get("name") or ""
    tags = row.get("tags")
    words = [clean(one, 60) for one in (tags.values() if isinstance(tags, dict) else ()) if isinstance(one, str)]
    found = {**_texts(row, "name", "link"), "group": clean(str(group), 180)}
    return {**found, "enabled": row.get("enabled") not in (False, 0, "0"), "tags": [one for one in words if one]}


def _texts(row: Row, *names: str) -> Row:
    return {name: clean(str(row.get(name) or ""), 2000) for name in names}


# -- from there to here ---------------------------------------------------------------------------------------------


def read_cachet(top: Branch) -> Sheet:
    version = clean(top.text("version") or "", 40)
    sheet = Sheet(f"Cachet {version}".strip(), top.source.file, left=top.pile, what="the page")
    sheet.differences = list(DIFFERENCES)
    page, names = top.text("url") or "", Names()
    held = top.branch("components")
    for key, row in held.leaves() if held is not None else ():
        entry = Entry({}, row.path)
        told = row.branch(entry.left)
        if told is not None and _fill(entry, told, row, key, names):
            told.close({}, _UNKNOWN)
            sheet.services.append(entry)
        else:
            sheet.left.extend(entry.left)
    metrics = top.branch("metrics")
    for _, row in metrics.leaves() if metrics is not None else ():
        told = row.branch()
        row.leave(_METRIC, None if told is None else f"{told.text('name')}, in {told.text('suffix')}")
    top.close({}, _UNKNOWN)
    if sheet.services:
        there = Entry({"cachet": {"url": page, "token": f"\ue000{TOKEN}\ue001"}}, "url")
        there.remarks.append("shows how the services are: components, and an incident for each of ours")
        sheet.destinations[PLACE] = there
        sheet.routes.append(Entry({"to": [PLACE]}))
    return sheet


def _is_page(link: str) -> bool:
    """People may have written it without its scheme; one of mail is none."""
    return link.lower().startswith(("http://", "https://")) or bool(link and "@" not in link and "://" not in link)


def _fill(entry: Entry, told: Branch, row: Leaf, key: str, names: Names) -> bool:
    """The service that a component is; False where it is none, which is told."""
    name, link, group = (told.text(one) or "" for one in ("name", "link", "group"))
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 10 else 0
    if told.flag("enabled") is False:
        row.leave("left out: it is switched off there", name)
    elif not number:
        row.leave("left out: its number is none", name)
    elif not _is_page(link):
        row.leave(_NO_LINK, f"{name}, {link}" if link else name)
    else:
        tags = [text for one in told.rows("tags") if (text := one.text())]
        check: dict[str, Any] = address(with_scheme(link))
        entry.data = {
            **names.give(name or f"Component {number}", entry, group),
            **({"group": group} if group else {}),
            **({"tags": tags} if tags else {}),
            "http": check,
            "publish": {PLACE: {"component": number}},
        }
        return True
    return False
