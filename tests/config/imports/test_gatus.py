"""Configs of Gatus keep their meaning, and lose nothing unsaid."""

from __future__ import annotations

import pytest

from tests.config.imports.small import HERE, Made
from tests.config.imports.small import made as made_of
from tui_monitor.config.imports import carry_over
from tui_monitor.config.reader import read
from tui_monitor.core.errors import ConfigError

KINDS = """\
endpoints:
  - {name: page, url: "https://a.example/x", conditions: ["[STATUS] == 200"]}
  - name: port
    url: "tcp://a.example:6379"
    body: "PING\\r\\n"
    conditions: ["[CONNECTED] == true", "[BODY] == +PONG"]
  - {name: echo, url: "icmp://a.example", conditions: ["[CONNECTED] == true", "[RESPONSE_TIME] < 50"]}
  - name: name
    url: "192.0.2.53:53"
    dns: {query-name: a.example, query-type: NS}
    conditions: ["[BODY] == ns.a.example.", "[DNS_RCODE] == NOERROR"]
  - {name: mail, url: "starttls://a.example:587", conditions: ["[CERTIFICATE_EXPIRATION] > 48h"]}
  - {name: ldap, url: "tls://a.example:636", client: {insecure: true}, conditions: ["[CERTIFICATE_EXPIRATION] > 48h"]}
  - {name: secure, url: "tls://a.example:853", conditions: ["[CONNECTED] == true"]}
  - {name: socket, url: "wss://a.example/live", body: status, conditions: ["[BODY] == pat(*served by*)"]}
  - {name: call, url: "grpc://a.example:50051", conditions: ["[CONNECTED] == true", "[BODY].status == SERVING"]}
  - {name: calls, url: "grpcs://a.example:443", conditions: ["[CONNECTED] == true"]}
  - {name: shell, url: "ssh://a.example", conditions: ["[CONNECTED] == true", "[STATUS] == 0"]}
"""


def made(source: str | bytes, **environ: str) -> Made:
    return made_of("gatus", source, **environ)


def one(options: str, rest: str = "") -> Made:
    return made(
        f"endpoints: [{{name: A, url: http://a.example, conditions: ['[STATUS] == 200'], {options}}}]\n{rest}"
    )


# -- kinds ----------------------------------------------------------------------------------------------------------


def test_each_kind_of_endpoint_becomes_the_check_that_looks_like_it():
    found = made(KINDS)
    assert found.left == []
    checks = {
        row["name"]: {key: row[key] for key in row.keys() - {"name", "every"}} for row in found.data["services"]
    }
    assert checks == {
        "page": {"http": {"url": "https://a.example/x", "expect": [{"status": 200}]}},
        "port": {"tcp": {"host": "a.example", "port": 6379, "send": "PING\r\n", "matches": r"\A\s*\+PONG\s*\Z"}},
        "echo": {"ping": {"host": "a.example", "count": 1, "latency": "50ms"}},
        "name": {"dns": {"name": "a.example", "type": "NS", "server": "192.0.2.53", "expect": ["ns.a.example."]}},
        "mail": {"certificate": {"host": "a.example", "port": 587, "starttls": "smtp", "days": [2]}},
        "ldap": {
            "certificate": {
                "host": "a.example", "port": 636, "verify_chain": False, "check_name": False, "days": [2]
            }
        },
        "secure": {"tcp": {"host": "a.example", "port": 853, "tls": True}},
        "socket": {"websocket": {"url": "wss://a.example/live", "send": "status", "matches": "served by"}},
        "call": {"grpc": {"host": "a.example", "port": 50051}},
        "calls": {"grpc": {"host": "a.example", "port": 443, "tls": True}},
        "shell": {"tcp": {"host": "a.example", "port": 22, "matches": "^SSH-"}},
    }  # fmt: skip
    assert {service.every for service in found.plan.services} == {60.0}


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("udp://a.example:53", "no check of this release looks at udp"),
        ("sctp://a.example:1", "no check of this release looks at sctp"),
        ("a.example", "no check of this release looks at an address without a scheme"),
        ("tcp://a.example", "its address has no host, or no port"),
        ("tcp://a.example:x", "its address has no host, or no port"),
        ("tcp://:1", "its address has no host, or no port"),
        ("''", "it has no url"),
    ],
)
def test_what_no_check_looks_at_is_left_out_and_told(url: str, reason: str):
    found = made(f"""\
        endpoints:
          - {{name: A, url: http://a.example, conditions: ["[STATUS] == 200"]}}
          - {{name: B, url: {url}, conditions: ["[CONNECTED] == true"], alerts: [{{type: slack}}]}}
        """)
    assert list(found.services) == ["A"]
    assert f"endpoints[1]: left out: {reason}" in found.left_at(3)
    assert "B (line 3)" in found.text.replace("endpoints[1]: ", "")


def test_nobody_logs_in_over_ssh_and_that_is_said_without_the_password():
    found = made("""\
        endpoints:
          - name: A
            url: ssh://a.example:2222
            ssh: {username: me, password: s3cr3t}
            body: '{"command": "uptime"}'
            conditions: ["[CONNECTED] == true", "[STATUS] == 0", "[BODY] == up"]
        """)
    assert found.row("A")["tcp"] == {"host": "a.example", "port": 2222, "matches": "^SSH-"}
    assert [line.partition(":")[0] for line in found.left] == ["4", "4", "5", "6"]
    assert "s3cr3t" not in found.text + "".join(map(str, found.imported.left))


def test_a_domain_is_a_service_of_its_own():
    found = made("""\
        endpoints:
          - name: A
            group: core
            url: https://a.example/
            interval: 1h
            conditions: ["[STATUS] == 200", "[DOMAIN_EXPIRATION] > 720h", "[CERTIFICATE_EXPIRATION] > 240h"]
        """)
    assert found.row("A: domain") == {
        "name": "A: domain",
        "group": "core",
        "domain": {"name": "a.example", "days": [30]},
    }
    assert found.row("A")["http"]["expect"][1] == {"certificate_days": 10, "otherwise": "major"}
    assert found.left == []


def test_requests_are_sent_as_they_were():
    found = one(
        "method: post, headers: {A: b}, graphql: true, body: '{ users [ENDPOINT_NAME] }', "
        "client: {insecure: true, ignore-redirect: true, timeout: 5s}"
    )
    http = found.row("A")["http"]
    assert http["method"] == "POST"
    assert http["headers"] == {"A": "b", "Content-Type": "application/json"}
    assert http["body"] == '{"query": "{ users A }"}'
    assert (http["verify_tls"], http["redirects"]) == (False, "none")
    assert found.services["A"].timeout == 5.0
    assert found.left == []


def test_what_changes_from_look_to_look_is_not_put_into_a_body_and_that_is_said():
    found = one("body: 'x [RANDOM_STRING_5]'")
    assert found.row("A")["http"]["body"] == "x [RANDOM_STRING_5]"
    assert "is sent as it stands" in found.left[0]


def test_a_certificate_of_a_client_that_is_not_there_is_told_and_the_service_kept():
    found = one("client: {tls: {certificate-file: /none/a.pem, private-key-file: /none/a.key, renegotiation: once}}")
    assert "client_certificate" not in found.row("A")["http"]
    assert any("cannot be read" in one for one in found.left)
    assert any("renegotiation" in one for one in found.left)


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ("client: {oauth2: {client-secret: s3cr3t}}", "client.oauth2"),
        ("client: {dns-resolver: 'tcp://8.8.8.8:53'}", "client.dns-resolver"),
        ("client: {network: ip6}", "client.network"),
        ("client: {timeout: soon}", "client.timeout"),
        ("client: {timeout: 0s}", "client.timeout"),
        ("interval: 30", "interval"),
        ("interval: -5m", "interval"),
        ("interval: [5m]", "interval"),
        ("ui: {hide-url: true}", "ui"),
        ("extra-labels: {a: b}", "extra-labels"),
        ("dns: {query-type: A}", ""),
        ("wrong: 1", "wrong"),
    ],
)
def test_every_option_is_carried_over_or_told(options: str, path: str):
    rest = "  - {name: B, url: http://b.example, conditions: ['[STATUS] == 200']}\n"
    line = f"  - {{name: A, url: http://a.example, conditions: ['[STATUS] == 200'], {options}}}\n"
    found = made(f"endpoints:\n{line}{rest}")
    assert any(one.startswith(f"endpoints[0].{path}".rstrip(".")) for one in found.left_at(2))
    assert "s3cr3t" not in found.text
    if path == "interval":
        assert found.services["A"].every == 60.0


def test_a_number_without_a_unit_is_nanoseconds_there_and_that_is_said():
    assert one("interval: 30").left_at(1) == [
        "endpoints[0].interval: has no unit, so it is a number of nanoseconds there"
    ]


# -- signs of life, planned work, the rest --------------------------------------------------------------------------


def test_an_external_endpoint_waits_for_signs_as_long_as_its_alerts_did():
    found = made("""\
        alerting: {slack: {webhook-url: "https://hooks.example.com/x"}}
        external-endpoints:
          - {name: job, group: core, token: s3cr3t, heartbeat: {interval: 30m}, alerts: [{type: slack}]}
          - {name: mute, token: s3cr3t, heartbeat: {interval: 1h}}
          - {name: pushed, token: s3cr3t}
          - {name: off, enabled: false, token: s3cr3t, heartbeat: {interval: 1h}}
        """)
    assert found.row("job") == {"name": "job", "group": "core", "heartbeat": {"period": "30m", "grace": "1h"}}
    assert found.row("mute")["heartbeat"] == {"period": "1h", "grace": "0s"}
    assert "tui-monitor ping 'job'" in found.text
    assert "s3cr3t" not in found.text
    assert "left out: it has no heartbeat interval" in found.left_at(5)[0]
    assert "left out: it is switched off" in found.left_at(6)[0]
    assert [route.services for route in found.plan.routes] == [("job",)]


def test_maintenance_is_planned_work_in_its_zone():
    found = one(
        "maintenance-windows: [{start: '07:30', duration: 40m, timezone: Europe/Berlin}]",
        "maintenance: {start: 23:00, duration: 1h, timezone: Europe/Amsterdam, every: [Monday, Thursday]}",
    )
    assert found.data["maintenance"] == [
        {"services": ["A"], "cron": "30 7 * * *", "lasts": "40m", "timezone": "Europe/Berlin"},
        {"cron": "0 23 * * MON,THU", "lasts": "1h", "timezone": "Europe/Amsterdam"},
    ]
    assert found.left == []
    assert one("", "maintenance: {start: 23:00, duration: 1h}").data["maintenance"][0]["timezone"] == "UTC"


@pytest.mark.parametrize(
    "window",
    [
        "{enabled: false, start: 23:00, duration: 1h}",
        "{start: 25:00, duration: 1h}",
        "{duration: 1h}",
        "{start: 23:00}",
        "{start: 23:00, duration: 1h, every: [Mon]}",
        "{start: 23:00, duration: 1h, timezone: Mars/Base}",
        "5",
    ],
)
def test_maintenance_that_cannot_be_is_told_and_nothing_is_planned(window: str):
    found = one("", f"maintenance: {window}")
    assert "maintenance" not in found.data
    assert found.left_at(2)


def test_a_service_that_goes_takes_its_planned_work_along_and_widens_none():
    found = made("""\
        endpoints:
          - {name: A, url: http://a.example, conditions: ["[STATUS] == 200"]}
          - {name: B, url: "http://b b", maintenance-windows: [{start: "07:30", duration: 4m}]}
        """)
    assert list(found.services) == ["A"]
    assert "maintenance" not in found.data


def test_a_service_that_goes_takes_nothing_from_the_one_behind_it():
    found = made("""\
        endpoints:
          - {name: A, group: "\u200e", url: "http://b b", conditions: ["[STATUS] == 200"]}
          - {name: B, group: core, url: "http://b.example", conditions: ["[STATUS] == 200"]}
        """)
    assert [(one.name, one.group) for one in found.plan.services] == [("B", "core")]


def test_sections_that_have_no_meaning_here_are_told():
    found = one(
        "",
        "ui: {title: Ours, header: H}\nconcurrency: 5\nconnectivity: {checker: {target: 192.0.2.1:53, interval: 9s}}"
        "\nmetrics: true\nstorage: {type: postgres, path: 'postgres://u:s3cr3t@h/d'}\nweb: {port: 1}\n"
        "suites: [{name: s}]\nsecurity: {basic: {username: u}}\nremote: {}\nannouncements: []\ntunneling: {}\n"
        "nonsense: 1\n",
    )
    assert found.data["board"] == {"title": "Ours"}
    assert found.data["engine"] == {"concurrency": 5}
    assert found.data["network_guard"] == {"targets": ["tcp://192.0.2.1:53"]}
    told = {one.partition(": ")[2].partition(":")[0] for one in found.left}
    assert told == {
        "ui.header", "connectivity.checker.interval", "metrics", "storage", "web", "suites", "security", "remote",
        "announcements", "tunneling", "nonsense",
    }  # fmt: skip
    assert "s3cr3t" not in found.text


# -- variables ------------------------------------------------------------------------------------------------------


def test_variables_stay_variables_and_two_dollars_are_one():
    found = made("""\
        endpoints:
          - name: A
            url: "https://${HOST}/$PATH_OF"
            headers: {Authorization: "Bearer $TOKEN", X-Price: "5$$", X-Raw: "$${RAW}"}
            interval: ${EVERY}
            conditions: ["[STATUS] == 200", "[BODY].version == $VERSION"]
        """)
    row = found.row("A")
    assert row["http"]["url"] == "https://${HOST}/${PATH_OF}"
    assert row["http"]["headers"] == {"Authorization": "Bearer ${TOKEN}", "X-Price": "5$", "X-Raw": "$${RAW}"}
    assert row["every"] == "${EVERY}"
    assert row["http"]["expect"][1]["equals"] == "${VERSION}"
    assert set(found.imported.needs) == {"HOST", "PATH_OF", "TOKEN", "EVERY", "VERSION"}
    environ = {"HOST": "a.example", "PATH_OF": "x", "TOKEN": "t", "EVERY": "90s", "VERSION": "7"}
    service = read(found.text, "c", environ, HERE).services[0]
    assert service.every == 90.0
    assert service.check.request.place.host == "a.example"


def test_a_whole_address_may_be_a_variable():
    source = "endpoints: [{name: A, url: '${WHERE}', conditions: ['[STATUS] == 200']}]"
    assert carry_over("gatus", source.encode(), "x", {}, HERE).needs == ("WHERE",)
    found = made(source, WHERE="http://a.example")
    assert found.row("A")["http"]["url"] == "${WHERE}"
    assert "since it stands in a variable" in found.text


def test_what_only_looks_like_a_variable_is_told():
    found = one("headers: {A: '${NAME:-usual}', $KEY: b}")
    assert found.row("A")["http"]["headers"] == {"A": ""}
    assert ": ${NAME:-usual} is nothing there, so it is nothing here" in found.left_at(1)
    assert any("a variable can stand in a value here, not in a name" in one for one in found.left_at(1))


def test_merges_of_anchors_are_written_out():
    found = made("""\
        usual: &usual {group: core, interval: 5m, client: {timeout: 2s}}
        endpoints:
          - {<<: *usual, name: A, url: http://a.example, conditions: ["[STATUS] == 200"]}
          - {<<: *usual, name: B, interval: 1m, url: http://b.example, conditions: ["[STATUS] == 200"]}
        """)
    assert [(one.group, one.every, one.timeout) for one in found.plan.services] == [
        ("core", 300.0, 2.0),
        ("core", 60.0, 2.0),
    ]
    assert found.left == ["1: usual: Gatus has no such option"]


def test_the_same_name_in_two_groups_is_told_apart_by_the_group():
    row = 'conditions: ["[STATUS] == 200"]'
    found = made(f"""\
        endpoints:
          - {{name: front, group: core, url: http://a.example, {row}}}
          - {{name: front, group: edge, url: http://b.example, {row}}}
          - {{name: front, url: http://c.example, {row}}}
        """)
    assert list(found.services) == ["front", "front (edge)", "front 2"]


def test_endpoints_of_the_oldest_versions_are_called_services():
    found = made("services: [{name: A, url: http://a.example, insecure: true, conditions: ['[STATUS] == 200']}]")
    assert found.row("A")["http"]["verify_tls"] is False
    assert found.left == []


def test_an_endpoint_without_conditions_expects_nothing():
    assert made("endpoints: [{name: A, url: http://a.example}]").row("A")["http"]["expect"] == [{"status": "100-999"}]


@pytest.mark.parametrize(
    "source", ["endpoints: []", "endpoints: [{name: A, url: 'udp://a:1'}]", "suites: [{name: s}]"]
)
def test_a_source_with_nothing_to_look_at_is_refused_and_says_why(source: str):
    with pytest.raises(ConfigError, match="there is nothing in it that could be looked at here"):
        made(source)


def test_a_config_of_another_monitor_is_asked_whether_it_is_one():
    with pytest.raises(ConfigError) as caught:
        made_of("gatus", "interval: 10\nservices:\n  - {name: A, url: http://a.example, critical: true}\n")
    assert "is this a config of Gatus?" in str(caught.value)
