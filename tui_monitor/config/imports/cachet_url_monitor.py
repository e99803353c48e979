"""The config of cachet-url-monitor: endpoints with expectations, each of which says what it means to miss it.

Its status ranges leave their upper end out, its latencies are seconds, its patterns begin where the body does, and
its `allowed_fails` are failures that are borne, not the one that counts.
"""

from __future__ import annotations

import math
import string
from collections.abc import Iterator, Mapping
from typing import Any

from tui_monitor.config.imports.cachet_actions import PLACE, lead_to_cachet, published
from tui_monitor.config.imports.names import Names
from tui_monitor.config.imports.patterns import anchored
from tui_monitor.config.imports.sheet import Entry, Sheet
from tui_monitor.config.imports.source import Branch, Leaf
from tui_monitor.config.imports.spans import span
from tui_monitor.config.imports.web import ANY_STATUS, address, host_of, method_of, with_scheme

PROGRAM = "cachet-url-monitor"
_UNKNOWN = f"{PROGRAM} has no such option"
_MEANS = {"PARTIAL": "partial", "MAJOR": "major", "PERFORMANCE": "degraded"}
_USUAL = {"HTTP_STATUS": "partial", "LATENCY": "degraded", "REGEX": "partial"}
_OURS = {"HTTP_STATUS": "major", "LATENCY": "degraded", "REGEX": "partial"}
_SHOWN = {"name", "url", "method"}
"""Fields of its texts that ours have as well; the others are the same for an endpoint for good."""

DIFFERENCES = [
    "an address that gives no answer is partial; there a connection that failed was partial, and one that timed out "
    "was a performance issue (here: degraded)",
    "a timeout is for the whole look; there it was for each wait within it",
    "a latency is that of the whole look, from the name server to the last byte; there it ended with the headers",
    "people are told when an incident becomes worse or better, too; there only when it began and ended",
    "an incident at Cachet is known again after a restart, and its component is well when it is closed",
]


def read_cachet_url_monitor(top: Branch) -> Sheet:
    sheet = Sheet(PROGRAM, top.source.file, left=top.pile, differences=list(DIFFERENCES))
    sheet.sections["defaults"] = Entry({"down_after": 1, "up_after": 1, "unreachable": "partial"})
    cachet, frequency = top.branch("cachet"), top.leaf("frequency")
    messages, names = _Messages(top), Names()
    sheet.sections["messages"] = messages.common
    telling = []
    for row in _endpoints(top):
        entry = Entry({}, row.path, row.line)
        told = row.branch(entry.left)
        if told is None or not _fill(entry, told, names, frequency):
            sheet.left.extend(entry.left)
            row.leave("left out: it has no url")
            continue
        sheet.services.append(entry)
        messages.put_into(entry, told)
        shown = published(told, cachet, entry.left)
        if "create_incident" in shown.get("actions", ()):
            telling.append(entry.data["name"])
        if shown:
            entry.data["publish"] = {PLACE: shown}
        told.close({}, _UNKNOWN)
    _read_webhooks(top, sheet, telling)
    if cachet is not None:
        lead_to_cachet(cachet, sheet)
        cachet.close({}, _UNKNOWN)
    else:
        _forget_cachet(sheet)
    top.close({}, _UNKNOWN)
    return sheet


def _endpoints(top: Branch) -> Iterator[Leaf]:
    """The list of newer versions, a mapping by name, or the single one of older versions."""
    held = top.leaf("endpoints")
    many = held.branch() if held is not None and isinstance(held.node.value, dict) else None
    if many is not None:
        yield from (leaf for _, leaf in many.leaves())
    elif held is not None:
        yield from held.rows()
    elif (single := top.leaf("endpoint")) is not None:
        yield single


def _forget_cachet(sheet: Sheet) -> None:
    """Nothing is shown where nobody knows where."""
    for entry in sheet.services:
        if entry.data.pop("publish", None) is not None:
            entry.remarks.append("was to be shown at a Cachet, of which nothing is said there")


def _fill(entry: Entry, told: Branch, names: Names, frequency: Leaf | None) -> bool:
    """The service that an endpoint is; False where it has no address."""
    url = told.text("url")
    if not url:
        return False
    plain = address(with_scheme(url.strip()))
    by_name = "" if entry.path.endswith("]") or entry.path == "endpoint" else entry.path.partition(".")[2]
    name = told.text("name") or by_name
    if not name:
        entry.remarks.append("had no name there")
    headers = told.texts("header")
    check: dict[str, Any] = {**plain, **method_of(told.text("method")), **({"headers": headers} if headers else {})}
    if told.flag("insecure"):
        check["verify_tls"] = False
    check["expect"] = _expectations(told, entry)
    patience = _patience(told, told.leaf("frequency") or frequency)
    entry.data = {**names.give(name or host_of(plain["url"]), entry), **patience, "http": check}
    return True


def _patience(told: Branch, frequency: Leaf | None) -> dict[str, Any]:
    """How often, how long, and how many failures it takes: one more than are allowed, each a whole round apart."""
    every = span(frequency.beside(told.pile) if frequency is not None else None)
    timeout = span(told.leaf("timeout")) if told.number("timeout") else None
    allowed = told.number("allowed_fails") or 0.0
    found: dict[str, Any] = {"every": every} if every else {}
    found["timeout"] = timeout or "1s"
    if allowed >= 1:
        found["down_after"] = min(math.floor(allowed), 999_999) + 1
        found["retry_after"] = every or "60s"
    return found


# -- expectations ---------------------------------------------------------------------------------------------------


def _expectations(told: Branch, entry: Entry) -> list[dict[str, Any]]:
    found = []
    for row in told.rows("expectation"):
        one = row.branch()
        made = _expectation(one, row) if one is not None else None
        if made is not None:
            found.append(made)
    if not any("status" in one for one in found):
        entry.remarks.append("any status is good: nothing was said of it there")
        found.insert(0, dict(ANY_STATUS))
    return found


def _expectation(one: Branch, row: Leaf) -> dict[str, Any] | None:
    kind = one.text("type") or ""
    if kind not in _USUAL:
        row.leave(f"there is no expectation of the type {kind or 'that is missing'}")
        return None
    incident = one.leaf("incident")
    word = (incident.text() or "") if incident is not None else ""
    otherwise = _MEANS.get(word, _USUAL[kind])
    if incident is not None and word not in _MEANS:
        incident.leave(f"is no incident that it knows: it meant {otherwise}, as it does here")
    made = _READ[kind](one)
    if made is None and kind == "HTTP_STATUS":
        row.leave("a status is no longer expected, so any is good")
    one.close({}, f"an expectation of the type {kind} has no such option")
    return made if made is None or otherwise == _OURS[kind] else {**made, "otherwise": otherwise}


def _status(one: Branch) -> dict[str, Any] | None:
    """`200-206` is 200 to 205; one number alone is that one."""
    leaf = one.leaf("status_range") or one.leaf("status")
    text = leaf.text() if leaf is not None else None
    if leaf is None or text is None:
        return None
    first, *rest = text.split("-")
    try:
        low = int(first)
        high = int(rest[0]) if rest else low + 1
    except ValueError:
        leaf.leave("is not a range of statuses")
        return None
    low, last = max(low, 100), min(high - 1, 999)
    if low > last:
        leaf.leave("holds no status, so that the service was never well")
        return None
    return {"status": low if low == last else f"{low}-{last}"}


def _latency(one: Branch) -> dict[str, Any] | None:
    limit = span(one.leaf("threshold"))
    return {"latency": limit} if limit else None


def _regex(one: Branch) -> dict[str, Any] | None:
    leaf = one.leaf("regex")
    text = leaf.text() if leaf is not None else None
    if leaf is None or text is None:
        return None
    try:
        return {"body_matches": anchored(text)}
    except ValueError as error:
        leaf.leave(f"cannot be carried over: {error}")
        return None


_READ = {"HTTP_STATUS": _status, "LATENCY": _latency, "REGEX": _regex}


# -- words ----------------------------------------------------------------------------------------------------------


class _Messages:
    """The texts of the config: common where they are the same for all, else of each service."""

    _KEYS: Mapping[str, str] = {"incident_outage": "opened", "incident_operational": "resolved"}

    def __init__(self, top: Branch) -> None:
        self.common = Entry({}, "messages")
        self._own: dict[str, Leaf] = {}
        told = top.branch("messages", self.common.left)
        if told is None:
            return
        self.common.line = told.line
        for key, ours in self._KEYS.items():
            leaf = told.leaf(key)
            text = leaf.text() if leaf is not None else None
            if leaf is not None and text:
                self._take(leaf, text, ours)
        told.close({"incident_performance": "an incident has one text here, which may hold {status}"}, _UNKNOWN)

    def _take(self, leaf: Leaf, text: str, ours: str) -> None:
        names = _fields_of(text)
        if names is None:
            leaf.leave("holds more than plain {fields}")
        elif names <= _SHOWN:
            self.common.data[ours] = text
        else:
            self._own[ours] = leaf

    def put_into(self, entry: Entry, told: Branch) -> None:
        """A text that shows an option of the endpoint which ours does not know: what it says is put in for good."""
        texts = {}
        for ours, leaf in self._own.items():
            text = str(leaf.text() or "")
            values = {name: told.peek(name) for name in _fields_of(text) or ()}
            missing = [name for name, held in values.items() if held is None or not isinstance(held.node.value, str)]
            if missing:
                leaf.beside(entry.left).leave(f"the endpoint has no text under {', '.join(missing)}")
                continue
            said = {name: str(held.raw) for name, held in values.items() if held is not None and name not in _SHOWN}
            texts[ours] = "".join(_filled(text, said))
        if texts:
            kind = entry.data.pop("http")
            entry.data |= {"messages": texts, "http": kind}


def _fields_of(text: str) -> set[str] | None:
    """The plain fields of a format; None where it holds anything else."""
    names = set()
    try:
        for _, name, spec, conversion in string.Formatter().parse(text):
            if name is not None:
                if spec or conversion or not name.isidentifier():
                    return None
                names.add(name)
    except ValueError:
        return None
    return names


def _filled(text: str, values: Mapping[str, str]) -> Iterator[str]:
    for plain, name, _, _ in string.Formatter().parse(text):
        yield plain.replace("{", "{{").replace("}", "}}")
        if name is not None:
            yield values[name].replace("{", "{{").replace("}", "}}") if name in values else f"{{{name}}}"


# -- webhooks -------------------------------------------------------------------------------------------------------


def _read_webhooks(top: Branch, sheet: Sheet, telling: list[str]) -> None:
    """Each takes the title and the message in its address and its parameters, and has no body."""
    for row in top.rows("webhooks"):
        entry = Entry({}, row.path, row.line)
        told = row.branch(entry.left)
        url = told.leaf("url") if told is not None else None
        text = _template(url) if url is not None else None
        if told is None or text is None:
            sheet.left.extend(entry.left)
            row.leave("left out: it has no url that could be taken")
            continue
        query = _parameters(told)
        entry.data = {"webhook": {"url": text, **({"query": query} if query else {}), "body": ""}}
        told.close({}, _UNKNOWN)
        sheet.destinations[f"webhook-{len(sheet.destinations) + 1}" if sheet.destinations else "webhook"] = entry
    if not sheet.destinations:
        return
    if not telling:
        top.leave(
            "webhooks", "were never called, for no endpoint has the action CREATE_INCIDENT; no route leads there"
        )
        return
    everybody = len(telling) == len(sheet.services)
    when = {} if everybody else {"when": {"services": telling}}
    route = Entry({**when, "to": list(sheet.destinations)})
    if not everybody:
        route.remarks.append("webhooks were called for endpoints with the action CREATE_INCIDENT")
    sheet.routes.append(route)


def _parameters(told: Branch) -> dict[str, str]:
    held = told.branch("params")
    found = {}
    for name, leaf in held.leaves() if held is not None else ():
        text = _template(leaf)
        if text is not None:
            found[name] = text
    return found


def _template(leaf: Leaf) -> str | None:
    text = leaf.text()
    if text is None:
        return None
    names = _fields_of(text)
    if names is None or not names <= {"title", "message"}:
        leaf.leave("may hold {title} and {message}, and no other braces")
        return None
    return text
