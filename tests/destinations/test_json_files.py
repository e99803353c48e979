"""Incident files on a real disk: their layout, whose they are, and that a reader never finds half of one."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.destinations.small import NOON, Out, banner, changed, message, no_room, opened, resolved
from tui_monitor.core.banner import Banner, Severity
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Item
from tui_monitor.core.model import Kind
from tui_monitor.destinations.craft.folder import safe
from tui_monitor.destinations.json_files import JsonFiles

LATER = NOON + timedelta(hours=1)
NAME = "api-production_20261120_115500.json"


def content(outside: Out, name: str = NAME) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((outside.home / "incidents" / name).read_text())
    return read


async def told(outside: Out, item: Item, ref: str = "") -> str:
    return (await JsonFiles().deliver(message(item, ref), outside)).ref


async def test_a_file_has_the_layout_that_asl_users_know_with_our_fields_beside_it(outside: Out) -> None:
    assert await told(outside, opened()) == NAME
    read = content(outside)
    assert {key: read[key] for key in ("id", "service", "start_time", "end_time", "duration_seconds", "status")} == {
        "id": "api-production_20261120_115500",
        "service": "API production",
        "start_time": "2026-11-20T11:55:00Z",
        "end_time": None,
        "duration_seconds": None,
        "status": "active",
    }
    assert set(read["details"]) == {"url", "error", "status_code", "response_time", "consecutive_failures"}
    assert (read["details"]["url"], read["details"]["error"]) == ("http://api.test/", "it answered 500")
    assert (read["incident"], read["severity"], read["believed"]) == ("inc1", "major", "major")
    assert (outside.home / "incidents" / NAME).stat().st_mode & 0o777 == 0o600


async def test_a_whole_incident_is_one_file_with_its_whole_timeline(outside: Out) -> None:
    ref = await told(outside, opened())
    await told(outside, changed(by="ann"), ref)
    again = await told(outside, resolved(by="ann", revision=3, resolved_by="engine"), ref)
    read = content(outside)
    assert again == ref
    assert os.listdir(outside.home / "incidents") == [NAME]
    assert (read["status"], read["end_time"], read["duration_seconds"]) == ("resolved", "2026-11-20T12:00:00Z", 300)
    assert [(event["n"], event["kind"]) for event in read["timeline"]] == [
        (1, "opened"),
        (2, "acknowledged"),
        (3, "resolved"),
    ]
    assert (read["by"], read["resolved_by"]) == ("ann", "engine")


async def test_a_second_try_after_a_crash_finds_the_file_of_the_first(outside: Out) -> None:
    assert await told(outside, opened()) == await told(outside, opened()) == NAME
    assert len(content(outside)["timeline"]) == 1
    assert len(os.listdir(outside.home / "incidents")) == 1


async def test_after_a_crash_it_can_be_asked_whether_it_was_told(outside: Out) -> None:
    plugin = JsonFiles()
    assert await plugin.find(message(), outside) is None
    ref = await told(outside, opened())
    found = await plugin.find(message(), outside)
    assert found is not None
    assert found.ref == ref
    assert await plugin.find(message(resolved(), ref), outside) is None


async def test_two_incidents_of_one_second_have_two_files(outside: Out) -> None:
    names = await asyncio.gather(*(told(outside, opened(n=n)) for n in range(1, 31)))
    assert len(set(names)) == 30
    first, second = names[:2]
    assert await told(outside, resolved(n=2)) == second
    assert {content(outside, name)["incident"] for name in (first, second)} == {"inc1", "inc2"}
    assert content(outside, first)["id"] == content(outside, second)["id"]


async def test_a_write_that_was_slow_does_not_undo_a_later_one(outside: Out) -> None:
    ref = await told(outside, resolved())
    await told(outside, opened(), ref)
    assert content(outside)["status"] == "resolved"


async def test_a_full_disk_leaves_the_old_file_whole_and_is_tried_again(outside: Out) -> None:
    ref = await told(outside, opened())
    before = content(outside)
    with no_room(300), pytest.raises(DeliveryError, match="cannot write") as caught:
        await told(outside, resolved(), ref)
    assert caught.value.retry
    assert content(outside) == before
    assert os.listdir(outside.home / "incidents") == [NAME]


async def test_a_folder_that_is_a_file_is_said_and_tried_again(outside: Out) -> None:
    (outside.home / "incidents").write_text("")
    for act in (told(outside, opened()), JsonFiles().prove(outside)):
        with pytest.raises(DeliveryError, match="cannot write") as caught:
            await act
        assert caught.value.retry


@pytest.mark.parametrize("text", ["precious", None, '{"incident": "inc1", "revision": 0, "timeline": [{"n": 0}]}'])
async def test_a_link_is_not_followed_and_what_it_points_to_stays(outside: Out, text: str | None) -> None:
    folder = outside.home / "incidents"
    folder.mkdir()
    precious = outside.home / "precious"
    if text is not None:
        precious.write_text(text)
    (folder / NAME).symlink_to(precious)
    name = await told(outside, opened())
    assert name != NAME
    assert [event["n"] for event in content(outside, name)["timeline"]] == [1]
    assert (precious.read_text() if precious.exists() else None) == text
    assert (folder / NAME).is_symlink()


@pytest.mark.parametrize(
    "ref", ["../../etc/passwd.json", "/etc/x.json", ".hidden.json", "a/b.json", "x", "\x00.json"]
)
async def test_a_reference_never_leads_out_of_the_folder(outside: Out, ref: str) -> None:
    assert await told(outside, opened(), ref) == NAME


async def test_a_service_with_a_hostile_id_stays_in_the_folder(outside: Out) -> None:
    item = opened()
    hostile = replace(item, service=replace(item.service, id="../../../tmp/x\x00y" * 100))
    name = await told(outside, hostile)
    assert os.listdir(outside.home / "incidents") == [name]


@given(st.text())
def test_every_id_makes_a_plain_name(text: str) -> None:
    assert set(safe(text)) & set("/\\.\x00") == set()
    assert 1 <= len(safe(text)) <= 100


@pytest.mark.parametrize(
    "damage", ["", "{", "[" * 50_000, "[]", '{"revision": "x"}', '{"revision": 1, "incident": "zz"}']
)
async def test_a_damaged_or_foreign_file_is_left_alone(outside: Out, damage: str) -> None:
    folder = outside.home / "incidents"
    folder.mkdir()
    (folder / NAME).write_text(damage)
    name = await told(outside, opened())
    assert (folder / NAME).read_text() == damage
    assert content(outside, name)["incident"] == "inc1"
    assert await told(outside, resolved(), name) == name


async def test_a_tampered_timeline_costs_no_more_than_itself(outside: Out) -> None:
    ref = await told(outside, opened())
    path = outside.home / "incidents" / ref
    path.write_text(json.dumps({**content(outside), "timeline": [1, {"n": [1]}, {"n": "2"}, {}, {"n": 0}]}))
    await told(outside, changed(kind=Kind.NOTED), ref)
    assert [event["n"] for event in content(outside)["timeline"]] == [0, 2]


async def test_a_reader_never_sees_half_a_file(outside: Out) -> None:
    ref = await told(outside, opened())
    path = outside.home / "incidents" / ref
    inode = path.stat().st_ino
    with path.open() as reader:
        await told(outside, resolved(), ref)
        assert json.loads(reader.read())["status"] == "active"
    assert path.stat().st_ino != inode


async def test_proving_leaves_nothing_behind(outside: Out, tmp_path: Path) -> None:
    assert "can be written" in await JsonFiles(path="deep/er").prove(outside)
    assert os.listdir(tmp_path / "deep" / "er") == []


async def test_on_a_full_disk_it_is_not_said_that_files_can_be_written(outside: Out, tmp_path: Path) -> None:
    with no_room(300), pytest.raises(DeliveryError, match="cannot write"):
        await JsonFiles(path="deep").prove(outside)
    assert os.listdir(tmp_path / "deep") == []


async def test_a_later_incident_of_the_service_has_a_file_of_its_own(outside: Out) -> None:
    await told(outside, opened(n=1))
    later = await told(outside, opened(n=2, started_at=NOON + timedelta(seconds=1)))
    assert later == "api-production_20261120_120001.json"


# -- the banner -----------------------------------------------------------------------------------------------------


async def test_the_banner_has_one_file_that_a_late_write_does_not_turn_back(outside: Out) -> None:
    later = replace(
        banner("Search is down", 2), banner=Banner("ops", "Search is down", Severity.ERROR, "bo", LATER, 2)
    )
    for told in (later, banner()):
        receipt = await JsonFiles(banner=True).deliver(told, outside)
        assert receipt.ref == "banner.json"
    assert content(outside, "banner.json")["text"] == "Search is down"


async def test_a_banner_of_a_store_that_began_anew_takes_the_place_of_the_old_one(outside: Out) -> None:
    await JsonFiles(banner=True).deliver(banner("of another life", 7), outside)
    fresh = replace(banner("anew", 1), banner=Banner("ops", "anew", Severity.INFO, "bo", LATER, 1))
    await JsonFiles(banner=True).deliver(fresh, outside)
    assert content(outside, "banner.json")["text"] == "anew"
    assert content(outside, "banner.json")["by"] == "bo"
