"""What is owed, put into the message that a place is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from tui_monitor.core import told as rule
from tui_monitor.core.banner import Banner
from tui_monitor.core.message import Item, Message, News, banner_message, item_of, message_of
from tui_monitor.core.model import Event, Incident, Owing, Service, Told
from tui_monitor.core.plan import Place, Plan
from tui_monitor.engine.listening import Listening


class Wording:
    """Words for rows of the ledger; it changes none of them."""

    def __init__(
        self,
        plan: Plan,
        timelines: Mapping[str, Sequence[Event]],
        listening: Listening,
        service_of: Callable[[Incident], Service],
    ) -> None:
        self._plan = plan
        self._timelines = timelines
        self._listening = listening
        self._service_of = service_of

    def message(
        self,
        place: Place,
        rows: Sequence[Told],
        subjects: Sequence[rule.Subject],
        news: News,
        now: datetime,
        beside: int = 0,
    ) -> Message:
        """One message of all these rows, each with its subject; `beside` as in the message."""
        first = rows[0]
        if isinstance(subjects[0], Banner):
            shown, is_test = subjects[0], self._listening.is_test(subjects[0])
            title, ref, url = self._plan.title, first.ref, first.url
            return banner_message(shown, news, title, now, ref, url, first.told_at, is_test=is_test)
        items = [
            self._item(place, row, one, self._timelines.get(one.id, ()), news, now)
            for row, one in zip(rows, subjects, strict=True)
            if isinstance(one, Incident)
        ]
        told_at = max((row.told_at for row in rows if row.told_at is not None), default=None)
        return message_of(place.name, items, now, first.ref, first.url, told_at, beside)

    def _item(
        self, place: Place, row: Told, incident: Incident, timeline: Sequence[Event], news: News, now: datetime
    ) -> Item:
        fresh = [event for event in timeline if event.n > row.told and event.is_for(place.name, place.plugin.hears)]
        is_test, service = self._listening.is_test(incident), self._service_of(incident)
        texts, publish = self._plan.messages, service.publish.get(place.name)
        return item_of(incident, service, news, fresh, texts, now, is_test=is_test, publish=publish)

    def foretold(
        self, place: Place, row: Told | None, incident: Incident, timeline: Sequence[Event], now: datetime
    ) -> Message:
        """What a place would be told if this were pushed there now, and it were free to take it."""
        row = rule.push(row or Told(place.name, incident.id), incident.revision, "", now)
        news = rule.news_of(row, incident) or News.CHANGED
        item = self._item(place, row, incident, timeline, news, now)
        return message_of(place.name, [item], now, row.ref, row.url, row.told_at)

    def title(
        self, place: Place, row: Told | None, incident: Incident, timeline: Sequence[Event], now: datetime
    ) -> str:
        """Of what a place is told of an incident next; where nothing is owed, of what it was told last."""
        row = row or Told(place.name, incident.id)
        news = rule.news_of(row, incident) if row.state is not Owing.TOLD else None
        news = news or News(row.said or News.OPENED)
        return message_of(place.name, [self._item(place, row, incident, timeline, news, now)], now).title
