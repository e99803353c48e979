from hypothesis import given
from hypothesis import strategies as st

from tui_monitor.board.past import AT_ONCE, Past
from tui_monitor.board.state import LATELY


def answer(**latencies):
    return {name: {"latencies": found, "statuses": []} for name, found in latencies.items()}


def test_each_service_is_asked_for_once_and_no_two_questions_are_under_way():
    past = Past()
    assert past.wanting(["a", "b"], {}) == ["a", "b"]
    assert past.wanting(["c"], {}) == [], "an answer is still to come"
    past.learn(answer(a=[1.0], b=[]), {})
    assert past.wanting(["a", "b", "c"], {}) == ["c"]


def test_many_services_are_asked_for_in_several_questions():
    past, names = Past(), [f"s{number}" for number in range(AT_ONCE + 5)]
    assert past.wanting(names, {}) == names[:AT_ONCE]
    past.learn({}, {})
    assert past.wanting(names, {}) == names[AT_ONCE:]


def test_a_question_that_was_refused_is_not_asked_again_and_holds_up_no_other():
    past = Past()
    past.wanting(["a"], {})
    assert past.learn(None, {}) == []
    assert past.wanting(["a", "b"], {}) == ["b"]
    past.learn(None, {})
    past.forget()
    assert past.wanting(["a"], {}) == ["a"]


def test_nobody_is_asked_for_of_whom_enough_has_been_seen():
    assert Past().wanting(["a"], {"a": (0.1,) * LATELY}) == []


@given(st.lists(st.one_of(st.none(), st.floats(0, 9)), max_size=60), st.integers(0, 60))
def test_what_was_seen_since_is_not_shown_twice(looks, since):
    """The answer ends with what the board has seen itself."""
    since = min(since, len(looks))
    seen = tuple(looks[len(looks) - since :])[-LATELY:]
    past = Past()
    past.wanting(["a"], {"a": seen[:0]})
    past.learn(answer(a=looks[-LATELY:]), {"a": seen})
    shown = past.before("a", seen)
    assert shown == tuple(looks[-LATELY:])
