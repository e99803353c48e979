"""AWS Secrets Manager, against a real server that speaks its protocol."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.config.small import ONE, plan_of, problems_of
from tui_monitor.config import aws
from tui_monitor.config.providers import Absent, Providers

pytestmark = [pytest.mark.service("moto"), pytest.mark.service("boto3")]

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
START = """
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
"""


@pytest.fixture(scope="module")
def vault() -> Iterator[str]:
    """The address of a Secrets Manager that holds a few secrets."""
    process = subprocess.Popen(
        [sys.executable, "-c", START], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        address = f"http://127.0.0.1:{int(process.stdout.readline())}"
        fill(address)
        yield address
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def client_of(address: str) -> Any:
    import boto3

    return boto3.client(
        "secretsmanager",
        region_name="eu-west-1",
        endpoint_url=address,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def fill(address: str) -> None:
    client = client_of(address)
    client.create_secret(Name="prod/json", SecretString=json.dumps({"token": "tok-1", "n": 12, "empty": "", "o": {}}))
    client.create_secret(Name="prod/plain", SecretString="plain-1")
    client.create_secret(Name="prod/binary", SecretBinary=b"bytes-1")
    client.create_secret(Name="prod/no-text", SecretBinary=b"\xff\xfe")
    client.create_secret(Name="prod/gone", SecretString="x")
    client.delete_secret(SecretId="prod/gone")
    client.close()


def url_of(vault: str, options: str, **environ: str) -> str:
    place: Any = plan_of(config_of(vault, options), **{**CREDENTIALS, **environ}).places[0]
    return str(place.plugin.url.reveal())


def config_of(vault: str, options: str) -> str:
    return (
        ONE
        + f"destinations: {{h: {{hook: {{url: {{aws_secrets_manager: {{endpoint_url: '{vault}', {options}}}}}}}}}}}"
    )


def fault_of(vault: str, options: str, **environ: str) -> str:
    (told,) = problems_of(config_of(vault, options), **{**CREDENTIALS, **environ})
    return told.removeprefix("3: destinations.h.hook.url: no secret found: ")


def test_a_key_of_a_json_secret_a_plain_and_a_binary_one_are_found(vault: str) -> None:
    assert url_of(vault, "secret: prod/json, key: token, region: eu-west-1") == "tok-1"
    assert url_of(vault, "secret: prod/json, key: n, region: eu-west-1") == "12"
    assert url_of(vault, "secret: prod/plain, region: eu-west-1") == "plain-1"
    assert url_of(vault, "secret: prod/binary, region: eu-west-1") == "bytes-1"


def test_the_region_may_come_from_the_environment_of_the_config(vault: str) -> None:
    assert url_of(vault, "secret: prod/plain", AWS_REGION="eu-west-1") == "plain-1"


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ("secret: prod/nope", "AWS secret prod/nope: there is no such secret in this region"),
        ("secret: prod/gone", "AWS secret prod/gone: it is marked for deletion, or has no value yet"),
        ("secret: prod/no-text", "AWS secret prod/no-text: it is binary and no text"),
        ("secret: prod/json, key: nope", "AWS secret prod/json has no text under the key 'nope'"),
        ("secret: prod/json, key: empty", "AWS secret prod/json has no text under the key 'empty'"),
        ("secret: prod/json, key: o", "AWS secret prod/json has no text under the key 'o'"),
        ("secret: prod/plain, key: a", "AWS secret prod/plain is not a JSON object, so it has no key 'a'"),
        ("secret: prod/plain, region: 'no where'", "AWS secret prod/plain: the region is not one"),
    ],
)
def test_what_aws_answers_becomes_one_sentence(vault: str, options: str, fault: str) -> None:
    assert fault_of(vault, options, AWS_REGION="eu-west-1") == fault


def test_an_endpoint_where_nobody_listens_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    fault = fault_of(f"http://127.0.0.1:{port}", "secret: a, region: eu-west-1")
    assert fault == "AWS secret a: AWS cannot be reached"


def test_an_endpoint_that_is_no_address_is_told() -> None:
    assert fault_of("nonsense", "secret: a, region: eu-west-1") == "AWS secret a: the endpoint_url is not an address"


def test_credentials_that_are_missing_or_half_there_are_told(
    vault: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    text = config_of(vault, "secret: a, region: eu-west-1")
    assert problems_of(text)[0].endswith("AWS secret a: there are no AWS credentials")
    assert problems_of(text, AWS_ACCESS_KEY_ID="x")[0].endswith("AWS secret a: the AWS credentials are incomplete")
    assert problems_of(text, AWS_PROFILE="nope")[0].endswith("the profile in AWS_PROFILE does not exist")


def test_the_next_place_is_tried(vault: str) -> None:
    asked = f"{{aws_secrets_manager: {{endpoint_url: '{vault}', region: eu-west-1, secret: prod/json, key: %s}}}}"
    text = ONE + f"destinations: {{h: {{hook: {{url: [{asked % 'nope'}, {asked % 'token'}]}}}}}}"
    place: Any = plan_of(text, **CREDENTIALS).places[0]
    assert place.plugin.url.reveal() == "tok-1"


def test_one_request_serves_every_key_of_a_secret(vault: str) -> None:
    """Proved by taking the secret away after the first key was read."""
    client = client_of(vault)
    client.create_secret(Name="prod/once", SecretString=json.dumps({"a": "first", "b": "second"}))
    providers = Providers(CREDENTIALS, Path())
    asked = {"secret": "prod/once", "region": "eu-west-1", "endpoint_url": vault}
    assert providers.resolve({"aws_secrets_manager": {**asked, "key": "a"}}).reveal() == "first"
    client.delete_secret(SecretId="prod/once", ForceDeleteWithoutRecovery=True)
    client.close()
    assert providers.resolve({"aws_secrets_manager": {**asked, "key": "b"}}).reveal() == "second"


def test_without_boto3_the_sentence_says_what_to_install() -> None:
    """A fresh interpreter in which the import of boto3 fails, as it does where the extra is not installed."""
    program = (
        "import sys; sys.modules['boto3'] = None\n"
        "from tui_monitor.config import aws\nfrom tui_monitor.config.providers import Absent\n"
        "try: aws.fetch('a', '', '', {})\nexcept Absent as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "AWS Secrets Manager needs boto3: pip install 'tui-monitor[aws]'\n"


def test_every_error_that_aws_documents_has_a_sentence() -> None:
    documented = (
        "DecryptionFailure InternalServiceError InvalidParameterException InvalidRequestException "
        "ResourceNotFoundException AccessDeniedException UnrecognizedClientException InvalidSignatureException "
        "ThrottlingException ExpiredTokenException"
    )
    assert not [code for code in documented.split() if "AWS answered" in str(aws._absent("a", code))]
    assert str(aws._absent("a", "Odd\x1b")) == "AWS secret a: AWS answered Odd"
    assert str(aws._absent("a", "")) == "AWS secret a: AWS answered with an unknown error"
    with pytest.raises(Absent):
        aws.pick("", "a", None)
