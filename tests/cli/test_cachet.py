"""From the page of a Cachet that runs to a config that is proved and looks, as a person would go about it."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.cli.program import PATIENCE, Setting, Site, free_port
from tui_monitor.fakes.cachet import TOKEN, Cachet
from tui_monitor.fakes.cachet2 import Cachet2
from tui_monitor.fakes.cachet3 import Cachet3

Call = Callable[..., Awaitable[subprocess.CompletedProcess[str]]]


@pytest.fixture(params=[Cachet2, Cachet3])
async def there(request: pytest.FixtureRequest, site: Site) -> AsyncIterator[Cachet]:
    """A page with a shop that answers, and what is not there any more."""
    async with request.param() as one:
        one.component("Shop", group="Own", link=site.url)
        one.component("Gone", link=f"http://127.0.0.1:{free_port()}/", enabled=False)
        yield one


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """The program, called in a folder of its own while the page can answer it."""
    setting = Setting(tmp_path / "here", "", {"CACHET_TOKEN": TOKEN})
    setting.config.unlink()

    async def said(*words: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(setting.call, *words, config=False)

    return said


async def test_a_page_becomes_a_config_that_is_proved_and_looks(there: Cachet, call: Call):
    said = await call("import", "cachet", there.url, "-o", "config.yaml")
    assert said.returncode == 0, said.stderr
    assert said.stderr.startswith(f"{there.url}: components.2 (Gone): left out: it is switched off there\n")
    checked = await call("check", "--json")
    assert [(row["name"], row["status"]) for row in json.loads(checked.stdout)] == [("Shop", "operational")]
    proved = await call("doctor", "--json")
    about = {one["about"]: one for one in json.loads(proved.stdout)["findings"]}["destination cachet"]
    assert about["verdict"] == "fine"
    assert about["text"].endswith("; it has 1 component")


async def test_a_component_that_is_gone_is_to_be_mended(there: Cachet, call: Call):
    assert (await call("import", "cachet", there.url, "-o", "config.yaml")).returncode == 0
    del there.page.components[1]
    proved = await call("doctor", "--json")
    texts = [one["text"] for one in json.loads(proved.stdout)["findings"] if one["verdict"] == "mend"]
    assert "127.0.0.1 has no component 1 (of Shop)" in texts


@pytest.mark.parametrize(
    ("address", "code", "sentence"),
    [
        ("config.yaml", 2, "config.yaml: url must be an address such as https://status.example.com"),
        ("http://127.0.0.1:9", 1, "tui-monitor: 127.0.0.1 cannot be reached: "),
    ],
)
async def test_what_cannot_be_asked_is_told_in_a_sentence(call: Call, address: str, code: int, sentence: str):
    said = await call("import", "cachet", address)
    assert (said.returncode, said.stdout) == (code, "")
    assert said.stderr.startswith(sentence)
    assert said.stderr.count("\n") == 1


async def test_a_page_for_scripts_has_no_lines(there: Cachet, call: Call):
    document = json.loads((await call("import", "cachet", there.url, "--json")).stdout)
    assert [(one["file"], one["line"], one["path"]) for one in document["left"]] == [
        (there.url, None, "components.2")
    ]
    assert document["needs"] == []


# -- an outage as its page sees it ----------------------------------------------------------------------------------

WATCHED = """
engine: {{settle: 0s}}
defaults: {{every: 300ms, timeout: 2s, down_after: 2, up_after: 2, retry_after: 50ms}}
services:
  - name: Shop
    http: {{url: "{site}"}}
    publish: {{page: {{component: 1, metric: 1}}}}
destinations:
  page: {{cachet: {{url: "{page}", token: {token}}}}}
routes: [{{to: [page], group_wait: 0s}}]
"""


@pytest.fixture(params=["2.3.18", "2.4.0", "3"])
async def page(request: pytest.FixtureRequest) -> AsyncIterator[Cachet]:
    async with Cachet3() if request.param == "3" else Cachet2(request.param) as one:
        one.component("Shop")
        one.metric("Time")
        yield one


def watched(tmp_path: Path, page: Cachet, site: Site) -> Setting:
    return Setting(tmp_path / "own", WATCHED.format(site=site.url, page=page.url, token=TOKEN))


async def until(page: Cachet, holds: Callable[[], object]) -> None:
    """The page is asked and told until this is so."""
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await page.hears(len(page.heard) + 1)


def stands(page: Cachet, component: int, *incidents: int) -> bool:
    """The state of the component, and of each incident that there is."""
    return (page.status_of(1), [row["status"] for row in page.page.incidents.values()]) == (component, [*incidents])


async def test_a_page_is_true_through_an_outage_and_a_restart(tmp_path: Path, page: Cachet, site: Site):
    setting = watched(tmp_path, page, site)
    page.page.components[1]["status"] = 3
    with setting.start():
        await until(page, lambda: stands(page, 1) and page.page.points)
        site.status = 500
        await until(page, lambda: stands(page, 4, 1))
    site.status = 200
    with setting.start():
        await until(page, lambda: stands(page, 1, 4))
    assert page.refused == []


async def test_a_lost_store_leaves_no_incident_open_and_makes_none_twice(tmp_path: Path, page: Cachet, site: Site):
    setting = watched(tmp_path, page, site)
    site.status = 500
    with setting.start():
        await until(page, lambda: stands(page, 4, 1))
    shutil.rmtree(setting.home)
    asked = len(page.heard)
    with setting.start():
        await until(page, lambda: any(one.path.endswith("/incidents") for one in page.heard[asked:]))
        site.status = 200
        await until(page, lambda: stands(page, 1, 4))
