"""The first page: every service as a tile, and beside them what happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.geometry import Region, Size

from tui_monitor.board.draw import overview as words
from tui_monitor.board.draw.event import event_rows, incident_of
from tui_monitor.board.draw.tile import Ages, Pose, Subject, listed, tile
from tui_monitor.board.face import Connection
from tui_monitor.board.gaze import Arrangement, Section, kept
from tui_monitor.board.ink import Line, plain
from tui_monitor.board.layout import LINES, Division, Grid, Shape, divide, shape_of
from tui_monitor.board.pages.page import Aim, Page, move_sheet
from tui_monitor.board.past import Past
from tui_monitor.board.state import LATELY, Touched
from tui_monitor.board.widgets.finder import Finder
from tui_monitor.board.widgets.frame import Frame, Parts
from tui_monitor.board.widgets.sheet import Sheet
from tui_monitor.board.widgets.tiles import Tiles
from tui_monitor.core.codec import moment
from tui_monitor.core.keys import BY_ID

AGEING = 5.0
"""Seconds after which everything in sight is looked at anew, for what is older by then."""
MINUTE = timedelta(minutes=1, seconds=2)


class Overview(Page):
    """Tiles and incidents beside each other, or below each other where the terminal is narrow."""

    name_of_page: ClassVar[str] = "overview"
    foot = ("acknowledge", "resolve", "ticket", "banner", "notify", "recheck", "silence", "filter", "help", "quit")

    DEFAULT_CSS = "Overview #body { layout: vertical; }"

    def __init__(self) -> None:
        super().__init__()
        self._arrangement = Arrangement()
        self._numbers: dict[str, int] = {}
        self._past = Past()
        self._past_of: Connection | None = None
        self._division: Division | None = None
        self._laid: tuple[Sequence[Section], int, int, Shape] = ((), 0, 0, LINES)
        self._logged: tuple[int, int] = (0, 0)
        self._as_list = False
        self._column: int | None = None
        """Where one was before rows that are shorter."""
        self._aged = self._counted = 0.0
        self._silenced: Mapping[str, str] = {}
        self._faces: dict[str, tuple[Pose, tuple[Line, ...]]] = {}
        """As they were drawn since something last aged: whoever scrolls sees most of them again, only elsewhere."""
        self._has_chosen = False
        """Until a person has, the first is selected, whichever that is; from then on a service."""
        self._was_selected = ""
        """Before the filter was opened: who gives up filtering is back there."""

    def compose_body(self) -> ComposeResult:
        yield Parts(Tiles(id="tiles"), Frame(Sheet(follows=True, id="log"), id="incidents"), id="parts")
        yield Finder(id="finder")

    def on_mount(self) -> None:
        self.tiles.focus()

    @property
    def tiles(self) -> Tiles:
        return self.query_one("#tiles", Tiles)

    @property
    def sheet(self) -> Sheet:
        return self.query_one("#log", Sheet)

    @property
    def finder(self) -> Finder:
        return self.query_one("#finder", Finder)

    # -- what is drawn ------------------------------------------------------------------------------------------

    def draw_body(self, touched: Touched) -> None:
        app = self.board_app
        if touched.is_all or touched.around:
            silences = app.board.around.get("silences") or ()
            self._silenced = {name: one["until"] for one in silences for name in one["services"]}
        is_other = self._arrange(None if touched.is_all else sorted(touched.services))
        is_laid = self._lay()
        is_aged = app.clock() - self._aged >= AGEING
        if is_other or is_laid or is_aged or touched.is_all or touched.around:
            self._faces.clear()
            self._aged = app.clock()
            self._draw_tiles()
        else:
            self._draw_services(touched, self._young())
        self._draw_log(touched)
        self._draw_frames()
        self._ask_past()

    def _arrange(self, touched: Sequence[str] | None) -> bool:
        """The order of the services, where it is another one. What is selected is so still."""
        app = self.board_app
        before = self._arrangement.order
        if not self._arrangement.follow(app.board.services, app.gaze, touched):
            return False
        order, gaze = self._arrangement.order, app.gaze
        self._numbers = {name: number for number, name in enumerate(order)}
        selected = (
            kept(order, gaze.selected, before) if self._has_chosen else next(iter(order), "")
        ) or gaze.selected
        marked = gaze.marked & app.board.services.keys()
        if (selected, marked) != (gaze.selected, gaze.marked):
            app.gaze = replace(gaze, selected=selected, marked=marked)
        return True

    def _lay(self) -> bool:
        """Lay the tiles, where size or order is another one."""
        width, height = self.query_one("#parts").size
        self._division = divide(width, height, self._as_list)
        if not self._division.log.area and self.sheet.has_focus:
            self.tiles.focus()
        room = self.tiles.room
        shape = LINES if self._division.is_list else self._shape(room)
        laid = (self._arrangement.sections, room.width, room.height, shape)
        if laid[0] is self._laid[0] and laid[1:] == self._laid[1:]:
            return False
        self._laid = laid
        self.tiles.lay(Grid(self._arrangement.sections, room.width, shape))
        return True

    def _shape(self, room: Size) -> Shape:
        services = self.board_app.board.services
        if self.board_app.gaze.sort != "group":
            return shape_of(room.width, room.height, [len(services)])
        sizes = Counter(row["group"] for row in services.values())
        return shape_of(room.width, room.height, [*sizes.values()], has_headings=True)

    def on_frame_sized(self, message: Frame.Sized) -> None:
        self.draw(Touched(around=True))

    def _draw_services(self, touched: Touched, young: set[int]) -> None:
        incidents = self.board_app.board.incidents
        names = touched.services | {incidents[one]["service"] for one in touched.incidents if one in incidents}
        changed = {self._numbers[name] for name in names if name in self._numbers} | young
        for number in changed:
            self._faces.pop(self._arrangement.order[number], None)
        self._draw_tiles(changed)

    def _young(self) -> set[int]:
        """Those in sight whose age is still told in seconds: once a second."""
        app, order = self.board_app, self._arrangement.order
        if app.clock() - self._counted < 1.0:
            return set()
        self._counted = app.clock()
        minute_ago = moment(app.now() - MINUTE)
        seen = (number for number, _ in self.tiles.window.places)
        return {number for number in seen if (app.board.services[order[number]]["since"] or "") > minute_ago}

    def _draw_tiles(self, numbers: set[int] | None = None) -> None:
        """Those in sight, or of them only some."""
        app = self.board_app
        if numbers is not None and not numbers:
            return
        ages = Ages(app.now(), app.glyphs)
        order, has_focus = self._arrangement.order, not self.sheet.has_focus
        if any(order[number] not in app.board.services for number, _ in self.tiles.window.places):
            return  # one went while another page lay above this one, which is drawn whole when it is seen again
        drawn = listed if self.tiles.is_listed else tile

        def face(number: int, region: Region) -> tuple[Line, ...]:
            name = order[number]
            is_selected, is_marked = name == app.gaze.selected, name in app.gaze.marked
            pose = Pose(region.width, region.height, is_selected, is_marked, has_focus, region.x == 0)
            known = self._faces.get(name)
            if known is None or known[0] != pose:
                known = self._faces[name] = pose, drawn(self._subject(name), pose, ages)
            return known[1]

        self.tiles.show(face, numbers)

    def _subject(self, name: str) -> Subject:
        board = self.board_app.board
        row = board.services[name]
        latencies = self._past.before(name, board.latencies.get(name, ()))
        behind = board.name_of(row["suppressed_by"]) if row["suppressed_by"] else ""
        incident = board.incidents.get(row["incident"] or "")
        return Subject(row, incident, latencies, self._silenced.get(name), behind)

    def _draw_log(self, touched: Touched) -> None:
        app, sheet = self.board_app, self.sheet
        logged = (sheet.size.width, len(app.board.events))
        if touched.is_all or touched.events or touched.incidents or logged != self._logged:
            self._logged = logged
            zone = app.about("").zone
            if zone is not None and logged[0]:
                sheet.show(event_rows(app.board.events, app.board, logged[0], zone, app.now(), app.glyphs))

    def _draw_frames(self) -> None:
        app, tiles, sheet = self.board_app, self.tiles, self.sheet
        room, count = tiles.room, len(self._arrangement.order)
        inner: Sequence[Line] = tiles.backdrop
        if not tiles.window.places:
            config = app.connection.config.name if app.connection else ""
            inner = words.middled(words.empty(app.board, app.gaze, app.glyphs, config), room.width, room.height)
        title = words.services_title(app.gaze, count, len(app.board.services))
        foot = words.position(tiles.window, count, self._selected, app.glyphs)
        tiles.frame(title, foot, inner, has_focus=not sheet.has_focus)
        following = words.following(sheet.is_following, app.glyphs)
        log = self.query_one("#incidents", Frame)
        log.frame(words.incidents_title(app.board), following, has_focus=sheet.has_focus)

    def _ask_past(self) -> None:
        """Sparklines begin before this board did."""
        app, order = self.board_app, self._arrangement.order
        if app.connection is not self._past_of:
            self._past_of = app.connection
            self._past.forget()
        seen = [order[number] for number, _ in self.tiles.window.places]
        wanted = self._past.wanting(seen, app.board.latencies) if app.link else []
        if wanted:
            asked = ",".join(wanted)
            app.ask(lambda control: control.history("lately", services=asked, count=str(LATELY)), self._learn)

    def _learn(self, answer: Any, refusal: str) -> None:
        if self.is_mounted:
            known = self._past.learn(answer, self.board_app.board.latencies)
            for name in known:
                self._faces.pop(name, None)
            there = self.board_app.board.services
            self._draw_tiles({self._numbers[name] for name in known if name in self._numbers and name in there})
            self._ask_past()

    # -- what it is about ---------------------------------------------------------------------------------------

    def shown(self) -> Sequence[str]:
        return self._arrangement.order

    @property
    def _selected(self) -> int | None:
        """The number of the selected service; none while the filter hides it."""
        return self._numbers.get(self.board_app.gaze.selected)

    def aim(self) -> Aim:
        app = self.board_app
        if self.sheet.has_focus and (incident := incident_of(self.sheet.key)):
            return self._aim_at(incident)
        names = tuple(name for name in app.board.services if name in app.gaze.marked)
        if not names and self._selected is not None and app.gaze.selected in app.board.services:
            names = (app.gaze.selected,)
        incidents = tuple(one["id"] for name in names for one in app.board.incidents_of(name))
        return Aim(names, incidents, text="\n".join(map(self._said, names)))

    def _aim_at(self, incident: str) -> Aim:
        """That of the selected line of the log, and its service while it is watched."""
        board = self.board_app.board
        service = (board.incidents.get(incident) or {}).get("service", "")
        is_open = incident in board.incidents and board.incidents[incident]["state"] != "resolved"
        return Aim(
            (service,) if service in board.services else (),
            (incident,) if is_open else (),
            text="\n".join(plain(row.line) for row in self.sheet.rows if row.key == self.sheet.key),
        )

    def _said(self, name: str) -> str:
        row = self.board_app.board.services[name]
        return f"{row['name']}: {row['status']} since {row['since']}, {row['message']}"

    # -- keys ---------------------------------------------------------------------------------------------------

    def do(self, operation: str) -> bool:
        if operation in CHOOSING or BY_ID[operation].changes:
            self._has_chosen = operation != "first"
        if operation in ("switch", "switch-back"):
            self._switch()
        elif operation == "layout":
            self._as_list = not self._as_list
            self.draw(Touched(is_all=True))
        elif operation == "filter":
            self._was_selected = self.board_app.gaze.selected
            self.finder.open(self.board_app.gaze.words)
        elif operation == "back" and self.finder.is_open:
            self._give_up_filter()
        elif self.sheet.has_focus:
            return self._do_in_log(operation)
        elif operation == "mark":
            self._mark()
        elif operation == "open":
            self._open()
        else:
            return self._move(operation)
        return True

    def _do_in_log(self, operation: str) -> bool:
        if operation == "back":
            self._switch()
            return True
        has_moved = move_sheet(self.sheet, operation)
        self._draw_frames()
        return has_moved

    def _switch(self) -> None:
        """Between tiles and incidents, where both are there; what is typed into the filter stands."""
        self.finder.close()
        if not self.sheet.has_focus and self._division is not None and self._division.log.area:
            self.sheet.focus()
        else:
            self.tiles.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._draw_tiles()
        self._draw_frames()

    def _mark(self) -> None:
        app, number = self.board_app, self._selected
        if number is not None:
            app.gaze = app.gaze.mark(app.gaze.selected)
            self._draw_tiles({number})
            self._draw_frames()

    def _open(self) -> None:
        if self._selected is not None:
            self.board_app.open_service(self.board_app.gaze.selected)

    def open(self, key: str) -> None:
        incident = incident_of(key)
        if incident:
            self.board_app.open_incident(incident)
        else:
            self.board_app.say("this line is about no incident: there is nothing to open")

    # -- moving -------------------------------------------------------------------------------------------------

    def _move(self, operation: str) -> bool:
        """To another tile; False for what is no move."""
        grid, at = self.tiles.grid, self._selected
        if operation not in MOVES:
            return False
        if not grid.count:
            return True
        if at is None:
            self.select(0)
            return True
        if operation in ("left", "right"):
            self._column = None
            self.select(grid.beside(at, -1 if operation == "left" else 1))
        elif operation in ("first", "last"):
            self._column = None
            self.select(0 if operation == "first" else grid.count - 1)
        else:
            self._column = grid.column_of(at) if self._column is None else self._column
            self.select(grid.above(at, self._rows(operation), self._column))
        return True

    def _rows(self, operation: str) -> int:
        whole = self.tiles.grid.whole(self.tiles.top, self.tiles.room.height)
        step = whole if operation.startswith("page") else max(1, whole // 2) if operation.startswith("half") else 1
        return -step if operation.endswith("up") else step

    def select(self, number: int) -> None:
        """From now on this one, wherever it moves to."""
        app, before, top = self.board_app, self._selected, self.tiles.top
        app.gaze = replace(app.gaze, selected=self._arrangement.order[number])
        self.tiles.reveal(number)
        changed = {one for one in (before, number) if one is not None}
        self._draw_tiles(changed if self.tiles.top == top else None)
        self._draw_frames()
        if self.tiles.top != top:
            self._ask_past()

    def on_tiles_picked(self, message: Tiles.Picked) -> None:
        self.tiles.focus()
        self._column, self._has_chosen = None, True
        self.select(message.number)
        if message.is_twice:
            self._open()

    def on_tiles_scrolled(self, message: Tiles.Scrolled) -> None:
        self._draw_tiles()
        self._draw_frames()
        self._ask_past()

    def on_sheet_moved(self, message: Sheet.Moved) -> None:
        self._draw_frames()

    # -- the filter ---------------------------------------------------------------------------------------------

    def on_finder_typed(self, message: Finder.Typed) -> None:
        app = self.board_app
        app.look(replace(app.gaze, words=message.words))

    def on_finder_done(self, message: Finder.Done) -> None:
        self._close_finder()

    def _give_up_filter(self) -> None:
        app = self.board_app
        self._close_finder()
        app.look(replace(app.gaze, words="", selected=self._was_selected))
        if self._selected is not None:
            self.select(self._selected)

    def _close_finder(self) -> None:
        self.tiles.focus()
        self.finder.close()


MOVES = frozenset(("up", "down", "left", "right", "page-up", "page-down", "half-up", "half-down", "first", "last"))
CHOOSING = MOVES | {"open", "mark", "explain", "copy"}
"""After which what is selected stays so, wherever it moves to; `first` goes back to whichever is the first."""
