"""A config is right only where the files that it names can be used; they are judged without making any."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme

from tui_monitor import config
from tui_monitor.core.errors import ConfigError

SERVICE = "  - name: A\n    "
TELLING = "services: [{name: A, tcp: {host: h, port: 1}}]\ndestinations:\n  x:\n    "


def told(folder: Path, text: str) -> list[str]:
    try:
        config.read(text, "c.yaml", {}, folder)
    except ConfigError as error:
        return [f"{one.line} {one.path.rpartition('.')[2]}: {one.text}" for one in error.problems]
    return []


def of_ca(folder: Path, ca: str) -> list[list[str]]:
    """What is told of it, wherever a `ca` may stand: in checks on line 5, in destinations on line 6."""
    checks = ("http:\n      url: https://h\n", "tcp:\n      {host: h, port: 1, tls: true,\n")
    places = ("webhook:\n      url: https://h\n", "smtp:\n      {host: h, sender: a@b.c, to: [x@y.z],\n")
    texts = [f"services:\n{SERVICE}{one}" for one in checks] + [f"{TELLING}{one}" for one in places]
    return [told(folder, f"{text}      ca: {ca}{'}' if text.endswith(',' + chr(10)) else ''}") for text in texts]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    for name in ("us", "them"):
        one = authority.issue_cert(f"{name}@x.example")
        one.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / f"{name}.pem"))
        one.private_key_pem.write_to_path(str(tmp_path / f"{name}.key"))
        one.cert_chain_pems[0].write_to_path(str(tmp_path / f"{name}.crt"))
    (tmp_path / "empty.pem").touch()
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("ca", "text"),
    [
        ("nofile.pem", "the file nofile.pem cannot be read: no such file or directory"),
        ("ca.pem/x", "the file ca.pem/x cannot be read: not a directory"),
        ("empty.pem", "the file empty.pem holds no certificate in PEM"),
        ("us.key", "the file us.key holds no certificate in PEM"),
        ("folder", "the file folder is not a file"),
        ("/dev/zero", "the file /dev/zero is not a file"),
        ('"a\\0b"', "the file a b cannot be used: there can be no such path"),
    ],
)
def test_certificates_that_cannot_be_used_are_told_at_their_line(folder: Path, ca: str, text: str) -> None:
    found = of_ca(folder, ca)
    assert found == [[f"{line} ca: {text}"] for line in (5, 5, 6, 6)]


@pytest.mark.parametrize("ca", ['""', "ca.pem", "us.pem"])
def test_certificates_in_the_folder_of_the_config_are_right(folder: Path, ca: str) -> None:
    assert of_ca(folder, ca) == [[]] * 4


def test_a_tilde_means_the_home_wherever_a_file_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    text = "services: [{name: A, http: {url: https://h, ca: ~/ca.pem}}]"
    plan = config.read(text, "c.yaml", {}, Path("/nowhere"))
    assert ssl.create_default_context(cafile=plan.services[0].check.request.trust.ca)


@pytest.mark.parametrize(
    ("pair", "faults"),
    [
        ("{cert: us.pem}", []),
        ("{cert: us.crt, key: us.key}", []),
        ("{cert: nofile.pem}", ["cert: the file nofile.pem cannot be read: no such file or directory"]),
        ("{cert: us.crt, key: no.key}", ["key: the file no.key cannot be read: no such file or directory"]),
        ("{cert: us.crt}", ["cert: the file holds no private key in PEM"]),
        ("{cert: us.crt, key: empty.pem}", ["key: the file holds no private key in PEM"]),
        ("{cert: us.crt, key: them.key}", ["key: the key is not the one of the certificate"]),
    ],
)
def test_a_client_certificate_must_have_its_key(folder: Path, pair: str, faults: list[str]) -> None:
    text = f"services:\n{SERVICE}http:\n      url: https://h\n      client_certificate: {pair}"
    assert told(folder, text) == [f"5 {fault}" for fault in faults]


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("new/and/deep", ""),
        ("/proc/x/y", "cannot be written: nothing can be made in /proc"),
        ("ca.pem/x", "cannot be made: {folder}/ca.pem is not a folder"),
    ],
)
@pytest.mark.parametrize("kind", ["log", "json_files"])
def test_what_is_to_be_written_must_be_writable_and_is_not_made(
    folder: Path, kind: str, path: str, fault: str
) -> None:
    before = sorted(folder.iterdir())
    noun = "file" if kind == "log" else "folder"
    name = f"{path}/z.log" if kind == "log" else path
    expected = [f"5 path: the {noun} {name} {fault.format(folder=folder)}"] if fault else []
    assert told(folder, f"{TELLING}{kind}:\n      path: {name}") == expected
    assert sorted(folder.iterdir()) == before


def test_a_log_is_a_file_and_may_be_a_device(folder: Path) -> None:
    assert told(folder, f"{TELLING}log: {{path: /dev/null}}") == []
    assert told(folder, f"{TELLING}log: {{path: folder}}") == [
        "4 path: the file folder is a folder: name a file in it"
    ]
