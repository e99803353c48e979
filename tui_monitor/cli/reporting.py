"""The verb that sums up a span of time, for a file, a mail or a meeting."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from tui_monitor.cli.asking import Knows, answer_of, wants_json
from tui_monitor.cli.exits import Exit
from tui_monitor.cli.paper import print_json, tell
from tui_monitor.cli.report import markdown, summarized
from tui_monitor.cli.spans import span_of
from tui_monitor.cli.words import zone_of
from tui_monitor.core.errors import Rejected

Parts = tuple[Any, Any, Any]


def report(asked: Namespace) -> int:
    since = span_of("--since", asked.since)

    async def parts(one: Knows) -> Parts:
        stats = await one.history("stats", since=since)
        return stats, await one.history("incidents", all="1", since=since), await one.snapshot()

    answer = answer_of(asked, parts)
    data = summarized(*answer.data, answer.timezone)
    if asked.output is not None:
        text = json.dumps(data, indent=2, ensure_ascii=False) if wants_json(asked) else _text(data)
        _write(asked.output, text + "\n")
    elif wants_json(asked):
        print_json(data)
    else:
        print(_text(data))
    return Exit.FINE


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Rejected(f"the report cannot be written to {path}: {error.strerror or error}") from error
    tell(f"The report is in {path}.")


def _text(data: dict[str, Any]) -> str:
    return "\n".join(markdown(data, zone_of(data["timezone"])))
