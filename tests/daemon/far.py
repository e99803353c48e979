"""The far end of a line, as a program in a network of its own: a reference target, and a service that a file turns.

python -m tests.daemon.far ADDRESS TARGET_PORT SERVICE_PORT FILE
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path


async def main(address: str, target: int, service: int, file: Path) -> None:
    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        status = "503 No" if file.exists() else "200 OK"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        writer.close()

    async with (
        await asyncio.start_server(take, address, target),
        await asyncio.start_server(answer, address, service),
    ):
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])))
