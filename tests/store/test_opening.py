"""Opening a store: permissions, damage, versions, strangers' files, locks, disks that are full or read-only."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.store.making import NOON, event, incident, later, opened, seen
from tui_monitor.core.errors import StoreError
from tui_monitor.core.model import Belief, Told
from tui_monitor.core.ports import Batch
from tui_monitor.store import open_store, opening
from tui_monitor.store.opening import APPLICATION, connect, migrate
from tui_monitor.store.queries import SQL, statements

BATCH = Batch([seen(i) for i in range(50)], [Belief("api")], [incident()], [event()], (), {"a": "b"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "store.db"


async def filled(path: Path, events: int = 0) -> None:
    async with opened("inline", path) as store:
        await store.commit(BATCH)
        await store.commit(
            Batch(events=[event("board", n, text=os.urandom(400).hex()) for n in range(1, events + 1)])
        )


async def test_only_its_owner_can_read_it(path):
    async with opened("threaded", path) as store:
        await store.commit(BATCH)
        assert path.parent.stat().st_mode & 0o777 == 0o700
        files = sorted(path.parent.iterdir())
        assert [file.name for file in files] == ["store.db", "store.db-shm", "store.db-wal"]
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


async def test_a_file_that_others_could_read_is_closed_to_them(path):
    await filled(path)
    path.chmod(0o644)
    await filled(path)
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_path_with_odd_characters_is_a_path(tmp_path):
    odd = tmp_path / "what? #1 %20" / "störe&mode=ro.db"
    await filled(odd)
    assert odd.is_file()


# -- damage ---------------------------------------------------------------------------------------------------------


def zeroes(path: Path) -> None:
    path.write_bytes(bytes(20_000))


def garbage(path: Path) -> None:
    path.write_bytes(os.urandom(20_000))


def truncated(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def scribbled(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(os.urandom(path.stat().st_size - 8192))


def short(path: Path) -> None:
    path.write_bytes(b"SQLite")


@pytest.mark.parametrize("kind", ["threaded", "inline"])
@pytest.mark.parametrize("harm", [zeroes, garbage, truncated, scribbled, short])
async def test_a_damaged_file_is_set_aside_and_a_fresh_store_begun(harm: Callable[[Path], None], kind, path):
    await filled(path, 200)
    harm(path)
    harmed = path.read_bytes()
    async with opened(kind, path) as store:
        kept = path.with_name("store.db.damaged-20260304T120000Z")
        assert kept.read_bytes() == harmed
        assert f"it is kept as {kept.name} and a fresh one is begun" in store.notice
        assert (await store.load(["api"])).beliefs == []
        await store.commit(BATCH)
    async with opened(kind, path) as store:
        assert store.notice == ""
        assert len((await store.load(["api"])).beliefs) == 1


async def test_damage_twice_within_a_second_keeps_both(path):
    for _ in range(2):
        await filled(path)
        garbage(path)
    await filled(path)
    assert len([name for name in os.listdir(path.parent) if "damaged" in name]) == 2


async def test_what_lies_beside_a_damaged_file_is_set_aside_with_it(path):
    async with opened("inline", path) as store:
        await store.commit(BATCH)
        wal = Path(f"{path}-wal").read_bytes()
    path.write_bytes(b"")
    Path(f"{path}-wal").write_bytes(wal)
    async with opened("inline", path) as store:
        assert "changes wait beside it" in store.notice
    assert path.with_name("store.db.damaged-20260304T120000Z-wal").read_bytes() == wal


async def test_a_log_of_changes_full_of_garbage_costs_nothing_that_was_in_the_file(path):
    await filled(path)
    Path(f"{path}-wal").write_bytes(os.urandom(5000))
    async with opened("inline", path) as store:
        assert store.notice == ""
        assert len(await store.looks("api", NOON, later(60))) == 50


async def test_damage_in_the_packed_looks_of_a_large_store_is_met_later_and_dealt_with_at_the_next_start(
    path, monkeypatch
):
    monkeypatch.setattr(opening, "CHECKED_WHOLE", 0)
    async with opened("inline", path) as store:
        await store.commit(Batch([seen(i / 10, latency=i / 7) for i in range(20_000)]))
        await store.tidy(later(9000))
        query = "select rootpage from sqlite_schema where name = 'packed'"
        (page,) = store._writer.connection.execute(query).fetchone()
    with path.open("r+b") as file:
        file.seek(8192 * (page - 1))
        file.write(os.urandom(8192))
    async with opened("inline", path) as store:
        assert len(store.notice) == 0
        with pytest.raises(StoreError, match="is damaged: at the next start it is set aside"):
            await store.looks("api", NOON, later(3600))
    async with opened("inline", path) as store:
        assert "was damaged" in store.notice
        await store.commit(BATCH)
    async with opened("inline", path) as store:
        assert store.notice == ""


# -- versions -------------------------------------------------------------------------------------------------------


def lay(path: Path, version: int) -> sqlite3.Connection:
    """A store as an older program left it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"pragma application_id = {APPLICATION}")
    migrate(connection, SQL.migrations[:version])
    return connection


async def test_an_older_store_is_brought_up_to_date_with_all_it_holds(path):
    connection = lay(path, 1)
    connection.execute("insert into service values (1, 'api')")
    at = round(NOON.timestamp() * 1000)
    connection.execute("insert into look values (?, 1, ?, 4, 0, 0.25)", (at // 60_000, at))
    connection.execute("""insert into belief values ('api', '{"service": "api", "status": "major", "streak": 3}')""")
    connection.execute("insert into setting values ('a', 'b')")
    connection.close()
    async with opened("threaded", path) as store:
        found = await store.load(["api"])
        assert [(belief.status, belief.streak) for belief in found.beliefs] == [("major", 3)]
        assert found.settings == {"a": "b"}
        assert [look.latency for look in await store.looks("api", NOON, NOON)] == [0.25]
        await store.tidy(later(9000))
        assert [look.status for look in await store.looks("api", NOON, NOON)] == ["major"]
    assert sqlite3.connect(path).execute("pragma user_version").fetchone() == (SQL.version,)


UPGRADE = """
import os, sqlite3, sys
from pathlib import Path
from tui_monitor.store.opening import connect, migrate
from tui_monitor.store.queries import SQL
connection = connect(Path(sys.argv[1]), 1)
connection.create_function("die", 0, lambda: os.kill(os.getpid(), 9))
step = [*SQL.migrations[1], "insert into setting values ('half', 'way')", "select die()"]
migrate(connection, [SQL.migrations[0], step])
"""


async def test_an_upgrade_that_is_killed_leaves_the_old_store_whole(path, python):
    connection = lay(path, 1)
    connection.execute("insert into setting values ('a', 'b')")
    connection.close()
    killed = subprocess.run([*python, "-c", UPGRADE, str(path)], check=False)
    assert killed.returncode == -9
    connection = sqlite3.connect(path)
    assert connection.execute("pragma user_version").fetchone() == (1,)
    assert connection.execute("select * from setting").fetchall() == [("a", "b")]
    assert connection.execute("select count(*) from sqlite_schema where name = 'packed'").fetchone() == (0,)
    connection.close()
    async with opened("inline", path) as store:
        assert (await store.load([])).settings == {"a": "b"}


def test_an_upgrade_that_fails_leaves_no_trace(path):
    connection = lay(path, 1)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, [SQL.migrations[0], ["create table new (a)", "insert into nowhere values (1)"]])
    assert connection.execute("select count(*) from sqlite_schema where name = 'new'").fetchone() == (0,)
    assert connection.execute("pragma user_version").fetchone() == (1,)
    connection.close()


async def test_a_newer_store_is_refused_in_one_sentence_and_left_alone(path):
    await filled(path)
    connection = sqlite3.connect(path)
    connection.execute(f"pragma user_version = {SQL.version + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"was written by a newer tui-monitor .*: upgrade the program\.$"):
        await open_store(path, now=NOON)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.glob("*damaged*")] == []


async def test_another_programs_database_is_refused_and_left_alone(tmp_path):
    theirs = tmp_path / "theirs.db"
    connection = sqlite3.connect(theirs)
    connection.execute("create table customers (name)")
    connection.close()
    before = theirs.read_bytes()
    with pytest.raises(StoreError, match="is a database of another program: name another file"):
        await open_store(theirs, now=NOON)
    assert theirs.read_bytes() == before


def test_statements_are_split_where_they_end():
    assert list(statements("create table a (b);\ninsert into a values\n  (';');\n")) == [
        "create table a (b);",
        "insert into a values\n  (';');",
    ]


def test_a_query_that_is_not_there_is_named():
    with pytest.raises(AttributeError, match=r"queries\.sql names no nonsense"):
        _ = SQL.nonsense


# -- locks, full and read-only disks --------------------------------------------------------------------------------


@pytest.fixture
def other(path: Path) -> Iterator[sqlite3.Connection]:
    """Another program with the same file open."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


@pytest.mark.parametrize("kind", ["threaded", "inline"])
async def test_a_file_that_another_program_holds_is_waited_for_and_then_said(kind, path, other):
    async with opened(kind, path, patience=0.05) as store:
        other.execute("begin immediate")
        with pytest.raises(StoreError, match="is locked by another program"):
            await store.commit(BATCH)
        assert (await store.load(["api"])).beliefs == []
        other.execute("rollback")
        await store.commit(BATCH)
        assert len(await store.looks("api", NOON, later(60))) == 50


@pytest.mark.parametrize("kind", ["threaded", "inline"])
async def test_a_full_disk_costs_the_batch_that_did_not_fit_and_nothing_else(kind, path):
    large = Batch([seen(100)], (), (), [event("board", 1, text="x" * 200_000)])
    async with opened(kind, path) as store:
        await store.commit(BATCH)
        connection = store._writer.connection
        pages = connection.execute("pragma page_count").fetchone()[0]
        connection.execute(f"pragma max_page_count = {pages + 2}")
        with pytest.raises(StoreError, match="There is no room left for the store"):
            await store.commit(large)
        assert await store.timeline("board") == []
        assert len(await store.looks("api", NOON, later(200))) == 50
        await store.commit(Batch([seen(101)]))
        connection.execute("pragma max_page_count = 1000000")
        await store.commit(large)
        assert [found.n for found in await store.timeline("board")] == [1]
        assert (await store.uptimes(["api"], later(200), [3600]))["api"][0].up == 52


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
async def test_a_disk_that_is_really_full_is_said_and_room_again_is_enough(small_disk):
    path = small_disk / "store.db"
    async with opened("threaded", path) as store:
        await store.commit(BATCH)
        ballast = small_disk / "ballast"
        with pytest.raises(OSError, match="No space left"):
            ballast.write_bytes(bytes(64 * 2**20))
        with pytest.raises(StoreError, match=r"no room left|disk reports an error"):
            for n in range(1, 500):
                await store.commit(Batch(events=[event("board", n, text="x" * 20_000)]))
        kept = len(await store.timeline("board"))
        ballast.unlink()
        await store.commit(Batch(events=[event("board", kept + 1)]))
    async with opened("threaded", path) as store:
        assert store.notice == ""
        assert len(await store.timeline("board")) == kept + 1
        assert len(await store.looks("api", NOON, later(60))) == 50


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(place)], check=False)
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk read-only")
async def test_a_read_only_disk_is_said_and_what_is_there_can_be_read(small_disk):
    path = small_disk / "store.db"
    async with opened("threaded", path) as store:
        await store.commit(BATCH)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StoreError, match=r"(read-only|cannot be opened)"):
        await open_store(path, now=NOON)
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    await filled(path)


async def test_a_connection_that_may_not_write_says_so_and_changes_nothing(path):
    await filled(path)
    readonly = connect(path, 0.1, readonly=True)
    async with opened("inline", path) as store:
        store._writer.connection.execute("pragma query_only = on")
        with pytest.raises(StoreError, match="is read-only: nothing of this step was kept"):
            await store.commit(Batch([seen(100)]))
        store._writer.connection.execute("pragma query_only = off")
        await store.commit(Batch([seen(100)]))
        assert len(await store.looks("api", NOON, later(200))) == 51
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        readonly.execute("delete from look")
    readonly.close()


async def test_a_folder_that_cannot_be_made_is_said_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"^The store .* cannot be made: .*\.$"):
        await open_store(tmp_path / "file" / "store.db", now=NOON)


async def test_a_folder_in_place_of_the_file_is_said_in_one_sentence(tmp_path):
    (tmp_path / "store.db").mkdir()
    with pytest.raises(StoreError, match=r"^The store .*\.$"):
        await open_store(tmp_path / "store.db", now=NOON)


async def test_what_the_disk_refuses_is_refused_to_all_that_wait_together(path, other):
    async with opened("threaded", path, patience=0.05) as store:
        other.execute("begin immediate")
        outcomes = await asyncio.gather(*(store.commit(Batch([seen(i)])) for i in range(9)), return_exceptions=True)
        assert {str(outcome) for outcome in outcomes} == {f"The store {path} is locked by another program."}
        other.execute("rollback")
        await store.commit(Batch([seen(50)]))
        assert len(await store.looks("api", NOON, later(60))) == 1


async def test_events_are_synced_to_the_disk_and_looks_are_not(path):
    async with opened("inline", path) as store:
        level = store._writer.connection.execute
        for batch, expected in (
            (Batch([seen(1)]), 1),
            (Batch(events=[event()]), 2),
            (Batch([seen(2)], [Belief("api")]), 1),
            (Batch(told=[Told("ops", "i1")]), 2),
            (Batch(incidents=[incident()]), 2),
            (Batch([seen(3)], settings={"a": "b"}), 2),
        ):
            await store.commit(batch)
            assert level("pragma synchronous").fetchone() == (expected,)


# -- for reading only -----------------------------------------------------------------------------------------------


async def test_a_store_opened_for_reading_shows_what_is_there_and_changes_nothing(path):
    await filled(path)
    before = path.read_bytes()
    async with opened("threaded", path, readonly=True) as store:
        assert len((await store.load(["api"])).beliefs) == 1
        assert len(await store.looks("api", NOON, later(60))) == 50
        assert (await store.uptimes(["api"], later(60), [3600]))["api"][0].up == 50
        with pytest.raises(StoreError, match="is read-only"):
            await store.commit(BATCH)
    assert path.read_bytes() == before


async def test_a_store_can_be_read_while_an_engine_writes_it(path):
    async with opened("threaded", path) as engine:
        await engine.commit(BATCH)
        async with opened("threaded", path, readonly=True) as store:
            assert len(await store.looks("api", NOON, later(60))) == 50
            await engine.commit(Batch(settings={"a": "c"}))
            assert (await store.load([])).settings == {"a": "c"}


async def test_reading_a_store_that_is_not_there_makes_none(path):
    with pytest.raises(StoreError, match=r"There is no store .* yet: start the engine once"):
        await open_store(path, now=NOON, readonly=True)
    assert not path.parent.exists()


async def test_reading_sets_no_damaged_file_aside(path):
    await filled(path)
    garbage(path)
    with pytest.raises(StoreError, match="is damaged"):
        await open_store(path, now=NOON, readonly=True)
    assert not [name for name in os.listdir(path.parent) if "damaged" in name]


async def test_reading_an_older_store_says_what_to_do(path):
    lay(path, 1).close()
    with pytest.raises(StoreError, match="is of an older version: start the engine once"):
        await open_store(path, now=NOON, readonly=True)
