"""Alerts of Gatus keep who is told, when and again, and its providers what they are sent; the rest is told."""

from __future__ import annotations

import pytest

from tests.config.imports.small import HERE, Made
from tests.config.imports.small import made as made_of
from tui_monitor.config.imports import carry_over


def made(source: str | bytes, **environ: str) -> Made:
    return made_of("gatus", source, **environ)


def one(options: str, rest: str = "") -> Made:
    return made(
        f"endpoints: [{{name: A, url: http://a.example, conditions: ['[STATUS] == 200'], {options}}}]\n{rest}"
    )


ALERTED = """\
alerting:
  slack:
    webhook-url: "https://hooks.example.com/s3cr3t"
    default-alert: {failure-threshold: 5, success-threshold: 4, description: "call the team"}
    overrides: [{group: edge, webhook-url: "https://hooks.example.com/edge"}]
  twilio: {token: s3cr3t}
  email: {from: a@example.com, password: "${MAIL}", host: mail.example.com, port: 465, to: "b@a.example, c@a.example"}
endpoints:
  - name: A
    url: http://a.example
    interval: 30s
    conditions: ["[STATUS] == 200"]
    alerts: [{type: slack}, {type: email, failure-threshold: 9, success-threshold: 4, minimum-reminder-interval: 1h}]
  - {name: B, group: edge, url: http://b.example, alerts: [{type: slack, failure-threshold: 2}]}
  - {name: C, url: http://c.example, alerts: [{type: twilio, failure-threshold: 7}]}
  - {name: D, url: http://d.example, conditions: ["[STATUS] == 200"]}
"""


def test_the_most_impatient_alert_opens_and_the_others_are_told_that_much_later():
    found = made(ALERTED)
    patience = {name: (one.patience.down_after, one.patience.up_after) for name, one in found.services.items()}
    assert patience == {"A": (5, 4), "B": (2, 4), "C": (7, 2), "D": (3, 2)}
    routes = {route.to[0]: (route.services, route.after, route.remind_every) for route in found.plan.routes}
    assert routes == {
        "slack": (("a",), 0.0, None),
        "email": (("a",), 120.0, 3600.0),
        "slack-edge": (("b",), 0.0, None),
    }
    assert {service.retry_after for service in found.plan.services} == {30.0, 60.0}, "a failure is a round of its own"
    assert found.left_at(15) == ["endpoints[2].alerts[0]: this release cannot write to twilio"]
    assert found.left_at(6) == ["alerting.twilio: this release cannot write to twilio"]
    assert found.imported.needs == ("MAIL",)


def test_one_text_of_all_alerts_is_the_text_of_the_config_and_several_are_of_their_services():
    assert made(ALERTED).data["messages"] == {"opened": "{name} is {status}: {message} (call the team)"}
    found = made(ALERTED.replace("{type: slack}", '{type: slack, description: "own {words}"}'))
    assert "messages" not in found.data
    assert found.row("A")["messages"] == {"opened": "{name} is {status}: {message} (own {{words}})"}
    assert found.row("B")["messages"] == {"opened": "{name} is {status}: {message} (call the team)"}


def test_mail_is_encrypted_as_its_port_wants_it():
    assert made(ALERTED).data["destinations"]["email"] == {
        "smtp": {
            "host": "mail.example.com",
            "port": 465,
            "security": "tls",
            "sender": "a@example.com",
            "to": ["b@a.example", "c@a.example"],
            "user": "a@example.com",
            "password": "${MAIL}",
        }
    }
    plain = made(ALERTED.replace('password: "${MAIL}", ', "").replace("465", "25"))
    assert plain.data["destinations"]["email"]["smtp"]["security"] == "none"
    usual = made(ALERTED.replace("465", "587"))
    assert usual.data["destinations"]["email"]["smtp"]["security"] == "starttls"


@pytest.mark.parametrize(
    ("alert", "reason"),
    [
        ("{type: slack, enabled: false}", "left out: it is switched off"),
        ("{type: teams}", "left out: there is no such provider under alerting, so nobody was told"),
        ("{}", "left out: there is no such provider under alerting, so nobody was told"),
        ("{type: slack, send-on-resolved: false}", "people are told of every end here"),
        ("{type: slack, provider-override: {webhook-url: x}}", "an alert goes to the place as it is"),
        ("{type: slack, failure-threshold: -1}", "is no number of looks in a row"),
        ("{type: slack, failure-threshold: some}", "is not a number"),
        ("{type: slack, minimum-reminder-interval: often}", "is not a duration"),
        ("{type: slack}, {type: slack, failure-threshold: 8}", "was told already, after 5 failures"),
        ("{type: slack}, {type: email, description: other}", "an incident has one text here"),
        ("{type: slack}, {type: email, success-threshold: 2}", "an incident ends for everybody at once"),
        ("7", "must be a mapping of keys to values"),
    ],
)
def test_alerts_that_cannot_be_as_they_were_are_told(alert: str, reason: str):
    found = made(ALERTED.replace("alerts: [{type: slack, failure-threshold: 2}]", f"alerts: [{alert}]"))
    assert any(reason in one for one in found.left_at(14)), found.left


def test_an_endpoint_without_alerts_is_told_to_nobody():
    found = made(ALERTED)
    assert not any("d" in route.services or not route.services for route in found.plan.routes)


def test_places_that_nobody_leads_to_are_kept_and_hear_nothing():
    found = made("""\
        alerting: {slack: {webhook-url: "https://hooks.example.com/x"}}
        endpoints: [{name: A, url: http://a.example, conditions: ["[STATUS] == 200"]}]
        """)
    assert found.data["routes"] == []


TEXT = {"text": "{text}"}


@pytest.mark.parametrize(
    ("provider", "hook"),
    [
        ("slack: {webhook-url: 'https://h.example/{x}'}", {"url": "https://h.example/{{x}}", "body": TEXT}),
        ("googlechat: {webhook-url: 'https://h.example/?key=a'}", {"url": "https://h.example/?key=a", "body": TEXT}),
        (
            "mattermost: {webhook-url: 'https://h.example', channel: ops, client: {insecure: true}}",
            {"url": "https://h.example", "body": {"text": "{text}", "channel": "ops"}, "verify_tls": False},
        ),
        (
            "discord: {webhook-url: 'https://h.example', message-content: '<@123>'}",
            {"url": "https://h.example", "body": {"content": "<@123> {text}"}},
        ),
        (
            "ntfy: {topic: ops, priority: 2, token: tk, disable-firebase: true}",
            {
                "url": "https://ntfy.sh",
                "headers": {"Firebase": "no"},
                "token": "tk",
                "body": {"topic": "ops", "title": "{title}", "message": "{text}", "priority": 2},
            },
        ),
        (
            "gotify: {server-url: 'https://h.example/', token: tk}",
            {
                "url": "https://h.example/message",
                "query": {"token": "tk"},
                "body": {"title": "{title}", "message": "{text}", "priority": 5},
            },
        ),
        (
            "telegram: {token: '1:a', id: '-5', topic-id: '7'}",
            {
                "url": "https://api.telegram.org/bot1:a/sendMessage",
                "body": {"chat_id": "-5", "text": "{text}", "message_thread_id": "7"},
            },
        ),
        (
            "custom: {url: 'https://h.example/[ENDPOINT_NAME]', body: '{\"t\": \"{x}: [RESULT_ERRORS]\"}'}",
            {"url": "https://h.example/{name}", "method": "GET", "body": {"t": "{{x}}: {message}"}},
        ),
        (
            "custom: {url: 'https://h.example/', method: put, headers: {A: b}, body: 'down: [ENDPOINT_URL]'}",
            {"url": "https://h.example/", "method": "PUT", "headers": {"A": "b"}, "body": "down: {url}"},
        ),
    ],
)  # fmt: skip
def test_providers_that_take_a_request(provider: str, hook: dict[str, object]):
    kind = provider.partition(":")[0]
    found = one(f"alerts: [{{type: {kind}}}]", f"alerting: {{{provider}}}")
    assert found.data["destinations"] == {kind: {"webhook": hook}}
    assert found.left == []


KEY = "0123456789abcdef0123456789abcdef"
HOOK = "https://hooks.slack.com/services/T/B/x"


@pytest.mark.parametrize(
    ("provider", "place"),
    [
        (f"slack: {{webhook-url: '{HOOK}'}}", {"slack": {"webhook_url": HOOK, "mention": []}}),
        ("slack: {webhook-url: '${HOOK}'}", {"slack": {"webhook_url": "${HOOK}", "mention": []}}),
        (f"pagerduty: {{integration-key: {KEY}}}", {"pagerduty": {"routing_key": KEY}}),
        ("pagerduty: {integration-key: '${KEY}'}", {"pagerduty": {"routing_key": "${KEY}"}}),
        ("opsgenie: {api-key: k}", {"opsgenie": {"api_key": "k"}}),
        (
            "opsgenie: {api-key: '${KEY}', priority: P3, tags: [a, b]}",
            {"opsgenie": {"api_key": "${KEY}", "priorities": {"major": "P3"}, "tags": ["a", "b"]}},
        ),
        ("teams: {webhook-url: 'https://h.example/{x}'}", {"teams": {"url": "https://h.example/{x}"}}),
        ("teams: {webhook-url: '${HOOK}'}", {"teams": {"url": "${HOOK}"}}),
        ("teams-workflows: {webhook-url: 'https://h.example/?sig=x'}", {"teams": {"url": "https://h.example/?sig=x"}}),
        ("rocketchat: {webhook-url: 'https://h.example'}", {"rocketchat": {"url": "https://h.example"}}),
        (
            "rocketchat: {webhook-url: 'https://h.example', channel: '#o', alias: a, emoji: ':x:', avatar: 'https://i.example',"
            " client: {insecure: true}}",
            {
                "rocketchat": {
                    "url": "https://h.example",
                    "channel": "#o",
                    "alias": "a",
                    "emoji": ":x:",
                    "avatar": "https://i.example",
                    "verify_tls": False,
                }
            },
        ),
    ],
)  # fmt: skip
def test_providers_that_have_a_place_of_their_own(provider: str, place: dict[str, object]):
    kind = provider.partition(":")[0]
    source = f"endpoints: [{{name: A, url: http://a.example, alerts: [{{type: {kind}}}]}}]\nalerting: {{{provider}}}"
    found = made(source, KEY=KEY, HOOK=HOOK)
    assert found.data["destinations"] == {kind: place}
    assert found.left_at(2) == []
    assert [route.to for route in found.plan.routes] == [(kind,)]
    tried = carry_over("gatus", source.encode(), "theirs.yaml", {}, HERE)
    assert not [one for one in tried.left if "alerting" in one.path], "a variable need not be set yet"


def test_what_such_a_place_has_no_option_for_is_told():
    found = one("alerts: [{type: opsgenie}]", "alerting: {opsgenie: {api-key: k, priority: high, alias-prefix: x}}")
    assert found.data["destinations"] == {"opsgenie": {"opsgenie": {"api_key": "k"}}}
    assert {one.partition(": ")[0] for one in found.left_at(2)} == {
        "alerting.opsgenie.priority",
        "alerting.opsgenie.alias-prefix",
    }


def test_each_group_has_its_own_key():
    other = KEY[::-1]
    own = f"overrides: [{{group: edge, integration-key: {other}}}]"
    rest = f"alerting: {{pagerduty: {{integration-key: {KEY}, {own}}}}}"
    found = one("group: edge, alerts: [{type: pagerduty}]", rest)
    assert found.data["destinations"]["pagerduty-edge"] == {"pagerduty": {"routing_key": other}}
    assert [route.to for route in found.plan.routes] == [("pagerduty-edge",)]


@pytest.mark.parametrize(
    "provider",
    [
        "slack: {}",
        "slack: 5",
        "ntfy: {token: x}",
        "gotify: {token: x}",
        "telegram: {id: '5'}",
        "email: {to: a@b.example}",
        "custom: {method: POST}",
        "custom: {url: 'https://[ENDPOINT_NAME].example/'}",
        "custom: {url: 'https://h.example', body: '{\"up\": [ALERT_TRIGGERED_OR_RESOLVED]}'}",
        "custom: {url: 'https://h.example', method: HEAD}",
        "slack: {webhook-url: 'no address'}",
        "opsgenie: {priority: P1}",
        "pagerduty: {integration-key: s3cr3t}",
        "pagerduty: {}",
        "teams: {title: x}",
        "rocketchat: {alias: x}",
        "twilio: {token: s3cr3t}",
    ],
)
def test_providers_that_cannot_be_taken_are_told_and_nothing_leads_there(provider: str):
    kind = provider.partition(":")[0]
    found = one(f"alerts: [{{type: {kind}}}]", f"alerting: {{{provider}}}")
    assert "destinations" not in found.data
    assert found.left_at(2)
    assert "s3cr3t" not in found.text
