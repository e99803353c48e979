"""`config.example.yaml` is true: it loads, it shows every option there is, and editors are told the same."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.config.small import CHECKS, DESTINATIONS
from tui_monitor import checks, config, destinations
from tui_monitor.config import describe, shape
from tui_monitor.config.forms import options_of
from tui_monitor.core.errors import ConfigError
from tui_monitor.core.message import DEFAULTS, FIELDS
from tui_monitor.core.plan import Plan

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
TEXT = EXAMPLE.read_text()
SECRETS = {"API_TOKEN": "tok-1", "HOOK_TOKEN": "tok-2"}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return config.load(EXAMPLE, SECRETS)


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = config.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def shapes() -> list[Any]:
    ours = [shape.Top, shape.Board, shape.Row, shape.Defaults, shape.Flapping, shape.Messages]
    ours += [shape.Patience, shape.Way, shape.When, shape.Engine, shape.Keep]
    return [*ours, *map(checks.find, checks.kinds()), *map(destinations.find, destinations.kinds())]


def keys_below(schema: Any) -> Iterator[str]:
    """Every key that some part of a schema knows."""
    if isinstance(schema, dict):
        properties = schema.get("properties", {})
        yield from properties if isinstance(properties, dict) else ()
        for part in schema.values():
            yield from keys_below(part)
    if isinstance(schema, list):
        for part in schema:
            yield from keys_below(part)


def test_the_example_loads_and_uses_every_kind_of_check_and_destination(plan: Plan) -> None:
    assert {service.kind for service in plan.services} == set(checks.kinds())
    assert {place.kind for place in plan.places} == set(destinations.kinds())


@pytest.mark.parametrize("made", shapes(), ids=lambda made: made.__name__)
def test_every_option_stands_in_the_example(made: Any) -> None:
    assert [key for key in options_of(made) if not re.search(rf"\b{key}:", TEXT)] == []


def test_every_key_that_the_schema_knows_stands_in_the_example() -> None:
    missing = [key for key in set(keys_below(config.schema())) if not re.search(rf"\b{key}:", TEXT)]
    assert sorted(missing) == ["endpoint_url"], "for tests of AWS only"


def test_what_the_example_calls_a_default_is_the_default() -> None:
    said = dict(re.findall(r"^ +(\w+):.*# .*Default: ([\w.]+)", TEXT, re.MULTILINE))
    bare = config.read("services: [{name: A, http: {url: http://a.example}}]", "c", {}, Path())
    (service,) = bare.services
    assert (said["every"], said["down_after"], said["up_after"]) == ("60s", "3", "2")
    assert (service.every, service.patience.down_after, service.patience.up_after) == (60.0, 3, 2)
    assert (said["settle"], said["log_level"], said["size_limit"]) == ("10s", "info", "2GiB")
    assert (bare.settle, bare.log_level, bare.size_limit) == (10.0, "info", 2 * 1024**3)
    assert (said["keep_looks"], said["keep_history"]) == ("30d", "400d")
    assert (bare.keep_looks, bare.keep_history) == (30 * 86400.0, 400 * 86400.0)


def test_the_words_of_the_example_are_the_words_of_the_program(plan: Plan) -> None:
    assert plan.messages == DEFAULTS
    for field in FIELDS:
        assert f"{{{field}}}" in TEXT


def test_the_example_says_which_variables_it_needs() -> None:
    with pytest.raises(ConfigError, match="API_TOKEN is not set") as caught:
        config.load(EXAMPLE, {})
    assert all("_TOKEN is not set" in problem.text for problem in caught.value.problems)
    for name in SECRETS:
        assert re.search(rf"^# .*{name}", TEXT, re.MULTILINE)


# -- the schema -------------------------------------------------------------------------------------------------


def test_the_schema_takes_the_example(validator: Any) -> None:
    assert [error.message for error in validator.iter_errors(yaml.safe_load(TEXT))] == []


WRONG: dict[str, Any] = {
    "no services": lambda one: one.pop("services"),
    "an empty list of services": lambda one: one.update(services=[]),
    "services that are no list": lambda one: one.update(services={}),
    "an unknown section": lambda one: one.update(themes={}),
    "an unknown key of a service": lambda one: one["services"][0].update(evry="3s"),
    "a service without a name": lambda one: one["services"][0].pop("name"),
    "a service without a check": lambda one: one["services"][0].pop("http"),
    "two checks": lambda one: one["services"][0].update(tcp={"host": "a", "port": 1}),
    "an unknown kind": lambda one: one["services"][0].update(htpp={}),
    "a check without what it needs": lambda one: one["services"][0].update(http={}),
    "an unknown option of a check": lambda one: one["services"][0]["http"].update(methd="GET"),
    "a wrong type in a check": lambda one: one["services"][0]["http"].update(max_body="big"),
    "an unknown expectation": lambda one: one["services"][0]["http"].update(expect=[{"statsu": 200}]),
    "a list where a mapping is due": lambda one: one["services"][0]["http"].update(headers=[]),
    "no duration": lambda one: one["defaults"].update(every="soon"),
    "a negative duration": lambda one: one["defaults"].update(every=-1),
    "down_after 0": lambda one: one["defaults"].update(down_after=0),
    "a word that is not one of them": lambda one: one["defaults"].update(unreachable="down"),
    "critical maybe": lambda one: one["services"][0].update(critical="maybe"),
    "a destination without a kind": lambda one: one["destinations"].update(x={}),
    "a destination of two kinds": lambda one: one["destinations"].update(x={"log": {}, "json_files": {}}),
    "an unknown way to hold": lambda one: one["destinations"]["hook"].update(ambiguous="maybe"),
    "a place that holds no secrets": lambda one: one["destinations"]["hook"]["webhook"].update(url={"vault": "x"}),
    "a secret from two places at once": lambda one: one["destinations"]["hook"]["webhook"].update(
        url={"env": "x", "file": "y"}
    ),
    "a route to nobody": lambda one: one["routes"][0].update(to=[]),
    "a route without to": lambda one: one["routes"][0].pop("to"),
    "an unknown condition": lambda one: one["routes"][0].update(when={"sevrity": "major"}),
    "unless anything": lambda one: one["routes"][0].update(unless="asleep"),
    "an unknown message": lambda one: one["messages"].update(closed="x"),
    "an unknown level": lambda one: one["engine"].update(log_level="loud"),
    "a negative number": lambda one: one["engine"].update(concurrency=-1),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_the_schema_refuses_what_the_reader_refuses(validator: Any, wrong: str) -> None:
    document = copy.deepcopy(yaml.safe_load(TEXT))
    WRONG[wrong](document)
    assert not validator.is_valid(document)
    with pytest.raises(ConfigError):
        config.read(yaml.safe_dump(document), "c.yaml", SECRETS, EXAMPLE.parent)


def test_what_people_may_write_for_a_type_the_schema_takes_too(validator: Any) -> None:
    document = yaml.safe_load(TEXT)
    document["defaults"] |= {"every": "${EVERY:-30s}", "down_after": "${N:-2}", "timeout": 5, "up_after": "3"}
    document["services"][0] |= {"critical": "yes", "tags": "one", "id": 7}
    document["services"][0]["http"] |= {"expect": [{"status": 200}], "redirects": "none"}
    document["destinations"]["journal"] = {"log": None}
    document |= {"x-mine": {"anything": 1}, "board": None}
    assert [error.message for error in validator.iter_errors(document)] == []
    plan = config.read(yaml.safe_dump(document), "c.yaml", SECRETS, EXAMPLE.parent)
    assert (plan.services[0].every, plan.services[0].critical, plan.services[0].tags) == (30.0, True, ("one",))


def test_the_schema_knows_every_type_that_an_option_may_have() -> None:
    schema = describe.schema(checks=CHECKS, destinations=DESTINATIONS)
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema)

    def is_right(**options: Any) -> bool:
        return bool(judge.is_valid({"services": [{"name": "A", "odd": {"from": "x", **options}}]}))

    assert is_right(
        colour="red", shape={"side": 1}, names="a", bag=["a"], whatever=[{}], limits={"a": 1}, pair=[1, "a"]
    )
    assert is_right(shape="none", whatever=None)
    assert not is_right(scalar=None)
    assert not is_right(colour="rad")
    assert not is_right(shape={"edge": 1})
    assert not is_right(limits={"a": []})
    assert not is_right(pair=["x"])
    assert schema["$defs"]["check_web"]["description"] == "Looks at an address."


def test_a_subject_may_use_every_field_that_a_mail_fills() -> None:
    text = """
services: [{name: A, tcp: {host: h, port: 1}}]
destinations: {m: {smtp: {host: h, sender: a@b.c, to: [x@y.z], subject: "{count} {at} {text} {ref} {key}"}}}
"""
    assert config.read(text, "config.yaml", {}, Path()).places[0].plugin.subject.startswith("{count}")
