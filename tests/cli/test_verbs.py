"""Every verb against one running engine, as people and as scripts call it."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CONFIG
from tests.cli.program import Said, Setting, Site, free_port


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    """One engine for all of them; each service is one test's own. `Gone` stays down."""
    site = Site()
    folder: Path = tmp_path_factory.mktemp("verbs")
    setting = Setting(folder, CONFIG.format(site=site.url, hook=site.url, gone=free_port()))
    with setting.start() as engine:
        engine.until_open()
        setting.until(lambda board: board["incidents"] and board["deliveries"] and board["counts"]["operational"])
        yield setting
        engine.end()
    site.close()


@pytest.fixture
def incident(running: Setting) -> str:
    return running.ask("incidents")[0]["id"]


def test_status_shows_the_worst_first_and_says_where_it_is_from(running: Setting) -> None:
    running.until(lambda board: failing(board) == ["nobody"])
    said = running.here("status")
    assert said.code == 1
    lines = said.out.splitlines()
    assert "1 major, 1 operational" in lines[0]
    assert "Gone" in lines[2]
    assert "Shop [/red]" in lines[3]
    where, trouble = said.err.splitlines()
    assert where == "Shop board: from the running engine, now."
    assert trouble.startswith("Failing: nobody (webhook) for ")
    assert trouble.endswith(", 1 owed: 127.0.0.1 cannot be reached: the connection was refused")


def failing(board: dict[str, Any]) -> list[str]:
    return [one["name"] for one in board["places"] if one["state"] == "failing"]


def test_status_for_scripts_has_the_documented_shape(running: Setting) -> None:
    board = running.ask("status")
    assert {"at", "source", "test_mode", "counts", "services"} <= board.keys()
    assert {
        "id", "name", "group", "tags", "critical", "status", "since", "checked_at", "latency", "message",
        "failing", "silenced", "incident", "uptime",
    } <= board["services"][0].keys()  # fmt: skip
    assert board["at"].endswith("Z")
    assert [one["name"] for one in board["places"]] == ["hook", "nobody"]
    assert board["places"][0].keys() == {"name", "kind", "state", "since", "error", "owed", "waiting"}


def test_incidents_for_scripts_have_the_documented_shape(running: Setting, incident: str) -> None:
    (found,) = running.ask("incidents")
    assert {
        "id", "service", "title", "status", "severity", "state", "by", "vendor_ref", "started_at",
        "acknowledged_at", "resolved_at", "resolved_by", "duration", "timeline", "told",
    } <= found.keys()  # fmt: skip
    assert {"at", "kind", "by", "text"} <= found["timeline"][0].keys()
    assert {"destination", "state", "ref", "url", "attempts", "error"} <= found["told"][0].keys()
    assert running.ask("incidents", "show", incident)["id"] == incident


def test_incidents_are_listed_for_people(running: Setting, incident: str) -> None:
    said = running.here("incidents")
    assert incident in said.out
    assert "the connection was refused" in said.out
    assert running.here("incidents", "--all").out.count(incident) == 1


def test_acknowledging_by_the_beginning_of_an_id_names_who_did_it(running: Setting, incident: str) -> None:
    said = running.here("ack", incident[:5], "-m", "[bold]on it[/] \x1b[31m")
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{incident} acknowledged\n"
    shown = running.here("incidents", "show", incident[:5])
    assert f"acknowledged by {getpass.getuser()}" in shown.out
    assert "[bold]on it[/] [31m" in shown.out
    assert "\x1b" not in shown.out


def test_a_note_may_be_several_words(running: Setting, incident: str) -> None:
    assert running.here("note", incident, "as", "discussed").code == 0
    assert running.ask("incidents", "show", incident)["timeline"][-1]["text"] == "as discussed"


def test_the_engine_looks_when_asked_and_says_what_it_saw(running: Setting) -> None:
    said = running.here("recheck", "Gone")
    assert (said.code, said.out) == (0, "Gone is major: the connection was refused\n")
    data = json.loads(running.here("recheck", "gone", "--json").out)
    assert data["data"]["status"] == "major"


def test_a_service_to_look_at_is_named_in_any_case_and_the_nearest_is_offered(running: Setting) -> None:
    assert json.loads(running.here("recheck", "GONE", "--json").out)["data"]["service"] == "gone"
    assert json.loads(running.here("recheck", "shop [/RED] É", "--json").out)["data"]["service"] == "shop"
    said = running.here("recheck", "shop", "gnoe")
    assert (said.code, said.out) == (1, "")
    assert said.err == "tui-monitor: there is no service 'gnoe' on the board; did you mean 'Gone'?\n"
    assert running.here("recheck", "nobody").err == "tui-monitor: there is no service 'nobody' on the board\n"


def test_several_rechecks_are_one_document(running: Setting) -> None:
    found = json.loads(running.here("recheck", "gone", "shop", "--json").out)
    assert [one["data"]["service"] for one in found] == ["gone", "shop"]


def test_deliveries_show_what_is_owed_and_why(running: Setting) -> None:
    (owed,) = running.ask("deliveries")
    assert owed["destination"] == "nobody"
    said = running.here("deliveries")
    assert owed["id"] in said.out
    assert "refused" in said.out
    assert said.err.startswith("Failing: nobody (webhook) for ")


def insist(running: Setting, *words: str) -> Said:
    """Both are refused at the very moment of a try, which here ends at once."""
    for _ in range(200):
        said = running.here(*words)
        if said.code == 0:
            return said
        assert "just now" in said.err
    pytest.fail(f"refused for ever: {said.err}")


def test_a_delivery_is_retried_and_dropped_by_hand(running: Setting) -> None:
    name = running.ask("deliveries")[0]["id"]
    assert "nobody" in insist(running, "deliveries", "retry", name[:4]).out
    assert "nobody" in insist(running, "deliveries", "drop", name).out
    gone = running.here("deliveries")
    assert (gone.out, gone.err) == ("", "Nothing is owed to anybody.\n")


def test_statistics_count_and_name_every_service(running: Setting) -> None:
    said = running.here("stats", "--since", "1h")
    assert "incidents total          1" in said.out
    assert "uptime  Shop [/red] é  100.00 %" in said.out
    assert running.ask("stats")["incidents"]["total"] == 1


@pytest.mark.parametrize(
    "words",
    [
        ("ack", "zzzzzzzz"),
        ("ack", ""),
        ("note", "zzzzzzzz", "x"),
        ("resolve", "zzzzzzzz"),
        ("incidents", "show", "zzzzzzzz"),
        ("deliveries", "retry", "zzzzzzzz"),
        ("deliveries", "drop", "zzzzzzzz"),
        ("recheck", "nobody"),
        ("ack", "../../x", "-m", "'; drop table incident; --"),
        ("ack", "x" * 100_000),
        ("ack", "\udcff\x1b[31m"),
        ("incidents", "show", "\udcff&id=x"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_an_exit_code(running: Setting, words: tuple[str, ...]) -> None:
    said = running.here(*words)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("tui-monitor: ")
    assert said.err.count("\n") == 1


def test_an_incident_is_closed_by_hand_and_stays_closed(running: Setting, incident: str) -> None:
    """The last: from here on nothing is open."""
    assert running.here("resolve", incident, "-m", "known").code == 0
    running.here("recheck", "gone")
    said = running.here("incidents")
    assert (said.out, said.err) == ("", "No incident is open.\n")
    assert "force-resolved" in running.here("incidents", "show", incident).out
    for words in (("ack", incident[:5]), ("note", incident, "too late"), ("resolve", incident)):
        said = running.here(*words)
        assert (said.code, said.out, said.err) == (1, "", f"tui-monitor: {incident} is resolved already\n")
    said = running.here("note", "zzzzzzzz", "x")
    assert said.err == "tui-monitor: no open incident has an id that begins with 'zzzzzzzz'\n"
