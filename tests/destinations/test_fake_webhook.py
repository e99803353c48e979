"""The recorder itself: it must hear everything, keep it across processes, and refuse what is malformed."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import httpx
import pytest

from tui_monitor.fakes.webhook import Webhook as Hook


async def raw(hook: Hook, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", hook.port)
    writer.write(sent)
    answer = await reader.readuntil(b"\r\n")
    writer.close()
    return answer


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /a b HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.0\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n{",
        b"POST / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)
async def test_a_malformed_request_is_refused_and_kept_apart(sent: bytes) -> None:
    async with Hook() as hook:
        assert await raw(hook, sent) == b"HTTP/1.1 400 Bad Request\r\n"
        assert hook.heard == []
        assert len(hook.refused) == 1


async def test_answers_come_in_the_order_they_were_asked_for_and_then_the_usual_one() -> None:
    async with Hook() as hook, httpx.AsyncClient() as client:
        hook.answer(503, times=2, Retry_After="3")
        hook.answer(204)
        answers = [await client.post(hook.url, json={"n": n}) for n in range(4)]
        assert [answer.status_code for answer in answers] == [503, 503, 204, 200]
        assert answers[0].headers["retry-after"] == "3"
        assert answers[3].json() == {"id": "4"}
        assert [heard.json["n"] for heard in hook.heard] == [0, 1, 2, 3]


async def test_a_held_request_is_heard_before_it_is_answered() -> None:
    async with Hook() as hook, httpx.AsyncClient() as client:
        hook.hold()
        waiting = asyncio.create_task(client.post(hook.url, json=1))
        (heard,) = await hook.hears(1)
        assert (heard.json, waiting.done()) == (1, False)
        hook.release()
        assert (await waiting).status_code == 200


async def test_as_a_program_it_keeps_every_request_in_a_file_also_the_unanswered(tmp_path: Path) -> None:
    record = tmp_path / "heard.jsonl"
    words = ("-m", "tui_monitor.fakes.webhook", "--record", str(record), "--drop", "1", "--status", "429")
    program = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=asyncio.subprocess.PIPE)
    assert program.stdout is not None
    port = int(await program.stdout.readline())
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.post(f"http://127.0.0.1:{port}/a?x=1", json={"key": "k"})
        for _ in range(2):
            await client.post(f"http://127.0.0.1:{port}/b", json={"key": "k"})
    program.kill()
    await program.wait()
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert [(line["n"], line["path"], line["answered"]) for line in lines] == [
        (1, "/a", None),
        (2, "/b", 429),
        (3, "/b", 200),
    ]
    assert lines[0]["query"] == {"x": "1"}
    assert json.loads(lines[0]["body"]) == {"key": "k"}
    assert record.stat().st_mode & 0o777 == 0o600


async def test_one_that_is_to_remember_few_forgets_the_oldest_and_goes_on_counting() -> None:
    async with Hook(remembers=2) as hook, httpx.AsyncClient() as client:
        for n in range(5):
            answer = await client.post(hook.url, json={"n": n})
            assert answer.json() == {"id": str(n + 1)}
        assert [heard.n for heard in hook.heard] == [4, 5]
