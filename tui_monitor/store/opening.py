"""From a path to a sound connection: permissions, integrity, versions, and what happens to a file that is damaged.

A damaged file is never mended and never deleted: it is set aside under a name that says so, and a fresh store is
begun, because a monitor that does not start sees nothing at all. A file that is not ours, or newer than this program,
is refused instead: there the mistake is in what was asked for.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from tui_monitor.core.errors import StoreError
from tui_monitor.store.queries import SQL

APPLICATION = 0x74756D6F
"""Marks a SQLite file as a store of ours."""
CHECKED_WHOLE = 16 * 2**20
"""Up to this size the whole file is checked at the start; beyond it, the tables that work and truth depend on, since
half a gigabyte of packed looks would take seconds. Where damage to those is met later, a mark is left for the next
start."""
RELIED_ON = ("service", "look", "belief", "incident", "event", "told", "setting", "mark")

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Damaged(Exception):
    """The file cannot be trusted; the text is SQLite's reason."""


@contextmanager
def plainly(path: Path) -> Iterator[None]:
    """Every error of SQLite as a StoreError with one plain sentence."""
    try:
        yield
    except sqlite3.Error as error:
        if _code(error) in _DAMAGED:
            _suspect(path)
        raise StoreError(_sentence(error, path)) from error


def _suspect(path: Path) -> None:
    """A mark beside the file, by which the next start checks all of it; on a disk that takes none, it checks less."""
    with suppress(OSError):
        _mark_of(path).touch(mode=0o600)


def _mark_of(path: Path) -> Path:
    return Path(f"{path}-suspect")


def _sentence(error: sqlite3.Error, path: Path) -> str:
    match _code(error):
        case sqlite3.SQLITE_FULL:
            return f"There is no room left for the store {path}: nothing of this step was kept."
        case sqlite3.SQLITE_READONLY:
            return f"The store {path} is read-only: nothing of this step was kept."
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"The store {path} is locked by another program."
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return f"The store {path} cannot be opened: look at its folder and its permissions."
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return f"The store {path} is damaged: at the next start it is set aside and a fresh one is begun."
        case sqlite3.SQLITE_IOERR:
            return f"The store {path} cannot be read or written: the disk reports an error."
    return f"The store {path} does not work: {error}."


def _code(error: sqlite3.Error) -> int:
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def connect(path: Path, patience: float, *, readonly: bool = False) -> sqlite3.Connection:
    """One connection in autocommit; `patience` is how long it waits where another process holds the lock."""
    address = f"file:{quote(str(path.absolute()))}?mode={'ro' if readonly else 'rwc'}"
    connection = sqlite3.connect(address, uri=True, timeout=patience, isolation_level=None, check_same_thread=False)
    connection.execute("pragma temp_store = memory")
    if readonly:
        connection.execute("pragma query_only = on")
    return connection


def open_sound(path: Path, now: datetime, patience: float) -> tuple[sqlite3.Connection, str]:
    """The connection that writes, and a word about what had to be done to get it ("" if nothing)."""
    with plainly(path):
        was_there = path.exists()
        _make_private(path)
        try:
            connection, is_fresh = _opened(path, patience)
            # a kill in its first moments leaves such a file, and so does whoever takes its log of changes away
            notice = f"The store {path} was there, but empty: a fresh one is begun." if was_there and is_fresh else ""
        except Damaged as damage:
            kept = set_aside(path, now)
            notice = f"The store {path} was damaged ({damage}): it is kept as {kept.name} and a fresh one is begun."
            _make_private(path)
            connection, _ = _opened(path, patience)
        return connection, notice


def open_readonly(path: Path, patience: float) -> sqlite3.Connection:
    """A connection for whoever looks while an engine may be at work: it changes, mends and sets aside nothing."""
    if not path.is_file():
        raise StoreError(f"There is no store {path} yet: start the engine once.")
    with plainly(path):
        connection = connect(path, patience, readonly=True)
        try:
            version = version_of(connection)
            refuse_newer(version, path)
            if version < SQL.version:
                raise StoreError(
                    f"The store {path} is of an older version: start the engine once to bring it up to date."
                )
        except BaseException:
            connection.close()
            raise
        return connection


def _make_private(path: Path) -> None:
    """The folder 0700 where it is ours to make, the file 0600 before SQLite sees it: -wal and -shm take after it."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        if not path.is_file():
            raise StoreError(f"The store {path} cannot be made: {error.strerror}.") from error


def _opened(path: Path, patience: float) -> tuple[sqlite3.Connection, bool]:
    """The connection, and whether there was nothing in the file yet."""
    wal = Path(f"{path}-wal")
    if path.stat().st_size == 0 and wal.exists() and wal.stat().st_size:
        raise Damaged("the file is empty, yet changes wait beside it")
    connection = connect(path, patience)
    try:
        check(connection, path)
        is_fresh = _prepare(connection)
        migrate(connection, SQL.migrations)
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite3.DatabaseError) and _code(error) in _DAMAGED:
            raise Damaged(str(error)) from error
        raise
    return connection, is_fresh


def version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("pragma user_version").fetchone()[0])


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse what is not ours to touch, and raise Damaged for what cannot be trusted."""
    version = version_of(connection)
    tables = {name for (name,) in connection.execute("select name from sqlite_schema where type = 'table'")}
    ours = connection.execute("pragma application_id").fetchone()[0] == APPLICATION
    if tables and not ours:
        raise StoreError(f"{path} is a database of another program: name another file.")
    refuse_newer(version, path)
    is_whole = path.stat().st_size <= CHECKED_WHOLE or _mark_of(path).exists()
    for part in [""] if is_whole else [f"('{table}')" for table in RELIED_ON if table in tables]:
        found = connection.execute(f"pragma quick_check{part}").fetchone()
        if found[0] != "ok":
            raise Damaged(" ".join(str(found[0]).split()))
    _mark_of(path).unlink(missing_ok=True)


def refuse_newer(version: int, path: Path) -> None:
    if version > SQL.version:
        raise StoreError(
            f"The store {path} was written by a newer tui-monitor (version {version} of its form, this program "
            f"knows {SQL.version}): upgrade the program."
        )


def _prepare(connection: sqlite3.Connection) -> bool:
    fresh = not connection.execute("select count(*) from sqlite_schema").fetchone()[0]
    if fresh:
        connection.execute("pragma page_size = 8192")
        connection.execute("pragma auto_vacuum = incremental")
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma journal_size_limit = 8388608")
    connection.execute("pragma wal_autocheckpoint = 500")
    connection.execute("pragma synchronous = full")
    if fresh:
        connection.execute(f"pragma application_id = {APPLICATION}")
    return fresh


def migrate(connection: sqlite3.Connection, migrations: Sequence[Sequence[str]]) -> None:
    """Up to the newest version, each step whole or not at all: the version changes in the step's own transaction."""
    for version, step in enumerate(migrations, 1):
        if version <= version_of(connection):
            continue
        with transaction(connection):
            for statement in step:
                connection.execute(statement)
            connection.execute(f"pragma user_version = {version}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything inside, or nothing."""
    connection.execute(SQL.begin)
    try:
        yield
        connection.execute(SQL.commit)
    except BaseException:
        if connection.in_transaction:
            connection.execute(SQL.rollback)
        raise


def set_aside(path: Path, now: datetime) -> Path:
    """Rename the file and what lies beside it; the log of changes first, so that it never meets the fresh file."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    kept = path.with_name(f"{path.name}.damaged-{stamp}")
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
    for beside in ("-suspect", "-wal", "-shm", ""):
        part = Path(f"{path}{beside}")
        if part.exists():
            part.rename(f"{kept}{beside}")
    return kept
