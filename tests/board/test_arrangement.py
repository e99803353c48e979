from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.board.stage import row
from tui_monitor.board.gaze import SORTS, Arrangement, Gaze, arranged, kept, places_of

STATUSES = ("operational", "maintenance", "degraded", "partial", "major", "unknown")
names = st.sampled_from([f"s{number}" for number in range(8)])
gazes = st.builds(
    Gaze, st.sampled_from(SORTS), st.sampled_from(["", "a", "!a", "s1", "own !s2", "!", "kiosk"]), st.booleans()
)


@st.composite
def rows(draw):
    name = draw(names)
    return row(
        draw(st.sampled_from([name, f"A {name}", f"z{name}"])),
        draw(st.sampled_from(STATUSES)),
        id=name,
        group=draw(st.sampled_from(["", "Own", "kiosk"])),
        critical=draw(st.booleans()),
        failing=draw(st.sampled_from([None, "1/3"])),
    )


changes = st.one_of(
    st.tuples(st.just("set"), rows()), st.tuples(st.just("drop"), names), st.tuples(st.just("look"), gazes)
)


@given(st.lists(changes, max_size=30))
def test_an_order_that_is_followed_is_the_one_made_anew(steps):
    services, gaze, arrangement = {}, Gaze(), Arrangement()
    arrangement.follow(services, gaze, None)
    for what, value in steps:
        touched, before = [], list(arrangement.order)
        if what == "set":
            touched = [value["id"]]
            services = {**services, value["id"]: value}
        elif what == "drop":
            touched = [value]
            services = {name: one for name, one in services.items() if name != value}
        else:
            gaze = value
        is_other = arrangement.follow(services, gaze, touched)
        assert arrangement.sections == arranged(services, places_of(services, gaze), gaze.sort)
        assert is_other or arrangement.order == before, "it says so whenever the order is another one"


def test_services_are_not_sorted_anew_for_what_moves_none_of_them():
    services = {name: row(name, id=name) for name in ("a", "b", "c")}
    arrangement = Arrangement()
    arrangement.follow(services, Gaze(), None)
    sections = arrangement.sections
    services = {**services, "b": {**services["b"], "latency": 0.5, "message": "slower", "checked_at": "2026-11-20"}}
    assert not arrangement.follow(services, Gaze(), ["b"])
    assert arrangement.sections is sections


@given(st.permutations([f"s{number}" for number in range(8)]), st.permutations([f"s{number}" for number in range(8)]))
def test_what_is_selected_stays_so_in_any_other_order(before, after):
    for name in before:
        assert kept(after, name, before) == name


@given(st.permutations([f"s{number}" for number in range(8)]), st.sets(names), names)
def test_where_the_selected_one_is_gone_the_nearest_takes_its_place(before, gone, selected):
    after = [name for name in before if name not in gone]
    found = kept(after, selected, before)
    assert found in after or (not after and not found)
    if selected in after:
        assert found == selected
    elif after:
        at = before.index(selected)
        behind = [name for name in before[at:] if name in after]
        assert found == (behind[0] if behind else after[-1])


def test_marks_are_put_on_and_taken_off_by_the_same_key():
    gaze = Gaze().mark("a").mark("b")
    assert gaze.marked == {"a", "b"}
    assert replace(gaze.mark("a")).marked == {"b"}
