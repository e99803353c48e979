"""From a Cachet that runs to a config of ours: asked over its API, whichever generation it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.config.imports.small import Made, made
from tui_monitor.config.imports.cachet import fetch_cachet
from tui_monitor.core.errors import ConfigError, DeliveryError
from tui_monitor.destinations.craft.cachet import Published
from tui_monitor.fakes.cachet import TOKEN, Cachet
from tui_monitor.fakes.cachet2 import Cachet2
from tui_monitor.fakes.cachet3 import Cachet3
from tui_monitor.fakes.http import Answer, Heard
from tui_monitor.net import Net, Way

FULL = """\
url: https://status.example.com
version: 2.4.0
components:
  "1": {name: API, link: https://api.example.com/health, group: Own, enabled: true, tags: [prod, core]}
  "2": {name: Shop, link: shop.example.com, group: Own, enabled: true, tags: []}
  "3": {name: Old, link: https://old.example.com, group: "", enabled: false, tags: []}
  "4": {name: Idea, link: "", group: "", enabled: true, tags: []}
  "5": {name: API, link: "https://me:s3cr3t@two.example.com/", group: Other, enabled: true, tags: []}
metrics:
  "7": {name: Time of API, suffix: ms}
"""


@pytest.fixture(params=[Cachet2, Cachet3])
async def there(request: pytest.FixtureRequest) -> AsyncIterator[Cachet]:
    async with request.param() as one:
        yield one


async def fetched(there: Cachet, tmp_path: Path, path: str = "", **environ: str) -> Made:
    net = Net(tmp_path)
    try:
        raw = await fetch_cachet(there.url + path, Way(net, 10.0), environ)
    finally:
        await net.close()
    return made("cachet", raw)


def test_a_component_is_a_service_that_is_shown_there():
    found = made("cachet", FULL)
    assert found.row("API") == {
        "name": "API",
        "group": "Own",
        "tags": ["prod", "core"],
        "http": {"url": "https://api.example.com/health"},
        "publish": {"cachet": {"component": 1}},
    }
    assert found.row("Shop")["http"] == {"url": "http://shop.example.com"}
    assert found.services["API"].publish == {"cachet": Published(component=1)}


def test_two_of_one_name_are_told_apart_by_their_groups():
    found = made("cachet", FULL)
    assert found.row("API (Other)")["publish"] == {"cachet": {"component": 5}}
    assert found.row("API (Other)")["http"]["auth"] == {"basic": {"user": "me", "password": "s3cr3t"}}


def test_the_page_is_a_destination_that_is_told_of_everything():
    found = made("cachet", FULL)
    assert found.data["destinations"] == {
        "cachet": {"cachet": {"url": "https://status.example.com", "token": "${CACHET_TOKEN}"}}
    }
    assert found.data["routes"] == [{"to": ["cachet"]}]
    assert (found.imported.needs, found.imported.is_secret) == (("CACHET_TOKEN",), True)


def test_what_is_left_out_is_told_without_a_line():
    found = made("cachet", FULL)
    assert [(one.line, one.path, one.said) for one in found.imported.left] == [
        (0, "components.3", "Old"),
        (0, "components.4", "Idea"),
        (0, "metrics.7", "Time of API, in ms"),
    ]
    assert (
        found.imported.left[0].at("https://a") == "https://a: components.3 (Old): left out: it is switched off there"
    )
    assert "(line" not in found.text
    assert "# - components.4: Idea: left out: it links to nothing that could be looked at;" in found.text
    assert found.text.startswith("# Made by tui-monitor from theirs.yaml, the page of Cachet 2.4.0.\n")


@pytest.mark.parametrize("link", ["mailto:me@example.com", "ftp://a.example", "javascript:alert(1)", "http://"])
def test_a_link_that_leads_to_no_page_is_told(link: str):
    rows = f"{{'1': {{name: A, link: '{link}'}}, '2': {{name: B, link: b.example}}}}"
    found = made("cachet", f"url: http://a.example\ncomponents: {rows}\n")
    assert list(found.services) == ["B"]
    assert found.left


def test_a_page_without_anything_to_look_at_is_no_config():
    with pytest.raises(ConfigError, match="there is nothing in it that could be looked at here"):
        made("cachet", "url: http://a.example\ncomponents: {'1': {name: A, link: ''}}\n")


# -- asked over the line --------------------------------------------------------------------------------------------


async def test_everything_is_carried_over_from_one_that_runs(there: Cachet, tmp_path: Path):
    for n in range(205):
        there.component(f"Service {n}", group=f"Group {n % 30}", link=f"http://127.0.0.1:{1000 + n}/")
    there.component("Nothing")
    there.metric("Time")
    found = await fetched(there, tmp_path)
    assert len(found.services) == 205
    last = found.services["Service 204"]
    assert (last.group, last.publish) == ("Group 24", {"cachet": Published(component=205)})
    assert found.data["destinations"]["cachet"]["cachet"]["url"] == there.url
    assert [one.path for one in found.imported.left] == ["components.206", "metrics.1"]


@pytest.mark.parametrize("path", ["/", "/api", "/api/v1/"])
async def test_it_is_asked_however_much_of_its_path_is_given(there: Cachet, tmp_path: Path, path: str):
    there.component("A", link="http://a.example/")
    found = await fetched(there, tmp_path, path)
    assert found.data["destinations"]["cachet"]["cachet"]["url"] == there.url


async def test_what_is_switched_off_is_told_where_a_token_shows_it(there: Cachet, tmp_path: Path):
    there.component("A", link="http://a.example/")
    there.component("B", link="http://b.example/", enabled=False)
    assert not (await fetched(there, tmp_path)).left
    found = await fetched(there, tmp_path, CACHET_TOKEN=TOKEN)
    assert found.left == ["0: components.2: left out: it is switched off there"]
    assert TOKEN not in found.text


async def test_hostile_names_are_carried_over_harmless(there: Cachet, tmp_path: Path):
    names = ["a\x00b\x1b[31m\u202e", '<b>"x"</b>: {y}', "${HOME}", "n" * 10_000, "\ud800", "漢字 💥", "- x: #"]
    for name in names:
        there.component(name, group=name, link="http://a.example/${HOME}?a={b}")
    found = await fetched(there, tmp_path)
    assert len(found.services) == len(names)
    assert all(one.name.isprintable() and one.group.isprintable() for one in found.services.values())
    assert {row["http"]["url"] for row in found.data["services"]} == {"http://a.example/$${HOME}?a={b}"}


async def test_what_is_no_cachet_and_no_address_is_told_in_a_sentence(tmp_path: Path):
    net = Net(tmp_path)
    try:
        for url, wrong in (("config.yaml", "url must be an address"), ("http://u:p@a", "url must hold no user")):
            with pytest.raises(ConfigError, match=wrong):
                await fetch_cachet(url, Way(net, 10.0), {})
        with pytest.raises(DeliveryError, match=r"127\.0\.0\.1 cannot be reached"):
            await fetch_cachet("http://127.0.0.1:9", Way(net, 10.0), {})
    finally:
        await net.close()


class Bare(Cachet2):
    """One so old that it has neither metrics nor groups."""

    def reply(self, heard: Heard) -> Answer:
        return Answer(404) if heard.path.endswith(("/groups", "/metrics")) else super().reply(heard)


async def test_an_old_one_without_metrics_and_groups_is_carried_over(tmp_path: Path):
    async with Bare("2.3.18") as there:
        there.component("A", link="http://a.example/")
        assert list((await fetched(there, tmp_path)).services) == ["A"]
