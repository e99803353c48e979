"""`cachet`: the public page of a Cachet, 2.3, 2.4 or 3.x, as true as we know: incidents, components and metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from tui_monitor.core.message import Message, News
from tui_monitor.core.model import Kind, Service
from tui_monitor.core.options import CertificateFile
from tui_monitor.core.ports import LOUD, Outside, Receipt, Sample, Standing
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.craft import cachet_shown
from tui_monitor.destinations.craft.cachet import Api, Published, check_url, find_api
from tui_monitor.destinations.craft.cachet_incidents import Telling


@dataclass(frozen=True, slots=True)
class Cachet:
    """Options. `url` is that of the page, or of its API; with `notify`, its subscribers get mails of incidents."""

    url: str
    token: Secret
    notify: bool = True
    verify_tls: bool = True
    ca: CertificateFile = ""

    hears: ClassVar[frozenset[Kind]] = LOUD
    grouped: ClassVar[bool] = False
    public: ClassVar[bool] = True
    pace: ClassVar[float] = 0.25
    published: ClassVar[type[Published]] = Published

    def __post_init__(self) -> None:
        check_url(self.url)

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        return await (await self._telling(message, outside)).tell() if message.items else Receipt()

    async def find(self, message: Message, outside: Outside) -> Receipt | None:
        """Only for what was told first: whatever comes later may be told again, and is not said twice by that."""
        is_first = message.news in (News.OPENED, News.OVER) and bool(message.items)
        return await (await self._telling(message, outside)).find() if is_first else None

    async def prove(self, outside: Outside) -> str:
        api = await self._api(outside)
        await api.try_token()
        rights = "; what that may do is seen only when something is written" if api.is_new else ""
        return f"{api.host} is a Cachet {api.version} that takes the token{rights}"

    async def prove_published(self, given: Mapping[str, Published], outside: Outside) -> str:
        found = await cachet_shown.prove(await self._api(outside), given)
        return f"it has {found}" if found else ""

    def spared(self, service: Service, publish: Published | None) -> str:
        if publish is None:
            return "the service is not published there"
        return "" if publish.does("create_incident") else "of this service no incidents are published there"

    def keeps(self, service: Service, publish: Published | None) -> bool:
        return publish is not None and publish.does("update_status")

    async def keep(self, scene: Sequence[Standing], outside: Outside) -> str:
        return await cachet_shown.keep(await self._api(outside), scene)

    def records(self, service: Service, publish: Published | None) -> bool:
        return publish is not None and publish.does("push_metrics")

    async def record(self, samples: Sequence[Sample], outside: Outside) -> None:
        await cachet_shown.record(await self._api(outside), samples)

    async def _telling(self, message: Message, outside: Outside) -> Telling:
        publish: Any = message.items[0].publish
        return Telling(await self._api(outside), message, publish or Published(), self.notify)

    async def _api(self, outside: Outside) -> Api:
        return await find_api(self.url, self.token, outside.client(verify=self.verify_tls, ca=self.ca), outside.now)
