"""The banner of a Qlik tenant as the engine keeps it true: from the looks to what stands there, through restarts."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from tests.engine.stage import DOWN, SLOW, UP, FailingStore, Stage, Way
from tui_monitor.core.errors import Unreachable
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.plan import Place, Plan
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.qlik_banner import QlikBanner
from tui_monitor.fakes.http import Heard
from tui_monitor.fakes.qlik import Qlik
from tui_monitor.store.memory import MemoryStore

AT_ONCE = Patience(down_after=1, up_after=1)
WEB = Service("web", "Web", every=10.0, patience=AT_ONCE)
API = Service("api", "API", every=10.0, patience=AT_ONCE)
RED = "Web: 503, expected 200-204"
SAID = "error " + RED
MINE = "Maintenance of the tenant tonight"


@dataclass
class Line(httpx.AsyncBaseTransport):
    """Straight to the tenant, without a socket: on virtual time. Of the next `cut` writes no word comes back."""

    qlik: Qlik
    cut: int = 0
    asked: list[str] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode()
        self.asked.append(f"{request.method} {target}")
        heard = Heard(len(self.asked), request.method, target, dict(request.headers), await request.aread())
        answer = self.qlik.reply(heard)
        if self.cut and request.method == "POST":
            self.cut -= 1
            raise Unreachable("timeout", "no answer")
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)


@dataclass(frozen=True, slots=True)
class Out(Way):
    """A way out that leads to the tenant and nowhere else."""

    line: Line | None = None

    def client(self, *, verify: bool = True, ca: str = "") -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.line)


class Tenancy(Stage):
    """A stage with one tenant of Qlik Cloud outside; without routes, since none leads to a banner."""

    def __init__(self, **options: Any) -> None:
        super().__init__(WEB, API, routes=())
        self.qlik = Qlik()
        self.line = Line(self.qlik)
        self.plan = self.next = self.with_options(**options)

    def with_options(self, **options: Any) -> Plan:
        plugin = QlikBanner("https://example.eu.qlikcloud.com", Secret("qlik-key"), **options)
        return replace(self.plan, places=(Place("qlik", "qlik_banner", plugin),))

    def _way(self, timeout: float) -> Out:
        return Out(timeout, self, line=self.line)

    def on(self, story: Callable[[Tenancy], Coroutine[Any, Any, None]]) -> None:
        self.play(lambda stage: story(self))

    @property
    def written(self) -> list[str]:
        return [f"{one['type']} {one['message']}" if one["enabled"] else "disabled" for one in self.qlik.written]

    def by_hand(self, text: str, hours: float) -> None:
        start, end = (self.at(self.now + later).isoformat() for later in (0.0, hours * 3600))
        self.qlik.by_hand(text, start.replace("+00:00", "Z"), end.replace("+00:00", "Z"))

    async def stands(self) -> dict[str, Any]:
        (found,) = (await self.engine.history("banner"))["stands"]
        return dict(found)


def test_it_says_what_is_wrong_for_as_long_as_it_is_wrong() -> None:
    async def story(stage: Tenancy) -> None:
        await stage.wait(60)
        assert stage.line.asked == []
        stage.becomes("web", DOWN)
        await stage.wait(30)
        assert stage.written == [SAID]
        await stage.wait(600)
        stage.becomes("api", SLOW)
        await stage.wait(30)
        assert stage.written[1:] == [f"{SAID} | API: 1.8 s, over 1 s"]
        stage.becomes("web", UP)
        await stage.wait(30)
        assert stage.written[2:] == ["warning API: 1.8 s, over 1 s"]
        assert (await stage.stands())["url"] == "https://example.eu.qlikcloud.com"
        stage.becomes("api", UP)
        await stage.wait(30)
        assert stage.written[3:] == ["disabled"]
        await stage.wait(700)
        assert len(stage.written) == 4
        assert (await stage.engine.history("banner"))["stands"] == []

    Tenancy().on(story)


def test_a_restart_in_the_middle_writes_nothing_twice_and_forgets_no_end() -> None:
    async def story(stage: Tenancy) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(40)
        for end in (stage.stop, stage.kill):
            await end()
            await stage.start()
            await stage.wait(60)
        assert stage.written == [SAID]
        await stage.kill()
        stage.becomes("web", UP)
        await stage.start()
        await stage.wait(60)
        assert stage.written == [SAID, "disabled"]

    Tenancy().on(story)


def test_one_of_which_no_word_came_back_is_looked_for_and_not_written_again() -> None:
    async def story(stage: Tenancy) -> None:
        stage.line.cut = 1
        stage.becomes("web", DOWN)
        await stage.wait(60)
        assert stage.written == [SAID]
        assert (await stage.stands())["state"] == "shown"

    Tenancy().on(story)


def test_one_of_which_no_word_came_back_is_ours_although_there_is_something_else_to_say() -> None:
    async def story(stage: Tenancy) -> None:
        stage.line.cut = 1
        stage.becomes("web", DOWN)
        while not stage.written:
            await stage.wait(1)
        stage.becomes("api", DOWN)
        await stage.wait(90)
        assert len(stage.written) == 2
        assert "API: 503" in stage.qlik.shown
        stage.becomes("web", UP)
        stage.becomes("api", UP)
        await stage.wait(60)
        assert stage.written[-1] == "disabled"

    Tenancy().on(story)


def test_it_is_lengthened_before_it_ends_and_so_never_gone_while_it_is_true() -> None:
    async def story(stage: Tenancy) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(3 * 600)
        assert set(stage.written) == {SAID}
        assert 6 <= len(stage.written) <= 7
        ends = [one["endTime"] for one in stage.qlik.written]
        starts = [one["startTime"] for one in stage.qlik.written]
        assert all(start < end for start, end in zip(starts[1:], ends, strict=False))

    Tenancy(expires_after=600.0).on(story)


def test_a_person_s_banner_is_left_until_it_is_over() -> None:
    async def story(stage: Tenancy) -> None:
        stage.by_hand(MINE, hours=0.5)
        stage.becomes("web", DOWN)
        await stage.wait(600)
        stands = await stage.stands()
        assert (stage.written, stands["state"]) == ([], "owed")
        assert f'a banner that is not ours, "{MINE}"' in stands["error"]
        assert 2 <= len(stage.line.asked) <= 4
        await stage.wait(1500)
        assert stage.written == [SAID]

    Tenancy().on(story)


def test_a_person_s_banner_is_taken_over_once_the_config_says_so() -> None:
    async def story(stage: Tenancy) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(40)
        stage.by_hand(MINE, hours=48)
        stage.becomes("api", DOWN)
        await stage.wait(600)
        assert (stage.written, stage.qlik.shown) == ([SAID], MINE)
        await stage.reload(stage.with_options(take_over=True))
        await stage.wait(300)
        assert stage.qlik.shown.count("503") == 2
        stage.becomes("web", UP)
        stage.becomes("api", UP)
        await stage.wait(60)
        assert stage.written[-1] == "disabled"

    Tenancy().on(story)


def test_a_person_s_banner_is_not_cleared_when_all_is_well() -> None:
    async def story(stage: Tenancy) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(40)
        stage.by_hand(RED + ", and we are on it", hours=48)
        stage.becomes("web", UP)
        await stage.wait(600)
        assert stage.written == [SAID]
        assert stage.qlik.shown == RED + ", and we are on it"

    Tenancy().on(story)


def test_a_store_that_is_lost_forgets_nothing_that_stands_there() -> None:
    async def story(stage: Tenancy) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(40)
        await stage.stop()
        await stage.store.close()
        stage.store = FailingStore(MemoryStore())
        await stage.start()
        await stage.wait(60)
        assert stage.written == [SAID]
        stage.becomes("web", SLOW)
        await stage.wait(60)
        stage.becomes("web", UP)
        await stage.wait(60)
        assert stage.written[1:] == ["warning Web: 1.8 s, over 1 s", "disabled"]

    Tenancy().on(story)


def test_what_a_person_pushes_stands_and_is_shown_where_nothing_else_is() -> None:
    async def story(stage: Tenancy) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(60)
        assert stage.written == []
        await stage.do("banner", "push", "we move tonight", severity="info")
        await stage.wait(700)
        assert set(stage.written) == {"info we move tonight"}
        assert len(stage.written) == 3
        await stage.do("banner", "clear")
        await stage.wait(60)
        assert stage.written[3:] == ["disabled"]

    Tenancy(automatic=False, expires_after=600.0).on(story)


def test_no_rehearsal_is_shown_to_a_tenant() -> None:
    async def story(stage: Tenancy) -> None:
        await stage.do("test-mode", "on")
        stage.becomes("web", DOWN)
        await stage.wait(120)
        assert stage.line.asked == []
        await stage.do("test-mode", "off")
        await stage.wait(30)
        assert stage.written == [SAID]

    Tenancy().on(story)
