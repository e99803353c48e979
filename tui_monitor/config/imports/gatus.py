"""The config of Gatus: endpoints with conditions, told after so many failures in a row, each a whole round apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tui_monitor.config.imports.gatus_alerts import Alerting
from tui_monitor.config.imports.gatus_conditions import Condition, Unsaid, conditions_of, days_of
from tui_monitor.config.imports.gatus_kinds import Looked, check_of
from tui_monitor.config.imports.names import Names
from tui_monitor.config.imports.sheet import Entry, Sheet
from tui_monitor.config.imports.source import MARK, Branch, Leaf
from tui_monitor.config.imports.spans import seconds_of, span_in_words, spell_span
from tui_monitor.config.imports.web import host_of

PROGRAM = "Gatus"
_UNKNOWN = "Gatus has no such option"
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_NO_PAGE = "this release serves no page"
_SECTIONS = {
    "announcements": _NO_PAGE,
    "debug": "say `engine: {log_level: debug}` for more in the log",
    "disable-monitoring-lock": "looks are always taken at the same time here",
    "metrics": "this release serves no metrics",
    "remote": "this release asks no other Gatus",
    "security": _NO_PAGE,
    "skip-invalid-config-update": "a config that is wrong never replaces one that is right here",
    "storage": "looks and incidents are kept in the store of this program: see `store` in the example config",
    "suites": "one look cannot hand on what it found to another here",
    "tunneling": "this release has no tunnels",
    "web": _NO_PAGE,
}
_CLIENT = {
    "dns-resolver": "the name servers of this machine are asked",
    "oauth2": "this release fetches no token before a look",
    "identity-aware-proxy": "this release fetches no token before a look",
    "kerberos": "this release does not speak Kerberos",
    "network": "what the name servers of this machine answer is taken in their order",
    "proxy-url": "proxies are those of the environment: HTTPS_PROXY and its like",
    "store-cookies": "no cookie is kept from look to look",
    "tunnel": "this release has no tunnels",
}
_ENDPOINT = {
    "always-run": "only suites have it",
    "extra-labels": "this release serves no metrics",
    "store": "only suites have it",
    "ui": _NO_PAGE,
}
_EXTERNAL = {"token": "signs come from this machine, by `tui-monitor ping`, and need none"}

DIFFERENCES = [
    "a response time is that of the whole look, from the name server to the last byte; there without the body",
    "whatever misses a condition is major, as it was unhealthy there: say `otherwise: degraded` to be told less",
    "looks are taken on the beat, however long they last, and not one after the other",
    "people are told of the end of an incident, too, with or without send-on-resolved",
]


def read_gatus(top: Branch) -> Sheet:
    sheet = Sheet(PROGRAM, top.source.file, left=top.pile, differences=list(DIFFERENCES))
    alerting, names = Alerting(top, sheet), Names()
    rounds = []
    for row in top.rows("endpoints" if "endpoints" in top else "services"):
        entry = Entry({}, row.path, row.line)
        told = row.branch(entry.left)
        if told is not None and "endpoints" not in top and "conditions" not in told:
            reason = (
                "Gatus takes no service without conditions: is this a config of Gatus?"  # others have services too
            )
        else:
            reason = "must be a mapping" if told is None else _endpoint(entry, told, names, alerting, sheet)
        if reason:
            sheet.left.extend(entry.left)
            row.leave(f"left out: {reason}", told.text("name") if told is not None else None)
        rounds.append(entry.data.get("every"))
    for row in top.rows("external-endpoints"):
        _external(row, names, alerting, sheet)
    alerting.finish()
    sheet.sections["defaults"] = _defaults([seconds_of(one) or 60.0 for one in rounds])
    _read_sections(top, sheet)
    sheet.stand_ins |= _stand_ins(sheet)
    top.close(_SECTIONS, _UNKNOWN)
    return sheet


def _defaults(rounds: list[float]) -> Entry:
    longest = spell_span(max(rounds, default=60.0))
    entry = Entry({"every": "60s", "down_after": 3, "up_after": 2, "retry_after": longest})
    entry.remarks.append("retry_after is at most `every`: as there, each failure that counts is a round of its own")
    return entry


def _endpoint(entry: Entry, told: Branch, names: Names, alerting: Alerting, sheet: Sheet) -> str:
    """The service that an endpoint is; else the reason why it cannot be one."""
    if told.flag("enabled") is False:
        return "it is switched off"
    url, name, group = told.text("url"), told.text("name") or "", told.text("group") or ""
    if not url:
        return "it has no url"
    conditions = conditions_of(told.rows("conditions"))
    looked = Looked(told, url, name, group, conditions)
    timeout = _read_client(told, looked)
    every = span_in_words(told.leaf("interval"))
    alerts = alerting.read(told)
    windows = list(told.rows("maintenance-windows"))
    try:
        check = check_of(looked)
    except Unsaid as error:
        return str(error)
    entry.remarks.extend(looked.remarks)
    row: dict[str, Any] = {**names.give(name or host_of(url), entry, group), **({"group": group} if group else {})}
    if "certificate" in check:
        every = every or "60s"  # unlike other checks this one is usually taken every hour
    row |= {"every": every} if every else {}
    row |= {"timeout": timeout} if timeout else {}
    entry.data = {**row, **alerting.patience(alerts), **check}
    sheet.services.append(entry)
    alerting.lead(entry, alerts, group, every)
    for window in windows:
        _window(window.branch(), sheet, entry)
    told.close(_ENDPOINT | {key: f"means nothing for {next(iter(check))}" for key in _HTTP_ONLY}, _UNKNOWN)
    _domains(entry, conditions, names, sheet)
    return ""


_HTTP_ONLY = ("method", "headers", "body", "graphql", "dns", "ssh")


def _read_client(told: Branch, looked: Looked) -> str | None:
    """The options of a client: what checks of ours take of them, and the timeout."""
    looked.insecure = told.flag("insecure") is True
    client = told.branch("client")
    if client is None:
        return None
    looked.insecure = client.flag("insecure") is True or looked.insecure
    redirect, pair = client.leaf("ignore-redirect"), client.leaf("tls")
    if redirect is not None and redirect.flag():
        looked.client["redirects"] = (redirect, "none")
    files = pair.branch() if pair is not None else None
    cert = files.text("certificate-file") if files is not None else None
    if files is not None and pair is not None and cert:
        key = files.text("private-key-file")
        looked.client["client_certificate"] = (pair, {"cert": cert, **({"key": key} if key else {})})
    if files is not None:
        files.close({}, "this release has no such option")
    timeout = span_in_words(client.leaf("timeout"))
    client.close(_CLIENT, _UNKNOWN)
    return timeout


def _domains(entry: Entry, conditions: list[Condition], names: Names, sheet: Sheet) -> None:
    """When a domain runs out is a service of its own: it is looked up far more seldom."""
    url = entry.data.get("http", {}).get("url") or ""
    for one in conditions:
        if one.subject != "DOMAIN_EXPIRATION":
            continue
        host = host_of(url) or _any_host(entry)
        try:
            days = days_of(one)
        except Unsaid as error:
            one.leaf.leave(str(error))
            continue
        if not host or MARK.search(host):
            one.leaf.leave("which domain it is about cannot be told from its address")
            continue
        own = Entry({}, one.leaf.path, one.leaf.line)
        group = {"group": entry.data["group"]} if "group" in entry.data else {}
        title = names.give(f"{entry.data['name']}: domain", own)
        own.remarks = ["when the domain of the service before runs out"]
        own.data = {**title, **group, "domain": {"name": host, "days": [days]}}
        sheet.services.append(own)


def _any_host(entry: Entry) -> str:
    checks = [one for one in entry.data.values() if isinstance(one, dict)]
    return next((str(one["host"]) for one in checks if "host" in one), "")


# -- signs of life --------------------------------------------------------------------------------------------------


def _external(row: Leaf, names: Names, alerting: Alerting, sheet: Sheet) -> None:
    """An endpoint that is told of from outside: a job that gives signs of life."""
    entry = Entry({}, row.path, row.line)
    told = row.branch(entry.left)
    beat = told.branch("heartbeat") if told is not None else None
    period = span_in_words(beat.leaf("interval")) if beat is not None else None
    if told is None or not period or told.flag("enabled") is False:
        off = told is not None and told.flag("enabled") is False
        sheet.left.extend(entry.left)
        reason = "it is switched off" if off else "it has no heartbeat interval, so that silence would say nothing"
        row.leave(f"left out: {reason}", told.text("name") if told is not None else None)
        return
    name, group = told.text("name") or "Signs of life", told.text("group") or ""
    alerts = alerting.read(told)
    missed = min((alert.failures for alert in alerts), default=1)
    seconds = seconds_of(period)
    grace = spell_span(seconds * (missed - 1)) if seconds is not None and missed > 1 else "0s"
    entry.data = {**names.give(name, entry, group), **({"group": group} if group else {})}
    entry.data["heartbeat"] = {"period": period, "grace": grace}
    ident = entry.data.get("id") or entry.data["name"]
    entry.remarks.append(f"signs of life come by: tui-monitor ping {ident!r}")
    if missed > 1:
        entry.remarks.append(
            f"told after {missed} signs that did not come; a sign that says it failed counts at once"
        )
    sheet.services.append(entry)
    alerting.lead(entry, alerts, group, period)
    for window in told.rows("maintenance-windows"):
        _window(window.branch(), sheet, entry)
    if beat is not None:
        beat.close({}, _UNKNOWN)
    told.close(_EXTERNAL, _UNKNOWN)


# -- the rest -------------------------------------------------------------------------------------------------------


def _read_sections(top: Branch, sheet: Sheet) -> None:
    window = top.branch("maintenance")
    if window is not None:
        _window(window, sheet, None)
    ui = Entry({}, "ui")
    told = top.branch("ui", ui.left)
    if told is not None:
        ui.line = told.line
        title = told.text("title")
        ui.data = {"title": title} if title else {}
        told.close({}, _NO_PAGE)
        sheet.sections["board"] = ui
    _read_guard(top, sheet)
    most = top.number("concurrency")
    if most is not None and most >= 0:
        sheet.sections["engine"] = Entry({"concurrency": int(most)}, "concurrency")


def _read_guard(top: Branch, sheet: Sheet) -> None:
    entry = Entry({}, "connectivity")
    told = top.branch("connectivity", entry.left)
    checker = told.branch("checker") if told is not None else None
    target = checker.text("target") if checker is not None else None
    if checker is not None and target:
        entry.line = checker.line
        entry.data = {"targets": [f"tcp://{target}"]}
        checker.close({"interval": "it is asked whenever something else does not answer"}, _UNKNOWN)
        if told is not None:
            told.close({}, _UNKNOWN)
        sheet.sections["network_guard"] = entry
    elif told is not None:
        sheet.left.extend(entry.left)
        top.leave("connectivity", "left out: it has no target")


def _window(told: Branch | None, sheet: Sheet, of: Entry | None) -> None:
    """Hours in which nobody is told, each day or on some days of the week."""
    if told is None:
        return
    entry = Entry({}, told.path, told.line)
    start, lasts = told.leaf("start"), span_in_words(told.leaf("duration"))
    clock = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", (start.text() or "") if start is not None else "")
    days = list(_days(told))
    if told.flag("enabled") is False or clock is None or not lasts or None in days:
        off = told.flag("enabled") is False
        reason = "it is switched off" if off else "it has no start like 23:00, no duration, or a day that is none"
        pile = of.left if of is not None else sheet.left
        Leaf(told.source, told.node, told.line, told.path, pile).leave(f"left out: {reason}")
        return
    minute, hour = int(clock.group(2)), int(clock.group(1))
    which = ",".join(day[:3].upper() for day in days if day) or "*"
    whom = {"services": [of.data["name"]]} if of is not None else {}
    zone = told.text("timezone") or "UTC"
    entry.data = {**whom, "cron": f"{minute} {hour} * * {which}", "lasts": lasts, "timezone": zone}
    sheet.maintenance.append(entry)
    told.close({}, _UNKNOWN)


def _days(told: Branch) -> Iterator[str | None]:
    for row in told.rows("every"):
        day = row.text()
        yield day if day in _DAYS else None


def _stand_ins(sheet: Sheet) -> dict[str, str]:
    """What variables must look like while the config is tried: whole addresses, of pages and of people, and keys."""
    found = {}
    for entry in sheet.entries():
        for key, text in _texts(entry.data):
            variable = MARK.match(text)
            if variable and key in ("url", "webhook_url"):
                found[variable.group(1)] = "http://192.0.2.1"
            elif variable and key == "routing_key":
                found[variable.group(1)] = "0" * 32
            elif variable and key in ("to", "sender"):
                found[variable.group(1)] = "somebody@example.com"
    return found


def _texts(data: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        for name, one in data.items():
            yield from _texts(one, name)
    elif isinstance(data, list):
        for one in data:
            yield from _texts(one, key)
    elif isinstance(data, str):
        yield key, data
