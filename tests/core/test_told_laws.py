"""The told rule under every order of looks, people, refusals, crashes and restarts: once all is quiet and reachable,
what each place was last told is the truth.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.core.world import MISSED, NOTHING, World, delivery_of, plan_of
from tui_monitor.core.banner import BANNER
from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import Owing, State

OWN = st.text("uugpddt?", min_size=1, max_size=6)
LISTED = st.text("0012?", min_size=1, max_size=3)
WORDS = st.sampled_from(["one", "two", "three"])
PEOPLE = ["asked", "plain", "held", "brief", "late", "picky", "desk"]
SIGNS = st.lists(st.sampled_from(["sign", "wall", "plate", "roof", "panel"]), max_size=2, unique=True)
SPANS = st.sampled_from([1.0, 5.0, 15.0, 40.0, 400.0, 2000.0])


class Told(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World(plan_of(automatic=True))
        self.dropped: dict[tuple[str, str], bool] = {}

    # -- what is seen and asked -------------------------------------------------------------------------------------

    @rule(service=st.sampled_from(["api", "web"]), letters=OWN)
    def look(self, service: str, letters: str) -> None:
        self.world.see(service, letters)

    @rule(letters=LISTED)
    def look_at_the_vendor(self, letters: str) -> None:
        self.world.see("hub", letters)

    @rule(service=st.sampled_from(["api", "web"]))
    def fail_enough(self, service: str) -> None:
        self.world.see(service, "dd")

    @rule(service=st.sampled_from(["api", "web"]))
    def recover(self, service: str) -> None:
        self.world.see(service, "u")

    @precondition(lambda self: self.world.desk.open_incidents())
    @rule(data=st.data(), name=st.sampled_from(["ack", "ack", "note", "resolve"]), full=st.booleans())
    def ask(self, data: Any, name: str, full: bool) -> None:
        fits = [one for one in self.world.desk.open_incidents() if name != "ack" or one.state is State.OPEN]
        if fits:
            ask = self.world.ask_in_vain if full else self.world.ask
            ask(name, data.draw(st.sampled_from(sorted(one.id for one in fits))))

    # -- what people send on purpose --------------------------------------------------------------------------------

    @precondition(lambda self: self.world.desk.open_incidents())
    @rule(data=st.data(), to=st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True), text=WORDS)
    def notify(self, data: Any, to: list[str], text: str) -> None:
        incident = data.draw(st.sampled_from(sorted(one.id for one in self.world.desk.open_incidents())))
        with suppress(Rejected):  # somebody must decide first what became of an earlier message
            self.world.notify(incident, text, ",".join(to))

    @precondition(lambda self: self.world.desk.open_incidents())
    @rule(data=st.data(), to=st.sampled_from(["desk", "jira"]))
    def ask_for_a_ticket(self, data: Any, to: str) -> None:
        incident = data.draw(st.sampled_from(sorted(one.id for one in self.world.desk.open_incidents())))
        with suppress(Rejected):  # there is one already
            self.world.ask_for_ticket(incident, to)

    @rule(to=SIGNS, text=WORDS)
    def push_the_banner(self, to: list[str], text: str) -> None:
        with suppress(Rejected):
            self.world.push_banner(text, ",".join(to))

    @rule(to=SIGNS)
    def clear_the_banner(self, to: list[str]) -> None:
        self.world.clear_banner(",".join(to))

    @rule(name=st.sampled_from(["push", "clear"]))
    def move_the_banner_in_vain(self, name: str) -> None:
        with suppress(Rejected):
            self.world.ask_in_vain("banner", name)

    # -- time and the disk ------------------------------------------------------------------------------------------

    @rule(seconds=SPANS)
    def turn(self, seconds: float) -> None:
        self.world.turn(seconds)

    @rule(seconds=SPANS)
    def turn_while_the_disk_is_full(self, seconds: float) -> None:
        self.world.turn(seconds, disk_full=True)

    @rule()
    def crash(self) -> None:
        self.world.crash()

    # -- outside ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.world.sending)
    @rule(data=st.data())
    def arrive(self, data: Any) -> None:
        self.world.arrive(data.draw(st.sampled_from(sorted(self.world.sending))))

    @precondition(lambda self: self.world.sending)
    @rule(data=st.data())
    def settle(self, data: Any) -> None:
        self.world.settle(data.draw(st.sampled_from(sorted(self.world.sending))))

    @rule()
    def settle_all(self) -> None:
        for name in list(self.world.sending):
            self.world.settle(name)

    @precondition(lambda self: self.world.sending)
    @rule(data=st.data(), retry=st.booleans(), after=st.sampled_from([None, 30.0, 1e12]))
    def refuse(self, data: Any, retry: bool, after: float | None) -> None:
        name = data.draw(st.sampled_from(sorted(self.world.sending)))
        self.world.refuse(name, retry=retry, after=after if retry else None)

    @precondition(lambda self: self.world.sending)
    @rule(data=st.data())
    def lose_the_answer(self, data: Any) -> None:
        self.world.lose_the_answer(data.draw(st.sampled_from(sorted(self.world.sending))))

    # -- by hand ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.world.outstanding())
    @rule(data=st.data(), name=st.sampled_from(["retry", "drop"]))
    def decide(self, data: Any, name: str) -> None:
        rows = [row for row in self.world.outstanding() if row.state is not Owing.SENDING]
        if rows:
            row = data.draw(st.sampled_from(sorted(rows, key=lambda row: row.key)))
            if row.subject == BANNER and name == "drop":
                self.world.shown.pop(row.destination, None)
                self.world.unsure.add(row.key)  # whether it is there now is not for us to say
            elif name == "drop":
                self.dropped[row.key] = self.world.desk.incidents[row.subject].is_open
            self.world.ask(name, delivery_of(row))

    # -- the laws ---------------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_told_twice(self) -> None:
        assert self.world.repeats() == []
        assert self.world.repeated_updates() == []
        assert self.world.repeated_signs() == []

    def is_wanted(self, key: tuple[str, str], lie: str) -> bool:
        """Whether somebody dropped just this by hand; an end that came after it is told to whoever heard anything."""
        return key in self.dropped and (lie in (NOTHING, MISSED) or not self.dropped[key])

    def teardown(self) -> None:
        self.world.write()
        self.world.calm()
        assert [lie for lie in self.world.lies() if not self.is_wanted(*lie)] == []
        assert self.world.wrong_signs() == []
        self.nothing_is_told_twice()


def test_no_order_of_crashes_refusals_and_flaps_tells_twice_or_leaves_a_lie():
    examples = settings.default.max_examples * 2
    run_state_machine_as_test(Told, settings=settings(max_examples=examples, stateful_step_count=40))
