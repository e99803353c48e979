"""The config is read anew while the engine runs: on SIGHUP, on request, when it changes, never when wrong."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from tests.cli.program import Running, Setting, Site
from tui_monitor.core.plan import Plan
from tui_monitor.core.ports import Command
from tui_monitor.daemon.rereading import Rereading
from tui_monitor.engine import Engine, Renewal
from tui_monitor.store.memory import MemoryStore

CONFIG = """
board: {{timezone: UTC}}
engine: {{settle: 0s}}
defaults: {{every: 1s, down_after: 1, up_after: 1}}
services:
  - {{name: Shop, http: {{url: "{url}"}}}}
  - {{name: Till, id: till, http: {{url: "{url}"}}}}
destinations:
  hook: {{webhook: {{url: "{hook}"}}}}
routes: [{{to: hook, group_wait: 0s}}]
"""


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


@pytest.fixture
def hook() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


@pytest.fixture
def setting(site: Site, hook: Site, tmp_path: Path) -> Setting:
    return Setting(tmp_path, CONFIG.format(url=site.url, hook=hook.url))


@pytest.fixture
def engine(setting: Setting) -> Iterator[Running]:
    with setting.start() as running:
        running.until_open()
        yield running


def write(setting: Setting, text: str) -> None:
    """As an editor does: another file in the place of the old one."""
    fresh = setting.folder / "fresh"
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(setting.config)


def events(board: dict[str, Any], kind: str) -> list[str]:
    return [event["text"] for event in board["events"] if event["kind"] == kind]


def names(board: dict[str, Any]) -> list[str]:
    return sorted(one["name"] for one in board["services"])


def test_a_changed_file_is_read_and_the_difference_is_said(setting: Setting, engine: Running):
    write(setting, setting.text.replace("name: Till", "name: Cash desk"))
    board = setting.until(lambda board: events(board, "reloaded"))
    assert names(board) == ["Cash desk", "Shop"]
    assert events(board, "reloaded") == ["config read anew: services: 1 renamed (Till is now Cash desk)"]


def test_sighup_reads_a_file_that_kept_its_times_too(setting: Setting, engine: Running):
    engine.process.send_signal(signal.SIGHUP)
    board = setting.until(lambda board: events(board, "reloaded"))
    assert events(board, "reloaded") == ["config read anew: nothing has changed"]


def test_a_config_that_is_wrong_stays_outside_and_is_told_with_its_line(setting: Setting, engine: Running):
    write(setting, setting.text.replace("name: Till", "critcal: true, name: Till"))
    board = setting.until(lambda board: events(board, "trouble"))
    (text,) = events(board, "trouble")
    assert "the old one stays" in text
    assert "config.yaml:7:" in text
    assert "did you mean 'critical'?" in text
    assert names(board) == ["Shop", "Till"]
    assert board["trouble"] == text
    assert f"Trouble: {text}" in setting.here("status").err
    write(setting, setting.text)
    board = setting.until(lambda board: events(board, "well"))
    assert names(board) == ["Shop", "Till"]
    assert board["trouble"] == ""


def test_the_command_says_what_came_of_it(setting: Setting, engine: Running):
    write(
        setting,
        setting.text.replace(
            "  - {name: Till", "  - {name: Bank, id: bank, http: {url: 'http://127.0.0.1:9/'}}\n  - {name: Till"
        ),
    )
    said = setting.here("reload")
    assert (said.code, said.err) == (0, "")
    assert "1 added (Bank)" in said.out
    write(setting, "services: []\n")
    said = setting.here("reload")
    assert said.code == 1
    assert "the config is wrong, so the old one stays" in said.err


def test_an_incident_goes_on_over_a_reload_and_is_told_once(
    setting: Setting, engine: Running, site: Site, hook: Site
):
    site.status = 503
    setting.until(lambda board: len(board["incidents"]) == 2 and not board["deliveries"])
    write(setting, setting.text.replace("name: Till", "name: Cash desk"))
    board = setting.until(lambda board: events(board, "reloaded"))
    before = {one["id"] for one in board["incidents"]}
    site.status = 200
    board = setting.until(lambda board: not board["incidents"] and not board["deliveries"])
    told = [(one["id"], body["news"]) for body in hook.bodies for one in body["incidents"]]
    assert len(before) == 2
    assert sorted(told) == sorted((name, news) for name in before for news in ("opened", "resolved"))


def test_the_times_of_the_tables_follow_the_zone_of_the_config_and_nobody_who_waits_is_sent_away(
    setting: Setting, engine: Running
):
    async def watch() -> None:
        client = setting.client
        cursor = (await client.snapshot())["cursor"]
        assert client.timezone == "UTC"
        write(setting, setting.text.replace("timezone: UTC", "timezone: Asia/Tokyo"))
        async with asyncio.timeout(60):
            while client.timezone != "Asia/Tokyo":
                cursor = (await client.changes(cursor, 30)).cursor

    asyncio.run(watch())
    assert "config read anew: board changed" in events(asyncio.run(setting.client.snapshot()), "reloaded")


class Stumbling:
    """An engine that falls over the first config it is given, as a plugin of a stranger might make it."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[str] = asyncio.Queue()
        self.is_steady = False

    async def do(self, command: Command) -> None:
        self.asked.put_nowait(command.by)
        if not self.is_steady:
            self.is_steady = True
            raise ArithmeticError("nobody foresaw this")


async def test_a_fault_that_nobody_foresaw_does_not_end_the_watch_over_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    engine, rereading = Stumbling(), Rereading(tmp_path / "config.yaml")
    watching = asyncio.create_task(rereading.go_on(cast(Engine, engine)))
    async with asyncio.timeout(30):
        for _ in range(2):
            rereading.ask()
            assert await engine.asked.get() == "SIGHUP"
    watching.cancel()
    assert "nobody foresaw this" in caplog.text


async def test_what_was_read_first_does_not_come_into_force_last():
    begun, overtaken, titles = threading.Event(), threading.Event(), iter(["first", "second"])

    def read() -> Plan:
        title = next(titles)
        if title == "first":
            begun.set()
            overtaken.wait(1.0)  # for as long as somebody could overtake it
        return Plan(title=title)

    engine = Engine(Plan(), MemoryStore(), cast(Any, None), renewal=Renewal(read))
    living = asyncio.create_task(engine.run())
    await engine.looking.wait()
    first = asyncio.create_task(engine.do(Command("reload")))
    await asyncio.to_thread(begun.wait)
    await engine.do(Command("reload"))
    overtaken.set()
    await first
    assert (await engine.snapshot())["title"] == "second"
    engine.stop()
    await living


def test_a_secret_that_comes_with_another_config_is_kept_out_of_the_log(setting: Setting, engine: Running):
    secret = "hush-4711-hush"
    (setting.folder / ".env").write_text(f"KEY={secret}\n")
    write(
        setting, setting.text.replace("http: {url", 'http: {headers: {X: "${KEY}"}, url', 1).replace("Till", secret)
    )
    setting.until(lambda board: events(board, "reloaded"))
    engine.until_it_says("renamed")
    assert secret not in engine.narration
    assert "***" in engine.narration
