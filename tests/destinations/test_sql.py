"""Looks in a table, of the real databases on this machine and of a file: each once, whatever goes wrong."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.destinations.small import NOON, Out, service
from tui_monitor import config
from tui_monitor.core.errors import ConfigError, DeliveryError
from tui_monitor.core.model import Measure
from tui_monitor.core.ports import Sample
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.destinations.craft.samples import row_of
from tui_monitor.destinations.sql import Sql
from tui_monitor.net.databases import recording

POSTGRES = "postgresql://postgres@127.0.0.1:5432/"
MARIADB = "mysql+mysqlconnector://root@127.0.0.1:3306/"
POETRY = "漢字 💥 é ' \" \\ % %s :name {x}"
HIDDEN = "hidden-word-1"
USER = "looks_only"

postgres = pytest.param("postgres", marks=pytest.mark.service("postgres"))
mariadb = pytest.param("mariadb", marks=pytest.mark.service("mariadb"))
EVERY = pytest.mark.parametrize("server", [postgres, mariadb, "file"], indirect=True)
SERVERS = pytest.mark.parametrize("server", [postgres, mariadb], indirect=True)


class Server:
    """One database of this test's own, and somebody who looks into it by other means."""

    def __init__(self, url: str, base: str = "") -> None:
        self.url, self.base = url, base or url

    def does(self, *statements: str, database: bool = True) -> list[tuple[Any, ...]]:
        """By SQLAlchemy as anybody would use it; what the last statement answers."""
        from sqlalchemy import create_engine, text

        engine = create_engine(self.url if database else self.base, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            found = [connection.execute(text(one)) for one in statements]
            rows = [tuple(row) for row in found[-1]] if found[-1].returns_rows else []
        engine.dispose()
        return rows

    def rows(self, table: str = "observations") -> list[tuple[Any, ...]]:
        columns = "service, at, name, status, latency, message, measures"
        return self.does(f"select {columns} from {table} order by at, service")


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    if request.param == "file":
        yield Server(f"sqlite:///{tmp_path}/looks.db")
        return
    name = f"tui_monitor_{abs(hash(request.node.nodeid)) % 10**9}"
    base, made = (POSTGRES, f"create database {name} template template0 encoding 'UTF8'")
    if request.param == "mariadb":
        base, made = MARIADB, f"create database {name} character set latin1"
    one = Server(base.replace("postgresql:", "postgresql+psycopg:") + name, _driven(base))
    one.does(f"drop database if exists {name}", made, database=False)
    yield one
    one.does(f"drop database {name}", database=False)


def _driven(url: str) -> str:
    return url.replace("postgresql:", "postgresql+psycopg:") + ("postgres" if url == POSTGRES else "mysql")


def into(server: Server, **options: Any) -> Sql:
    return Sql(Secret(server.url), **options)


def sample(n: int = 0, **more: Any) -> Sample:
    usual = Sample(service(), NOON + timedelta(seconds=n), Status.OPERATIONAL, "200 OK", 0.25)
    return replace(usual, **more)


def moment_of(value: Any) -> datetime:
    """As each database gives it back: with a zone, without one, or as text."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


# -- what is written ------------------------------------------------------------------------------------------------


@EVERY
async def test_each_look_is_a_row_in_a_table_made_for_it(server: Server, outside: Out) -> None:
    at = datetime(2026, 11, 20, 14, 0, 0, 123456, timezone(timedelta(hours=2)))
    age = (Measure("age", 42.5, "s"), Measure("odd", float("nan")))
    looks = [sample(), sample(at=at, status=Status.MAJOR, message=POETRY, latency=None, measures=age)]
    await into(server).record(looks, outside)
    first, second = server.rows()
    assert first[:1] + first[2:] == ("api-production", "API production", "operational", 0.25, "200 OK", None)
    assert second[:1] + second[2:6] == ("api-production", "API production", "major", None, POETRY)
    assert json.loads(second[6]) == {"age": 42.5}
    assert [moment_of(row[1]) for row in (first, second)] == [NOON, at]


@EVERY
async def test_a_batch_that_is_put_again_makes_no_row_twice(server: Server, outside: Out) -> None:
    looks = [sample(n) for n in range(300)]
    await into(server).record(looks[:200], outside)
    await into(server).record(looks, outside)
    await into(server).record([replace(looks[0], message="otherwise")], outside)
    rows = server.rows()
    assert len(rows) == 300
    assert {row[5] for row in rows} == {"200 OK"}


@EVERY
async def test_ids_that_differ_in_letters_or_accents_alone_are_two(server: Server, outside: Out) -> None:
    ids = ["shop", "Shop", "shöp", "s" * 300 + "a", "s" * 300 + "b"]
    await into(server).record([sample(service=replace(service(), id=one)) for one in ids], outside)
    assert len({row[0] for row in server.rows()}) == 5


@EVERY
async def test_hostile_texts_are_bounded_and_harm_nothing(server: Server, outside: Out) -> None:
    hostile = "a\x00b\x1b[31m\ud800'; drop table observations; --" + "💥" * 10_000
    await into(server).record([sample(service=service(hostile), message=hostile)], outside)
    (row,) = server.rows()
    assert row[2].startswith("a b [31m '; drop table")
    assert (len(row[2]), len(row[5])) == (500, 1000)


@EVERY
@pytest.mark.parametrize("name", ["Looks of all", "select", 'a"b`c', "ünï"])
async def test_a_table_may_have_any_name(server: Server, outside: Out, name: str) -> None:
    await into(server, table=name).record([sample()], outside)
    assert "takes looks" in await into(server, table=name).prove(outside)
    await into(server, table=name).record([sample(), sample(1)], outside)


@EVERY
async def test_a_thousand_looks_go_in_one_transaction(server: Server, outside: Out) -> None:
    await into(server).record([sample()], outside)
    if "sqlite" in server.url:
        slow = "create trigger t before insert on observations when new.latency > 9"
        server.does(f"{slow} begin select raise(abort, 'too slow'); end")
    else:
        server.does("alter table observations add constraint slow check (latency < 9)")
    with pytest.raises(DeliveryError, match=r"it takes nothing: .*slow"):
        await into(server).record([*(sample(n) for n in range(2, 1000)), sample(1, latency=10.0)], outside)
    assert len(server.rows()) == 1
    await into(server).record([sample(n) for n in range(1000)], outside)
    assert len(server.rows()) == 1000


@pytest.mark.service("postgres")
@pytest.mark.parametrize("server", [postgres], indirect=True)
async def test_a_schema_of_its_own(server: Server, outside: Out) -> None:
    with pytest.raises(DeliveryError, match=r"it takes nothing: .*watch"):
        await into(server, schema="watch").record([sample()], outside)
    server.does("create schema watch")
    await into(server, schema="watch").record([sample()], outside)
    assert len(server.rows("watch.observations")) == 1


async def test_a_database_that_has_no_word_for_it_is_asked_row_by_row(
    outside: Out, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_insert_once", lambda table, dialect: None)
    place = Sql(Secret("sqlite:///looks.db"))
    await place.record([sample(0), sample(1)], outside)
    await place.record([sample(1), sample(2)], outside)
    with sqlite3.connect(tmp_path / "looks.db") as made:
        assert made.execute("select count(*) from observations").fetchone() == (3,)
    made.close()


def test_which_services_are_recorded() -> None:
    url = Secret("sqlite:///x.db")
    assert Sql(url).records(service(), None)
    for named in ("API production", "api-production"):
        assert Sql(url, services=(named,)).records(service(), None)
    assert not Sql(url, services=("other",)).records(service(), None)


def test_a_moment_is_one_of_utc() -> None:
    assert row_of(sample(at=NOON.astimezone(timezone(timedelta(hours=9)))))["at"].tzinfo is UTC


# -- proving --------------------------------------------------------------------------------------------------------


@EVERY
async def test_proving_makes_the_table_and_puts_nothing_into_it(server: Server, outside: Out) -> None:
    first, again = [await into(server).prove(outside) for _ in range(2)]
    assert first.endswith("was made and takes looks; none was put into it")
    assert again.endswith("takes looks; none was put into it")
    assert "made" not in again
    assert server.rows() == []


@SERVERS
async def test_a_user_who_may_only_read_is_told_so(server: Server, outside: Out) -> None:
    await into(server).record([sample()], outside)
    reader, undo = let_read(server)
    try:
        for act in (reader.prove(outside), reader.record([sample(1)], outside), new_table(reader).prove(outside)):
            with pytest.raises(DeliveryError, match="may not write there: grant INSERT on the table, or") as caught:
                await act
            assert caught.value.retry
    finally:
        server.does(*undo)
    assert len(server.rows()) == 1


def let_read(server: Server) -> tuple[Sql, list[str]]:
    name = server.url.rpartition("/")[2]
    if "mysql" in server.url:
        who = f"'{USER}'@'127.0.0.1'"
        server.does(f"create or replace user {who}", f"grant select on {name}.* to {who}")
        undo = [f"drop user {who}"]
    else:
        server.does(f"drop role if exists {USER}", f"create role {USER} login")
        server.does("revoke create on schema public from public", f"grant select on observations to {USER}")
        undo = [f"drop owned by {USER}", f"drop role {USER}"]
    return Sql(Secret(server.url.replace("root@", f"{USER}@").replace("postgres@", f"{USER}@"))), undo


def new_table(place: Sql) -> Sql:
    return Sql(place.url, table="others")


@pytest.mark.parametrize(
    ("url", "text"),
    [
        pytest.param(f"{POSTGRES}not_there", "there is no such database", marks=pytest.mark.service("postgres")),
        pytest.param(f"{MARIADB}not_there", "there is no such database", marks=pytest.mark.service("mariadb")),
        pytest.param(
            f"mysql://nobody:{HIDDEN}@127.0.0.1/mysql", "it refuses the user", marks=pytest.mark.service("mariadb")
        ),
        (f"postgresql://u:{HIDDEN}@127.0.0.1:9/d", "the connection was refused"),
        (f"mysql://u:{HIDDEN}@127.0.0.1:9/d", "the connection was refused"),
        ("sqlite:///no/folder/looks.db", "there is no such database"),
    ],
)
async def test_a_database_that_is_not_there_is_one_sentence(
    outside: Out, caplog: pytest.LogCaptureFixture, url: str, text: str
) -> None:
    caplog.set_level(logging.DEBUG)
    place = Sql(Secret(url))
    for act in (place.prove(outside), place.record([sample()], outside)):
        with pytest.raises(DeliveryError, match=f"the table observations at .* cannot be written: {text}") as caught:
            await act
        assert caught.value.retry
        assert HIDDEN not in f"{caught.value!r}{caught.value.__cause__!r}{caplog.text}{place!r}"
        assert str(caught.value).isprintable()


async def test_a_file_that_may_only_be_read_says_so(outside: Out, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "looks.db") as made:
        made.execute("create view observations as select 1")
    made.close()
    with pytest.raises(DeliveryError, match=r"it takes nothing: .*view"):
        await Sql(Secret("sqlite:///looks.db")).record([sample()], outside)


@SERVERS
async def test_a_table_of_another_shape_is_named_in_the_words_of_the_database(server: Server, outside: Out) -> None:
    server.does("create table observations (a int)")
    with pytest.raises(DeliveryError, match=r"it takes nothing: .*column"):
        await into(server).prove(outside)


@SERVERS
async def test_a_table_in_an_old_encoding_gets_what_it_can_hold(server: Server, outside: Out) -> None:
    if "mysql" in server.url:
        await into(server).record([sample()], outside)
        server.does("alter table observations modify message varchar(1000) character set latin1")
    else:
        name = server.url.rpartition("/")[2]
        latin = f"create database {name} template template0 encoding 'LATIN1' locale 'C'"
        server.does(f"drop database {name}", latin, database=False)
    await into(server).record([sample(), sample(1, message="sehr schön 💥")], outside)
    assert [row[5] for row in server.rows()] == ["200 OK", "sehr sch?n ?"]


# -- faults on the way ----------------------------------------------------------------------------------------------


@SERVERS
async def test_after_every_connection_is_cut_it_goes_on(server: Server, outside: Out) -> None:
    await into(server).record([sample()], outside)
    kill_all(server)
    await into(server).record([sample(), sample(1)], outside)
    assert len(server.rows()) == 2


def kill_all(server: Server) -> None:
    name = server.url.rpartition("/")[2]
    if "mysql" in server.url:
        others = f"from information_schema.processlist where db = '{name}' and id <> connection_id()"
        found = server.does(f"select id {others}")
        server.does(*(f"kill {one}" for (one,) in found)) if found else None
    else:
        others = f"from pg_stat_activity where datname = '{name}' and pid <> pg_backend_pid()"
        server.does(f"select pg_terminate_backend(pid) {others}")


@SERVERS
async def test_a_batch_that_waits_for_a_lock_is_given_up_and_put_later(
    server: Server, outside: Out, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from sqlalchemy import create_engine, text

    await into(server).record([sample()], outside)
    lock = "lock tables observations write" if "mysql" in server.url else "lock table observations"
    engine = create_engine(server.url)
    with engine.connect() as holder:
        holder.execute(text(lock))
        monkeypatch.setattr(Out, "timeout", 0.5)
        with pytest.raises(DeliveryError) as caught:
            await into(server).record([sample(), sample(1)], outside)
        assert (caught.value.retry, caught.value.unsure) == (True, True)
        async with asyncio.timeout(5):
            while outside.net.databases.stuck or waiting(server):
                await asyncio.sleep(0)
    engine.dispose()
    assert [record for record in caplog.records if record.name.startswith("sqlalchemy")] == []
    monkeypatch.setattr(Out, "timeout", 10.0)
    await into(server).record([sample(), sample(1)], outside)
    assert len(server.rows()) == 2


def waiting(server: Server) -> list[tuple[Any, ...]]:
    """What still waits for the lock there."""
    name = server.url.rpartition("/")[2]
    if "mysql" in server.url:
        return server.does(
            f"select info from information_schema.processlist where db = '{name}' and info like 'ins%'"
        )
    return server.does(
        f"select query from pg_stat_activity where datname = '{name}' and query like 'INS%' and state = 'active'"
    )


@SERVERS
async def test_two_boards_that_begin_at_once_make_one_table(server: Server, outside: Out) -> None:
    boards = [into(server) for _ in range(4)]
    looks = [[sample(n, service=replace(service(), id=f"s{board}")) for n in range(20)] for board in range(4)]
    await asyncio.gather(*(one.record(some, outside) for one, some in zip(boards, looks, strict=True)))
    assert len(server.rows()) == 80


# -- what a config may say ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"url": f"nonsense {HIDDEN}"}, "url: it cannot be read; write it like postgresql"),
        ({"url": f"weird://u:{HIDDEN}@h/d"}, "url: there is no driver 'weird' here"),
        ({"url": "sqlite://"}, "url: it names no file"),
        ({"url": "sqlite:///a.db", "table": ""}, "table"),
        ({"url": "sqlite:///a.db", "table": "a" * 64}, "table must be a name of at most 63 characters"),
        ({"url": "sqlite:///a.db", "schema": "a\nb"}, "schema must be a name"),
    ],
)
def test_what_is_wrong_is_told_at_load_and_no_secret_is(options: dict[str, str], text: str) -> None:
    places = json.dumps({"a": {"sql": options}})
    with pytest.raises(ConfigError) as caught:
        config.read(f"services: [{{name: A, tcp: {{host: h, port: 1}}}}]\ndestinations: {places}", "c", {}, Path())
    assert text in str(caught.value)
    assert HIDDEN not in str(caught.value)


def test_no_route_leads_to_it() -> None:
    text = """
services: [{name: A, tcp: {host: h, port: 1}}]
destinations: {looks: {sql: {url: "sqlite:///a.db"}}}
routes: [{to: [looks]}]
"""
    with pytest.raises(ConfigError, match="'looks' is told of no incident: no route leads there"):
        config.read(text, "c", {}, Path())


def test_a_service_that_is_not_there_is_told_with_its_line() -> None:
    text = """services: [{name: Api One, tcp: {host: h, port: 1}}]
destinations:
  x:
    sql: {url: "sqlite:///looks.db", services: [Api One, api-one, Api Tow]}
"""
    with pytest.raises(ConfigError) as caught:
        config.read(text, "c.yaml", {}, Path())
    (problem,) = caught.value.problems
    assert (problem.line, problem.path) == (4, "destinations.x.sql.services[2]")
    assert problem.text == "no service is called 'Api Tow'; did you mean 'Api One'?"
