"""Several requests in the body of one, and their answers in the body of its answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from http import HTTPStatus
from typing import Any

from tui_monitor.fakes.http import Answer

_LINE = re.compile(r"([A-Z]+) (\S+) HTTP/1\.1")
_OUTER, _INNER = "batchresponse_0", "changesetresponse_0"


@dataclass(frozen=True, slots=True)
class Part:
    """One request of several; `path` may be a whole address."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body or b"null")
        except ValueError:
            return None


def parts_of(kind: str, body: bytes) -> list[Part]:
    """The requests of the one set of changes; none where it is malformed."""
    outer = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body, policy=policy.HTTP)
    sets = list(outer.iter_parts()) if isinstance(outer, EmailMessage) and outer.is_multipart() else []
    if len(sets) != 1 or not sets[0].is_multipart():
        return []
    return [_part(one.get_payload(decode=True)) for one in sets[0].iter_parts()]


def _part(whole: Any) -> Part:
    head, _, body = bytes(whole).partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    line = _LINE.fullmatch(first)
    pairs = (one.partition(":") for one in rest)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Part(line[1] if line else "", line[2] if line else "", headers, body.rstrip(b"\r\n"))


def answer_parts(answers: list[Answer]) -> Answer:
    """202, and what each of them was answered."""
    lines: list[bytes] = [f"--{_OUTER}\r\nContent-Type: multipart/mixed; boundary={_INNER}\r\n".encode()]
    for one in answers:
        status = HTTPStatus(204 if one.status == 201 else one.status)
        head = [
            f"HTTP/1.1 {one.status} {status.phrase}",
            *(f"{name}: {value}" for name, value in one.headers.items()),
        ]
        body = b"" if one.status < 300 else one.body or b""
        lines.append(
            f"--{_INNER}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n".encode()
            + "\r\n".join([*head, "", ""]).encode("latin-1")
            + body
            + b"\r\n"
        )
    lines.append(f"--{_INNER}--\r\n--{_OUTER}--\r\n".encode())
    kind = {"Content-Type": f"multipart/mixed; boundary={_OUTER}"}
    return Answer(202, kind, b"\r\n".join(lines[:1]) + b"\r\n" + b"".join(lines[1:]))
