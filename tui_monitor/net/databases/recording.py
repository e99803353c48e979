"""Rows put into a table of somebody's database: made where it is missing, each row once however often it is put.

SQLAlchemy knows how each kind of database wants it said. The connection is our drivers' own, fresh for each batch, so
that none can have been lost in between, and cut off when its time is over.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_monitor.core.errors import Unreachable
from tui_monitor.core.secret import Secret
from tui_monitor.net.databases.database import Address, Errand, build_url, let_go
from tui_monitor.net.databases.driver_words import lacks_characters, of_writer
from tui_monitor.net.databases.drivers import Driver

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Executable, Table
    from sqlalchemy.engine import URL

Row = Mapping[str, Any]

SERVICE, NAME, MESSAGE = 200, 500, 1000
"""Characters that the columns of text hold."""


@dataclass(frozen=True, slots=True)
class Book(Address):
    """A table of a database, which need not be there yet."""

    name: str
    schema: str


def build_book(url: Secret, name: str, schema: str, password: Secret | None = None) -> Book:
    """A table from what a person wrote. ValueError says what is wrong with it."""
    for option, text in (("table", name), ("schema", schema)):
        if not (text or option == "schema") or len(text) > 63 or not (text or "x").isprintable():
            raise ValueError(f"{option} must be a name of at most 63 characters")
    return Book(build_url(url, password), name, schema)


class Recording(Errand):
    """One batch under way; without rows, a trial that leaves nothing behind."""

    name = "batch"
    writes = True

    def __init__(self, book: Book, rows: Sequence[Row] | None, home: Path, within: float) -> None:
        super().__init__(book, home, within)
        self._book, self._rows = book, rows

    def _do(self, driver: Driver) -> bool:
        from sqlalchemy.exc import SQLAlchemyError

        errors: tuple[type[Exception], ...] = (SQLAlchemyError, *driver.errors)
        engine, table = _engine_of(self._book.url), _table_of(self._book.name, self._book.schema)
        _opening.way = lambda: driver.open(self._left(), self._hold)
        try:
            with engine.connect() as connection:
                self.doing = "writing"
                return self._write_somehow(connection, table, driver)
        except errors as error:
            raise self._told(error) from None
        finally:
            self._hold(None)

    def _write_somehow(self, connection: Connection, table: Table, driver: Driver) -> bool:
        """A table that somebody made in an old encoding gets what it can hold: else nothing would ever come of it."""
        from sqlalchemy.exc import DBAPIError

        try:
            return self._write_or_make(connection, table, driver)
        except DBAPIError as error:
            if self._rows is None or error.connection_invalidated or not lacks_characters(error.orig):
                raise
        self._rows = [{key: _ascii(value) for key, value in row.items()} for row in self._rows]
        return self._write_or_make(connection, table, driver)

    def _write_or_make(self, connection: Connection, table: Table, driver: Driver) -> bool:
        from sqlalchemy.exc import DBAPIError

        try:
            self._write(connection, table, driver)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
        else:
            return False
        is_missing = not _is_there(connection, table)  # by now: somebody else may have been quicker
        if is_missing:
            _make(connection, table)
        self._write(connection, table, driver)
        return is_missing

    def _write(self, connection: Connection, table: Table, driver: Driver) -> None:
        with connection.begin():
            driver.hurry(connection.connection.dbapi_connection, self._left())
            if self._rows is None:
                connection.execute(_nothing_into(table))
            else:
                _put(connection, table, [_plain(row, connection.dialect.name) for row in self._rows])

    def _told(self, error: Exception) -> Unreachable:
        """In the driver's own words, which SQLAlchemy wraps in the statement and what it was to write."""
        said = of_writer(getattr(error, "orig", None) or error, self.doing, self.address.secrets)
        let_go(error)
        return said


_opening = threading.local()
"""How the connection is opened for which this thread asks an engine."""


def _open() -> Any:
    return _opening.way()


@lru_cache(maxsize=32)
def _engine_of(url: URL) -> Engine:
    """Kept, for it asks the database who it is only once; it holds no connection."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    return create_engine(url, poolclass=NullPool, creator=_open)


@lru_cache(maxsize=32)
def _table_of(name: str, schema: str) -> Table:
    """One row for each look: MySQL is told to spell every character, whatever its database would choose."""
    from sqlalchemy import Column, DateTime, Double, MetaData, String, Table, Unicode, UnicodeText
    from sqlalchemy.dialects import mysql

    names = ("mysql", "mariadb")
    spelt: dict[str, Any] = {f"{name}_{key}": value for name in names for key, value in _SPELT.items()}
    at = DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), *names)
    service = Unicode(SERVICE).with_variant(mysql.VARCHAR(SERVICE, collation="utf8mb4_bin"), *names)
    return Table(
        name,
        MetaData(),
        Column("service", service, primary_key=True),
        Column("at", at, primary_key=True),
        Column("name", Unicode(NAME), nullable=False),
        Column("status", String(20), nullable=False),
        Column("latency", Double),
        Column("message", Unicode(MESSAGE), nullable=False),
        Column("measures", UnicodeText),
        schema=schema or None,
        **spelt,
    )


_SPELT = {"charset": "utf8mb4", "engine": "InnoDB"}


def _is_there(connection: Connection, table: Table) -> bool:
    from sqlalchemy import inspect

    found = inspect(connection).has_table(table.name, table.schema)
    connection.rollback()
    return found


def _make(connection: Connection, table: Table) -> None:
    from sqlalchemy.exc import DBAPIError

    try:
        with connection.begin():
            table.create(connection)
    except DBAPIError as error:
        if error.connection_invalidated or not _is_there(connection, table):
            raise


def _nothing_into(table: Table) -> Executable:
    """Needs the right to write, and every column; writes no row."""
    from sqlalchemy import false, insert, null, select

    return insert(table).from_select(list(table.c), select(*(null() for _ in table.c)).where(false()))


def _put(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """All of them or none; those that are there already stay as they are."""
    from sqlalchemy import insert
    from sqlalchemy.exc import IntegrityError

    unique = _insert_once(table, connection.dialect.name)
    if unique is not None:
        connection.execute(unique, rows)
        return
    for row in rows:
        try:
            with connection.begin_nested():
                connection.execute(insert(table), row)
        except IntegrityError:
            continue


def _insert_once(table: Table, dialect: str) -> Executable | None:
    """As the databases say it that have a way to; None for the others."""
    from sqlalchemy.dialects import mysql, postgresql, sqlite

    if dialect in ("mysql", "mariadb"):
        return mysql.insert(table).on_duplicate_key_update(service=table.c.service)
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing() if dialect == "sqlite" else None


def _ascii(value: Any) -> Any:
    return value.encode("ascii", "replace").decode() if isinstance(value, str) else value


def _plain(row: Row, dialect: str) -> dict[str, Any]:
    """A moment of UTC with its zone for the databases that keep one."""
    return {**row, "at": row["at"] if dialect == "postgresql" else row["at"].replace(tzinfo=None)}
