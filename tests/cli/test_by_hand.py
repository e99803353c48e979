"""A ticket, an update and the banner from the shell, at an Azure DevOps, a Slack and a Qlik: what a person sees."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.program import Setting, free_port
from tui_monitor.fakes.azure_devops import AzureDevops
from tui_monitor.fakes.qlik import Qlik
from tui_monitor.fakes.slack import Slack

CONFIG = """\
board: {{title: Shop board}}
engine: {{settle: 0s}}
defaults: {{every: 1s, timeout: 2s, down_after: 1}}
services:
  - {{name: Gone, tcp: {{host: 127.0.0.1, port: {gone}}}}}
destinations:
  chat: {{slack: {{token: "${{SLACK_TOKEN}}", channel: "#ops", api: "{slack}"}}}}
  desk: {{azure_devops_ticket: {{organization: org, project: Proj, token: "${{PAT}}", url: "{desk}"}}}}
  tenant: {{qlik_banner: {{tenant: "{qlik}", token: "${{QLIK_KEY}}", automatic: false}}}}
  switch: {{heartbeat_out: {{url: "http://127.0.0.1:{gone}/"}}}}
routes: [{{to: chat, group_wait: 0s}}]
"""
TOKENS = {"SLACK_TOKEN": "xoxb-1-2-three", "PAT": "pat-word", "QLIK_KEY": "key-word"}


@dataclass
class Town:
    setting: Setting
    chat: Slack
    desk: AzureDevops
    tenant: Qlik

    async def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(self.setting.call, *words)

    async def ask(self, *words: str) -> Any:
        return json.loads((await self.call(*words, "--json")).stdout)

    async def until(self, holds: Any) -> dict[str, Any]:
        return await asyncio.to_thread(self.setting.until, holds)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Town]:
    async with AsyncExitStack() as stack:
        chat = await stack.enter_async_context(Slack(token=TOKENS["SLACK_TOKEN"]))
        desk = await stack.enter_async_context(AzureDevops(TOKENS["PAT"]))
        tenant = await stack.enter_async_context(Qlik(key=TOKENS["QLIK_KEY"]))
        text = CONFIG.format(gone=free_port(), slack=chat.api, desk=desk.url, qlik=tenant.url)
        town = Town(Setting(folder, text, TOKENS), chat, desk, tenant)
        with town.setting.start() as engine:
            await asyncio.to_thread(engine.until_open)
            await town.until(lambda board: board["incidents"] and told(board, "chat", "opened"))
            yield town
            await asyncio.to_thread(engine.end)


def told(board: dict[str, Any], destination: str, said: str) -> Any:
    rows = board["incidents"][0]["told"]
    return next((one for one in rows if (one["destination"], one["said"]) == (destination, said)), None)


async def test_what_a_person_pushes_from_the_shell_arrives_and_is_seen_with_the_incident(tmp_path: Path) -> None:
    async with opened(tmp_path / "own") as town:
        (incident,) = [one["id"] for one in await town.ask("incidents")]
        assert (await town.call("ticket", incident)).returncode == 0
        row = told(await town.until(lambda board: told(board, "desk", "opened")), "desk", "opened")
        (item,) = town.desk.items
        assert (row["ref"], row["url"].endswith(f"/_workitems/edit/{item}")) == (str(item), True)
        assert (await town.call("notify", incident, "on it", "--to", "chat")).returncode == 0
        await town.until(lambda board: told(board, "chat", "changed"))
        assert any("on it" in one.shown for one in town.chat.messages)

        shown = (await town.call("incidents", "show", incident)).stdout
        _, _, who = shown.partition("Who was told")
        assert [line.split()[1:4] for line in who.splitlines()[2:4]] == [
            ["chat", "told", "changed"],
            ["desk", "told", "opened"],
        ]
        assert row["url"] in who

        assert (await town.call("banner", "push", "Search is slow")).returncode == 0
        await town.until(lambda board: board["banner"] and board["banner"]["state"] == "shown")
        assert "Search is slow" in town.tenant.shown
        assert (await town.call("banner", "clear")).returncode == 0
        await town.until(lambda board: board["banner"] is None)
        assert town.tenant.shown == ""
        assert [one.refused for one in (town.chat, town.desk, town.tenant)] == [[], [], []]
        assert not [word for word in TOKENS.values() if word in shown]


async def test_a_place_that_hears_of_no_incident_says_so_and_that_it_fails(tmp_path: Path) -> None:
    async with opened(tmp_path / "own") as town:
        (incident,) = [one["id"] for one in await town.ask("incidents")]
        said = await town.call("notify", incident, "on it", "--to", "switch")
        reason = "no incident is told there: it takes part in other ways"
        assert (said.returncode, said.stderr) == (1, f"tui-monitor: switch cannot be told now: {reason}\n")
        rows = await town.ask("notify", incident, "on it", "--preview")
        assert [one["reason"] for one in rows if one["destination"] == "switch"] == [reason]
        await town.until(lambda board: board["places"][3]["state"] == "failing")
        said = await town.call("deliveries")
        assert said.stderr.startswith("Failing: switch (heartbeat_out) for ")
        assert said.stderr.endswith("the connection was refused\nNothing is owed to anybody.\n")
