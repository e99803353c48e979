"""The verb for jobs that report by themselves: a sign of life, sent from a shell script or a crontab.

A ping must arrive: what its job has to say is cut rather than refused, and the end of an output is what tells.
"""

from __future__ import annotations

import sys
from argparse import Namespace

from tui_monitor.cli.acting import LONGEST, do
from tui_monitor.cli.paper import tell
from tui_monitor.cli.parser import BadUsage
from tui_monitor.core.ports import Command

CODES = range(256)


def ping(asked: Namespace) -> int:
    code = _code(asked.code)
    kind = "start" if asked.start else "fail" if asked.fail or code else "done"
    text = _from_stdin() if asked.text == "-" else _end_of(asked.text)
    return do(asked, Command("ping", asked.name, text, options={"kind": kind, "code": str(code)}))


def _code(text: str | None) -> int:
    if text is None:
        return 0
    if not text.isascii() or not text.isdigit() or int(text[:9]) not in CODES:
        raise BadUsage(f"--code: an exit code is a number from 0 to 255, not {text!r}")
    return int(text)


def _end_of(text: str) -> str:
    if len(text) > LONGEST:
        tell(f"The last {LONGEST:,} characters of the text are sent.")
    return text[-LONGEST:]


def _from_stdin() -> str:
    """To its end, so that whoever writes is not cut off; only the end of it is kept on the way."""
    stream = sys.stdin.buffer if sys.stdin is not None else None
    end = b""
    while stream is not None and (part := stream.read(65536)):
        end = (end + part)[-4 * LONGEST :]
    return _end_of(end.decode("utf-8", "replace").strip())
