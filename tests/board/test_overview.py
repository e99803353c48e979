import threading
from datetime import timedelta
from pathlib import Path

import pytest

from tests.board.stage import T0, Script, incident, row, snapshot, stage
from tui_monitor.board.pages.overview import Overview
from tui_monitor.board.widgets.sheet import Canvas
from tui_monitor.core.errors import EngineUnreachable

STATUSES = ["operational", "major", "degraded", "operational", "unknown", "maintenance", "partial"]


def fleet(count, **other):
    groups = ["Own", "Vendors", "Kiosk"]
    return [row(f"Service {n:02}", STATUSES[n % 7], group=groups[n % 3], **other) for n in range(count)]


def names(here):
    """The services that are seen, in the order of their places."""
    page = here.app.page
    return [page.shown()[number] for number, _ in page.tiles.window.places]


def selected(here):
    return here.app.gaze.selected


async def test_the_worst_stands_first_and_the_title_says_how_many_there_are():
    async with stage(Script(snapshot(fleet(45))), (120, 40)) as here:
        text = here.text()
        assert "Services 45, worst first" in text
        assert here.app.page.shown()[0] == "service-01"
        assert "1-36 of 45" in text


async def test_before_the_first_picture_the_frames_stand_and_say_why_they_are_empty():
    gate = threading.Event()

    def open_it(path):
        gate.wait(20)
        raise EngineUnreachable("it is over")

    async with stage(None, (80, 24), open=open_it, config=Path("config.yaml")) as here:
        assert "Services 0" in here.text()
        assert "starting the engine" in here.text()
    gate.set()


async def test_where_nothing_is_watched_the_board_says_what_to_do():
    async with stage(Script(snapshot([])), (80, 24)) as here:
        assert "no services are watched" in here.text()
        assert "config.yaml" in here.text()


async def test_keys_move_in_the_grid_and_stop_at_its_edges():
    async with stage(Script(snapshot(fleet(14))), (120, 40)) as here:
        order = here.app.page.shown()
        assert here.app.page.tiles.grid.shape.columns == 2
        assert selected(here) == order[0]
        await here.press("j")
        assert selected(here) == order[2]
        await here.press("right", "right", "right")
        assert selected(here) == order[3], "the end of the row"
        await here.press("k", "up")
        assert selected(here) == order[1]
        await here.press("h")
        assert selected(here) == order[0]
        await here.press("G")
        assert selected(here) == order[13]
        await here.press("g")
        assert selected(here) == order[0]


async def test_a_page_down_shows_what_was_below_and_the_last_is_reached():
    async with stage(Script(snapshot(fleet(45))), (80, 24)) as here:
        first = names(here)
        await here.press("pagedown")
        assert selected(here) in names(here)
        assert names(here) != first
        for _ in range(6):
            await here.press("ctrl+d")
        await here.press("G")
        assert here.app.page.shown()[44] in names(here)
        await here.press("pageup", "ctrl+u", "g")
        assert names(here) == first


async def test_who_has_chosen_a_service_keeps_it_wherever_it_moves():
    services = fleet(14)
    async with stage(Script(snapshot(services)), (120, 40)) as here:
        await here.press("j")
        chosen = selected(here)
        healthy = {**here.app.board.services[chosen], "status": "operational"}
        here.script.change(services={chosen: healthy})
        await here.until(lambda: here.app.page.shown().index(chosen) > 8)
        assert selected(here) == chosen


async def test_until_somebody_chooses_the_worst_is_selected_and_g_goes_back_to_that():
    async with stage(Script(snapshot(fleet(14))), (120, 40)) as here:
        worse = {**here.app.board.services["service-00"], "status": "major", "critical": True}
        here.script.change(services={"service-00": worse})
        await here.until(lambda: selected(here) == "service-00")
        await here.press("j", "g")
        here.script.change(services={"service-00": {**worse, "status": "operational"}})
        await here.until(lambda: selected(here) == "service-01")


async def test_a_service_that_is_gone_leaves_its_selection_to_its_neighbour():
    async with stage(Script(snapshot(fleet(14))), (120, 40)) as here:
        order = here.app.page.shown()
        await here.press("l")
        here.script.change(services={order[1]: None})
        await here.until(lambda: len(here.app.page.shown()) == 13)
        assert selected(here) == order[2]


async def test_sorted_by_group_each_group_has_a_heading():
    async with stage(Script(snapshot(fleet(14))), (120, 40)) as here:
        await here.press("s")
        text = here.text()
        assert "by group" in text
        for heading in ("Own", "Vendors", "Kiosk"):
            assert f"┃ {heading} " in text
        await here.press("s")
        assert list(here.app.page.shown()) == sorted(here.app.page.shown())


async def test_the_filter_narrows_with_each_letter_and_escape_shows_all_again():
    async with stage(Script(snapshot(fleet(14))), (120, 40)) as here:
        await here.press("l", "l")
        chosen = selected(here)
        await here.press("slash", "0", "9")
        assert list(here.app.page.shown()) == ["service-09"]
        assert "filter" in here.text()
        assert "Services 1 of 14" in here.text()
        await here.press("escape")
        assert len(here.app.page.shown()) == 14
        assert selected(here) == chosen, "who gives up filtering is back where they were"
        assert here.app.page.tiles.has_focus


async def test_enter_keeps_the_filter_and_escape_takes_it_off_later():
    async with stage(Script(snapshot(fleet(14))), (120, 40)) as here:
        await here.press("slash", "exclamation_mark", "0", "enter")
        assert here.app.gaze.words == "!0"
        assert set(here.app.page.shown()) == {f"service-1{n}" for n in range(1, 4)}
        await here.press("l", "slash", "escape")
        assert len(here.app.page.shown()) == 14
        await here.press("f")
        assert "faults only" in here.text()
        await here.press("escape")
        assert not here.app.gaze.is_narrowed


async def test_letters_typed_into_the_filter_are_not_keys_of_the_board():
    async with stage(Script(snapshot(fleet(14))), (120, 40)) as here:
        await here.press("slash", "q", "s", "j")
        assert here.app.gaze.words == "qsj"
        assert here.app.gaze.sort == "worst"
        assert "nothing fits 'qsj'" in here.text()
        assert here.app.page.aim().services == (), "nobody acts on what the filter hides"


async def test_several_are_marked_and_are_what_an_operation_is_about():
    standing = [incident("i1", "service-01"), incident("i8", "service-08"), incident("i2", "service-02")]
    async with stage(Script(snapshot(fleet(14), standing)), (120, 40)) as here:
        assert here.app.page.aim().incidents == ("i1",)
        await here.press("space", "l", "space", "G")
        aim = here.app.page.aim()
        assert aim.services == ("service-01", "service-08")
        assert set(aim.incidents) == {"i1", "i8"}
        assert "2 marked" in here.text()
        assert here.text().count("■") == 2
        await here.press("escape")
        assert not here.app.gaze.marked


async def test_tab_goes_to_the_incidents_and_enter_opens_the_one_that_is_selected():
    standing = incident("i1", "service-01")
    script = Script(snapshot(fleet(14), [standing], standing["timeline"]), answers={"incident": standing})
    async with stage(script, (120, 40)) as here:
        assert "Incidents (1 open)" in here.text()
        await here.press("tab", "k")
        assert here.app.page.aim().incidents == ("i1",)
        assert here.app.page.aim().services == ("service-01",)
        assert here.text().count("┏") == 1, "the heavy frame is round what has the keys"
        await here.press("enter")
        assert here.app.page.name_of_page == "incident"
        await here.press("escape", "tab")
        assert here.app.page.tiles.has_focus


async def test_enter_opens_the_service_and_escape_comes_back_to_it():
    async with stage(Script(snapshot(fleet(14))), (120, 40)) as here:
        await here.press("l", "enter")
        assert here.app.page.name_of_page == "service"
        await here.press("escape")
        assert isinstance(here.app.page, Overview)
        assert selected(here) == here.app.page.shown()[1]


async def test_v_makes_a_list_of_the_tiles_and_tiles_of_the_list():
    async with stage(Script(snapshot(fleet(45))), (120, 40)) as here:
        before = here.text()
        await here.press("v")
        assert len(names(here)) == 36
        assert here.app.page.tiles.is_listed
        assert "✖ down     Service 01" in here.text()
        await here.press("v")
        assert here.text() == before


@pytest.mark.parametrize("size", [(40, 10), (50, 16), (59, 30), (60, 24), (80, 24), (100, 30), (120, 40), (300, 100)])
async def test_each_size_shows_frames_that_are_closed_and_the_worst_first(size):
    async with stage(Script(snapshot(fleet(45))), size) as here:
        lines = here.text().splitlines()
        assert lines[1].startswith("┏━ Services 45")
        assert sum(line.count("┏") for line in lines) == sum(line.count("┛") for line in lines) == 1
        assert sum(line.count("┌") for line in lines) == sum(line.count("┘") for line in lines)
        assert "Service 01" in here.text()
        assert here.app.page.tiles.is_listed == (size[0] < 60)


async def test_the_layout_follows_the_size_of_the_terminal_and_comes_back():
    async with stage(Script(snapshot(fleet(45))), (120, 40)) as here:
        before = here.text()
        for size in ((80, 24), (50, 12), (30, 8), (200, 60), (40, 10)):
            await here.pilot.resize_terminal(*size)
            await here.settle()
            await here.settle()
            assert (size[0] < 40) == ("too small" in here.text())
        await here.pilot.resize_terminal(120, 40)
        await here.settle()
        await here.settle()
        assert here.text() == before


async def test_a_click_selects_and_a_second_one_opens():
    async with stage(Script(snapshot(fleet(14))), (120, 40)) as here:
        order = here.app.page.shown()
        await here.pilot.click("#tiles", offset=(50, 2))
        await here.settle()
        assert selected(here) == order[1]
        await here.pilot.click("#tiles", offset=(50, 2), times=2)
        await here.settle()
        assert here.app.page.name_of_page == "service"


async def test_the_wheel_moves_the_window_and_leaves_the_selection():
    async with stage(Script(snapshot(fleet(45))), (80, 24)) as here:
        chosen, first = selected(here), names(here)
        here.app.page.tiles.on_mouse_scroll_down()
        await here.settle()
        assert names(here)[0] == first[3]
        assert selected(here) == chosen
        assert "selected ↑" in here.text()


async def test_only_services_that_are_seen_and_have_changed_are_drawn():
    drawn = []
    async with stage(Script(snapshot(fleet(45))), (80, 24)) as here:
        tiles = here.app.page.tiles
        for slot in tiles._slots:
            here.app.page.watch(slot, "face", lambda face: drawn.append(face), init=False)
        seen, unseen = names(here)[3], here.app.page.shown()[40]
        services = here.app.board.services
        changed = {name: {**services[name], "message": "other", "latency": 0.1} for name in (seen, unseen)}
        here.script.change(services=changed)
        await here.until(lambda: here.app.board.services[unseen]["message"] == "other")
        assert len(drawn) == 1


async def test_what_is_older_looks_older_although_nothing_is_said():
    async with stage(Script(snapshot(fleet(3))), (80, 24)) as here:
        assert "12m" in here.text()
        here.clock.seconds += 5.0
        here.script.change(at=T0 + timedelta(minutes=5))
        await here.until(lambda: "17m" in here.text())


async def test_sparklines_begin_before_the_board_did_and_each_service_is_asked_for_once():
    def lately(options):
        past = {"latencies": [0.01] * 9 + [0.09], "statuses": []}
        return dict.fromkeys(options["services"].split(","), past)

    async with stage(Script(snapshot(fleet(45)), answers={"lately": lately}), (80, 24)) as here:
        await here.until(lambda: "▁▁▁▁▁▁▁▁▁█" in here.text() or "▁▁▁▁▁▁▁▁▁" in here.text())
        await here.press("G", "g", "G", "g")
        asked = [
            name
            for what, options in here.script.questions
            if what == "lately"
            for name in options["services"].split(",")
        ]
        assert len(asked) == len(set(asked))
        assert len(asked) < 45, "only for what has been seen"


async def test_nothing_that_a_service_says_is_taken_for_markup():
    hostile = [row("[/foo] [bold]x", "major", id="a", message="[/][red]", group="[/g]"), row("名前" * 40, id="b")]
    async with stage(Script(snapshot(hostile)), (80, 24)) as here:
        assert "[/foo] [bold]x" in here.text()
        await here.press("s", "slash", "left_square_bracket")
        assert "[/g]" in here.text()


async def test_in_ascii_every_sign_of_the_overview_is_ascii():
    async with stage(Script(snapshot(fleet(45))), (80, 24), ascii=True) as here:
        await here.press("space", "j", "s")
        assert here.text().isascii(), [one for one in here.text() if not one.isascii()]


async def test_an_old_picture_says_so_and_the_tiles_stay():
    async with stage(Script(snapshot(fleet(14))), (80, 24)) as here:
        here.clock.seconds += 60
        await here.settle()
        assert "NO SIGNAL" in here.text()
        assert "Service 01" in here.text()


async def test_the_wallboard_hangs_until_somebody_takes_it_down():
    async with stage(Script(snapshot(fleet(14))), (120, 40)) as here:
        for key in ("w", "escape", "q"):
            await here.press("w")
            assert here.app.page.name_of_page == "wallboard"
            assert "Services 14" not in here.text()
            await here.press(key)
            assert isinstance(here.app.page, Overview)


async def test_the_wallboard_fills_the_place_that_a_line_above_it_leaves():
    async with stage(Script(snapshot(fleet(14))), (200, 60)) as here:
        here.app._ticks = 1  # what is drawn only because time has passed does not help
        here.send("w")
        for _ in range(3):
            await here.turn()
        canvas = here.app.page.query_one("#wall", Canvas)
        assert len(canvas.lines) == canvas.size.height == 60


async def test_what_does_not_fit_on_the_wallboard_is_shown_in_turns():
    many = [row(f"名 {n}", "major", id=f"s{n:02}", message="broken") for n in range(40)]
    async with stage(Script(snapshot(many)), (80, 24)) as here:
        await here.press("w")
        seen = set()
        for _ in range(20):
            seen |= {line.strip() for line in here.text().splitlines() if "名" in line}
            here.clock.seconds += 10
            for _ in range(3):
                await here.settle()
        assert len(seen) == 40


async def test_a_silence_that_ends_later_is_seen_to_end_later():
    until = (T0 + timedelta(minutes=25)).isoformat()
    silence = {"id": "q1", "target": "web", "services": ["web"], "by": "ann", "reason": "", "until": until}
    async with stage(Script(snapshot([row("Web", silenced=True)], silences=[silence])), (80, 24)) as here:
        assert "⊘ silenced 25m" in here.text()
        later = {**silence, "until": (T0 + timedelta(minutes=55)).isoformat()}
        here.script.change(silences=[later])
        await here.until(lambda: "⊘ silenced 55m" in here.text())


async def test_who_has_taken_an_incident_is_seen_on_the_tile_of_its_service():
    standing = incident("i1", "web")
    services = [row("Web", "major")]
    services[0]["incident"] = "i1"
    async with stage(Script(snapshot(services, [standing])), (80, 24)) as here:
        assert "ack" not in here.text().split("Incidents")[0]
        here.script.change(incidents={"i1": {**standing, "state": "acknowledged", "by": "ann"}})
        await here.until(lambda: "ack ann" in here.text())


async def test_thousands_of_services_have_no_more_widgets_than_the_window_has_places():
    async with stage(Script(snapshot([row(f"Service {n}", id=f"s{n}") for n in range(3000)])), (120, 40)) as here:
        tiles = here.app.page.tiles
        assert len(tiles._slots) == len(tiles.window.places) == 36
        await here.press("G")
        assert len(tiles._slots) == 36
        assert here.app.page.shown()[2999] in names(here)
