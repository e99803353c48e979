"""What tests of importers share: a source made into a config, that config read again, and answers to hold to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent
from typing import Any

from tui_monitor.checks.craft.expect import Expect, worst_miss
from tui_monitor.config.imports import Imported, carry_over
from tui_monitor.config.reader import read
from tui_monitor.config.tree import bare, grow, scalar
from tui_monitor.core.model import Phases, Service
from tui_monitor.core.plan import Plan
from tui_monitor.net.answer import Answer, Incoming

HERE = Path("/nowhere")


@dataclass(frozen=True)
class Made:
    """What came of a source, as written and as read again by our own reader."""

    imported: Imported
    plan: Plan
    data: dict[str, Any]

    @property
    def text(self) -> str:
        return self.imported.text

    @property
    def services(self) -> dict[str, Service]:
        return {service.name: service for service in self.plan.services}

    def row(self, name: str) -> dict[str, Any]:
        """A service as it is written."""
        (found,) = [row for row in self.data["services"] if row["name"] == name]
        return found

    @property
    def left(self) -> list[str]:
        """`line: path: reason` of what was not carried over."""
        return [f"{one.line}: {one.path}: {one.reason}" for one in self.imported.left]

    def left_at(self, line: int) -> list[str]:
        return [one.partition(": ")[2] for one in self.left if one.startswith(f"{line}: ")]


def made(form: str, source: str | bytes, folder: Path = HERE, **environ: str) -> Made:
    raw = source if isinstance(source, bytes) else dedent(source).encode()
    imported = carry_over(form, raw, "theirs.yaml", environ, folder)
    spare = dict.fromkeys(imported.needs, "200")
    return Made(imported, read(imported.text, "ours.yaml", {**spare, **environ}, folder), plain(imported.text))


def plain(text: str) -> Any:
    """A config as YAML means it, with its variables as written."""
    root, faults = grow(text)
    assert root is not None
    assert not faults
    return bare(_plain(root))


def _plain(node: Any) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain(one) for key, (_, one) in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(one) for one in node.value]
    return scalar(node.value) if node.plain else node.value


def answer(status: int = 200, body: bytes = b"", took: float = 0.1, **headers: str) -> Answer:
    incoming = Incoming(bodyless=False, max_body=1_000_000)
    incoming.status, incoming.reason, incoming.body = status, b"OK", [body]
    incoming.headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    found = Answer(incoming, "example.com", 1_000_000)
    found.phases = replace(Phases(), total=took)
    return found


def verdict(expect: tuple[Expect, ...], seen: Answer) -> str:
    """What expectations say of an answer, without the one of the status that nobody wrote."""
    miss = worst_miss(expect, seen)
    return "operational" if miss is None else miss.status.value
