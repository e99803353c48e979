"""A corpus of wrong configs: each problem at its line, with its path and one sentence that says what to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.config.small import problems_of
from tui_monitor import config
from tui_monitor.config.forms import validator_of
from tui_monitor.core.errors import ConfigError

NEW = """board: {title: x, timezone: Europe/Pariss, tittle: 3}
defaults:
  every: 10s
  timout: 3s
  down_after: 0
  flapping: {after: 1, within: 0}
services:
  - name: A
    every: ${E:-30s}
    timeout: 40s
    web:
      url: http://a.example/${P}
      expect:
        - status: 200-204
        - latency: 1x
        - jsn: a
  - name: A
    wbe: {url: x}
  - {name: B, port: {host: x, port: web}, every: 12:30}
  - {name: C, port: {host: x}, web: {url: ftp}, critical: maybe}
  - port: {host: a, port: 1}
  - 3
  - {name: D, group: Own, unreachable: dwon, retry_after: 2m, web: {url: "ftp://x"}}
destinations:
  a: {paper: , ambiguous: resnd}
  b:
    hook:
      url: [{env: NOPE}, {file: nope}]
  c: {hook: {url: [{evn: NOPE}, {aws_secrets_manager: {key: a}}]}}
  d: {paper: {text: "{titel}"}, give_up_after: 0}
  e: {}
routes:
  - {to: bb, when: {severity: ">>x", group: own}, unles: acknowledged}
  - {to: [], after: -5}
  - {to: [a, z], unless: acked, when: {service: AA, tag: prod}, remind_every: 0}
messages: {opened: "{name} is {stat}", closed: x}
extra: 1
engine: {log_level: loud, concurrency: -1, settle: soon}
store: {size_limit: 2XB, keep_looks: 30d, keep_history: 3d}
"""

TOLD = """1: board.timezone: 'Europe/Pariss' is not a time zone: write it like Europe/Paris
1: board.tittle: unknown key 'tittle'; did you mean 'title'?
4: defaults.timout: unknown key 'timout'; did you mean 'timeout'?
5: defaults.down_after: must be a whole number from 1 on
6: defaults.flapping.after: must be 2 or more, or 0 for never
6: defaults.flapping.within: must be above zero
12: services[0].web.url: the environment variable P is not set: set it, or write ${P:-default}
15: services[0].web.expect[1].latency: '1x' is not a duration: write it like 200ms, 90s, 5m or 1h30m
16: services[0].web.expect[2].jsn: unknown key 'jsn'; did you mean 'json'?
17: services[1].name: two services have the name 'A', the other is on line 8
18: services[1].wbe: there is no check of the kind 'wbe'; did you mean 'web'?
19: services[2].port.port: must be a whole number, not 'web'
19: services[2].every: '12:30' is not a duration: write it like 200ms, 90s, 5m or 1h30m
20: services[3].port: 'port' is missing
20: services[3].web: a second check: there is 'port' already, and each entry has one
20: services[3].critical: must be true or false, not 'maybe'
21: services[4]: 'name' is missing
22: services[5]: must be a mapping of keys to values
23: services[6].unreachable: must be one of degraded, partial, major, unknown, not 'dwon'
23: services[6].web.url: url 'ftp://x' must begin with http:// or https://
25: destinations.a.ambiguous: must be one of resend, hold, not 'resnd'; did you mean 'resend'?
28: destinations.b.hook.url: no secret found: the environment variable NOPE is not set; \
the file nope cannot be read (no such file or directory)
29: destinations.c.hook.url[0].evn: no place for secrets is called 'evn'; did you mean 'env'?
29: destinations.c.hook.url[1].aws_secrets_manager: 'secret' is missing
30: destinations.d.paper.text: unknown field {titel}; did you mean {title}?
30: destinations.d.give_up_after: must be above zero
31: destinations.e: has no destination: give it one of paper, hook
33: routes[0].to: no destination is called 'bb'; did you mean 'b'?
33: routes[0].when.severity: '>>x' is not a condition on a severity: write it like >=partial
33: routes[0].when.group: no service has the group 'own'; did you mean 'Own'?
33: routes[0].unles: unknown key 'unles'; did you mean 'unless'?
34: routes[1].to: must name at least one
34: routes[1].after: '-5' is not a duration: it must be a finite number, not below zero
35: routes[2].to[1]: no destination is called 'z'; known are a, b, c, d, e
35: routes[2].unless: must be acknowledged, not 'acked'
35: routes[2].when.service: no service is called 'AA'; did you mean 'A'?
35: routes[2].when.tag: no service has the tag 'prod'
35: routes[2].remind_every: must be above zero
36: messages.opened: unknown field {stat}; did you mean {state}?
36: messages.closed: unknown key 'closed'; known here are opened, changed, resolved, over, reminder
37: extra: unknown key 'extra'; known here are services, destinations, routes, board, defaults, \
messages, engine, store, network_guard, maintenance
38: engine.log_level: must be one of debug, info, warning, error, not 'loud'
38: engine.concurrency: must be a whole number from 0 on
38: engine.settle: 'soon' is not a duration: write it like 200ms, 90s, 5m or 1h30m
39: store.size_limit: '2XB' is not a size: write it like 500MB, 2GB or 1GiB"""


def test_every_problem_of_a_config_is_told_at_once_in_the_order_of_lines() -> None:
    assert problems_of(NEW) == TOLD.splitlines()


def test_what_is_wrong_with_a_mapping_stands_at_its_key_and_not_at_its_first_line() -> None:
    text = "services:\n  - name: A\n    port:\n\n      # the host\n      host: x\n"
    assert problems_of(text) == ["3: services[0].port: 'port' is missing"]


PLACES = [
    ("http", "url: ftp://a.example", "url: the URL must begin with http:// or https://"),
    ("http", "url: http://a_b!.example", "url: the host name has '!' in it, which no host name has"),
    ("http", "method: G(T", "method: 'G(T' is not an HTTP method; did you mean GET?"),
    ("http", "method: zzgarb", "method: 'zzgarb' is not an HTTP method"),
    ("http", "method: Gett", "method: 'Gett' is not an HTTP method; did you mean GET?"),
    ("http", "method: 'P T'", "method: 'P T' is not an HTTP method; did you mean PUT?"),
    ("http", "redirects: zzgarb", "redirects: must be a whole number, none or error, not 'zzgarb'"),
    (
        "http",
        "redirects: eror",
        "redirects: must be a whole number, none or error, not 'eror'; did you mean 'error'?",
    ),
    ("http", "headers: {Host: ok, 'a b': c}", "headers: 'a b' is not the name of a header"),
    ("http", "redirects: 99", "redirects: redirects is a number from 0 to 20, none or error"),
    ("tcp", "host: a b", "host: the host name has ' ' in it, which no host name has"),
    ("tcp", "port: 70000", "port: port must be a number from 1 to 65535, not 70000"),
    ("tcp", "server_name: a b", "server_name: the host name has ' ' in it, which no host name has"),
    ("webhook", "url: ftp://a.example", "url: url must begin with http:// or https://"),
    ("webhook", "ref_from: 'a['", "ref_from: not a JMESPath: "),
    ("webhook", "body: {text: [{deep: '{titel}'}]}", "body: unknown field {titel}; did you mean {title}?"),
    ("webhook", "query: {text: '{titel}'}", "query: unknown field {titel}; did you mean {title}?"),
    ("webhook", 'headers: {X: "a\\nb"}', "headers: the header X holds a line break"),
    ("smtp", "sender: host", "sender: 'host' is not a mail address"),
    ("smtp", "cc: [a@b.c, to]", "cc: 'to' is not a mail address"),
    ("smtp", "port: 70000", "port: port must be a number from 1 to 65535, not 70000"),
    ("smtp", "subject: '{titel}'", "subject: unknown field {titel}; did you mean {title}?"),
]
RIGHT = {
    "http": {"url": "http://a.example"},
    "tcp": {"host": "h", "port": "1", "tls": "true"},
    "webhook": {"url": "http://a.example"},
    "smtp": {"host": "h", "sender": "a@b.c", "to": "[x@y.z]"},
}


@pytest.mark.parametrize(("kind", "option", "told"), PLACES)
def test_what_a_plugin_refuses_stands_at_the_option_that_it_speaks_of(kind: str, option: str, told: str) -> None:
    key = option.partition(":")[0]
    others = [f"      {name}: {value}" for name, value in RIGHT[kind].items() if name != key]
    head = ["services:", "  - name: A", f"    {kind}:"]
    if kind in ("webhook", "smtp"):
        head = ["services: [{name: A, tcp: {host: h, port: 1}}]", "destinations:", "  x:", f"    {kind}:"]
    lines = [*head, *others, f"      {option}"]
    with pytest.raises(ConfigError) as caught:
        config.read("\n".join(lines), "c.yaml", {}, Path())
    (problem,) = caught.value.problems
    assert problem.line == len(lines)
    assert f"{problem.path.rpartition('.')[2]}: {problem.text}".startswith(told)


NOTHING = """board: {title: }
defaults: {every: , flapping: ~}
messages:
  opened: null
engine: {log_level: }
services:
  - name: A
    timeout:
    down_after: null
    critical: ~
    unreachable:
    tags: [a, ~]
    http: {url: http://a.example, method: , auth: , redirects: , expect: [{latency: }]}
  - {name: , http: {url: }}
destinations:
  x: {webhook: {url: http://a.example, token: , body: ~}}
routes:
  - {to: x, when: , remind_every: }
"""
NOTHING_TOLD = """1: board.title: must be a text; leave the key out for its default
2: defaults.every: must be a duration like 90s or 5m; leave the key out for its default
2: defaults.flapping: must be a mapping of keys to values; leave the key out for its default
4: messages.opened: must be a text; leave the key out for its default
5: engine.log_level: must be one of debug, info, warning, error; leave the key out for its default
8: services[0].timeout: must be a duration like 90s or 5m; leave the key out for its default
9: services[0].down_after: must be a whole number; leave the key out for its default
10: services[0].critical: must be true or false; leave the key out for its default
11: services[0].unreachable: must be one of degraded, partial, major, unknown; leave the key out for its default
12: services[0].tags[1]: must be a text
13: services[0].http.method: must be a text; leave the key out for its default
13: services[0].http.auth: must be a mapping of keys to values; leave the key out for its default
13: services[0].http.redirects: must be a whole number, none or error; leave the key out for its default
13: services[0].http.expect[0].latency: must be a duration like 90s or 5m; leave the key out for its default
14: services[1].name: has no value: give one
14: services[1].http.url: has no value: give one
16: destinations.x.webhook.token: must be a text, or a place to look for it such as {env: NAME}; \
leave the key out for its default
18: routes[0].when: must be a mapping of keys to values; leave the key out for its default
18: routes[0].remind_every: must be a duration like 90s or 5m; leave the key out for its default"""


def test_a_key_without_a_value_is_refused_wherever_nothing_is_no_value() -> None:
    with pytest.raises(ConfigError) as caught:
        config.read(NOTHING, "c.yaml", {}, Path())
    told = [f"{one.line}: {one.path}: {one.text}" for one in caught.value.problems]
    assert told == NOTHING_TOLD.splitlines()


def test_a_section_or_a_kind_without_anything_in_it_is_its_defaults() -> None:
    text = "services: [{name: A, tcp: {host: h, port: 1}}]\nboard:\ndefaults:\nroutes:\ndestinations: {x: {log: }}"
    assert config.read(text, "c.yaml", {}, Path()).title == "Ops"


@dataclass(frozen=True)
class Stranger:
    """Whose nothing means something, since it is not what an absent key means."""

    limit: int | None = 3


def test_nothing_may_be_written_where_it_says_something() -> None:
    assert validator_of(Stranger).validate_python({"limit": None}) == Stranger(None)
