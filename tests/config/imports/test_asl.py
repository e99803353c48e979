"""Configs of the ASL monitor keep their meaning, and lose nothing unsaid."""

from __future__ import annotations

import pytest

from tests.config.imports.small import Made, answer, verdict
from tests.config.imports.small import made as made_of

FULL = """\
# what is watched
services:
  - name: "Orders"
    url: "https://orders.example.com/health"
    method: "get"
    expected_status: 204
    timeout: 3
    critical: true
  - name: "Intranet"
    url: "https://intranet.example.com/ping"
    critical: false
monitoring:
  check_interval: 15
  failure_threshold: 4
  default_timeout: 8
slack:
  channel: "#alerts"
  enabled: true
  mention_channel: true
logging:
  level: "DEBUG"
  file: "logs/monitoring.log"
  incidents_dir: "incidents"
"""


def made(source: str, **environ: str) -> Made:
    return made_of("asl", source, **environ)


def one(options: str = "") -> Made:
    return made(f"services: [{{name: A, url: http://a.example{options and ', ' + options}}}]")


def test_every_documented_option_is_carried_over_or_told():
    found = made(FULL)
    orders, intranet = found.services["Orders"], found.services["Intranet"]
    assert (orders.every, orders.timeout, orders.critical) == (15.0, 3.0, True)
    assert (intranet.every, intranet.timeout, intranet.critical) == (15.0, 8.0, False)
    assert (orders.patience.down_after, orders.patience.up_after, orders.retry_after) == (4, 1, 15.0)
    assert orders.unreachable.value == "major"
    assert [row["http"]["expect"] for row in found.data["services"]] == [[{"status": 204}], [{"status": 200}]]
    assert found.data["destinations"] == {
        "files": {"json_files": {"path": "incidents"}},
        "slack": {"slack": {"token": "${SLACK_BOT_TOKEN}", "channel": "#alerts"}},
    }
    assert found.data["routes"] == [{"to": ["files"]}, {"to": ["slack"]}]
    assert found.data["engine"] == {"log_level": "debug"}
    assert found.left == [
        "22: logging.file: the log is kept in the folder for logs of this program",
    ]


def test_slack_calls_the_channel_for_critical_services_only_where_it_did():
    found = made("services: [{name: A, url: http://a.example}]\nslack: {mention_channel: false, token: xoxb-s3cr3t}")
    slack = {"token": "${SLACK_BOT_TOKEN}", "channel": "#asl-alerts", "mention": []}
    assert found.data["destinations"] == {"slack": {"slack": slack}}
    assert found.left == ["2: slack.token: the ASL monitor has no such option"]


def test_a_status_is_met_by_itself_alone():
    expect = one("expected_status: 204").services["A"].check.expect
    said = {code: verdict(expect, answer(code)) for code in (200, 203, 204, 205)}
    assert said == {200: "major", 203: "major", 204: "operational", 205: "major"}


def test_what_is_not_written_means_what_it_meant_there():
    found = one()
    service = found.services["A"]
    assert (service.every, service.timeout, service.patience.down_after) == (20.0, 10.0, 2)
    assert service.critical, "a service is critical there unless it says otherwise"
    assert "destinations" not in found.data
    assert "# Nobody is told of anything yet" in found.text


def test_slack_that_was_switched_off_says_so():
    assert made("services: [{name: A, url: http://a.example}]\nslack: {enabled: false, token: xoxb-s3cr3t}").left == [
        "2: slack.enabled: it was switched off",
        "2: slack.token: it was switched off",
    ]


@pytest.mark.parametrize(
    ("monitoring", "reason"),
    [
        ("check_interval: 0", "monitoring.check_interval: must be above zero here"),
        ("check_interval: [1]", "monitoring.check_interval: must be a text"),
        ("failure_threshold: two", "monitoring.failure_threshold: is not a number"),
        ("failure_threshold: 1e9", "monitoring.failure_threshold: is more than a million"),
        ("default_timeout: -3", "monitoring.default_timeout: must be above zero here"),
        ("verbose: true", "monitoring.verbose: the ASL monitor has no such option"),
    ],
)
def test_what_cannot_be_is_told_and_the_usual_is_kept(monitoring: str, reason: str):
    found = made(f"services: [{{name: A, url: http://a.example}}]\nmonitoring: {{{monitoring}}}")
    assert reason in found.left_at(2)
    assert (found.services["A"].every, found.services["A"].patience.down_after) == (20.0, 2)


@pytest.mark.parametrize(("threshold", "down_after"), [("0", 1), ("-2", 1), ("1", 1), ("1.5", 2), ("'3'", 3)])
def test_a_threshold_is_the_failures_in_a_row_that_it_takes(threshold: str, down_after: int):
    found = made(f"services: [{{name: A, url: http://a.example}}]\nmonitoring: {{failure_threshold: {threshold}}}")
    assert found.services["A"].patience.down_after == down_after


@pytest.mark.parametrize("status", ["up", "99", "20.5", "[200]", "1000"])
def test_a_status_that_is_none_is_told(status: str):
    found = one(f"expected_status: {status}")
    assert found.row("A")["http"]["expect"] == [{"status": 200}]
    assert found.left


def test_services_that_cannot_be_looked_at_are_told_and_the_others_kept():
    found = made("""\
        services:
          - {name: A, url: http://a.example}
          - {name: no url}
          - just text
          - {url: "http://[broken"}
          - {name: {a: b}, url: http://c.example}
        extra: 1
        """)
    assert list(found.services) == ["A", "c.example"]
    assert found.left_at(3) == ["services[1]: left out: it has no url"]
    assert "services[2]: left out: it has no url" in found.left_at(4)
    assert any("left out, for our config does not take it" in one for one in found.left_at(5))
    assert found.left_at(6) == ["services[4].name: must be a text"]
    assert found.left_at(7) == ["extra: the ASL monitor has no such option"]


@pytest.mark.parametrize(
    ("level", "ours", "is_told"),
    [("INFO", None, False), ("error", "error", False), ("CRITICAL", "error", True), ("LOUD", None, True)],
)
def test_the_level_of_the_log(level: str, ours: str | None, is_told: bool):
    found = made(f"services: [{{name: A, url: http://a.example}}]\nlogging: {{level: {level}}}")
    assert found.data.get("engine", {}).get("log_level") == ours
    assert bool(found.left) is is_told


def test_a_folder_that_cannot_be_made_is_told_and_no_route_leads_there():
    found = made("services: [{name: A, url: http://a.example}]\nlogging: {incidents_dir: /proc/none}")
    assert "destinations" not in found.data
    assert any("json_files" in one or "left out" in one for one in found.left_at(2))
