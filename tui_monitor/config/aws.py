"""AWS Secrets Manager. boto3 is an extra, imported here on use; each of its errors becomes one sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tui_monitor.config.providers import Absent
from tui_monitor.core.text import clean

_REASONS = {
    "ResourceNotFoundException": "there is no such secret in this region",
    "InvalidRequestException": "it is marked for deletion, or has no value yet",
    "InvalidParameterException": "the name is not one that AWS accepts",
    "ValidationException": "the name is not one that AWS accepts",
    "DecryptionFailure": "its key refuses to decrypt it",
    "AccessDeniedException": "these credentials may not read it",
    "UnrecognizedClientException": "AWS does not know these credentials",
    "InvalidClientTokenId": "AWS does not know these credentials",
    "InvalidSignatureException": "AWS refuses the signature: check the secret access key and the clock",
    "ExpiredTokenException": "the session token has expired",
    "ThrottlingException": "AWS asks for fewer requests",
    "InternalServiceError": "AWS has an internal error",
    "NoCredentialsError": "there are no AWS credentials",
    "PartialCredentialsError": "the AWS credentials are incomplete",
    "NoRegionError": "no region is given: write region, or set AWS_REGION",
    "InvalidRegionError": "the region is not one",
    "EndpointConnectionError": "AWS cannot be reached",
    "ConnectTimeoutError": "AWS does not answer in time",
    "ReadTimeoutError": "AWS does not answer in time",
    "ConnectionClosedError": "AWS closed the connection",
    "SSLError": "the certificate of the endpoint is not trusted",
    "ProfileNotFound": "the profile in AWS_PROFILE does not exist",
    "ParamValidationError": "the name is not one that AWS accepts",
}


def fetch(secret: str, region: str, endpoint_url: str, environ: Mapping[str, str]) -> str:
    """The whole secret as text. Absent says why there is none."""
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        raise Absent("AWS Secrets Manager needs boto3: pip install 'tui-monitor[aws]'") from None
    patience = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 3, "mode": "standard"})
    try:
        session = boto3.session.Session(**_credentials(secret, environ), region_name=_region(region, environ))
        client = session.client("secretsmanager", endpoint_url=endpoint_url or None, config=patience)
        answer = client.get_secret_value(SecretId=secret)
    except ClientError as error:
        raise _absent(secret, str(error.response.get("Error", {}).get("Code", ""))) from None
    except BotoCoreError as error:
        raise _absent(secret, type(error).__name__) from None
    except ValueError:
        raise Absent(f"AWS secret {clean(secret, 100)}: the endpoint_url is not an address") from None
    return _text_of(secret, answer)


def _credentials(secret: str, environ: Mapping[str, str]) -> dict[str, str | None]:
    """From the config's own environment, so that a `.env` counts; boto3 looks in its usual places for the rest."""
    key = environ.get("AWS_ACCESS_KEY_ID")
    if not key:
        return {"profile_name": environ.get("AWS_PROFILE") or None}
    if not environ.get("AWS_SECRET_ACCESS_KEY"):
        raise _absent(secret, "PartialCredentialsError")
    return {
        "aws_access_key_id": key,
        "aws_secret_access_key": environ["AWS_SECRET_ACCESS_KEY"],
        "aws_session_token": environ.get("AWS_SESSION_TOKEN") or None,
    }


def _region(region: str, environ: Mapping[str, str]) -> str | None:
    return region or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or None


def _absent(secret: str, code: str) -> Absent:
    reason = _REASONS.get(code) or f"AWS answered {clean(code, 60) or 'with an unknown error'}"
    return Absent(f"AWS secret {clean(secret, 100)}: {reason}")


def _text_of(secret: str, answer: Mapping[str, Any]) -> str:
    text = answer.get("SecretString")
    if text is not None:
        return str(text)
    try:
        return bytes(answer.get("SecretBinary") or b"").decode()
    except UnicodeDecodeError:
        raise Absent(f"AWS secret {clean(secret, 100)}: it is binary and no text") from None


def pick(held: str, secret: str, key: Any) -> str:
    """One key of a secret that is JSON, or all of it where no key is asked for."""
    shown = clean(secret, 100)
    if key is None:
        return held or _refuse(f"AWS secret {shown} is empty")
    try:
        document = json.loads(held)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return _refuse(f"AWS secret {shown} is not a JSON object, so it has no key {clean(str(key), 60)!r}")
    value = document.get(str(key))
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        return _refuse(f"AWS secret {shown} has no text under the key {clean(str(key), 60)!r}")
    return str(value)


def _refuse(text: str) -> str:
    raise Absent(text)
