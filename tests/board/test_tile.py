from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.board import vendors
from tests.board.stage import T0, incident, row
from tui_monitor.board.draw.frame import framed
from tui_monitor.board.draw.tile import Ages, Pose, Subject, listed, sparkline, tags, tile
from tui_monitor.board.glyphs import ASCII, UNICODE
from tui_monitor.board.ink import plain, width_of
from tui_monitor.board.palette import NAMES
from tui_monitor.core.model import Told
from tui_monitor.core.views import told_view

AGES = Ages(T0, UNICODE)
"""Twelve minutes after everything on the stage has begun."""


def drawn(subject, width=26, height=3, ages=AGES, **pose):
    return [plain(one) for one in tile(subject, Pose(width, height, **pose), ages)]


def told(*states):
    return [{**told_view(Told(f"place-{n}", "i1")), "state": state} for n, state in enumerate(states)]


def test_a_tile_says_what_is_wrong_for_how_long_and_how_it_went():
    one = row("Checkout API", "major", message="503, expected 200-204", latency=None)
    assert drawn(Subject(one, None, (0.04, 0.05, None)), 40, is_first=True) == [
        " ✖ Checkout API                     12m ",
        " down: 503, expected 200-204            ",
        " ▁▃·                            99.98 % ",
    ]


def test_a_tile_has_the_word_of_each_status_beside_its_sign():
    for status, word in {
        "operational": "up",
        "major": "down",
        "partial": "partial",
        "degraded": "degraded",
        "unknown": "unknown",
        "maintenance": "work",
    }.items():
        one, two, _ = drawn(Subject(row("Web", status)))
        assert UNICODE.status[status] in one
        assert word in two


def test_of_a_well_service_the_latency_is_seen_and_of_a_sick_one_the_reason():
    long = "the certificate is not for this host but for another one"
    assert drawn(Subject(row("Web", message=long)))[1].endswith("42 ms ")
    sick = drawn(Subject(row("Web", "major", message=long)))[1]
    assert sick.startswith("│down: the certificate")
    assert "ms" not in sick


def test_a_name_that_is_too_long_is_cut_and_the_critical_mark_behind_it_is_not():
    first = drawn(Subject(row("A name that no tile can hold at all", "major", critical=True)))[0]
    assert "… !" in first
    assert first.endswith("12m ")


def test_what_is_pending_comes_before_everything_else_beside_the_sparkline():
    one = row("Web", "operational", failing="2/3", silenced=True, flapping=True)
    third = drawn(Subject(one, None, (0.1,) * 40))[2]
    assert "failing 2/3" in third
    assert "99.98" not in third, "there is no room for that too"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"failing": "2/3"}, "failing 2/3"),
        ({"simulated": True}, "rehearsal"),
        ({"silenced": True}, "⊘ silenced"),
        ({"suppressed_by": "router"}, "⊘ behind router"),
        ({"maintenance": (T0 + timedelta(minutes=40)).isoformat()}, "⊘ work 40m"),
        ({"flapping": True}, "flapping"),
        ({"forgiven": True}, "closed by hand"),
    ],
)
def test_each_thing_that_stands_beside_the_status_is_said(other, said):
    assert [text for text, _ in tags(Subject(row("Web", "major", **other)), AGES)] == [said]


def test_a_tile_says_who_has_taken_the_incident_and_how_many_places_know_of_it():
    taken = incident("i1", "web", state="acknowledged", by="ann")
    taken["told"] = told("told", "told", "owed")
    said = [text for text, _ in tags(Subject(row("Web", "major"), taken), AGES)]
    assert said == ["ack ann", "2 told"]


def test_a_silence_says_how_long_it_lasts():
    until = (T0 + timedelta(minutes=25)).isoformat()
    subject = Subject(row("Web", "major", silenced=True), silenced_until=until)
    assert [text for text, _ in tags(subject, AGES)] == ["⊘ silenced 25m"]


def test_what_is_selected_and_what_is_marked_can_be_told_without_colours():
    subject = Subject(row("Web"))
    assert all(line.startswith("▌") for line in drawn(subject, is_selected=True))
    assert drawn(subject, is_marked=True)[0].startswith("■")
    both = drawn(subject, is_selected=True, is_marked=True)
    assert (both[0][0], both[1][0]) == ("■", "▌")


def test_one_line_for_a_service_names_it_and_says_why():
    one = row("Checkout API", "major", message="503, expected 200-204", failing="2/3")
    (wide,) = (plain(line) for line in listed(Subject(one), Pose(90, 1, is_first=True), AGES))
    assert wide.startswith(" ✖ down     Checkout API")
    assert "12m  failing 2/3  503, expected 200-204" in wide
    (narrow,) = (plain(line) for line in listed(Subject(one), Pose(50, 1, is_first=True), AGES))
    assert "Checkout API" in narrow
    assert "failing 2/3  d" in narrow, "without a column of its own the word stands before the reason"


def test_steady_latencies_lie_low_and_a_peak_stands_out():
    assert sparkline([0.040, 0.044, 0.041], 10, UNICODE) == "▁▂▁"
    assert sparkline([0.040, 0.040, 0.400], 10, UNICODE) == "▁▁█"
    assert sparkline([0.1, None, 0.1], 2, UNICODE) == "·▁", "the newest are those that are shown"
    assert sparkline([None, None], 9, UNICODE) == "··"
    assert sparkline([0.0, 0.0], 9, UNICODE) == "▁▁"
    assert sparkline([0.1, None, 0.4], 9, ASCII) == "_ #", "there a dot would be a latency"
    assert sparkline([], 9, UNICODE) == ""
    assert sparkline([1.0], 0, UNICODE) == ""


texts = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["[/foo]", "[bold]x[/]", "名前" * 30, "x" * 10_000, "", "e\u0301" * 20, "👩‍👩‍👧‍👦" * 5]),
)


@st.composite
def subjects(draw):
    status = draw(st.sampled_from(["operational", "maintenance", "degraded", "partial", "major", "unknown"]))
    one = row(
        draw(texts) or "x",
        status,
        id="web",
        message=draw(texts),
        latency=draw(st.one_of(st.none(), st.floats(0, 1000))),
        critical=draw(st.booleans()),
        failing=draw(st.sampled_from([None, "1/3"])),
        silenced=draw(st.booleans()),
        simulated=draw(st.booleans()),
        suppressed_by=draw(st.sampled_from([None, "router"])),
        maintenance=draw(st.sampled_from([None, (T0 + timedelta(hours=2)).isoformat()])),
    )
    one["name"] = draw(texts)
    latencies = draw(st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=40))
    taken = incident("i1", "web", state=draw(st.sampled_from(["open", "acknowledged"])), by=draw(texts))
    return Subject(one, draw(st.sampled_from([None, taken])), latencies, behind=draw(texts))


@given(subjects(), st.integers(4, 120), st.sampled_from([1, 2, 3, 4]), st.booleans(), st.booleans())
def test_whatever_a_service_is_called_its_tile_has_its_size(subject, width, height, is_selected, is_marked):
    lines = tile(subject, Pose(width, height, is_selected, is_marked), AGES)
    assert len(lines) == height
    if width >= 8:
        assert [width_of(line) for line in lines] == [width] * height


@given(subjects(), st.integers(20, 200))
def test_whatever_a_service_is_called_its_line_is_one_and_has_its_width(subject, width):
    (line,) = listed(subject, Pose(width, 1), AGES)
    assert width_of(line) == width


@given(subjects(), st.integers(12, 60), st.sampled_from([3, 4]))
def test_every_style_of_a_tile_is_one_that_the_palette_knows(subject, width, height):
    lines = (*tile(subject, Pose(width, height, True, True), AGES), *listed(subject, Pose(width, 1, True), AGES))
    used = {word for line in lines for _, style in line for word in style.split()}
    assert used <= NAMES


def test_a_tile_in_ascii_draws_no_sign_of_its_own_that_is_not():
    one = row("Web", "major", silenced=True, flapping=True, critical=True)
    subject = Subject(one, None, (0.1, None, 0.4))
    for height in (3, 4):
        for line in drawn(subject, 40, height, Ages(T0, ASCII), is_selected=True, is_marked=True):
            assert line.isascii(), line


def test_a_frame_bears_its_title_and_is_heavy_where_the_keys_go():
    lines = framed((("Services 3", "title"),), (("1-2 of 3", "muted"),), [], (24, 4), UNICODE, has_focus=True)
    assert [plain(one) for one in lines] == [
        "┏━ Services 3 ━━━━━━━━━┓",
        "┃                      ┃",
        "┃                      ┃",
        "┗━━━━━━━━━━━ 1-2 of 3 ━┛",
    ]
    light = framed((("Services 3", "title"),), (), [], (24, 4), ASCII, has_focus=False)
    assert plain(light[0]) == "+- Services 3 ---------+"


@given(st.integers(0, 60), st.integers(0, 20), texts, texts)
def test_a_frame_has_its_size_whatever_stands_in_it(width, height, title, foot):
    lines = framed(
        ((title, "title"),), ((foot, "text"),), [((foot, "text"),)], (width, height), UNICODE, has_focus=True
    )
    assert len(lines) == height
    if width >= 2 and height >= 2:
        assert {width_of(one) for one in lines} == {width}


def test_a_tile_of_ours_names_the_vendor_that_may_be_the_reason():
    own = incident("i1", "web", suspects=vendors.suspects())
    assert "suspect Mail co" in "".join(drawn(Subject(row("Web", "major"), own), 40))
    well = incident("i1", "web", suspects=vendors.suspects()[1:])
    assert "suspect" not in "".join(drawn(Subject(row("Web", "major"), well), 40))


def test_a_tile_of_a_vendor_says_how_far_its_incident_is_in_the_vendors_words():
    one = row("Mail co", "partial", vendor=True)
    assert "identified, major" in "".join(drawn(Subject(one, vendors.its_incident()), 40))


@pytest.mark.parametrize(("hours", "said"), [(3, "◇ work in 3h 00m"), (-1, "◇ work 6h 00m"), (25, "")])
def test_a_tile_of_a_vendor_says_what_it_works_on_and_what_begins_within_a_day(hours, said):
    kind = "announced" if hours > 0 else "under_way"
    one = row("Mail co", vendor=True, **{kind: vendors.as_rows(vendors.racks(hours=hours))})
    found = [text for text, _ in tags(Subject(one), AGES)]
    assert found == ([said] if said else [])


def test_a_tile_of_a_vendor_that_cannot_be_read_says_how_old_it_is():
    one = row("Mail co", "unknown", vendor=True, read_at=(T0 - timedelta(minutes=5)).isoformat())
    assert "last read 5m ago" in "".join(drawn(Subject(one), 40))
    assert "never read yet" in "".join(drawn(Subject({**one, "read_at": None}), 40))
