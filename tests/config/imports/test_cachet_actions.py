"""What cachet-url-monitor did at a Cachet is done there again, or told."""

from __future__ import annotations

import pytest

from tests.config.imports.small import Made
from tests.config.imports.test_cachet_url_monitor import made


def shown(options: str, cachet: str = "{api_url: 'http://status.example/api/v1', token: t}") -> Made:
    """One endpoint, and a Cachet where it is shown."""
    return made(f"endpoints: [{{name: A, url: http://a.example, {options}}}]\ncachet: {cachet}\n")


@pytest.mark.parametrize(
    ("options", "publish"),
    [
        (
            "component_id: 1, metric_id: 2, action: [PUSH_METRICS]",
            {"component": 1, "metric": 2, "latency_unit": "s", "actions": ["push_metrics"]},
        ),
        (
            "component_id: 1, metric_id: 2, latency_unit: ms, action: [PUSH_METRICS, CREATE_INCIDENT]",
            {"component": 1, "metric": 2, "latency_unit": "ms", "actions": ["push_metrics", "create_incident"]},
        ),
        ("action: [CREATE_INCIDENT], public_incidents: false", {"actions": ["create_incident"], "public": False}),
        ("component_id: '3', action: [UPDATE_STATUS]", {"component": 3, "actions": ["update_status"]}),
    ],
)
def test_each_action_is_kept_with_what_it_needs(options: str, publish: dict[str, object]):
    assert shown(options).row("A")["publish"] == {"cachet": publish}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("component_id: x, action: [CREATE_INCIDENT]", "endpoints[0].component_id: is not a number"),
        ("component_id: 0, action: [CREATE_INCIDENT]", "endpoints[0].component_id: is no number that Cachet gives"),
        (
            "action: [CREATE_INCIDENT, UPDATE_STATUS]",
            "endpoints[0].action: UPDATE_STATUS needs a component_id, so it",
        ),
        ("action: [CREATE_INCIDENT, PUSH_METRICS]", "endpoints[0].action: PUSH_METRICS needs a metric_id, so it is"),
        ("component_id: 1, action: [CREATE_INCIDENT, DANCE]", "endpoints[0].action[1]: is no action that it knows"),
        (
            "component_id: 1, metric_id: 1, action: [PUSH_METRICS], latency_unit: d",
            "latency_unit: is no unit that it",
        ),
        ("component_id: 1", "endpoints[0].component_id: there is no action, so that nothing was written to Cachet"),
    ],
)
def test_what_cannot_be_shown_is_told(options: str, reason: str):
    assert any(reason in one for one in shown(options).left_at(1))


@pytest.mark.parametrize(
    ("token", "ours"),
    [
        ("t0ken", "t0ken"),
        ("'${X}'", "$${X}"),
        ("[{type: TOKEN, value: t0ken}]", "t0ken"),
        ("[{type: ENVIRONMENT_VARIABLE, value: MINE}]", "${MINE}"),
        (
            "[{type: ENVIRONMENT_VARIABLE, value: MINE}, {type: TOKEN, value: t}]",
            [{"env": "MINE"}, {"value": "t"}],
        ),
        (
            "[{type: AWS_SECRETS_MANAGER, secret_name: s, secret_key: k, region: r}]",
            [{"env": "CACHET_TOKEN"}, {"aws_secrets_manager": {"secret": "s", "key": "k", "region": "r"}}],
        ),
        ("[{type: VAULT}]", "${CACHET_TOKEN}"),
        ("~", "${CACHET_TOKEN}"),
    ],
)
def test_a_token_is_looked_for_where_it_was(token: str, ours: object):
    found = shown("component_id: 1, action: [UPDATE_STATUS]", f"{{api_url: 'http://status.example', token: {token}}}")
    assert found.data["destinations"]["cachet"]["cachet"]["token"] == ours


def test_without_an_address_or_an_action_nothing_leads_to_cachet():
    for found in (shown("component_id: 1, action: [UPDATE_STATUS]", "{token: t}"), shown("frequency: 5")):
        assert "destinations" not in found.data
        assert "publish" not in found.row("A")
    assert found.left_at(2) == [
        f"cachet.{key}: no endpoint has an action, so that nothing was written to Cachet"
        for key in ("api_url", "token")
    ]
