"""The vendors and what they say of themselves: asked of the engine for each page that it has read anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from tui_monitor.board.asked import Asked
from tui_monitor.board.draw.components import GROUP, component_rows
from tui_monitor.board.draw.incident import Sight
from tui_monitor.board.draw.vendors import Vendor, concerned, vendor_rows, vendors_of
from tui_monitor.board.ink import Row, texts
from tui_monitor.board.pages.page import Aim
from tui_monitor.board.pages.reading import ReadingPage
from tui_monitor.board.state import Touched

View = Mapping[str, Any]

AT_ONCE = 4
"""Questions that are under way at a time."""
ASK_AT_MOST, AGAIN = 2.0, 10.0
"""Seconds between two questions about one vendor whose page changes all the time, and after a refusal."""


class Page:
    """What is known of one vendor's page, and when that was read."""

    def __init__(self) -> None:
        self.asked = Asked()
        self.read_at: str | None = None
        self._drawn: tuple[Any, ...] = ()
        self._rows: list[Row] = []

    def is_due(self, row: View, now: float) -> bool:
        """Only what was read since the last question is asked for."""
        if not row.get("vendor") or row["checked_at"] is None:
            return False
        is_new = self.asked.at is None or row.get("read_at") != self.read_at
        after = AGAIN if self.asked.refusal else ASK_AT_MOST
        return (is_new or bool(self.asked.refusal)) and self.asked.is_due(now, after)

    def tree(self, vendor: str, opened: frozenset[str], sight: Sight) -> list[Row]:
        """Drawn anew only for another answer, size or alphabet, or where a group was opened."""
        mine = frozenset(one for one in opened if one.startswith(f"{GROUP}:{vendor}\n"))
        drawn = (self.asked.answer, mine, sight.width, sight.glyphs)
        if not self._drawn or drawn[0] is not self._drawn[0] or drawn[1:] != self._drawn[1:]:
            components = (self.asked.answer or {}).get("components") or ()
            self._drawn, self._rows = drawn, component_rows(vendor, components, mine, sight)
        return self._rows


class VendorsPage(ReadingPage):
    """Each of them with all that its page says."""

    name_of_page: ClassVar[str] = "vendors"
    heading: ClassVar[str] = "vendors"
    foot = ("back", "open", "acknowledge", "resolve", "silence", "recheck", "explain", "copy", "help")

    def __init__(self) -> None:
        super().__init__()
        self._pages: dict[str, Page] = {}
        self._opened: frozenset[str] = frozenset()
        self._shown: frozenset[str] = frozenset()
        """The services that stand on this page."""

    # -- what is asked ------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        app = self.board_app
        if app.is_paused:
            return
        rows = vendors_of(app.board.services, app.board.open_incidents())
        pages = {str(row["id"]): self._pages.get(row["id"]) or Page() for row in rows}
        self._pages = pages
        under_way = sum(one.asked.is_waiting for one in pages.values())
        for row in rows:
            if under_way >= AT_ONCE:
                return
            page = pages[row["id"]]
            if page.is_due(row, app.clock()):
                self._begin(page, row)
                under_way += 1

    def _begin(self, page: Page, row: View) -> None:
        turn, name = page.asked.begin(self.board_app.clock()), str(row["id"])
        page.read_at = row.get("read_at")

        def hear(answer: Any, refusal: str) -> None:
            if page.asked.take(turn, answer, refusal) and self.is_seen():
                self.draw_anew()

        self.board_app.ask(lambda control: control.history("vendor", id=name), hear)

    # -- what is drawn ------------------------------------------------------------------------------------------

    def draw_anew(self) -> None:
        self._ask()
        super().draw_anew()

    def concerns(self, touched: Touched) -> bool:
        rows = self.board_app.board.services
        if touched.incidents or touched.services & self._shown:
            return True
        return any((rows.get(name) or {}).get("vendor") for name in touched.services)

    def rows(self, width: int) -> Sequence[Row]:
        board, sight = self.board_app.board, self.sight(width)
        ours, standing = concerned(board.services), board.open_incidents()
        vendors = [self._known(row, ours, standing, sight) for row in vendors_of(board.services, standing)]
        self._shown = frozenset(str(row["id"]) for one in vendors for row in (one.row, *one.ours))
        return vendor_rows(vendors, sight)

    def _known(self, row: View, ours: Mapping[str, Sequence[View]], standing: Sequence[View], sight: Sight) -> Vendor:
        name = str(row["id"])
        page = self._pages.get(name) or Page()
        note = page.asked.refusal or ("asking what its page says" if page.asked.is_waiting else "")
        return Vendor(
            row,
            [one for one in standing if one["service"] == name],
            ours.get(name, ()),
            page.asked.answer,
            page.tree(name, self._opened, sight),
            note if page.asked.refusal or page.asked.answer is None else "",
        )

    # -- what the keys mean -------------------------------------------------------------------------------------

    def do(self, operation: str) -> bool:
        """To the right opens a group, and to the left closes it."""
        key = self.sheet.key
        if operation in ("left", "right") and key.startswith(f"{GROUP}:"):
            self._fold(self._opened | {key} if operation == "right" else self._opened - {key})
            return True
        return super().do(operation)

    def open(self, key: str) -> None:
        what, _, name = key.partition(":")
        if what == GROUP:
            self._fold(self._opened ^ {key})
        elif what == "incident":
            self.board_app.open_incident(name)
        else:
            self.board_app.open_service(name)

    def _fold(self, opened: frozenset[str]) -> None:
        self._opened = opened
        self.draw_anew()

    def aim(self) -> Aim:
        """The selected vendor with all its incidents, or the selected incident."""
        board, (what, _, name) = self.board_app.board, self.sheet.key.partition(":")
        text = texts(self.sheet.rows)
        name = name.partition("\n")[0]
        if what in ("service", GROUP) and name in board.services:
            return Aim((name,), tuple(str(one["id"]) for one in board.incidents_of(name)), text=text)
        incident = board.incidents.get(name) if what == "incident" else None
        if incident is None:
            return Aim(text=text)
        services = (str(incident["service"]),) if incident["service"] in board.services else ()
        return Aim(services, (name,) if incident["state"] != "resolved" else (), text=text)
