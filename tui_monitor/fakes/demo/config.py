"""The config of the demo, as the engine reads it. Everything in it is a setting of a real config too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.util import find_spec

_DURATION = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(ms|s)\b")

CONFIG = """\
# The config of the demo. Everything here is a setting of a real config too.
board: {title: Demo}
engine: {settle: 2s}
defaults:
  every: 2s
  timeout: 1500ms
  down_after: 2
  up_after: 2
  retry_after: 500ms
  flapping: {after: 3, within: 30s, calm: 15s}
network_guard: {targets: ["tcp://$host:$here", "tcp://$host:$there"], timeout: 1500ms}
maintenance:
  - {services: [$worked-on], from: "$from", until: "$until", reason: $work}
x-site: &site {group: Shop, tags: [web], every: 1s, depends_on: [router]}
services:
  - name: Edge router
    id: router
    group: Network
    tags: [network]
    critical: true
    every: 1s
    tcp: {host: $host, port: $router}
  - name: Website
    <<: *site
    critical: true
    publish: {page: {component: 1}}
    http: {url: "http://$host:$website/", expect: [{status: 200}, {body_matches: Welcome}]}
  - name: Checkout API
    id: checkout
    group: Shop
    tags: [web, money]
    critical: true
    every: 1s
    depends_on: [router, database]
    publish: {page: {component: 2}}
    http:
      url: http://$host:$checkout/health
      expect: [{status: 200}, {latency: 400ms}, {json: status, equals: ok}]
  - name: Search
    <<: *site
    publish: {page: {component: 3}}
    http: {url: "http://$host:$search/", expect: [{status: 200}, {latency: 400ms}, {body_lacks: went wrong}]}
  - name: Images
    <<: *site
    http: {url: "http://$host:$images/", expect: [{status: 200}, {latency: 400ms}, {body_lacks: went wrong}]}
  - name: Reviews
    <<: *site
    http: {url: "http://$host:$reviews/", expect: [{status: 200}, {latency: 400ms}, {body_lacks: went wrong}]}
  - name: Newsletter
    group: Shop
    tags: [web, mail]
    publish: {page: {component: 4}}
    http: {url: "http://$host:$newsletter/", expect: [{status: 200}, {body_lacks: went wrong}]}
  - name: Shop certificate
    id: shop-tls
    group: Network
    tags: [network]
    every: 4s
    certificate: {host: $host, port: $shop-tls, ca: ca.pem, days: [30, 14, 7, 1]}
  - name: Database
    group: Backend
    tags: [data]
    critical: true
    tcp: {host: $host, port: $database, expect: ready}
  - name: Cache
    group: Backend
    tags: [data]
    redis: {host: $host, port: $cache}
  - name: Queue
    group: Backend
    tcp: {host: $host, port: $queue}
  - name: Mail relay
    id: mail
    group: Backend
    tags: [mail, ticketed]
    tcp: {host: $host, port: $mail, expect: "220"}
  - name: Prices
    group: Data
    tags: [data, money]
    freshness: {url: "http://$host:$prices/latest.json", json: updated_at, warn_after: 6s, stale_after: 16s}
  - name: Nightly backup
    id: backup
    group: Data
    tags: [data]
    every: 2s
    heartbeat: {period: 8s, grace: 4s}
  - name: Disk of db-1
    id: disk
    group: Backend
    tags: [data]
    every: 3s
    command: {run: [sh, disk.sh, disk.txt], directory: $folder, nagios: true}
  - name: Payments Ltd
    id: payments
    group: Vendors
    tags: [money]
    every: 4s
    timeout: 1500ms
    statuspage: {url: "http://$host:$payments"}
  - name: Parcels & Sons
    id: carrier
    group: Vendors
    every: 4s
    timeout: 1500ms
    statuspage: {url: "http://$host:$carrier", components: [Tracking, Labels]}
  - name: Shop front
    id: front
    critical: true
    depends_on: [router]
    group: {at_least: 3, of: [website, search, images, reviews], otherwise: partial, heading: Overview}
  - name: Taking orders
    id: orders
    group: Shop
    tags: [web, money]
    depends_on: [database]
    upstream: [payments]
    publish: {page: {component: 5}}
    http: {url: "http://$host:$orders/", expect: [{status: 200}, {body_lacks: went wrong}]}
$more
destinations:
  log: {log: {}}
  chat:
    slack: {api: "http://$host:$chat/api", token: {value: "$chat-token"}, channel: "#shop", mention: [here]}
  page:
    cachet: {url: "http://$host:$page", token: {value: "$page-token"}}
  oncall:
    pagerduty: {url: "http://$host:$oncall", routing_key: {value: "$oncall-token"}}
  tickets:
    azure_devops_ticket:
      url: http://$host:$tickets
      organization: shop
      project: Shop
      token: {value: "$tickets-token"}
      close_state: Done
  audit:
    webhook: {url: "http://$host:$audit/entries"}
  banner:
    qlik_banner: {tenant: "http://$host:$banner", token: {value: "$banner-token"}, automatic: false}
routes:
  - {to: [log], group_wait: 1s}
  - {to: [chat], group_wait: 2s, remind_every: 45s}
  - {to: [page], group_wait: 2s}
  - {to: [oncall], when: {critical: true, severity: ">=partial"}, after: 6s, unless: acknowledged, group_wait: 1s}
  - {to: [tickets, audit], when: {tag: ticketed}, group_wait: 1s}
"""

MORE = """\
  - name: Gift cards
    group: Shop
    tags: [web, money]
    http: {url: "http://$host:$website/", expect: [{status: 200}]}
"""
"""A service that somebody adds while the engine runs."""

WRONG = """\
  - name: Gift cards
    group: Shop
    htpp: {url: "http://$host:$website/"}
"""
"""The same, with a slip of the pen."""

NAMES = """\
  - name: Name server
    id: names
    group: Network
    tags: [network]
    dns: {name: shop.example, server: "$host:$names", protocol: tcp, expect: [192.0.2.10]}
"""
"""A service of which the check may not be installed, for it needs an extra."""

ABSENT = () if find_spec("dns") else ("names",)
"""What is not watched here, so that the script has nothing to do with it."""

EDITS: Mapping[str, str] = {"plain": "", "more": MORE, "wrong": WRONG}


def config_of(edit: str, fields: Mapping[str, str], speed: float) -> str:
    """The text of the config after an edit; its durations pass `speed` times as fast."""
    text = CONFIG.replace("$more\n", ("" if ABSENT else NAMES) + EDITS[edit])
    for name in sorted(fields, key=len, reverse=True):
        text = text.replace(f"${name}", fields[name])
    return text if speed == 1 else _DURATION.sub(lambda found: f"{float(found[1]) / speed:g}{found[2]}", text)
