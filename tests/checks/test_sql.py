"""`sql` from the outside: real databases, a file, and servers that hang, babble and want our files."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import struct
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.net.small import serving
from tui_monitor.checks.sql import Sql, Value
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.model import Phases, Reading
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.net import Way
from tui_monitor.net.databases.database import Rows, plain

POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"
MARIADB = "mariadb://root@127.0.0.1:3306/mysql"
ENDLESS = "select 1 union all select i + 1 from n"
postgres = pytest.param(POSTGRES, marks=pytest.mark.service("postgres"), id="postgres")
mariadb = pytest.param(MARIADB, marks=pytest.mark.service("mariadb"), id="mariadb")
file = pytest.param("sqlite:///data.db", id="sqlite")


@pytest.fixture(autouse=True)
def data(tmp_path: Path) -> Path:
    """A file of SQLite with two rows in it."""
    path = tmp_path / "data.db"
    with sqlite3.connect(path) as made:
        made.executescript("create table t (n, word); insert into t values (7, 'seven'), (8, null)")
    made.close()
    return path


async def look(way: Way, url: str, query: str = "select 1", *expect: Value, **options: object) -> Reading:
    check = Sql(Secret(url), query, expect=expect, **options)
    return check.judge(await check.look(way))


async def failure(way: Way, url: str, query: str = "select 1", **options: object) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        await look(way, url, query, **options)
    assert str(caught.value).isprintable()
    return caught.value


async def let_go(way: Way) -> None:
    """Until no driver holds a thread any more, long before its query would be over."""
    async with asyncio.timeout(3):
        while way.net.databases.stuck:
            await asyncio.sleep(0)


# -- answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [postgres, mariadb, file])
async def test_a_database_that_is_well_answers(way: Way, url: str):
    reading = await look(way, url)
    assert (reading.status, reading.message, reading.cause) == (Status.OPERATIONAL, "it answered 1", "")
    assert [(one.name, one.value) for one in reading.measures] == [("value", 1.0)]
    assert 0 < reading.phases.connect <= reading.phases.total == reading.latency


@pytest.mark.parametrize("url", [postgres, mariadb, file])
async def test_of_a_long_answer_only_the_first_rows_are_read(way: Way, url: str):
    numbers = (
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 900) select a.i from n a, n b, n c"
    )
    reading = await look(Way(way.net, 4.0), url, numbers, Value(rows=2))
    assert reading.message == "there are more than 2 rows, expected 2"


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("select cast(3 as decimal(9, 2))", "3"),
        ("select cast(2.5 as decimal(9, 2))", "2.5"),
        ("select null", "missing"),
        ("select 'a' || chr(27) || 'b'", '"a\\u001bb"'),
        ("select timestamptz '2026-02-03 04:05:06+00' at time zone 'utc'", '"2026-02-03T04:05:06"'),
        ("select true", "true"),
        ("select '\\x41ff'::bytea", '"A�"'),
        ("select repeat('x', 5000000)", '"' + "x" * 59),
        ("select 'infinity'::float8", "Infinity"),
        ("select '{\"a\": 1}'::json", "\"{'a': 1}\""),
        ("show server_encoding", '"UTF8"'),
        ("select count(*) from pg_class where relname like '%'", ""),
    ],
)
@pytest.mark.service("postgres")
async def test_values_of_every_kind_are_plain_data(way: Way, query: str, value: str):
    reading = await look(way, POSTGRES, query)
    assert reading.status is Status.OPERATIONAL
    assert reading.message.startswith(f"it answered {value}")
    assert len(reading.message) < 100


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal(10) ** 400, float("inf")),
        (10**400, float("inf")),
        (2**62, 2**62),
        (timedelta(minutes=2), 120.0),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        (memoryview(b"ab"), "ab"),
        (["a"], "['a']"),
    ],
)
def test_odd_values_do_no_harm(value: object, expected: object):
    assert plain(value) == expected


@pytest.mark.parametrize(
    ("query", "expect", "cause", "text"),
    [
        ("select n from t", Value(equals=7), "", "it answered 7"),
        ("select n from t", Value(equals=8), "value:equals", "the value is 7, expected 8"),
        ("select n from t", Value(not_equals=7), "value:not_equals", "anything but 7"),
        ("select n from t", Value(less_than=7), "value:less_than", "the value is 7, expected less than 7"),
        ("select n from t", Value(greater_than=6, less_than=8), "", "it answered 7"),
        ("select n from t", Value(greater_than=7, less_than=8), "value:less_than+greater_than", "more than 7"),
        ("select word from t", Value(matches="^sev"), "", 'it answered "seven"'),
        ("select word from t", Value(matches="^eight"), "value:matches", "expected to match ^eight"),
        ("select word from t", Value(less_than=1), "value:less_than", "which is not a number"),
        ("select null", Value(exists=True), "value:exists", "the value is missing"),
        ("select n from t where n > 9", Value(equals=1), "value:equals", "the value is missing, expected 1"),
        ("select n from t where n > 9", Value(empty=True), "", "no rows"),
        ("select n from t where n > 9", Value(empty=False), "empty", "there are no rows, expected some"),
        ("select n from t", Value(empty=True), "empty", "there are rows, expected none"),
        ("select n from t", Value(empty=False), "", "it answered 7"),
        ("select n from t", Value(rows=2), "", "it answered 7"),
        ("select n from t", Value(rows=3), "rows", "there are 2 rows, expected 3"),
        ("select n from t", Value(rows=1), "rows", "there are more than 1 rows, expected 1"),
        ("select n from t", Value(rows=0), "rows", "there are more than 0 rows, expected 0"),
    ],
)
async def test_what_is_expected_is_compared(way: Way, query: str, expect: Value, cause: str, text: str):
    reading = await look(way, "sqlite:///data.db", query, expect)
    assert reading.cause == cause
    assert text in reading.message
    assert reading.status is (Status.PARTIAL if cause else Status.OPERATIONAL)


async def test_the_worst_that_is_missed_counts(way: Way):
    expect = (Value(less_than=9), Value(less_than=5, otherwise="degraded"), Value(less_than=7, otherwise="major"))
    reading = await look(way, "sqlite:///data.db", "select n from t", *expect)
    assert (reading.status, reading.message) == (Status.MAJOR, "the value is 7, expected less than 7")


def test_a_pattern_that_would_take_for_ever_tells_nothing():
    check = Sql(Secret("sqlite:///x"), expect=(Value(matches="(x+x+)+y"),))
    assert check.judge(Rows(1, "x" * 5000, Phases())).status is Status.UNKNOWN


# -- faults ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("postgresql://nobody-here@127.0.0.1/postgres", "login"),
        ("postgresql://postgres@127.0.0.1/not-there", "database"),
        (POSTGRES + "?sslmode=require", "tls"),
        (POSTGRES + "?nonsense=1", "connect"),
        ("postgresql://postgres@nobody.localhost/postgres", "dns"),
    ],
)
@pytest.mark.service("postgres")
async def test_a_postgres_that_cannot_be_used_says_why(way: Way, url: str, cause: str):
    fault = await failure(way, url, password=Secret("hidden-1"))
    assert fault.cause == cause
    assert "hidden-1" not in str(fault)


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("mysql://nobody-here@127.0.0.1/mysql", "login"),
        ("mysql://root@127.0.0.1/not-there", "database"),
        (MARIADB + "?nonsense=1", "driver"),
        ("mysql://root@nobody.localhost/mysql", "dns"),
    ],
)
@pytest.mark.service("mariadb")
async def test_a_mariadb_that_cannot_be_used_says_why(way: Way, url: str, cause: str):
    assert (await failure(way, url, **({"password": Secret("hidden-1")} if "nobody" in url else {}))).cause == cause


@pytest.mark.parametrize("url", [postgres, mariadb, file])
async def test_a_query_that_is_wrong_is_told_in_the_words_of_the_database(way: Way, url: str):
    missing = await failure(way, url, "select * from nothing_of_this_name")
    assert missing.cause == "query"
    assert str(missing).startswith("the query failed: ")
    assert "nothing_of_this_name" in str(missing)
    assert (await failure(way, url, "selekt 1")).cause == "query"
    assert (await failure(way, url, "selekt 1")).cause == "query"


@pytest.mark.parametrize("url", [postgres, mariadb, file])
async def test_nothing_is_ever_changed(way: Way, url: str):
    assert (await failure(way, url, "create table made_by_a_look (a int)")).cause == "change"
    assert (await failure(way, url, "select * from made_by_a_look")).cause == "query"


@pytest.mark.parametrize("url", [postgres, mariadb])
async def test_a_second_statement_cannot_undo_that(way: Way, url: str):
    undo = "set session transaction read write; create table made_by_a_look (a int); commit"
    for query in (undo, f"select 1; {undo}"):
        assert (await failure(way, url, query)).cause == "query"
    assert (await failure(way, url, "select * from made_by_a_look")).cause == "query"


@pytest.mark.parametrize("query", ["attach 'made.db' as made", "vacuum into 'made.db'"])
async def test_no_other_file_is_made_either(way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str):
    monkeypatch.chdir(tmp_path)
    assert (await failure(way, "sqlite:///data.db", query)).cause == "query"
    assert not (tmp_path / "made.db").exists()


@pytest.mark.parametrize(("url", "statement"), [(POSTGRES, "set search_path = x"), (MARIADB, "set @a = 1")])
@pytest.mark.service("postgres")
@pytest.mark.service("mariadb")
async def test_a_statement_without_rows_is_no_query(way: Way, url: str, statement: str):
    fault = await failure(way, url, statement)
    assert (fault.cause, str(fault)) == ("query", "the query has no rows to look at")


@pytest.fixture
def no_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("url", ["postgresql://u:hidden-1@127.0.0.1:{}/d", "mysql://u:hidden-1@127.0.0.1:{}/d"])
class TestAServerThatIsNone:
    async def test_nobody_listens(self, way: Way, url: str):
        async with serving(_silence) as served:
            pass
        fault = await failure(way, url.format(served.port))
        assert (fault.cause, str(fault)) == ("refused", "the connection was refused")

    @pytest.mark.parametrize(
        "said", [b"", b"\0\xff\x1b[31m\r\n\r\n", b"x" * 200_000, b"\x4a\0\0\0\x0a5.5\0", b"E\0\0\0\5"]
    )
    async def test_somebody_babbles(self, way: Way, url: str, said: bytes):
        async def handle(reader, writer):
            writer.write(said)

        async with serving(handle) as served:
            fault = await failure(way, url.format(served.port))
        assert "hidden-1" not in str(fault)
        assert fault.cause in ("lost", "connect", "driver", "timeout", "protocol")

    async def test_somebody_says_nothing_and_is_hung_up_on_before_any_garbage_is_collected(
        self, way: Way, url: str, no_collection: None
    ):
        hung_up = asyncio.Event()

        async def handle(reader, writer):
            await reader.read()
            hung_up.set()

        async with serving(handle) as served:
            fault = await failure(Way(way.net, 0.05), url.format(served.port))
            assert (fault.cause, str(fault)) == ("timeout", "no answer within 50 ms, still connecting")
            await let_go(way)
            async with asyncio.timeout(5):
                await hung_up.wait()

    async def test_while_a_driver_has_not_come_back_it_is_not_asked_again(self, way: Way, url: str):
        async with serving(_silence) as served:
            check = Sql(Secret(url.format(served.port)))
            task = asyncio.ensure_future(check.look(way))
            while not served.connections:
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            with pytest.raises(Unreachable, match="has not come back from the last look"):
                await check.look(way)
            assert served.connections == 1
        await let_go(way)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://u@127.0.0.1:{}/d", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        ("postgresql://u@127.0.0.1:{}/d?sslmode=disable", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        ("mysql://u@127.0.0.1:{}/d", b"\x08\0\0\0not ten\0"),
    ],
)
async def test_whoever_speaks_of_something_else_is_no_database(way: Way, url: str, said: bytes):
    async def handle(reader, writer):
        writer.write(said)

    async with serving(handle) as served:
        fault = await failure(way, url.format(served.port))
    assert fault.cause == "protocol"
    assert str(fault) == "something else listens there: it does not speak the protocol of this database"


async def _silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def test_a_server_that_dribbles_holds_no_thread(way: Way):
    """Each byte in time, and never the last: a limit for each read alone would wait for ever."""

    async def handle(reader, writer):
        writer.write(b"\xff\xff\xff\x00")
        while not reader.at_eof():
            writer.write(b"\x0a")
            await writer.drain()
            await asyncio.sleep(0)

    async with serving(handle) as served:
        fault = await failure(Way(way.net, 0.3), f"mysql://u@127.0.0.1:{served.port}/d")
        assert fault.cause == "timeout"
        await let_go(way)
        assert served.connections == 1


@pytest.mark.parametrize(
    ("url", "query"),
    [
        pytest.param(POSTGRES, "select pg_sleep(60), 'mark-{}'", marks=pytest.mark.service("postgres")),
        pytest.param(MARIADB, "select sleep(60), 'mark-{}'", marks=pytest.mark.service("mariadb")),
        (
            "sqlite:///data.db",
            f"with recursive n(i) as ({ENDLESS}) select max(i), {{}} from n",
        ),
    ],
)
class TestAQueryThatHangs:
    async def test_is_given_up_in_time(self, way: Way, url: str, query: str):
        fault = await failure(Way(way.net, 0.3), url, query.format(1))
        assert fault.cause == "timeout"
        await let_go(way)

    async def test_lets_go_when_the_look_is_cancelled(self, way: Way, url: str, query: str):
        task = asyncio.ensure_future(look(Way(way.net, 60), url, query.format(2)))
        await begun(way, task)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await let_go(way)


@pytest.mark.parametrize("freed", [0.25, 10], ids=["late", "never"])
async def test_whoever_gets_no_thread_in_time_is_not_to_blame(way: Way, freed: float):
    """Where many databases hang, a look at one that is well has to wait, and may have no time left when it begins."""
    over = threading.Event()
    for _ in range(32):
        way.net.databases._threads.put(over.wait)
    timer = asyncio.get_running_loop().call_later(freed, over.set)
    try:
        with pytest.raises(Unreadable, match="no thread was free to ask the database"):
            await look(
                Way(way.net, 0.3), "sqlite:///data.db", f"with recursive n(i) as ({ENDLESS}) select max(i) from n"
            )
    finally:
        timer.cancel()
        over.set()
    await let_go(way)


async def begun(way: Way, task: asyncio.Task[Reading]) -> None:
    """Until the query runs, as far as a look that is under way shows."""
    while not any(asking.doing == "running the query" for asking in way.net.databases.under_way):
        assert not task.done()
        await asyncio.sleep(0)


@pytest.mark.service("postgres")
@pytest.mark.service("mariadb")
async def test_at_the_server_nothing_goes_on_either(way: Way):
    """The server ends the statement by itself: a connection that is cut is noticed only when it says something."""
    running = {
        POSTGRES: "select count(*) from pg_stat_activity where state = 'active' and query like '%mark-' || 3 || '_'",
        MARIADB: "select count(*) from information_schema.processlist where info like concat('%mark-', 3, '_')",
    }
    for url, sleep in ((POSTGRES, "pg_sleep"), (MARIADB, "sleep")):
        await failure(Way(way.net, 0.2), url, f"select {sleep}(60), 'mark-3'")
        while (await look(way, url, running[url])).message != "it answered 0":
            pass


@pytest.mark.service("postgres")
async def test_no_connection_is_left_behind(way: Way):
    url = POSTGRES + "?application_name=look-4"
    for _ in range(3):
        await look(way, url)
        await failure(way, url, "selekt 1")
    mine = "select count(*) from pg_stat_activity where application_name = 'look-4'"
    while (await look(way, POSTGRES, mine)).message != "it answered 0":
        pass


# -- files ----------------------------------------------------------------------------------------------------------


async def test_a_file_that_is_not_there_is_not_made(way: Way, tmp_path: Path):
    assert (await failure(way, "sqlite:///none.db")).cause == "database"
    assert not (tmp_path / "none.db").exists()


async def test_a_file_of_something_else_is_no_database(way: Way, tmp_path: Path):
    (tmp_path / "text?mode=rwc#x.db").write_text("hello" * 1000)
    assert (await failure(way, f"sqlite:///{tmp_path}/text%3Fmode=rwc%23x.db", "select * from t")).cause == "database"


async def test_a_file_that_is_locked_is_told(way: Way, data: Path):
    held = sqlite3.connect(data, isolation_level=None)
    held.execute("begin exclusive")
    fault = await failure(Way(way.net, 0.4), "sqlite:///data.db", "select * from t")
    assert fault.cause in ("locked", "timeout")
    held.close()
    await let_go(way)


# -- secrets --------------------------------------------------------------------------------------------------------


async def test_of_tls_that_fails_the_driver_says_why(way: Way):
    async def handle(reader, writer):
        await reader.read(8)
        writer.write(b"N")

    async with serving(handle) as served:
        fault = await failure(way, f"postgresql://u:hidden-1@127.0.0.1:{served.port}/d?sslmode=require")
    assert fault.cause == "tls"
    assert str(fault).startswith("TLS failed: ")
    assert "does not support SSL" in str(fault)


def refusal(text: str) -> bytes:
    fields = b"SFATAL\0VFATAL\0CXX000\0M" + text.encode() + b"\0\0"
    return b"E" + struct.pack(">I", len(fields) + 4) + fields


@pytest.mark.parametrize(
    ("login", "text"),
    [
        ("u:hidden-1", "you said hidden-1"),
        ("u:hidden-1", "postgresql+psycopg://u:hidden-1@h/d"),
        ("u:p%40ss", "you said p@ss"),
        ("u:x", "oxen have it in them too"),
    ],
)
async def test_words_with_the_password_in_them_are_withheld(way: Way, login: str, text: str):
    async def handle(reader, writer):
        await reader.read(1)
        writer.write(refusal(text))
        await reader.read()

    async with serving(handle) as served:
        where = f"127.0.0.1:{served.port}/d?sslmode=disable"
        assert str(await failure(way, f"postgresql://{login}@{where}")) == "it cannot be connected to"
        assert text in str(await failure(way, f"postgresql://u@{where}"))
        assert text not in str(await failure(way, f"postgresql://u@{where}&sslpassword={login[2:]}"))


async def test_a_server_that_wants_our_files_gets_none(way: Way, tmp_path: Path):
    """A MySQL server may answer a query by asking for a file of the client's."""
    heard = []
    private = str(tmp_path / "private")
    Path(private).write_text("hidden-1")
    query = f"load data local infile '{private}' into table t"

    async def handle(reader, writer):
        greeting = b"\x0a8.0.30\0" + b"\1\0\0\0" + b"a" * 8 + b"\0" + b"\xff\xf7" + b"\x21" + b"\2\0" + b"\xff\xc1"
        greeting += b"\x15" + b"\0" * 10 + b"b" * 12 + b"\0mysql_native_password\0"
        writer.write(len(greeting).to_bytes(3, "little") + b"\0" + greeting)
        while head := await reader.read(4):
            heard.append(await reader.readexactly(int.from_bytes(head[:3], "little")))
            body = b"\xfb" + private.encode() if b"infile" in heard[-1] else b"\0\0\0\2\0\0\0"
            writer.write(len(body).to_bytes(3, "little") + bytes([head[3] + 1]) + body)

    async with serving(handle) as served:
        fault = await failure(way, f"mysql://u@127.0.0.1:{served.port}/d?ssl_disabled=true", query)
    assert any(query.encode() in one for one in heard), "it came as far as the query"
    assert not any(b"hidden-1" in one for one in heard)
    assert fault.cause in ("query", "driver")
