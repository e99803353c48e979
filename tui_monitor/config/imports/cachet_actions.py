"""What cachet-url-monitor did at a Cachet: where that is, who we are there, and what of each endpoint is shown."""

from __future__ import annotations

import re
from typing import Any

from tui_monitor.config.imports.sheet import Entry, Sheet
from tui_monitor.config.imports.source import Branch, Leaf, Pile
from tui_monitor.config.imports.web import with_scheme

PLACE = "cachet"
KEYS = ("component_id", "metric_id", "action", "public_incidents", "latency_unit")
USUAL_TOKEN = "CACHET_TOKEN"  # noqa: S105 - the name of a variable
_ACTIONS = {"CREATE_INCIDENT": "create_incident", "UPDATE_STATUS": "update_status", "PUSH_METRICS": "push_metrics"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_NOTHING = "there is no action, so that nothing was written to Cachet"
_UNKNOWN = "a token of cachet-url-monitor has no such option"


def published(told: Branch, cachet: Branch | None, pile: Pile) -> dict[str, Any]:
    """What is shown of an endpoint; nothing where it named no action. Older versions kept it beside the token."""
    held = {key: _held(key, told, cachet, pile) for key in KEYS}
    actions = _actions(held["action"])
    if not actions:
        for leaf in held.values():
            if leaf is not None:
                leaf.leave(_NOTHING)
        return {}
    component, metric = _number(held["component_id"]), _number(held["metric_id"])
    for action, needs, number in (
        ("update_status", "component_id", component),
        ("push_metrics", "metric_id", metric),
    ):
        if action in actions and number is None and held["action"] is not None:
            held["action"].leave(f"{action.upper()} needs a {needs}, so it is left out", action.upper())
            actions.remove(action)
    found: dict[str, Any] = {"component": component} if component is not None else {}
    if "push_metrics" in actions:
        found |= {"metric": metric, "latency_unit": _unit(held["latency_unit"])}
    else:
        for leaf in (held["metric_id"], held["latency_unit"]):
            if leaf is not None:
                leaf.leave("no metric was written without the action PUSH_METRICS")
    public = held["public_incidents"]
    hidden = public is not None and public.flag() is False
    return {**found, "actions": actions, **({"public": False} if hidden else {})}


def _held(key: str, told: Branch, cachet: Branch | None, pile: Pile) -> Leaf | None:
    own = told.leaf(key)
    common = cachet.leaf(key) if cachet is not None and own is None else None
    return own if common is None else common.beside(pile)


def _actions(leaf: Leaf | None) -> list[str]:
    found = []
    for row in leaf.rows() if leaf is not None else ():
        word = row.text()
        if word in _ACTIONS:
            found.append(_ACTIONS[word])
        elif word is not None:
            row.leave("is no action that it knows")
    return list(dict.fromkeys(found))


def _number(leaf: Leaf | None) -> int | None:
    number = leaf.number() if leaf is not None else None
    if leaf is None or number is None:
        return None
    if not (number.is_integer() and 1 <= number < 1e12):
        leaf.leave("is no number that Cachet gives")
        return None
    return int(number)


def _unit(leaf: Leaf | None) -> str:
    """It counted in seconds where nothing was said."""
    word = leaf.text() if leaf is not None else None
    if leaf is not None and word is not None and word not in ("ms", "s", "m", "h"):
        leaf.leave("is no unit that it knows: it meant s, as it does here")
    return word if word in ("ms", "s", "m", "h") else "s"


def lead_to_cachet(cachet: Branch, sheet: Sheet) -> None:
    """The page as a destination, where anything is shown there."""
    if not any(PLACE in entry.data.get("publish", {}) for entry in sheet.services):
        for key in ("api_url", "token", *KEYS):
            cachet.leave(key, "no endpoint has an action, so that nothing was written to Cachet")
        return
    entry = Entry({}, "cachet", cachet.line)
    url = cachet.text("api_url")
    token = _token(cachet.leaf("token"), entry, sheet)
    if not url:
        sheet.left.extend(entry.left)
        cachet.leave("api_url", "is no address, so that nothing can be written to Cachet")
        for service in sheet.services:
            service.data.pop("publish", None)
        return
    entry.data = {PLACE: {"url": with_scheme(url.strip()), "token": token}}
    sheet.destinations[PLACE] = entry
    sheet.routes.append(Entry({"to": [PLACE]}))


def _token(leaf: Leaf | None, entry: Entry, sheet: Sheet) -> Any:
    """Where the token is looked for: in the same order, but first where nobody has to be asked for it."""
    if leaf is None or not isinstance(leaf.node.value, list):
        text = leaf.beside(entry.left).text() if leaf is not None else None
        return text or f"\ue000{USUAL_TOKEN}\ue001"
    places = [place for row in leaf.beside(entry.left).rows() if (place := _place(row)) is not None]
    if not places or "aws_secrets_manager" in places[0]:
        places = [{"env": USUAL_TOKEN}, *(one for one in places if one != {"env": USUAL_TOKEN})]
        entry.remarks.append(f"a token in {USUAL_TOKEN} is taken before any other")
    if len(places) == 1:
        ((kind, value),) = places[0].items()
        return f"\ue000{value}\ue001" if kind == "env" else value if kind == "value" else places
    sheet.stand_ins |= {one["env"]: "token" for one in places if "env" in one}
    return places


def _place(row: Leaf) -> dict[str, Any] | None:
    one = row.branch()
    if one is None:
        return None
    kind = one.text("type")
    found: dict[str, Any] | None = None
    if kind == "ENVIRONMENT_VARIABLE" and _NAME.fullmatch(name := one.text("value") or ""):
        found = {"env": name}
    elif kind == "TOKEN" and (value := one.text("value")):
        found = {"value": value}
    elif kind == "AWS_SECRETS_MANAGER" and one.text("secret_name"):
        named = {"secret": "secret_name", "key": "secret_key", "region": "region"}
        found = {"aws_secrets_manager": {ours: text for ours, theirs in named.items() if (text := one.text(theirs))}}
    if found is None:
        row.leave("is no place where a token can be found")
    one.close({}, _UNKNOWN)
    return found
