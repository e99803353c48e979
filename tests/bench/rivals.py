"""The processes beside which our engine is measured, and those that drive or serve them."""

from __future__ import annotations

import asyncio
import http.client
import http.server
import json
import ssl
import sys
import threading
import time
from itertools import count
from urllib.parse import quote

import httpx

CALLERS = 32
"""Threads that ask the exporter, enough that none waits for another."""


async def fetch(client: httpx.AsyncClient, url: str) -> None:
    answer = await client.get(url)
    if answer.status_code != 200:
        raise SystemExit(f"the target answered {answer.status_code}")


async def look_with_httpx(base: str, services: int, rate: float, bundle: str) -> None:
    """The least that a monitor on a shared client must do: a paced GET on a fresh connection, and its status."""
    limits = httpx.Limits(max_connections=1000, max_keepalive_connections=0)
    trust = ssl.create_default_context(cafile=bundle)
    loop = asyncio.get_running_loop()
    start = loop.time()
    async with httpx.AsyncClient(verify=trust, limits=limits, timeout=10) as client, asyncio.TaskGroup() as looks:
        for n in count():
            await asyncio.sleep(start + n / rate - loop.time())
            looks.create_task(fetch(client, f"{base}{n % services}"))


def ask_exporter(first: int, start: float, port: int, base: str, services: int, rate: float) -> None:
    """Every so many-th probe, over one kept connection, as Prometheus asks."""
    door = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    for n in count(first, CALLERS):
        time.sleep(max(0.0, start + n / rate - time.monotonic()))
        door.request("GET", f"/probe?module=http_2xx&target={quote(f'{base}{n % services}', safe='')}")
        body = door.getresponse().read()
        if b"\nprobe_success 1" not in body:
            sys.stderr.write(f"a probe failed:\n{body.decode()[-800:]}\n")
            return


def drive_exporter(port: int, base: str, services: int, rate: float) -> None:
    start = time.monotonic() + 0.5
    more = (port, base, services, rate)
    callers = [threading.Thread(target=ask_exporter, args=(first, start, *more)) for first in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    raise SystemExit("every caller has given up")


class Cachet(http.server.BaseHTTPRequestHandler):
    """As much of Cachet as cachet-url-monitor asks of it while all is well: every component is operational."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps({"data": {"id": 1, "status": 1, "default_value": 0}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_PUT = do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


def serve_cachet(port: int) -> None:
    http.server.ThreadingHTTPServer.request_queue_size = 512
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Cachet).serve_forever()


def cachet_config(urls: list[str], api: str, every: int) -> str:
    """What cachet-url-monitor reads; JSON is YAML too."""
    endpoints = [
        {
            "name": f"s{number}",
            "url": url,
            "method": "GET",
            "timeout": 10,
            "expectation": [{"type": "HTTP_STATUS", "status_range": "200-300", "incident": "MAJOR"}],
            "allowed_fails": 2,
            "component_id": number + 1,
            "action": ["CREATE_INCIDENT", "UPDATE_STATUS"],
            "public_incidents": True,
            "frequency": every,
        }
        for number, url in enumerate(urls)
    ]
    return json.dumps({"endpoints": endpoints, "cachet": {"api_url": api, "token": "token"}})


def main(words: list[str]) -> None:
    what, *rest = words
    if what == "httpx":
        base, services, rate, bundle = rest
        asyncio.run(look_with_httpx(base, int(services), float(rate), bundle))
    elif what == "exporter":
        port, base, services, rate = rest
        drive_exporter(int(port), base, int(services), float(rate))
    elif what == "cachet":
        serve_cachet(int(rest[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
