"""One real place for each kind of destination, seen alike: what arrived there, whole, and how it is told to refuse.

Whoever adds a destination adds a place here; the promise suite fails until then.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from tests.destinations.place import SECRET, Arrived, Place, texts_in
from tests.destinations.place_apprise import apprise
from tests.destinations.place_azure_devops import azure_devops_ticket
from tests.destinations.place_azure_table import azure_table
from tests.destinations.place_cachet import cachet
from tests.destinations.place_opsgenie import opsgenie
from tests.destinations.place_pagerduty import pagerduty
from tests.destinations.place_qlik import qlik_banner
from tests.destinations.place_rocketchat import rocketchat
from tests.destinations.place_sendgrid import sendgrid
from tests.destinations.place_slack import slack
from tests.destinations.place_teams import teams
from tests.destinations.post_office import opened_office
from tests.destinations.small import Out, no_room
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.json_files import JsonFiles
from tui_monitor.destinations.log import Log
from tui_monitor.destinations.smtp import Smtp
from tui_monitor.destinations.webhook import Webhook
from tui_monitor.fakes.webhook import Webhook as Hook


@asynccontextmanager
async def webhook(out: Out) -> AsyncIterator[Place]:
    async with Hook() as hook:

        def arrived() -> list[Arrived]:
            whole = [heard for heard in hook.heard if heard.method == "POST" and heard.answered == 200]
            return [Arrived(one.headers["idempotency-key"], texts_in(one.json), len(one.body)) for one in whole]

        @contextmanager
        def refusing(status: int) -> Iterator[None]:
            hook.answer(status, body=f"no {SECRET} /hooks/{SECRET}".encode())
            yield

        url = f"{hook.url}/hooks/{SECRET}?key={SECRET}"
        yield Place(
            Webhook(Secret(url), headers={"X-Key": SECRET}, query={"q": SECRET}, token=Secret(SECRET)),
            arrived,
            later=lambda: refusing(503),
            never=lambda: refusing(404),
            hold=hook.hold,
            release=hook.release,
            unreachable=[Webhook(Secret(f"http://127.0.0.1:9/{SECRET}"))],
        )
        assert hook.refused == []


@asynccontextmanager
async def smtp(out: Out) -> AsyncIterator[Place]:
    async with opened_office() as office:

        def arrived() -> list[Arrived]:
            found = []
            for mail, envelope in zip(office.mails, office.envelopes, strict=True):
                assert not mail.defects
                words = "".join(part.get_content() for part in mail.iter_parts()).replace("\r\n", "\n")
                text = f"{mail['Subject']}\n{words}"
                found.append(Arrived(mail["Message-ID"], text, len(bytes(envelope.content or b""))))
            return found

        @contextmanager
        def refusing(answer: str) -> Iterator[None]:
            office.refuse["DATA"] = answer
            yield
            del office.refuse["DATA"]

        def hold() -> None:
            office.hangs = True

        def release() -> None:
            office.hangs = False

        usual: dict[str, Any] = {"sender": "ops@example.com", "to": ("a@example.com",), "security": "none"}
        yield Place(
            Smtp("127.0.0.1", port=office.port, password=Secret(SECRET), **usual),
            arrived,
            later=lambda: refusing("452 4.3.1 no room"),
            never=lambda: refusing("554 5.7.1 never"),
            hold=hold,
            release=release,
            unreachable=[Smtp("127.0.0.1", port=9, **usual)],
        )


@asynccontextmanager
async def log(out: Out) -> AsyncIterator[Place]:
    path = out.home / "told.log"

    def arrived() -> list[Arrived]:
        if not path.exists() or not path.read_bytes():
            return []
        text = path.read_text(encoding="utf-8")
        assert text.endswith("\n")
        return [Arrived(line, line, len(line)) for line in text.split("\n")[:-1]]

    blocked = Log(path="blocked/x")
    (out.home / "blocked").write_text("a file where a folder is due")
    yield Place(Log(path="told.log"), arrived, later=lambda: no_room(_size(path) + 5), unreachable=[blocked])


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@asynccontextmanager
async def json_files(out: Out) -> AsyncIterator[Place]:
    folder = out.home / "incidents"

    def arrived() -> list[Arrived]:
        paths = sorted(folder.iterdir()) if folder.exists() else []
        assert all(re.fullmatch(r"[\w-]+\.json", path.name) for path in paths)
        return [Arrived(path.name, texts_in(json.loads(path.read_bytes())), _size(path)) for path in paths]

    (out.home / "blocked").write_text("a file where a folder is due")
    yield Place(JsonFiles(), arrived, later=lambda: no_room(5), unreachable=[JsonFiles(path="blocked")])


PLACES: dict[str, Callable[[Out], AbstractAsyncContextManager[Place]]] = {
    "apprise": apprise,
    "azure_table": azure_table,
    "cachet": cachet,
    "azure_devops_ticket": azure_devops_ticket,
    "json_files": json_files,
    "log": log,
    "opsgenie": opsgenie,
    "pagerduty": pagerduty,
    "qlik_banner": qlik_banner,
    "rocketchat": rocketchat,
    "sendgrid": sendgrid,
    "slack": slack,
    "smtp": smtp,
    "teams": teams,
    "webhook": webhook,
}
