"""Configs of cachet-url-monitor keep their meaning, and lose nothing unsaid."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.imports.small import Made, answer, verdict
from tests.config.imports.small import made as made_of
from tui_monitor.core.errors import ConfigError
from tui_monitor.destinations.craft.posting import plain

FULL = """\
endpoints:
  - name: Shop
    url: http://shop.example.com/start
    method: GET
    header:
      X-Probe: yes
    timeout: 0.25 # seconds
    expectation:
      - type: HTTP_STATUS
        status_range: 200-206
        incident: MAJOR
      - type: LATENCY
        threshold: 0.5
      - type: REGEX
        regex: ".*<main>.*"
        threshold: 10
    allowed_fails: 2
    component_id: 7
    metric_id: 8
    action:
      - CREATE_INCIDENT
      - UPDATE_STATUS
    public_incidents: true
    latency_unit: ms
    frequency: 30
  - name: Intranet
    url: intranet.example.com
    method: post
    insecure: true
    timeout: 1
    expectation:
      - type: HTTP_STATUS
        status_range: 204
    allowed_fails: 0
    component_id: 9
    action: [UPDATE_STATUS]
    public_incidents: false
    frequency: 5
cachet:
  api_url: https://status.example.com/api/v1
  token:
    - type: ENVIRONMENT_VARIABLE
      value: CACHET_TOKEN
    - type: AWS_SECRETS_MANAGER
      secret_name: status
      secret_key: token
      region: eu-west-1
    - type: TOKEN
      value: s3cr3t-token
webhooks:
  - url: "https://push.example.com/message?token=s3cr3t-push"
    params:
      title: "{title}"
      message: "{message}"
      priority: 5
messages:
  incident_outage: "{name} is gone"
  incident_operational: "{name} is back"
  incident_performance: "{name} is slow"
"""
"""Every option that the program documents, in its own format."""


def made(source: str | bytes, **environ: str) -> Made:
    return made_of("cachet-url-monitor", source, **environ)


def one(options: str = "", expectation: str = "", **more: str) -> Made:
    """One endpoint with these options."""
    body = expectation or "[{type: HTTP_STATUS, status_range: 200-300}]"
    return made(
        f"endpoints: [{{name: A, url: http://a.example, expectation: {body}{options and ', ' + options}}}]", **more
    )


def test_every_documented_option_is_carried_over_or_told():
    found = made(FULL)
    shop, intranet = found.services["Shop"], found.services["Intranet"]
    assert (shop.every, shop.timeout, shop.patience.down_after, shop.patience.up_after) == (30.0, 0.25, 3, 1)
    assert shop.retry_after == 30.0
    assert (intranet.every, intranet.timeout, intranet.patience.down_after) == (5.0, 1.0, 1)
    assert {shop.unreachable.value, intranet.unreachable.value} == {"partial"}
    assert found.row("Shop")["http"] == {
        "url": "http://shop.example.com/start",
        "headers": {"X-Probe": "yes"},
        "expect": [{"status": "200-205"}, {"latency": "500ms"}, {"body_matches": r"(?s)\A.*<main>.*"}],
    }
    assert found.row("Intranet")["http"] == {
        "url": "http://intranet.example.com",
        "method": "POST",
        "verify_tls": False,
        "expect": [{"status": 204, "otherwise": "partial"}],
    }
    assert found.data["messages"] == {"opened": "{name} is gone", "resolved": "{name} is back"}
    assert found.data["destinations"] == {
        "webhook": {
            "webhook": {
                "url": "https://push.example.com/message?token=s3cr3t-push",
                "query": {"title": "{title}", "message": "{message}", "priority": "5"},
                "body": "",
            }
        },
        "cachet": {
            "cachet": {
                "url": "https://status.example.com/api/v1",
                "token": [
                    {"env": "CACHET_TOKEN"},
                    {"aws_secrets_manager": {"secret": "status", "key": "token", "region": "eu-west-1"}},
                    {"value": "s3cr3t-token"},
                ],
            }
        },
    }
    assert found.data["routes"] == [{"when": {"services": ["Shop"]}, "to": ["webhook"]}, {"to": ["cachet"]}]


def test_what_was_shown_at_cachet_is_shown_there_again():
    found = made(FULL)
    assert found.row("Shop")["publish"] == {
        "cachet": {"component": 7, "actions": ["create_incident", "update_status"]}
    }
    assert found.row("Intranet")["publish"] == {
        "cachet": {"component": 9, "actions": ["update_status"], "public": False}
    }
    assert found.services["Intranet"].publish["cachet"].public is False
    assert found.left_at(19) == ["endpoints[0].metric_id: no metric was written without the action PUSH_METRICS"]
    assert found.imported.needs == ("CACHET_TOKEN",)
    assert "s3cr3t" not in "".join(map(str, found.imported.left))


def test_what_else_is_lost_is_told_too():
    found = made(FULL)
    assert found.left_at(16) == [
        "endpoints[0].expectation[2].threshold: an expectation of the type REGEX has no such option"
    ]
    assert found.left_at(59) == [
        "messages.incident_performance: an incident has one text here, which may hold {status}"
    ]
    assert len(found.left) == 4


@given(st.integers(0, 1200), st.integers(0, 1200), st.sampled_from([None, "PARTIAL", "MAJOR", "PERFORMANCE"]))
def test_a_range_leaves_its_upper_end_out_and_means_the_same_for_every_status(
    low: int, high: int, incident: str | None
):
    told = f", incident: {incident}" if incident else ""
    found = one(expectation=f"[{{type: HTTP_STATUS, status_range: {low}-{high}{told}}}]")
    missed = {None: "partial", "PARTIAL": "partial", "MAJOR": "major", "PERFORMANCE": "degraded"}[incident]
    expect = found.services["A"].check.expect
    for code in {100, 199, 200, 205, 206, 299, 300, 999, low, low - 1, high, high - 1} & set(range(100, 1000)):
        theirs = "operational" if low <= code < high else missed
        if found.left_at(1):
            assert not any(low <= code < high for code in range(100, 1000))
            theirs = "operational"  # what was never met is not expected, and that is told
        assert verdict(expect, answer(code)) == theirs


@pytest.mark.parametrize(
    ("written", "status"),
    [("200", 200), ("'200'", 200), ("200-201", 200), ("' 200 - 300 '", "200-299"), ("200-300-400", "200-299"),
     ("0-9999", "100-999")],
)  # fmt: skip
def test_ranges_in_all_their_spellings(written: str, status: object):
    assert one(expectation=f"[{{type: HTTP_STATUS, status_range: {written}}}]").row("A")["http"]["expect"] == [
        {"status": status, "otherwise": "partial"}
    ]


def test_the_status_of_the_oldest_versions_is_one_status():
    found = one(expectation="[{type: HTTP_STATUS, status: 200}]")
    assert found.row("A")["http"]["expect"] == [{"status": 200, "otherwise": "partial"}]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("200-200", "holds no status, so that the service was never well"),
        ("300-200", "holds no status, so that the service was never well"),
        ("2xx", "is not a range of statuses"),
        ("200-", "is not a range of statuses"),
        ("[200]", "must be a text"),
    ],
)
def test_a_range_that_holds_nothing_is_told_and_no_status_is_expected_instead(written: str, reason: str):
    found = one(expectation=f"[{{type: HTTP_STATUS, status_range: {written}}}, {{type: LATENCY, threshold: 1}}]")
    assert found.row("A")["http"]["expect"] == [{"status": "100-999"}, {"latency": "1s"}]
    assert f"endpoints[0].expectation[0].status_range: {reason}" in found.left_at(1)
    assert verdict(found.services["A"].check.expect, answer(500)) == "operational"


def test_where_no_status_is_expected_any_is_good_as_it_was():
    found = one(expectation="[{type: LATENCY, threshold: 1}]")
    assert verdict(found.services["A"].check.expect, answer(503)) == "operational"
    assert "any status is good: nothing was said of it there" in found.text


@given(st.floats(0.001, 1000, allow_nan=False))
def test_a_latency_is_in_seconds_and_its_bound_is_within(seconds: float):
    found = one(expectation=f"[{{type: LATENCY, threshold: {seconds!r}}}]")
    (limit,) = [expect.latency for expect in found.services["A"].check.expect if expect.latency is not None]
    assert limit == pytest.approx(seconds, rel=1e-12)


def test_half_a_second_is_not_501_milliseconds():
    expect = one(expectation="[{type: LATENCY, threshold: 0.5}]").services["A"].check.expect
    assert verdict(expect, answer(took=0.499)) == "operational"
    assert verdict(expect, answer(took=0.5)) == "operational"
    assert verdict(expect, answer(took=0.501)) == "degraded"


@pytest.mark.parametrize("incident", ["PARTIAL", "MAJOR", "PERFORMANCE"])
@pytest.mark.parametrize(
    "expectation",
    ["type: HTTP_STATUS, status_range: 200-201", "type: LATENCY, threshold: 0.01", "type: REGEX, regex: ok"],
)
def test_each_expectation_means_the_incident_that_it_names(incident: str, expectation: str):
    found = one(expectation=f"[{{{expectation}, incident: {incident}}}]")
    ours = {"PARTIAL": "partial", "MAJOR": "major", "PERFORMANCE": "degraded"}[incident]
    assert verdict(found.services["A"].check.expect, answer(500, b"no", took=9)) == ours


def test_the_worst_of_several_expectations_wins():
    found = one(
        expectation="[{type: LATENCY, threshold: 0.01}, {type: REGEX, regex: ok, incident: MAJOR}, "
        "{type: HTTP_STATUS, status_range: 200-300}]"
    )
    assert verdict(found.services["A"].check.expect, answer(500, b"no", took=9)) == "major"
    assert verdict(found.services["A"].check.expect, answer(500, b"ok", took=9)) == "partial"


@pytest.mark.parametrize(
    ("pattern", "body"),
    [(".*<b>.*", "a\n<b>\nc"), ("ok", "not ok"), ("ok", "ok then"), ("a|b", "xb"), ("^b", "a\nb"), ("(?i)OK", "ok")],
)
def test_a_pattern_begins_where_the_body_does(pattern: str, body: str):
    found = one(expectation=f"[{{type: REGEX, regex: '{pattern}'}}]")
    met = re.compile(pattern, re.UNICODE | re.DOTALL).match(body) is not None
    said = verdict(found.services["A"].check.expect, answer(body=body.encode()))
    assert said == ("operational" if met else "partial")


@pytest.mark.parametrize(("allowed", "down_after"), [("0", 1), ("1", 2), ("'3'", 4), ("1.5", 2), ("-1", 1), ("~", 1)])
def test_the_failures_that_are_allowed_are_borne(allowed: str, down_after: int):
    found = one(f"allowed_fails: {allowed}, frequency: 45")
    assert found.services["A"].patience.down_after == down_after
    assert found.services["A"].retry_after == (45.0 if down_after > 1 else 2.0)
    assert found.left == []


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("frequency: 0", "endpoints[0].frequency: must be above zero here"),
        ("frequency: -5", "endpoints[0].frequency: must be above zero here"),
        ("frequency: soon", "endpoints[0].frequency: is not a number"),
        ("frequency: [5]", "endpoints[0].frequency: must be a text"),
        ("timeout: 1e30", "endpoints[0].timeout: is more than a hundred years"),
        ("timeout: -1", "endpoints[0].timeout: must be above zero here"),
        ("allowed_fails: many", "endpoints[0].allowed_fails: is not a number"),
        ("insecure: perhaps", "endpoints[0].insecure: is neither true nor false"),
        ("header: [a]", "endpoints[0].header: must be a mapping of keys to values"),
        ("header: {A: {b: c}}", "endpoints[0].header.A: must be a text"),
        ("retries: 3", "endpoints[0].retries: cachet-url-monitor has no such option"),
    ],
)
def test_what_cannot_be_is_told_and_the_rest_is_kept(options: str, reason: str):
    found = one(options)
    assert reason in found.left_at(1)
    assert found.services["A"].check.request.place.host == "a.example"


@pytest.mark.parametrize(
    ("expectation", "reason"),
    [
        ("[{type: DNS}]", "there is no expectation of the type DNS"),
        ("[{}]", "there is no expectation of the type that is missing"),
        ("[{type: REGEX, regex: '('}]", "cannot be carried over: it is no pattern"),
        ("[{type: LATENCY, threshold: 0}]", "must be above zero here"),
        ("[{type: LATENCY, threshold: 1, incident: SLOW}]", "is no incident that it knows: it meant degraded"),
        ("[1]", "must be a mapping of keys to values"),
        ("{type: LATENCY}", "must be a list"),
    ],
)
def test_expectations_that_are_none_are_told(expectation: str, reason: str):
    assert any(reason in one for one in one_left(expectation))


def one_left(expectation: str) -> list[str]:
    return one(expectation=expectation).left_at(1)


def test_connections_that_fail_are_partial_and_the_difference_of_those_that_time_out_is_said():
    found = one()
    assert found.services["A"].unreachable.value == "partial"
    words = " ".join(found.text.replace("#", " ").split())
    assert "one that timed out was a performance issue (here: degraded)" in words


def test_the_single_endpoint_of_older_versions():
    found = made("""\
        endpoint:
          url: http://a.example/health
          method: GET
          timeout: 2
          expectation:
            - type: HTTP_STATUS
              status_range: 200-300
          allowed_fails: 1
        cachet:
          api_url: http://status.example/api/v1
          token: s3cr3t
          component_id: 1
          metric_id: 2
          action:
            - CREATE_INCIDENT
          public_incidents: true
          latency_unit: ms
        frequency: 20
        webhooks:
          - url: http://hook.example/
        """)
    service = found.services["a.example"]
    assert (service.every, service.timeout, service.patience.down_after) == (20.0, 2.0, 2)
    assert found.data["routes"] == [{"to": ["webhook"]}, {"to": ["cachet"]}]
    assert found.row("a.example")["publish"] == {"cachet": {"component": 1, "actions": ["create_incident"]}}
    assert found.left_at(18) == []
    assert found.data["destinations"]["cachet"] == {
        "cachet": {"url": "http://status.example/api/v1", "token": "s3cr3t"}
    }


def test_endpoints_as_a_mapping_are_called_by_their_keys():
    found = made("""\
        endpoints:
          Shop: {url: http://a.example, expectation: [{type: HTTP_STATUS, status_range: 200-300}]}
          Other: {name: Named, url: http://b.example, expectation: [{type: HTTP_STATUS, status_range: 200-300}]}
        """)
    assert list(found.services) == ["Shop", "Named"]


def test_names_that_are_the_same_or_make_the_same_id_are_told_apart():
    row = "url: http://a.example, expectation: [{type: HTTP_STATUS, status_range: 200-300}]"
    names = ("Shop", "Shop", "shop!", "Bücher", "☃", "☃")
    found = made("endpoints:\n" + "".join(f"  - {{name: '{name}', {row}}}\n" for name in names))
    assert list(found.services) == ["Shop", "Shop 2", "shop!", "Bücher", "☃", "☃ 2"]
    assert len({service.id for service in found.plan.services}) == 6
    assert "# called Shop there" in found.text


def test_webhooks_may_hold_title_and_message_and_nothing_else():
    found = made("""\
        endpoints:
          - {name: A, url: http://a.example, action: [CREATE_INCIDENT]}
        webhooks:
          - {url: "https://a.example/{title}/{{raw}}", params: {t: "{title:>9}", m: "{message}", n: "{name}"}}
          - {url: "https://{title}.example/"}
          - {params: {a: b}}
          - {url: "https://b.example/{0}"}
        """)
    assert found.data["destinations"] == {
        "webhook": {"webhook": {"url": "https://a.example/{title}/{{raw}}", "query": {"m": "{message}"}, "body": ""}}
    }
    assert found.data["routes"] == [{"to": ["webhook"]}]
    assert len(found.left_at(4)) == 2
    assert any("url must have no field in its scheme or host" in one for one in found.left_at(5))
    assert found.left_at(6) == ["webhooks[2]: left out: it has no url that could be taken"]
    assert "webhooks[3]: left out: it has no url that could be taken" in found.left_at(7)


def test_webhooks_that_were_never_called_are_kept_and_nothing_leads_there():
    found = made("""\
        endpoints:
          - {name: A, url: http://a.example, action: [UPDATE_STATUS]}
        webhooks:
          - {url: "https://a.example/"}
        """)
    assert found.data["routes"] == []
    assert found.plan.routes == ()
    assert any("were never called" in one for one in found.left_at(3))


def test_texts_may_show_any_option_of_their_endpoint():
    found = made("""\
        endpoints:
          - {name: A, url: http://a.example, method: GET, component_id: 4, header: {B: c}}
          - {name: B, url: http://b.example, method: GET}
        messages:
          incident_outage: "{name} ({component_id}) at {url} {{raw}}"
          incident_operational: "{header[B]} is back"
          incident_maintenance: "?"
        """)
    assert found.row("A")["messages"] == {"opened": "{name} (4) at {url} {{raw}}"}
    assert "messages" not in found.row("B")
    assert found.left_at(5) == ["messages.incident_outage: the endpoint has no text under component_id"]
    assert found.left_at(6) == ["messages.incident_operational: holds more than plain {fields}"]
    assert found.left_at(7) == ["messages.incident_maintenance: cachet-url-monitor has no such option"]


def test_variables_mean_nothing_there_and_nothing_here():
    found = one("header: {A: '${HOME} $HOME $${x}'}", HOME="/root")
    assert plain(found.services["A"].check.headers["A"]) == "${HOME} $HOME $${x}"


def test_an_address_with_a_user_logs_in():
    row = made("endpoints: [{name: A, url: 'http://me:p%40ss@a.example:81/x?y=z'}]").row("A")["http"]
    assert row["url"] == "http://a.example:81/x?y=z"
    assert row["auth"] == {"basic": {"user": "me", "password": "p@ss"}}


def test_anchors_merges_twins_and_a_byte_order_mark():
    found = made(
        b"\xef\xbb\xbfdefaults: &d {method: HEAD, frequency: 9}\n"
        b"endpoints:\n"
        b"  - {<<: *d, name: A, url: http://a.example, frequency: 7}\n"
        b"  - {<<: *d, name: B, url: http://b.example, url: http://c.example}\n"
    )
    assert (found.services["A"].every, found.services["B"].every) == (7.0, 9.0)
    assert found.row("A")["http"]["method"] == "HEAD"
    assert found.row("B")["http"]["url"] == "http://c.example"
    assert found.left_at(4) == [": the key 'url' stands twice: first on line 4; the last one counts"]
    assert found.left_at(1) == ["defaults: cachet-url-monitor has no such option"]


def test_utf_16_is_read_as_well():
    assert made("endpoints: [{name: Bücher, url: http://a.example}]".encode("utf-16")).services["Bücher"]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (b"", "theirs.yaml:1:1: is empty"),
        (b"# nothing\n", "theirs.yaml:1:1: is empty"),
        (b"- a\n", "theirs.yaml:1:1: is not a mapping of sections"),
        (b"just words\n", "theirs.yaml:1:1: is not a mapping of sections"),
        (b"endpoints:\n\t- a\n", "theirs.yaml:2:1: not YAML: a tab is used to indent; YAML wants blanks"),
        (b"a: 1\n---\nb: 2\n", "theirs.yaml:2:1: a second document begins here: a config is one document"),
        (b"a: \xff\n", "theirs.yaml:1: is not UTF-8 text"),
        (b"\xff\xfea\x00\xd8", "theirs.yaml:1: is not UTF-16 text"),
        (b"a: *b\n", "theirs.yaml:1:4: the alias *b names an anchor that is not above it"),
        (b"a: " + b"[" * 60, "theirs.yaml:1:53: nested deeper than 50 levels"),
        (b"#" * (8 * 1024 * 1024 + 1), "theirs.yaml: is larger than 8 MB"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(source: bytes, problem: str):
    with pytest.raises(ConfigError) as caught:
        made(source)
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    "source", ["a: 1", "endpoints: []", "endpoints: [{name: A}]", "endpoints: 5", "endpoint: [1]"]
)
def test_a_source_with_nothing_to_look_at_is_refused_and_says_why(source: str):
    with pytest.raises(ConfigError, match="there is nothing in it that could be looked at here"):
        made(source)
