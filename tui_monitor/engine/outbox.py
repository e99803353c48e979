"""Sends what was claimed: one message at a time per destination, each with a deadline and a word of how it went."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.ports import Receipt
from tui_monitor.core.text import clean, spell_duration

if TYPE_CHECKING:
    from tui_monitor.core.plan import Place
    from tui_monitor.core.ports import Outside
    from tui_monitor.engine.delivery import Delivery

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a delivery: a receipt, an error, or neither when a place that was asked does not know of it."""

    delivery: Delivery
    receipt: Receipt | None = None
    error: DeliveryError | None = None


class Outbox:
    """The sends under way. It decides nothing: what to send was claimed before, what came of it is reported."""

    def __init__(
        self,
        outsides: Mapping[str, Outside],
        report: Callable[[Sent], None],
        redact: Callable[[str], str],
    ) -> None:
        self._outsides = outsides
        self._report = report
        self._redact = redact
        self._under_way: dict[str, asyncio.Task[None]] = {}

    def __repr__(self) -> str:
        return f"<Outbox telling {', '.join(self._under_way) or 'nobody'}>"

    def reach(self, outsides: Mapping[str, Outside]) -> None:
        """Other ways out from now on; what is under way goes on over the one it has."""
        self._outsides = outsides

    def is_busy(self, destination: str) -> bool:
        return destination in self._under_way

    def send(self, delivery: Delivery) -> None:
        name = delivery.place.name
        sending = self._send(delivery, self._outsides[name])
        self._under_way[name] = asyncio.get_running_loop().create_task(sending, name=f"tell {name}")

    async def stop(self, patience: float) -> None:
        """Lets the sends under way finish; one that takes too long is cut off and asked about at the next start."""
        tasks = list(self._under_way.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=patience)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=0.2)

    async def _send(self, delivery: Delivery, outside: Outside) -> None:
        receipt, error = None, None
        try:
            receipt = await self._reach(delivery, outside)
        except DeliveryError as refused:
            error = refused
        except asyncio.CancelledError:
            del self._under_way[delivery.place.name]
            raise
        del self._under_way[delivery.place.name]
        self._report(Sent(delivery, receipt, error))

    async def _reach(self, delivery: Delivery, outside: Outside) -> Receipt | None:
        plugin = delivery.place.plugin
        reach = plugin.find if delivery.asks else plugin.deliver  # type: ignore[attr-defined]  # asked only where there is one
        work: Awaitable[Receipt | None] = asked(delivery.place, self._redact, reach, delivery.message, outside)
        return await attempt(delivery.place, work, self._redact)


async def attempt(place: Place, work: Awaitable[T], redact: Callable[[str], str]) -> T:
    """What a plugin does, within the time of its place; whatever goes wrong is a DeliveryError in plain words."""
    with _in_plain_words(place, redact):
        async with asyncio.timeout(place.timeout):
            return await work


def asked(place: Place, redact: Callable[[str], str], question: Callable[..., T], /, *args: Any) -> T:
    """What a plugin answers at once. Whatever of it the loop itself calls is called here, and so ends no engine."""
    with _in_plain_words(place, redact):
        return question(*args)


@contextmanager
def _in_plain_words(place: Place, redact: Callable[[str], str]) -> Iterator[None]:
    try:
        yield
    except DeliveryError as refused:
        text = redact(clean(redact(str(refused))))  # before it is cut, for an end of a secret is one too
        raise DeliveryError(text, retry=refused.retry, after=refused.after, unsure=refused.unsure) from None
    except TimeoutError:
        text = f"no answer within {spell_duration(place.timeout)}"
        raise DeliveryError(text, retry=True, unsure=True) from None
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything, and nothing may be lost for it
        log.error("the %s destination %s failed: %s", place.kind, place.name, type(error).__name__)
        log.debug("%s", redact(repr(error)))
        text = f"the destination itself failed: {type(error).__name__}"
        raise DeliveryError(text, retry=True, unsure=True) from None
