"""What is proved before anybody relies on it: every destination at once, never posting, and what it stands on."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.cli.conftest import CONFIG
from tests.cli.program import Setting, Site, free_port
from tests.control.small import SmallControl
from tui_monitor import __version__
from tui_monitor.checks.tcp import Tcp
from tui_monitor.cli import findings
from tui_monitor.cli.findings import Finding, Verdict, of_clock, of_config, of_disk, of_extras, of_state
from tui_monitor.cli.proving import _engine, _prove
from tui_monitor.control.server import Door
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Message
from tui_monitor.core.model import Kind, Service
from tui_monitor.core.plan import Guard, Place, Plan
from tui_monitor.core.ports import Outside, Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.daemon.lock import EngineLock
from tui_monitor.places import Places

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SECRET = "tok-hunter22hunter22"

# -- the machine ----------------------------------------------------------------------------------------------------


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "own" / "state", tmp_path / "own" / "logs", tmp_path / "own" / "state" / "engine.sock")


def verdicts(found: list[Finding]) -> list[str]:
    return [one.verdict.value for one in found]


def test_a_state_that_is_not_there_yet_is_fine_where_it_can_be_made(places: Places) -> None:
    (found,) = of_state(places)
    assert (found.verdict, found.text) == (Verdict.FINE, f"{places.home} is made when an engine starts")
    assert not places.home.parent.exists()


def test_a_state_as_an_engine_leaves_it_is_fine(places: Places) -> None:
    places.make()
    places.store.touch(0o600)
    (found,) = of_state(places)
    assert (found.verdict, found.text) == (Verdict.FINE, f"{places.home} is yours alone")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda places: places.home.chmod(0o755), "may look into {home}: chmod 700 it"),
        (lambda places: places.logs.chmod(0o750), "may look into {logs}: chmod 700 it"),
        (lambda places: places.store.touch(0o644), "may use {home}/store.db: chmod 600 it"),
        (lambda places: places.log.touch(0o640), "may use {logs}/tui-monitor.log: chmod 600 it"),
        (lambda places: (places.logs.rmdir(), places.logs.touch()), "{logs} is not a folder"),
    ],
)
def test_what_others_may_read_is_to_be_mended(places: Places, spoil: Callable[[Places], Any], said: str) -> None:
    before = os.umask(0o022)
    places.make()
    spoil(places)
    os.umask(before)
    found = list(of_state(places))
    assert verdicts(found) == ["mend"]
    assert said.format(home=places.home, logs=places.logs) in found[0].text


def test_a_state_of_which_nothing_can_be_made_is_to_be_mended(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    home = tmp_path / "file" / "state"
    (found,) = of_state(Places(home, home, home / "engine.sock"))
    assert found.text == f"{home} cannot be made in {tmp_path / 'file'}: choose another place with $TUI_MONITOR_HOME"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_state_of_somebody_else_is_to_be_mended(places: Places) -> None:
    places.make()
    os.chown(places.home, 12345, 12345)
    (found,) = of_state(places)
    assert "belongs to somebody else" in found.text


def test_a_config_that_anybody_may_change_is_to_be_mended(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.touch(0o600)
    assert list(of_config(config)) == []
    config.chmod(0o666)
    (found,) = of_config(config)
    assert (found.verdict, found.about) == (Verdict.MEND, "config")


def test_secrets_that_others_may_read_are_noted(tmp_path: Path) -> None:
    (tmp_path / ".env").touch()
    (tmp_path / ".env").chmod(0o644)
    (found,) = of_config(tmp_path / "config.yaml")
    assert found.verdict is Verdict.NOTE
    assert found.text.endswith("chmod 600 it")


def test_a_disk_is_held_to_what_the_store_may_still_need(places: Places) -> None:
    room = os.statvfs(places.home.parent.parent)
    free = room.f_bavail * room.f_frsize
    assert verdicts(list(of_disk(places, 1000))) == ["fine"]
    (found,) = of_disk(places, free * 2)
    assert found.verdict is Verdict.NOTE
    assert "the store may still grow by" in found.text


def test_a_store_that_has_grown_already_needs_less(places: Places) -> None:
    places.make()
    room = os.statvfs(places.home)
    limit = room.f_bavail * room.f_frsize + 10**9
    assert verdicts(list(of_disk(places, limit))) == ["note"]
    with places.store.open("wb") as store:
        store.truncate(2 * 10**9)  # a hole: it takes no room
    assert verdicts(list(of_disk(places, limit))) == ["fine"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc")
def test_a_disk_without_room_is_to_be_mended() -> None:
    nowhere = Path("/proc/self/state")
    (found,) = of_disk(Places(nowhere, nowhere, nowhere / "s"), 1000)
    assert (found.verdict, found.text) == (Verdict.MEND, "0 MB are free in /proc/self: make room")


@pytest.mark.parametrize(
    ("ahead", "verdict"), [(3600.0, "mend"), (61.0, "mend"), (59.0, ""), (-3600.0, ""), (None, "")]
)
def test_a_clock_that_went_back_is_to_be_mended(ahead: float | None, verdict: str) -> None:
    newest = None if ahead is None else NOW + timedelta(seconds=ahead)
    found = of_clock(NOW, newest)
    expected = verdict or ("note" if findings.is_adrift() else "fine")
    assert found.verdict.value == expected


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (["pytest>=8; extra == 'dns'", "nobody-makes-this"], "everything that is installed apart is here"),
        (["nobody-makes-this>=1; extra == 'dns'"], "not installed, and not needed by this config: dns"),
        (['nobody-makes-this[x]>=1; extra == "sql"', "nor-that; extra == 'sql'", "pytest; extra == 'b'"], ": sql"),
    ],
)
def test_extras_that_are_absent_are_named_once(wanted: list[str], said: str) -> None:
    found = of_extras(wanted)
    assert found.verdict is Verdict.FINE
    assert found.text.endswith(said)


def test_the_extras_of_this_very_program_can_be_told() -> None:
    assert of_extras().text


# -- the engine -----------------------------------------------------------------------------------------------------


async def test_without_an_engine_it_says_how_long_ago_there_was_one(places: Places) -> None:
    assert (await _engine(places, None)).text == "none runs on this state, and none has run before"
    found = await _engine(places, datetime.now(UTC) - timedelta(hours=3))
    assert (found.verdict, found.text) == (
        Verdict.NOTE,
        "none runs on this state; the last one was there 3 h 00 m ago",
    )


async def test_an_engine_that_is_alive_is_fine(places: Places) -> None:
    door = Door(SmallControl(), places.socket)
    await door.open()
    found = await _engine(places, None)
    await door.close()
    assert found.verdict is Verdict.FINE
    assert found.text.startswith(f"one runs version {__version__}, and answers within ")


async def test_an_engine_that_does_nothing_is_to_be_mended(places: Places) -> None:
    door = Door(SmallControl(), places.socket, lambda: False)
    await door.open()
    found = await _engine(places, None)
    await door.close()
    assert (found.verdict, found.text) == (
        Verdict.MEND, f"one runs, but has done nothing for a while: see {places.log}",
    )  # fmt: skip


async def test_an_engine_whose_door_is_shut_is_to_be_mended(places: Places) -> None:
    places.make()
    with EngineLock(places.lock):
        found = await _engine(places, None)
    assert found.verdict is Verdict.MEND
    assert found.text.startswith(f"process {os.getpid()} runs, but cannot be asked: ")


@asynccontextmanager
async def answering(path: Path, body: bytes) -> AsyncIterator[None]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        writer.close()

    server = await asyncio.start_unix_server(serve, str(path))
    yield
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    ("body", "verdict", "said"),
    [
        (b'{"alive": true, "version": "0.0.1"}', Verdict.NOTE, f"runs version 0.0.1, and this is {__version__}"),
        (b'{"alive": true}', Verdict.NOTE, "runs version unknown"),
        (b'{"alive": true, "version": "\\u001b[31m"}', Verdict.NOTE, "restart it"),
        (b"hello", Verdict.MEND, "is no engine"),
        (b"[]", Verdict.MEND, "is no engine"),
    ],
)
async def test_who_else_may_answer_is_told_apart(places: Places, body: bytes, verdict: Verdict, said: str) -> None:
    places.make()
    async with answering(places.socket, body):
        found = await _engine(places, None)
    assert found.verdict is verdict
    assert said in found.text
    assert found.text.isprintable()


# -- destinations ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Odd:
    """A stranger's plugin that does whatever it likes when it is to prove itself."""

    does: Callable[[Outside], Any]
    told: list[Message] = field(default_factory=list)
    hears: ClassVar[frozenset[Kind]] = frozenset(Kind)
    grouped: ClassVar[bool] = True

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        self.told.append(message)
        return Receipt()

    async def prove(self, outside: Outside) -> str:
        found: str = await self.does(outside)
        return found


def raising(error: BaseException) -> Odd:
    async def fail(outside: Outside) -> str:
        raise error

    return Odd(fail)


async def forever(outside: Outside) -> str:
    await asyncio.get_running_loop().create_future()
    raise AssertionError("nothing ends this wait")


async def proved(tmp_path: Path, *plugins: Any, **more: Any) -> list[Finding]:
    given = tuple(Place(f"p{n}", "odd", plugin, timeout=0.05) for n, plugin in enumerate(plugins))
    return await _prove(Plan(places=given, **more), tmp_path)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DeliveryError("the token is not accepted", retry=False), "the token is not accepted"),
        (DeliveryError(f"{SECRET} is not accepted \x1b[31m", retry=False), "*** is not accepted [31m"),
        (KeyError(SECRET), "the destination itself failed: KeyError"),
        (TimeoutError(), "no answer within 50 ms"),
        (asyncio.CancelledError(), "the destination itself failed: CancelledError"),
    ],
)
async def test_a_destination_that_cannot_be_proved_says_why_without_any_secret(
    tmp_path: Path, error: BaseException, said: str
) -> None:
    (found,) = await proved(tmp_path, raising(error), secrets=(Secret(SECRET),))
    assert (found.about, found.verdict, found.text) == ("destination p0", Verdict.MEND, said)


async def test_a_destination_that_hangs_is_given_up_and_the_others_are_heard(tmp_path: Path) -> None:
    (hung, failed) = await proved(tmp_path, Odd(forever), raising(KeyError()))
    assert hung.text == "no answer within 50 ms"
    assert failed.text == "the destination itself failed: KeyError"


async def test_all_are_proved_at_the_same_time(tmp_path: Path) -> None:
    barrier = asyncio.Barrier(3)

    async def meet(outside: Outside) -> str:
        await barrier.wait()
        return "met"

    found = await proved(tmp_path, Odd(meet), Odd(meet), Odd(meet))
    assert [one.text for one in found] == ["met", "met", "met"]


async def test_each_is_given_its_own_time(tmp_path: Path) -> None:
    async def say(outside: Outside) -> str:
        return f"{outside.timeout} s"

    odd = Place("a", "odd", Odd(say), timeout=7.0)
    (one, two) = await _prove(Plan(places=(odd, replace(odd, timeout=3.0))), tmp_path)
    assert (one.text, two.text) == ("7.0 s", "3.0 s")


# -- the guard, and echoes ------------------------------------------------------------------------------------------


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[str, int]]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(5)
        yield ("127.0.0.1", listener.getsockname()[1])


@pytest.mark.parametrize(
    ("alive", "dead", "quorum", "verdict", "said"),
    [
        (1, 0, 1, Verdict.FINE, "its target has taken a connection"),
        (2, 0, 2, Verdict.FINE, "all 2 targets have taken a connection"),
        (1, 1, 1, Verdict.NOTE, "(the connection was refused); 1 can, and 1 would do"),
        (1, 1, 2, Verdict.MEND, "of 2 only 1 can, so all looks would count for nothing"),
        (0, 1, 1, Verdict.MEND, "of 1 only 0 can"),
    ],
)
async def test_the_targets_of_the_network_guard_are_reached_before_they_are_needed(
    tmp_path: Path, alive: int, dead: int, quorum: int, verdict: Verdict, said: str
) -> None:
    async with listening() as there:
        targets = (there,) * alive + (("127.0.0.1", free_port()),) * dead
        (found,) = await proved(tmp_path, guard=Guard(targets, quorum))
    assert (found.about, found.verdict) == ("network guard", verdict)
    assert said in found.text


async def test_echoes_are_tried_only_where_a_service_is_looked_at_by_them(tmp_path: Path) -> None:
    looked_at = Tcp("127.0.0.1", 1)
    assert await proved(tmp_path, services=(Service("a", "A", looked_at, "tcp"),)) == []
    (found,) = await proved(tmp_path, services=(Service("a", "A", looked_at, "ping"),))
    assert found.about == "ping"
    assert found.verdict in (Verdict.FINE, Verdict.MEND)


# -- the whole ------------------------------------------------------------------------------------------------------


def doctor(setting: Setting) -> tuple[int, dict[str, Any]]:
    said = setting.here("doctor", "--json")
    assert said.err == ""
    return said.code, json.loads(said.out)


def test_a_doctor_posts_nothing_and_says_of_each_destination_how_it_is(setting: Setting, site: Site) -> None:
    code, found = doctor(setting)
    verdicts = {one["about"]: one["verdict"] for one in found["findings"]}
    assert (code, found["well"], site.bodies) == (1, False, [])
    assert (verdicts["config"], verdicts["destination hook"], verdicts["destination nobody"]) == (
        "fine",
        "fine",
        "mend",
    )
    assert found["findings"][0].keys() == {"about", "verdict", "text"}
    assert not setting.home.exists()


def test_a_doctor_for_people_ends_with_how_much_is_to_be_mended(setting: Setting) -> None:
    said = setting.here("doctor")
    assert said.code == 1
    assert "mend destination nobody" in " ".join(said.out.split())
    assert said.err == "1 thing is to be mended.\n"


def test_where_all_is_well_it_says_so(tmp_path: Path) -> None:
    text = "services: [{name: A, tcp: {host: 127.0.0.1, port: 1}}]\ndestinations: {journal: {log: {}}}\n"
    well = Setting(tmp_path / "well", text)
    said = well.here("doctor")
    assert (said.code, said.err) == (0, "All is well.\n"), said.out
    assert doctor(well)[1]["well"] is True


def test_a_config_that_is_wrong_is_told_whole_and_the_rest_is_proved_all_the_same(tmp_path: Path) -> None:
    wrong = Setting(tmp_path / "wrong", "services:\n  - name: A\n    htp: {}\n  - nam: B\n")
    code, found = doctor(wrong)
    told = [one for one in found["findings"] if one["about"] == "config"]
    assert code == 2
    assert len(told) >= 2
    assert all(one["text"].startswith(f"{wrong.config}:") for one in told)
    assert {"state", "disk", "clock", "engine"} <= {one["about"] for one in found["findings"]}


def test_a_destination_that_hears_nothing_is_noted(tmp_path: Path) -> None:
    text = "services: [{name: A, tcp: {host: 127.0.0.1, port: 1}}]\n"
    text += "destinations: {journal: {log: {}}, deaf: {log: {path: x.log}}}\nroutes: [{to: [journal]}]\n"
    code, found = doctor(Setting(tmp_path / "deaf", text))
    (told,) = [one for one in found["findings"] if one["about"] == "routes"]
    assert (code, told["verdict"]) == (0, "note")
    assert told["text"] == "nothing will be told to deaf: no route leads there"


def test_a_store_that_is_damaged_is_to_be_mended(setting: Setting) -> None:
    setting.places.make()
    setting.places.store.write_bytes(b"no database " * 1000)
    setting.places.store.chmod(0o600)
    _, found = doctor(setting)
    (told,) = [one for one in found["findings"] if one["about"] == "store"]
    assert told["verdict"] == "mend"
    assert "damaged" in told["text"]


def test_secrets_reach_no_finding(tmp_path: Path, site: Site) -> None:
    text = CONFIG.format(site=site.url, hook=f"{site.url}${{TOK}}", gone=free_port())
    secret = Setting(tmp_path / "secret", text, {"TOK": SECRET})
    said = secret.here("doctor")
    assert "destination hook" in said.out
    assert SECRET not in said.out + said.err


def test_a_doctor_finds_the_engine_that_runs_and_disturbs_nothing(setting: Setting) -> None:
    with setting.start() as engine:
        engine.until_open()
        _, found = doctor(setting)
        told = {one["about"]: one for one in found["findings"]}
        assert told["engine"]["text"].startswith(f"process {engine.process.pid} runs version {__version__}")
        assert (told["engine"]["verdict"], told["store"]["verdict"], told["state"]["verdict"]) == ("fine",) * 3
        assert engine.end()[0] == 0
    _, found = doctor(setting)
    told = {one["about"]: one["text"] for one in found["findings"]}
    assert told["engine"].startswith("none runs on this state; the last one was there ")


def test_a_config_with_a_network_guard_has_its_targets_reached(tmp_path: Path, site: Site) -> None:
    port = site.url.rstrip("/").rpartition(":")[2]
    text = "services: [{name: A, tcp: {host: 127.0.0.1, port: 1}}]\ndestinations: {journal: {log: {}}}\n"
    text += f"network_guard: {{targets: ['tcp://127.0.0.1:{port}', 'tcp://127.0.0.1:{free_port()}'], quorum: 1}}\n"
    code, found = doctor(Setting(tmp_path / "guarded", text))
    (told,) = [one for one in found["findings"] if one["about"] == "network guard"]
    assert (code, told["verdict"]) == (0, "note")
    assert told["text"].endswith("1 can, and 1 would do")
