"""What each driver of a database wants: how it is opened, limited to reading for so long, read from and cut off.

PostgreSQL, MySQL with MariaDB, and SQLite are known. Any other is asked like any other, and keeps its own time.
"""

from __future__ import annotations

import math
import os
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tui_monitor.core.errors import Unreadable
from tui_monitor.core.text import clean

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

Row = Sequence[Any]
Hold = Callable[[Callable[[], object]], None]
"""Takes what cuts a connection off, from another thread and without waiting, as soon as there is one."""

CONFUSED = (LookupError, ValueError, TypeError, AttributeError, struct.error)
"""What a driver raises that cannot make sense of its options, or of what the other side says."""


class NoRows(Exception):
    """A statement that has no rows to look at, such as SET."""


class Driver:
    """One of which nothing is known but what every driver has (PEP 249)."""

    def __init__(self, url: URL, home: Path, *, writes: bool = False) -> None:
        self.writes = writes
        try:
            made: Any = url.get_dialect()
            self.dbapi = made.import_dbapi()
        except ImportError as error:
            raise Unreadable(f"the driver of the database cannot be loaded: {clean(str(error), 200)}") from error
        args, options = made(dbapi=self.dbapi).create_connect_args(url)
        self.args: Sequence[Any] = args
        self.options: dict[str, Any] = dict(options)
        self.path = home / (url.database or "")
        self.errors: tuple[type[Exception], ...] = (self.dbapi.Error, OSError, NoRows, *CONFUSED)

    def open(self, within: float, hold: Hold) -> Any:
        return self.dbapi.connect(*self.args, **self.options)

    def limit(self, connection: Any, within: float) -> None:
        """Let it read and no more, and for so long and no longer."""

    def hurry(self, connection: Any, within: float) -> None:
        """Let the next transaction write, for so long and no longer."""

    def read(self, connection: Any, query: str, most: int) -> list[Row]:
        """The first rows."""
        with closing(connection.cursor()) as cursor:
            cursor.execute(query)
            return _fetch(cursor, most)

    def forget(self, connection: Any) -> None:
        """Nothing that was begun is kept. Where the line is cut already, it is not kept either."""
        with suppress(*self.errors):
            connection.rollback()

    def close(self, connection: Any) -> None:
        with suppress(*self.errors):
            connection.close()


class Postgres(Driver):
    def open(self, within: float, hold: Hold) -> Any:
        self.options.setdefault("connect_timeout", max(2, math.ceil(within)))  # it takes no less
        if self.writes:  # whatever the database can hold: it says itself what it cannot
            self.options["client_encoding"] = "utf8"
        connection = self.dbapi.connect(*self.args, **self.options)
        hold(lambda: self._shut_down(connection))
        return connection

    def _shut_down(self, connection: Any) -> None:
        """The driver's own ways to close wait, or are not for two threads; its socket is."""
        with suppress(*self.errors), socket.socket(fileno=os.dup(connection.fileno())) as sock:
            sock.shutdown(socket.SHUT_RDWR)

    def limit(self, connection: Any, within: float) -> None:
        """For this transaction only, so that a pooler may stand between."""
        with closing(connection.cursor()) as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        self.hurry(connection, within)

    def hurry(self, connection: Any, within: float) -> None:
        with closing(connection.cursor()) as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {_milliseconds(within)}")

    def read(self, connection: Any, query: str, most: int) -> list[Row]:
        """Row by row, where the driver can, so that a long answer is not taken whole."""
        with closing(connection.cursor()) as cursor:
            if not hasattr(cursor, "stream"):
                cursor.execute(query)
                return _fetch(cursor, most)
            rows: Iterator[Row] = cursor.stream(query)
            try:
                with closing(rows):  # type: ignore[type-var]  # a generator, which the driver does not say
                    return list(islice(rows, most))
            except self.dbapi.ProgrammingError as error:
                if error.sqlstate is not None:
                    raise
                raise NoRows from error  # the server did as it was told, and the driver has no rows to stream


class MySql(Driver):
    """mysql-connector in its form that is Python throughout: only that one can be cut off."""

    _OURS = frozenset({"use_pure", "buffered", "connect_timeout", "pool_name", "pool_size", "failover"})

    def open(self, within: float, hold: Hold) -> Any:
        options = {name: value for name, value in self.options.items() if name not in self._OURS}
        options["connection_timeout"] = math.ceil(within)
        options["allow_local_infile"] = False  # or the other side may ask for any file of ours
        flags = self.dbapi.constants.ClientFlag  # one statement only: a second one could undo the limits
        options["client_flags"] = options.get("client_flags", flags.get_default()) & ~flags.MULTI_STATEMENTS
        connection = self.dbapi.MySQLConnection()
        hold(connection.shutdown)
        connection.connect(**options)
        return connection

    def limit(self, connection: Any, within: float) -> None:
        is_maria = "mariadb" in str(connection.server_info).lower()
        limit = f"max_statement_time = {within:.3f}" if is_maria else f"max_execution_time = {_milliseconds(within)}"
        with closing(connection.cursor()) as cursor:
            cursor.execute(f"SET SESSION {limit}")
            cursor.execute("SET SESSION TRANSACTION READ ONLY")

    def hurry(self, connection: Any, within: float) -> None:
        """What waits for others' locks; the rest is cut off with the line."""
        with closing(connection.cursor()) as cursor:
            seconds = math.ceil(within)
            cursor.execute(f"SET SESSION innodb_lock_wait_timeout = {seconds}, lock_wait_timeout = {seconds}")

    def read(self, connection: Any, query: str, most: int) -> list[Row]:
        """Whatever is left unread would be read to its end before the line could be used again: it is cut."""
        cursor = connection.cursor()
        cursor.execute(query)
        rows = _fetch(cursor, most)
        if connection.unread_result:
            connection.shutdown()
        return rows


class Sqlite(Driver):
    def open(self, within: float, hold: Hold) -> Any:
        """To be read it is never written, and never made where there is none, nor any other."""
        place = f"file:{quote(str(self.path))}?mode={'rwc' if self.writes else 'ro'}"
        connection = self.dbapi.connect(place, uri=True, timeout=within, check_same_thread=False)
        connection.setlimit(self.dbapi.SQLITE_LIMIT_ATTACHED, 0)

        def interrupt() -> None:
            with suppress(*self.errors):
                connection.interrupt()

        hold(interrupt)
        return connection


def _fetch(cursor: Any, most: int) -> list[Row]:
    if cursor.description is None:
        raise NoRows
    return list(cursor.fetchmany(most))


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))


_DRIVERS: dict[str, type[Driver]] = {
    "mysql+mysqlconnector": MySql,
    "postgresql+psycopg": Postgres,
    "postgresql+psycopg2": Postgres,
    "sqlite+pysqlite": Sqlite,
}


def driver_of(url: URL, home: Path, *, writes: bool = False) -> Driver:
    """The driver that an address names, loaded. Unreadable: it cannot be."""
    return _DRIVERS.get(url.drivername, Driver)(url, home, writes=writes)
