"""Where secrets come from, and that no problem ever shows one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.config.small import ONE, plan_of, problems_of
from tui_monitor.core.errors import ConfigError
from tui_monitor.core.secret import Secret


def secret_of(places: str, folder: Path = Path("/nowhere"), **environ: str) -> str:
    plan = plan_of(ONE + f"destinations: {{h: {{hook: {{url: {places}}}}}}}", folder, **environ)
    (place,) = plan.places
    plugin: Any = place.plugin
    url: Secret = plugin.url
    assert url in plan.secrets
    return url.reveal()


def fault_of(places: str, folder: Path = Path("/nowhere"), **environ: str) -> list[str]:
    told = problems_of(ONE + f"destinations: {{h: {{hook: {{url: {places}}}}}}}", folder, **environ)
    return [one.removeprefix("3: destinations.h.hook.url") for one in told]


def test_a_secret_may_be_a_text_a_place_or_places_tried_in_order(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("from file\n")
    assert secret_of("plain") == "plain"
    assert secret_of("007") == "007"
    assert secret_of("'${A}!'", A="env") == "env!"
    assert secret_of("{value: here}") == "here"
    assert secret_of("{env: A}", A="env") == "env"
    assert secret_of("{file: s}", tmp_path) == "from file"
    assert secret_of("[{env: A}, {file: s}, {value: last}]", tmp_path, A="env") == "env"
    assert secret_of("[{env: A}, {file: s}, {value: last}]", tmp_path) == "from file"
    assert secret_of("[{env: A}, {file: x}, {value: last}]", tmp_path, A="") == "last"
    assert secret_of("[{env: A}, last]") == "last"


def test_only_the_last_line_end_of_a_file_is_not_part_of_the_secret(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b" a\n b \r\n")
    assert secret_of("{file: s}", tmp_path) == " a\n b "


def test_where_nothing_was_found_everything_that_was_tried_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "long").write_text("x" * 70_000)
    (tmp_path / "folder").mkdir()
    assert fault_of("[{env: A}, {env: B}, {file: x}]", tmp_path, B="") == [
        ": no secret found: the environment variable A is not set; the environment variable B is empty; "
        "the file x cannot be read (no such file or directory)"
    ]
    assert fault_of("[{file: empty}, {file: binary}, {file: long}, {file: folder}]", tmp_path) == [
        ": no secret found: the file empty is empty; the file binary is not UTF-8 text; "
        "the file long is too long for a secret; the file folder cannot be read (is a directory)"
    ]


@pytest.mark.parametrize(
    ("places", "fault"),
    [
        ("''", ": is empty"),
        ("[]", ": names no place to look for the secret"),
        ("[[a]]", "[0]: must be a text or a place such as {env: NAME}"),
        ("{}", ": must have exactly one of env, file, aws_secrets_manager, value"),
        ("{env: A, file: B}", ": must have exactly one of env, file, aws_secrets_manager, value"),
        ("{evn: A}", ".evn: no place for secrets is called 'evn'; did you mean 'env'?"),
        ("{vault: A}", ".vault: no place for secrets is called 'vault'; did you mean 'value'?"),
        ("{env: [A]}", ".env: must be a text that is not empty"),
        ("[{value: good}, {env: }]", "[1].env: must be a text that is not empty"),
        (
            "{aws_secrets_manager: x}",
            ".aws_secrets_manager: must be a mapping with secret, key, region, endpoint_url",
        ),
        ("{aws_secrets_manager: {key: a}}", ".aws_secrets_manager: 'secret' is missing"),
        (
            "{aws_secrets_manager: {secret: a, regoin: b}}",
            ".aws_secrets_manager.regoin: unknown key 'regoin'; did you mean 'region'?",
        ),
        ("{aws_secrets_manager: {secret: a, key: {}}}", ".aws_secrets_manager.key: must be a text that is not empty"),
    ],
)
def test_a_place_that_cannot_be_meant_is_told_at_its_line_even_behind_a_good_one(places: str, fault: str) -> None:
    assert fault_of(places) == [fault]


def test_a_password_in_an_address_is_a_secret_and_no_field_of_a_text() -> None:
    plan = plan_of("services: [{name: A, web: {url: 'https://me:pass%21word@h.example:8443/p?key=k123#f'}}]")
    assert plan.services[0].fields["url"] == "https://h.example:8443/p"
    assert Secret("pass!word") in plan.secrets


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h.example/in/${S}/x", "https://h.example"),
        ("https://h.example:8443/in?key=${S}", "https://h.example:8443"),
        ("https://me:${S}@h.example/in", "https://h.example"),
        ("${W}", "https://h.example"),
        ("https://h.example/${S:-in}", "https://h.example"),
        ("https://h.example/in", "https://h.example/in"),
    ],
)
@pytest.mark.parametrize("quote", ["'", ""])
def test_an_address_with_a_variable_in_it_shows_no_path(url: str, shown: str, quote: str) -> None:
    """Many addresses carry their key in the path, and every destination is given the address."""
    text = f"x-web: &web\n  url: {quote}{url}{quote}\nservices:\n  - name: A\n    web: *web\n"
    plan = plan_of(text, S="hunter2hunter2", W="https://h.example/in/hunter2")
    assert plan.services[0].fields["url"] == shown


TEMPLATE = """
board: {{title: {0}, timezone: {0}}}
defaults: {{every: {0}, down_after: {0}, unreachable: {0}}}
services:
  - name: {0}
    critical: {0}
    web: {{url: {0}, method: {0}, reuse: {0}, headers: {{X: {0}}}, password: {0}, size: {0}}}
  - {{name: B, port: {{host: {0}, port: {0}, weight: {0}}}}}
  - {{name: B, odd: {{from: {0}, colour: {0}, pair: {0}, limits: {{a: {0}}}, shape: {{side: {0}}}}}}}
destinations:
  h: {{hook: {{url: {0}, token: [{{env: NOPE}}, {{file: {0}}}]}}, ambiguous: {0}, timeout: {0}}}
  p: {{paper: {{level: {0}, text: {0}}}}}
routes: [{{to: {0}, when: {{severity: {0}, group: {0}, services: [{0}], critical: {0}}}, after: {0}, unless: {0}}}]
engine: {{log_level: {0}, concurrency: {0}}}
store: {{size_limit: {0}}}
"""


@pytest.mark.parametrize("secret", ["hunter2hunter2", 'it\'s "so"', "a\\b\nc'd", " padded ", "http://x{y", "{titel}"])
@pytest.mark.parametrize("written", ['"${S}"', "'x${S}y'"])
def test_what_comes_from_the_environment_is_never_shown_wherever_it_lands(secret: str, written: str) -> None:
    with pytest.raises(ConfigError) as caught:
        plan_of(TEMPLATE.format(written), S=secret)
    told = str(caught.value) + repr(caught.value)
    assert len(caught.value.problems) > 10
    for spelt in (secret, secret.strip(), repr(secret)[1:-1], secret.replace("\n", " ")):
        assert spelt not in told


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(st.text(st.characters(codec="utf-8"), min_size=6, max_size=30).filter(lambda text: len(set(text.strip())) > 4))
def test_no_secret_of_any_kind_is_shown(secret: str) -> None:
    marked = f"s3cr{secret}t"
    with pytest.raises(ConfigError) as caught:
        plan_of(TEMPLATE.format("'${S}'"), S=marked)
    assert marked not in str(caught.value)
    assert repr(marked)[1:-1] not in str(caught.value)


def test_a_plugin_that_quotes_a_part_of_a_value_shows_the_variable_and_not_what_is_in_it() -> None:
    told = problems_of("services: [{name: A, port: {host: 'me:${S}@x', port: 1}}]", S="hunter2hunter2")
    assert told == ["1: services[0].port.host: host must not begin with 'me:${S}'"]


def test_a_secret_written_in_the_config_is_not_shown_by_a_problem_elsewhere() -> None:
    told = problems_of(ONE + "destinations: {h: {hook: {url: hunter2hunter2}}}\nroutes: [{to: hunter2hunter2}]")
    assert told == ["4: routes[0].to: no destination is called '***'; known are h"]
