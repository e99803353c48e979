"""Lines: in the program's log by severity, or whole in a file of their own."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from pathlib import Path

import pytest

from tests.destinations.small import Out, banner, message, no_room, opened, resolved
from tui_monitor.core.errors import DeliveryError
from tui_monitor.destinations.log import Log

TEXT = "opened: API production is major: it answered 500"


async def test_without_a_path_lines_go_to_the_programs_log_by_severity(
    outside: Out, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await Log().deliver(message(), outside)
    await Log().deliver(message(resolved()), outside)
    assert caplog.record_tuples == [
        ("tui_monitor.told", logging.WARNING, TEXT),
        ("tui_monitor.told", logging.INFO, "resolved: API production is operational again after 5 m"),
    ]


async def test_a_file_grows_by_one_line_for_each_message_and_is_ours_alone(outside: Out) -> None:
    for told in (message(), message(resolved())):
        await Log(path="told.log").deliver(told, outside)
    path = outside.home / "told.log"
    first, second = path.read_text().splitlines()
    assert first == f"2026-11-20T12:00:00Z {TEXT}"
    assert second.endswith("operational again after 5 m")
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_banner_is_a_line_and_a_warning_while_it_is_shown(
    outside: Out, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await Log(banner=True).deliver(banner(), outside)
    await Log(banner=True).deliver(banner(cleared=True, ref="1"), outside)
    found = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert found == [
        ("WARNING", "opened: Search is slow"),
        ("INFO", "resolved: No longer shown: Search is slow"),
    ]


async def test_a_line_may_be_json(outside: Out) -> None:
    await Log(path="told.log", format="json").deliver(message(opened("a\nb")), outside)
    (line,) = (outside.home / "told.log").read_text().splitlines()
    assert json.loads(line)["incidents"][0]["name"] == "a b"


async def test_lines_written_at_once_do_not_mix(outside: Out) -> None:
    told = [message([opened("x" * 400, n) for n in range(20)]) for _ in range(20)]
    await asyncio.gather(*(Log(path="told.log").deliver(one, outside) for one in told))
    assert len(set((outside.home / "told.log").read_text().splitlines())) == 1


async def test_a_line_that_does_not_fit_on_the_disk_leaves_no_half_of_it(outside: Out) -> None:
    plugin = Log(path="told.log")
    await plugin.deliver(message(), outside)
    before = (outside.home / "told.log").read_bytes()
    with no_room(len(before) + 10), pytest.raises(DeliveryError, match="no room") as caught:
        await plugin.deliver(message(), outside)
    assert caught.value.retry
    assert (outside.home / "told.log").read_bytes() == before


async def test_a_pipe_that_nobody_reads_hangs_nothing(outside: Out) -> None:
    os.mkfifo(outside.home / "pipe")
    with pytest.raises(DeliveryError, match="cannot write"):
        await Log(path="pipe").deliver(message(), outside)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
async def test_on_a_full_disk_it_is_not_said_that_lines_can_be_written(outside: Out, full_disk: Path) -> None:
    plugin = Log(path=str(full_disk / "told.log"))
    for act in (plugin.deliver(message(), outside), plugin.prove(outside)):
        with pytest.raises(DeliveryError, match="No space left"):
            await act
    (full_disk / "ballast").unlink()
    assert "can be written" in await plugin.prove(outside)


async def test_what_is_no_disk_is_never_full(outside: Out) -> None:
    near, far = os.pipe()
    try:
        assert "can be written" in await Log(path=f"/proc/self/fd/{far}").prove(outside)
    finally:
        os.close(near)
        os.close(far)


async def test_proving_writes_no_line(outside: Out, tmp_path: Path) -> None:
    assert "can be written" in await Log(path="deep/told.log").prove(outside)
    assert (tmp_path / "deep" / "told.log").read_bytes() == b""
    assert "own log" in await Log().prove(outside)
    with pytest.raises(DeliveryError, match="cannot write"):
        await Log(path=".").prove(outside)
