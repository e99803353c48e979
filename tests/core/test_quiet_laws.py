"""Silences, planned work, shadows, rehearsals and test mode in any order with failures, people and crashes: nobody
hears what they should not, and when all of it is lifted everybody knows the truth, told once.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.core.hushed import COVERED, SERVICES, HushedWorld
from tui_monitor.core.errors import Rejected
from tui_monitor.core.message import News
from tui_monitor.core.model import State

NAMES = st.sampled_from([one.id for one in SERVICES])
TARGETS = st.sampled_from(sorted(COVERED))
SPANS = st.sampled_from([1.0, 15.0, 90.0, 400.0, 1300.0, 2000.0, 7000.0])
LENGTHS = st.sampled_from([1.0, 60.0, 600.0, 3600.0, 20_000.0])


class Quiet(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = HushedWorld()

    # -- what is seen -----------------------------------------------------------------------------------------------

    @rule(service=NAMES, letters=st.text("uugpd?", min_size=1, max_size=4))
    def look(self, service: str, letters: str) -> None:
        self.world.see(service, letters)

    @rule(service=NAMES)
    def fail_enough(self, service: str) -> None:
        self.world.see(service, "dd")

    @rule(service=NAMES)
    def recover(self, service: str) -> None:
        self.world.see(service, "u")

    @rule()
    def look_at_all_that_stands_above(self) -> None:
        for service in ("router", "api"):
            self.world.see(service, "uu")

    # -- what people ask --------------------------------------------------------------------------------------------

    @precondition(lambda self: self.world.desk.open_incidents())
    @rule(data=st.data(), name=st.sampled_from(["ack", "resolve"]), full=st.booleans())
    def ask(self, data: Any, name: str, full: bool) -> None:
        fits = [one for one in self.world.desk.open_incidents() if name != "ack" or one.state is State.OPEN]
        if fits:
            ask = self.world.in_vain if full else self.world.do
            ask(name, data.draw(st.sampled_from(sorted(one.id for one in fits))))

    @rule(word=TARGETS, seconds=LENGTHS)
    def silence(self, word: str, seconds: float) -> None:
        self.world.silence(word, seconds)

    @precondition(lambda self: self.world.silences)
    @rule(data=st.data(), full=st.booleans())
    def unsilence(self, data: Any, full: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.world.silences)))
        if full:
            self.world.in_vain("unsilence", name)
        else:
            self.world.unsilence(name)

    @rule(word=TARGETS, wait=st.sampled_from([0.0, 30.0, 1000.0]), seconds=LENGTHS)
    def work(self, word: str, wait: float, seconds: float) -> None:
        self.world.work(word, wait, seconds)

    @precondition(lambda self: self.world.works)
    @rule(data=st.data())
    def end_work(self, data: Any) -> None:
        self.world.end_work(data.draw(st.sampled_from(sorted(self.world.works))))

    @rule(wanted=st.sampled_from(["on", "off"]))
    def turn_test_mode(self, wanted: str) -> None:
        self.world.turn_test_mode(wanted)

    @rule(word=TARGETS, name=st.sampled_from(["silence", "maintenance"]))
    def ask_in_vain(self, word: str, name: str) -> None:
        self.world.in_vain(name, word, **{"for": "1h"})

    @rule(service=NAMES, status=st.sampled_from(["major", "degraded", "operational"]), seconds=LENGTHS)
    def simulate(self, service: str, status: str, seconds: float) -> None:
        real = [one for one in self.world.desk.beliefs[service].incidents if not one.rehearsal]
        if not real and seconds <= 3600:
            self.world.do("simulate", service, status=status, **{"for": f"{seconds}s"})

    @precondition(lambda self: self.world.desk.open_incidents())
    @rule(data=st.data(), to=st.sampled_from(["asked", "plain", "public", "office", "asked,office"]))
    def send(self, data: Any, to: str) -> None:
        incident = data.draw(st.sampled_from(sorted(one.id for one in self.world.desk.open_incidents())))
        with suppress(Rejected):  # a public place in a test
            self.world.send(incident, to)

    # -- time, the disk and outside ---------------------------------------------------------------------------------

    @rule(seconds=SPANS)
    def turn(self, seconds: float) -> None:
        self.world.turn(seconds)

    @rule(seconds=SPANS)
    def turn_while_the_disk_is_full(self, seconds: float) -> None:
        self.world.turn(seconds, disk_full=True)

    @rule()
    def crash(self) -> None:
        self.world.write()
        self.world.crash()

    @rule()
    def settle_all(self) -> None:
        for name in list(self.world.sending):
            self.world.settle(name)

    @precondition(lambda self: self.world.sending)
    @rule(data=st.data(), retry=st.sampled_from([True, True, False]))
    def refuse(self, data: Any, retry: bool) -> None:
        self.world.refuse(data.draw(st.sampled_from(sorted(self.world.sending))), retry=retry)

    # -- the laws ---------------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_told_twice(self) -> None:
        assert self.world.repeats() == []

    def teardown(self) -> None:
        self.world.lift()
        self.world.rest()
        assert self.world.lies() == []
        assert self.world.repeats() == []
        assert self.world.unkept() == []
        assert self.orphans() == []

    def orphans(self) -> list[str]:
        """Ends without a beginning."""
        found = []
        for place in self.world.plan.places:
            ear = self.world.ear(place.name)
            for subject in {item.incident.id for message in ear.said for item in message.items}:
                first = ear.of(subject)[0].news
                if first not in (News.OPENED, News.OVER) and (place.name, subject) not in self.world.unsure:
                    found.append(f"{place.name} heard {first} first")
        return found


def test_no_order_of_what_keeps_quiet_tells_what_it_should_not_or_leaves_a_lie():
    examples = settings.default.max_examples * 2
    run_state_machine_as_test(Quiet, settings=settings(max_examples=examples, stateful_step_count=40))
