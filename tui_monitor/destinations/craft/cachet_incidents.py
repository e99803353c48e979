"""An incident of ours as one of Cachet's: made once, updated, closed, and its component with it.

Ours are known by the last line of their words, which names the incident. One that names another, although its
component and every word are the same and it is still open, was made by an engine whose store is lost: it is taken
over, rather than left open for good beside a second one. Nothing here is remembered between calls, so that each step
looks first whether it is done already.

Where a service is published with `update_status`, its component is kept true by itself, and here it is only linked to
the incident. Otherwise it follows the incident: as bad as that is, and well again when nothing at Cachet speaks
against it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Item, Message, News
from tui_monitor.core.model import Kind, State
from tui_monitor.core.ports import Receipt
from tui_monitor.destinations.craft.cachet import (
    BAD,
    FIXED,
    Api,
    Published,
    Refusal,
    Row,
    segment,
    state_of,
    whole,
)
from tui_monitor.destinations.craft.document import shorten

INVESTIGATING, IDENTIFIED = 1, 2
LONGEST_NAME, LONGEST_TEXT, LONGEST_HISTORY = 200, 2000, 20_000
RECENT = 3
"""Pages of the newest incidents among which ours is looked for."""

_REFERENCE = re.compile(r"\s*Reference: ([0-9a-z]+)\s*$")
_MARKUP = re.compile(r"[\\`*\[\]<>|~]|&(?=#?\w+;)|(?<!\w)[_#]|_(?!\w)|^[+-](?=\s)")
GONE = "its incident there was deleted, so nothing more is said of it"


def words(text: str, limit: int = LONGEST_TEXT) -> str:
    """One line that means nothing in Markdown: Cachet shows messages as HTML."""
    return _MARKUP.sub(r"\\\g<0>", shorten(text, limit))


@dataclass(frozen=True, slots=True)
class Telling:
    """One message to one Cachet, and what that is to show of it."""

    api: Api
    message: Message
    publish: Published
    notify: bool

    @property
    def item(self) -> Item:
        return self.message.items[0]

    @property
    def is_over(self) -> bool:
        """Whether nothing that was told under the reference lasts."""
        return self.message.news in (News.RESOLVED, News.OVER) and not self.message.beside

    @property
    def stage(self) -> int:
        if self.is_over:
            return FIXED
        return IDENTIFIED if self.item.incident.state is State.ACKNOWLEDGED else INVESTIGATING

    @property
    def mails(self) -> bool:
        return self.notify and self.publish.public

    @property
    def name(self) -> str:
        return shorten(self.item.text, LONGEST_NAME) or self.item.incident.id

    @property
    def text(self) -> str:
        """What people say among themselves when they acknowledge is not for the public."""
        kinds = {event.kind for event in self.item.events if not event.to}
        is_among_us = self.message.news is News.CHANGED and kinds == {Kind.ACKNOWLEDGED}
        fields = self.item.fields
        said = f"{fields['name']} is {fields['status']}: {fields['title']}" if is_among_us else self.item.text
        return words(said) or self.item.incident.id

    @property
    def body(self) -> str:
        """What is wrong, and the reference by which it is known again."""
        return f"{self._cause}\n\nReference: {self.item.incident.id}"

    @property
    def _cause(self) -> str:
        return words(self.item.fields["title"]) or self.text

    # -- which is ours ------------------------------------------------------------------------------------------

    def own(self, recent: Sequence[Row]) -> Row | None:
        """The incident that is ours, by its reference; else one that was made by an engine that knows no more."""
        named = [(row, _REFERENCE.search(str(row.get("message")))) for row in recent]
        ours = [row for row, found in named if found and found[1] == self.item.incident.id]
        return next(iter(ours), None) or next((row for row, found in named if found and self._is_orphan(row)), None)

    def _is_orphan(self, row: Row) -> bool:
        """With the same name and words on the same component. What was said later stands above them on 2.3."""
        said = _REFERENCE.sub("", str(row.get("message")))
        same = whole(row.get("component_id")) == (self.publish.component or 0) and row.get("name") == self.name
        return same and is_open(row) and f"\n\n{said}".endswith(f"\n\n{self._cause}")

    async def recent(self) -> list[Row]:
        return await self.api.rows("incidents", RECENT, newest=True)

    # -- what is done -------------------------------------------------------------------------------------------

    async def tell(self) -> Receipt:
        """The incident at Cachet as it is to be now; whatever of that is done already stays done."""
        ref = self.message.ref
        if ref:
            row = await self.api.get(f"incidents/{segment(ref)}")
            if row is None:
                if self.is_over:
                    await self._follow(ref, self.message.news)
                return Receipt(ref, self.message.url, GONE)
        else:
            row = self.own(await self.recent())
            if row is None:
                return await self._create()
            if self.message.news is News.OPENED or (self.is_over and not is_open(row)):
                return await self.adopt(row)
        await self._update(row)
        return self._receipt(row, await self._follow(str(row["id"]), self.message.news))

    async def find(self) -> Receipt | None:
        """What an earlier try made of it, of which no word came; its component is seen to as well."""
        row = self.own(await self.recent())
        return None if row is None or (self.is_over and is_open(row)) else await self.adopt(row)

    async def adopt(self, row: Row) -> Receipt:
        """It is there already, for all that was heard of it."""
        return self._receipt(row, await self._follow(str(row["id"]), News.OPENED))

    async def _create(self) -> Receipt:
        component = await self._component()
        named = {} if component is None else self._link(component)
        mail = "notifications" if self.api.is_new else "notify"
        told = {"name": self.name, "message": self.body, "status": self.stage, mail: self.mails}
        try:
            row = await self.api.write("POST", "incidents", {**told, "visible": int(self.publish.public), **named})
        except Refusal as refused:
            found = self.own(await self.recent()) if refused.status == 400 else None
            if found is None:
                raise
            return await self.adopt(found)  # older ones refuse, and make it all the same
        if "id" not in row:
            raise DeliveryError(f"{self.api.host} took an incident and gave no number", retry=True, unsure=True)
        note = await self._follow(str(row["id"]), News.OPENED) if self.api.is_new else ""
        is_missing = self.publish.component is not None and component is None
        return self._receipt(row, self._missing() if is_missing else note)

    def _link(self, component: Row) -> Row:
        """Both or neither, as 2.x wants it; a component is never shown better than it is by this."""
        return {"component_id": self.publish.component, "component_status": self._at_least(component)}

    async def _update(self, row: Row) -> None:
        """Once, also where an earlier try went through unheard. 2.3 has no updates: what is new goes on top."""
        path = f"incidents/{segment(str(row['id']))}"
        try:
            said = await self.api.rows(f"{path}/updates", 1, newest=True)
        except Refusal as refused:
            if refused.status != 404 or self.api.is_new:
                raise
            return await self._rewrite(path, row)
        newest = max(said, key=lambda one: whole(one.get("id")), default={})
        if whole(newest.get("status")) != self.stage or str(newest.get("message")).strip() != self.text:
            await self.api.write("POST", f"{path}/updates", {"status": self.stage, "message": self.text})
        return None

    async def _rewrite(self, path: str, row: Row) -> None:
        """What is not said of an incident is taken for visible and to be mailed, so everything is said."""
        before = str(row.get("message"))
        if before.startswith(self.text) and whole(row.get("status")) == self.stage:
            return
        body = {
            "name": row.get("name"),
            "status": self.stage,
            "message": f"{self.text}\n\n{before[-LONGEST_HISTORY:]}",
            "visible": whole(row.get("visible")),
            "stickied": bool(row.get("stickied")),
            "notify": self.mails,
        }
        await self.api.write("PUT", path, body)

    def _receipt(self, row: Row, note: str = "") -> Receipt:
        ref = str(row["id"])
        link = str(row.get("permalink") or (f"{self.api.page}/incidents/{row['guid']}" if row.get("guid") else ""))
        is_link = link.startswith(("https://", "http://")) and link == shorten(link, LONGEST_TEXT)
        return Receipt(ref, link if is_link else self.message.url, note)

    # -- its component ------------------------------------------------------------------------------------------

    async def _component(self) -> Row | None:
        number = self.publish.component
        return None if number is None else await self.api.get(f"components/{number}")

    def _missing(self) -> str:
        return f"there is no component {self.publish.component} at {self.api.host}: the incident names none"

    def _at_least(self, component: Row) -> int:
        """How the component is shown, or as bad as the incident makes it."""
        now = state_of(component)
        ours = self.api.number_of(self.item.incident.status)
        return now if self.is_over or ours is None or ours not in BAD else self.api.worse(now, ours)

    async def _follow(self, ref: str, news: News) -> str:
        """The component shows what the incident makes of it; what could not be shown is said."""
        component = await self._component()
        number = self.publish.component
        if component is None or number is None:
            return self._missing() if number is not None else ""
        now = state_of(component)
        wanted = await self._wanted(component, ref, news)
        if wanted != now:
            await self.api.set_component(number, wanted)
        return ""

    async def _wanted(self, component: Row, ref: str, news: News) -> int:
        now, incident = state_of(component), self.item.incident
        is_kept = self.publish.does("update_status")
        if self.is_over:
            untouched = now == self.api.number_of(incident.severity) or not is_kept
            is_free = now in BAD and untouched and (incident.status.is_good or not is_kept)
            return 1 if is_free and not await self._others(ref) else now
        least = self._at_least(component)
        if news is News.OPENED or is_kept:
            return least if news is News.OPENED else now
        ours = self.api.number_of(incident.status)
        is_better = ours in BAD and ours != least
        return ours if ours is not None and is_better and not await self._others(ref) else least

    async def _others(self, ref: str) -> bool:
        """Whether any other incident that is open speaks of this component."""
        rows = [row for row in await self.recent() if str(row.get("id")) != ref and is_open(row)]
        return any(whole(row.get("component_id")) == self.publish.component for row in rows)


def is_open(row: Row) -> bool:
    """Its newest update says how an incident stands, where it has any. Plans of long ago are in state 0."""
    return whole(row.get("latest_status") or row.get("status")) in range(1, FIXED)
