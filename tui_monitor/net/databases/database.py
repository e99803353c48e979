"""Databases: one query or record over one connection, in a thread and given up in time.

A driver blocks and cannot be cancelled. So its connection is cut from outside when its time is over, again and again
until its thread has let go; and while it has not, the same query is not asked anew.
"""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from time import monotonic, perf_counter
from traceback import clear_frames
from typing import TYPE_CHECKING, Any

from tui_monitor.core.errors import TuiMonitorError, Unreachable, Unreadable
from tui_monitor.core.extras import need
from tui_monitor.core.model import Phases
from tui_monitor.core.options import naming
from tui_monitor.core.secret import Secret
from tui_monitor.core.text import clean, spell_duration
from tui_monitor.net.databases.driver_words import of_driver
from tui_monitor.net.databases.drivers import Driver, Row, driver_of
from tui_monitor.net.threads import Threads

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_LONGEST = 10_000
"""Characters of a value that are looked at."""
_AGAIN = 0.25
"""Seconds between two cuts: one may fall where the driver is between two connections."""

_USUAL = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+mysqlconnector",
    "mariadb": "mysql+mysqlconnector",
    "mariadb+mysqlconnector": "mysql+mysqlconnector",
    "sqlite": "sqlite+pysqlite",
}
"""The driver for an address that names none."""

_NEEDED = {"psycopg": ("psycopg", "postgres"), "mysqlconnector": ("mysql.connector", "mysql")}
"""The package of each driver that we have an extra for."""


@dataclass(frozen=True, slots=True)
class Address:
    """Which database. Nothing of it is shown."""

    url: URL = field(repr=False)

    @property
    def secrets(self) -> frozenset[str]:
        """Texts that must not be in anything that is said: the password, however it is written."""
        texts = {str(self.url.password or ""), self.url.render_as_string(hide_password=False)}
        for name, value in self.url.query.items():
            if any(sign in name.lower() for sign in ("pass", "secret", "token")):
                texts |= {value} if isinstance(value, str) else set(value)
        return frozenset(texts - {""})


@dataclass(frozen=True, slots=True)
class Query(Address):
    """What to ask of it, and how many rows to read at most."""

    text: str = field(repr=False)
    most: int


@dataclass(frozen=True, slots=True)
class Rows:
    """What came: how many rows, up to the most that were asked for, and the first value of the first."""

    count: int
    value: Any
    phases: Phases


def build_query(url: Secret, text: str, most: int, password: Secret | None = None) -> Query:
    """A query from what a person wrote. ValueError says what is wrong with it, and shows nothing of the address."""
    if not text.strip():
        raise ValueError("query is empty")
    return Query(build_url(url, password), text, most)


def build_url(url: Secret, password: Secret | None) -> URL:
    """An address that has a driver here. ValueError says what is wrong with it, and shows nothing of it."""
    with naming("url"):
        made = _address(url.reveal())
        if password:
            made = made.set(password=password.reveal())
        _check_driver(made)
    return made


def extra_for(url: Secret) -> str:
    """The extra that has all that an address needs."""
    name = url.reveal().partition(":")[0]
    return _NEEDED.get(_USUAL.get(name, name).partition("+")[2], ("", "sql"))[1]


def _address(text: str) -> URL:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("it cannot be read; write it like postgresql://user:password@host:5432/database") from None
    url = url.set(drivername=_USUAL.get(url.drivername, url.drivername))
    if url.get_backend_name() == "sqlite" and (not url.database or url.database.startswith((":", "file:"))):
        raise ValueError("it names no file; write it like sqlite:////srv/app/data.db")
    return url


def _check_driver(url: URL) -> None:
    from sqlalchemy.exc import NoSuchModuleError

    name = clean(url.drivername, 60)
    package, extra = _NEEDED.get(url.get_driver_name() if "+" in url.drivername else "", ("", ""))
    if package:
        need(package, extra, f"an address with {url.get_backend_name()}://")
    try:
        made: Any = url.get_dialect()
        if not package:
            made.import_dbapi()
    except NoSuchModuleError:
        raise ValueError(f"there is no driver {name!r} here: give postgresql://, mysql:// or sqlite://") from None
    except ImportError:
        raise ValueError(f"the driver {name!r} is not installed") from None
    if made.is_async:
        raise ValueError(f"{name!r} is a driver for asyncio only, give one that is not")


class Errand(ABC):
    """One thing under way at a database, known to the thread that does it and to the loop that may cut it off."""

    name = "look"
    writes = False

    def __init__(self, address: Address, home: Path, within: float) -> None:
        self.address = address
        self._home = home
        self._until = monotonic() + within
        self._half = within / 2
        self._lock = threading.Lock()
        self._cut: Callable[[], object] | None = None
        self._is_over = False
        self.has_begun = self.has_waited = self.is_done = False
        self.doing = "connecting"

    def work(self) -> Any:
        """In a thread. Raises Unreachable and Unreadable."""
        with self._lock:
            self.has_begun = True
            self.has_waited = self._left() < self._half
            is_late = self._is_over
        try:
            if is_late:
                raise Unreachable("timeout", "nobody waits for the answer any more")
            return self._do(driver_of(self.address.url, self._home, writes=self.writes))
        finally:
            self.is_done = True

    def cut_off(self) -> None:
        """In the loop: whatever is under way ends soon, and nothing more begins."""
        with self._lock:
            self._is_over = True
            if self._cut is not None:
                self._cut()

    def _hold(self, cut: Callable[[], object] | None) -> None:
        with self._lock:
            self._cut = cut
            if self._is_over and cut is not None:
                cut()

    def _left(self) -> float:
        return max(self._until - monotonic(), 0.001)

    @abstractmethod
    def _do(self, driver: Driver) -> Any:
        """In the thread. Raises Unreachable, and closes what it opened."""

    def _told(self, error: Exception) -> Unreachable:
        said = of_driver(error, self.doing, self.address.secrets)
        let_go(error)
        return said


class Asking(Errand):
    """One query."""

    def __init__(self, query: Query, home: Path, within: float) -> None:
        super().__init__(query, home, within)
        self._query = query

    def _do(self, driver: Driver) -> Rows:
        begun = perf_counter()
        try:
            connection = driver.open(self._left(), self._hold)
        except driver.errors as error:
            self._hold(None)
            raise self._told(error) from None
        connected = perf_counter()
        try:
            self.doing = "running the query"
            driver.limit(connection, self._left())
            rows = driver.read(connection, self._query.text, self._query.most)
            answered = perf_counter()
            driver.forget(connection)
        except driver.errors as error:
            raise self._told(error) from None
        finally:
            self._hold(None)
            driver.close(connection)
        phases = Phases(connect=connected - begun, first_byte=answered - connected, total=answered - begun)
        return Rows(len(rows), first_of(rows), phases)


def let_go(error: BaseException | None) -> None:
    """Empty the frames that an error and those before it came through.

    Drivers keep their errors where these keep them: a ring, which holds the line, and what came over it, for as long
    as no garbage is collected.
    """
    met = set[int]()
    while error is not None and id(error) not in met:
        met.add(id(error))
        clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def first_of(rows: list[Row]) -> Any:
    """The first value of the first row as plain data; None where there is none."""
    return plain(rows[0][0]) if rows and len(rows[0]) else None


def plain(value: Any) -> Any:
    """A value as JSON has it: a number of whatever kind as int or float, a moment as text."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int | Decimal):
        value = Decimal(value)
        is_whole = value.is_finite() and abs(value) < 1 << 63 and value == value.to_integral_value()
        return int(value) if is_whole else float(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value[:_LONGEST]).decode("utf-8", "replace")
    return str(value)[:_LONGEST]


class Databases:
    """The queries of one process that are under way. Made inside a running loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, home: Path) -> None:
        self._loop, self.home = loop, home
        self._threads = Threads(32, "tui-monitor-database")  # of their own: many databases may hang at once
        self.under_way: set[Errand] = set()
        self.stuck: dict[Address, Errand] = {}

    def __repr__(self) -> str:
        return f"<Databases {len(self.under_way)} asked, {len(self.stuck)} stuck>"

    async def ask(self, query: Query, within: float) -> Rows:
        """The answer, within its time. Raises Unreachable and Unreadable."""
        rows: Rows = await self.finish(Asking(query, self.home, within), within)
        return rows

    async def finish(self, errand: Errand, within: float) -> Any:
        """What comes of it, within its time. Raises Unreachable and Unreadable."""
        if errand.address in self.stuck:
            raise Unreachable("timeout", f"the driver has not come back from the last {errand.name} yet")
        self.under_way.add(errand)
        try:
            async with asyncio.timeout(within):
                return await self._threads.run(errand.work)
        except TimeoutError:
            text = f"no answer within {spell_duration(within)}, still {errand.doing}"
            raise self._blamed(errand, Unreachable("timeout", text)) from None
        except Unreachable as error:
            raise self._blamed(errand, error) from None
        finally:
            self.under_way.discard(errand)
            self._cut_off(errand)

    def _blamed(self, errand: Errand, error: Unreachable) -> TuiMonitorError:
        """Whoever got less than half of the time is not to blame for having needed more."""
        is_blameless = error.cause == "timeout" and (errand.has_waited or not errand.has_begun)
        return Unreadable("no thread was free to ask the database: too many of them hang") if is_blameless else error

    def _cut_off(self, errand: Errand) -> None:
        """Until its thread has let go."""
        errand.cut_off()
        if errand.has_begun and not errand.is_done:
            self.stuck[errand.address] = errand
            self._loop.call_later(_AGAIN, self._cut_off, errand)
        else:
            self.stuck.pop(errand.address, None)

    def close(self) -> None:
        for errand in self.stuck.values():
            errand.cut_off()
        self._threads.close()
