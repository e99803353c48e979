"""The statements of queries.sql by name, and its migrations in order: how SQL reaches the code, and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path


class Queries:
    """`SQL.looks` is the statement that queries.sql names `looks`; `migrations` are lists of statements."""

    def __init__(self, text: str) -> None:
        self._named: dict[str, str] = {}
        self.migrations: list[list[str]] = []
        for heading, body in _sections(text):
            what, _, name = heading.partition(": ")
            if what == "name":
                self._named[name] = body.strip()
            else:
                self.migrations.append(list(statements(body)))

    def __getattr__(self, name: str) -> str:
        try:
            return self._named[name]
        except KeyError:
            raise AttributeError(f"queries.sql names no {name}") from None

    @property
    def version(self) -> int:
        """The version of the schema that this program writes."""
        return len(self.migrations)


def _sections(text: str) -> Iterator[tuple[str, str]]:
    heading, body = "", ""
    for line in text.splitlines():
        if line.startswith(("-- name: ", "-- migrate: ")):
            if heading:
                yield heading, body
            heading, body = line.removeprefix("-- "), ""
        elif not line.startswith("--"):
            body += f"{line}\n"
    yield heading, body


def statements(script: str) -> Iterator[str]:
    """One statement after the other; sqlite3's own `executescript` would commit in between."""
    statement = ""
    for line in script.splitlines():
        statement += f"{line}\n"
        if statement.strip() and sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""


SQL = Queries(Path(__file__).with_name("queries.sql").read_text(encoding="utf-8"))
