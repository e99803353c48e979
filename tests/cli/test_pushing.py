"""What a person tells the outside from the shell: updates, tickets and the banner, at a running engine."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator

import pytest

from tests.cli.program import Setting, Site, free_port

CONFIG = """\
board: {{title: Shop board}}
engine: {{settle: 0s}}
defaults: {{every: 1s, timeout: 2s, down_after: 1}}
services:
  - {{name: Gone, tcp: {{host: 127.0.0.1, port: {gone}}}}}
destinations:
  hook: {{webhook: {{url: "{site}hook"}}}}
  desk: {{webhook: {{url: "{site}desk"}}}}
  tickets: {{webhook: {{url: "{site}tickets", ticket: true}}}}
  sign: {{webhook: {{url: "{site}sign", banner: true}}}}
routes: [{{to: hook, group_wait: 0s}}]
"""
WORDS = "We know, and are on it"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    one = Site()
    yield one
    one.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[Setting]:
    setting = Setting(tmp_path_factory.mktemp("pushing"), CONFIG.format(site=site.url, gone=free_port()))
    with setting.start() as engine:
        engine.until_open()
        setting.until(lambda board: any(row["state"] == "told" for one in board["incidents"] for row in one["told"]))
        yield setting
        engine.end()


@pytest.fixture
def incident(running: Setting) -> str:
    name: str = running.ask("incidents")[0]["id"]
    return name


def told(running: Setting, destination: str, said: str) -> dict[str, object]:
    """The row of a destination, once it was told this."""

    def row(board: dict[str, object]) -> object:
        rows = [one for each in board["incidents"] for one in each["told"]]  # type: ignore[attr-defined]  # plain JSON
        return next((one for one in rows if (one["destination"], one["said"]) == (destination, said)), None)

    found = row(running.until(row))
    assert isinstance(found, dict)
    return found


def test_an_update_goes_to_who_was_told_and_says_so(running: Setting, incident: str, site: Site) -> None:
    said = running.here("notify", incident[:5], *WORDS.split())
    assert (said.code, said.out, said.err) == (0, f"{incident}: the update goes to hook\n", "")
    told(running, "hook", "changed")
    assert [one["text"] for one in site.bodies if one["incidents"]][-1] == f"Gone is major: {WORDS}"


def test_the_preview_shows_what_each_would_be_told_and_tells_nobody(
    running: Setting, incident: str, site: Site
) -> None:
    before = len(site.bodies)
    said = running.here("notify", incident, "Almost there", "--to", "desk", "--preview")
    assert (said.code, said.err) == (0, "")
    head, *rows = said.out.splitlines()
    assert head.split() == ["DESTINATION", "TOLD", "WHY", "TEXT"]
    assert rows[0].split()[:2] == ["desk", "yes"]
    assert [row.split()[0] for row in rows if row.split()[1] == "no"] == ["hook", "tickets"]
    data = json.loads(running.here("notify", incident, "Almost there", "--preview", "--json").out)
    assert [one["told"] for one in data] == [True, False, False]
    assert data[0].keys() == {"destination", "kind", "told", "reason", "title", "text", "tickets", "free"}
    assert [one["tickets"] for one in data] == [False, False, True]
    assert len(site.bodies) == before


def test_a_ticket_is_opened_once(running: Setting, incident: str, site: Site) -> None:
    said = running.here("ticket", incident, "-m", "please call Ann")
    assert (said.code, said.out) == (0, f"{incident}: a ticket is asked of tickets\n")
    assert told(running, "tickets", "opened")["reason"] == f"ticket asked by {getpass.getuser()}"
    assert site.bodies[-1]["text"] == "Gone is major: the connection was refused; please call Ann"
    said = running.here("ticket", incident, "tickets")
    assert (said.code, said.out) == (1, "")
    assert said.err == f"tui-monitor: {incident} has a ticket at tickets already\n"


def test_the_banner_is_pushed_shown_and_cleared(running: Setting) -> None:
    said = running.here("banner")
    assert (said.code, said.out) == (0, "")
    assert said.err == "No banner stands.\nThe board would say: ERROR: Gone: the connection was refused\n"
    said = running.here("banner", "push", "Search", "is", "slow", "--severity", "warning", "--to", "sign")
    assert (said.code, said.out) == (0, "the banner goes to sign\n")
    board = running.until(lambda one: one["banner"] and one["banner"]["state"] == "shown")
    assert board["banner"].keys() == {"text", "severity", "by", "at", "state"}
    assert "sign" in running.here("banner", "show").out
    found = running.ask("banner", "show")
    assert found.keys() == {"stands", "would", "places", "max_length"}
    assert (found["stands"][0]["text"], found["places"]) == ("Search is slow", ["sign"])
    again = running.here("banner", "push", "Search is slow", "--severity", "warning")
    assert (again.code, again.out) == (0, "nothing differs: sign shows this already\n")
    assert (
        json.loads(running.here("banner", "push", "--json").out)["data"]["text"] == "Gone: the connection was refused"
    )
    assert running.here("banner", "clear").out == "the banner is cleared at sign\n"
    running.until(lambda one: one["banner"] is None)
    assert running.here("banner", "clear").out == "nothing differs: no banner stands\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("notify", "zzzz", "x"), "no open incident has an id that begins with 'zzzz'"),
        (("notify", "zzzz", "x", "--preview"), "no open incident has an id that begins with 'zzzz'"),
        (("notify", "ID", "x", "--to", "hok"), "no destination is called 'hok'; did you mean 'hook'?"),
        (
            ("notify", "ID", "x", "--to", "hook", "sign"),
            "sign cannot be told now: it shows the banner, and is told of no incident",
        ),
        (("notify", "ID", "x" * 401), "an update has at most 400 characters, and this has 401: shorten it"),
        (("ticket", "ID", "hook"), "hook opens no tickets: tickets would"),
        (
            ("banner", "push", "x", "--severity", "loud"),
            "'loud' is no severity of a banner: it is one of info, warning, error",
        ),
        (("banner", "push", "x", "--to", "hook"), "hook shows no banner: sign would"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_sentence(
    running: Setting, incident: str, words: tuple[str, ...], said: str
) -> None:
    done = running.here(*(incident if word == "ID" else word for word in words))
    assert (done.code, done.out, done.err) == (1, "", f"tui-monitor: {said}\n")


def test_nobody_is_told_of_what_is_over(running: Setting, incident: str) -> None:
    """The last: from here on nothing is open."""
    assert running.here("resolve", incident, "-m", "known").code == 0
    for words in (("notify", incident, "x"), ("notify", incident, "x", "--preview"), ("ticket", incident)):
        said = running.here(*words)
        assert (said.code, said.out, said.err) == (1, "", f"tui-monitor: {incident} is resolved already\n")


@pytest.mark.parametrize("words", [("notify", "x", "y"), ("ticket", "x"), ("banner",), ("banner", "push", "x")])
def test_without_an_engine_nobody_can_be_told(
    tmp_path_factory: pytest.TempPathFactory, words: tuple[str, ...]
) -> None:
    setting = Setting(tmp_path_factory.mktemp("alone"), CONFIG.format(site="http://127.0.0.1:9/", gone=9))
    said = setting.here(*words)
    assert (said.code, said.out) == (3, "")
    assert said.err == "tui-monitor: no engine runs on this state: start one with tui-monitor --no-tui\n"
