"""What the incident machine makes of what is seen, one line per behaviour: seen above, what comes of it below."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.small import NOON, Life, play, told
from tui_monitor.core.errors import Rejected
from tui_monitor.core.incident import RULES, Leaning, Phase, phase_of
from tui_monitor.core.model import Belief, Kind, Patience, Reading, State
from tui_monitor.core.orders import abandon, acknowledge
from tui_monitor.core.status import Status

STORIES = [
    ("as many failures in a row as down_after open", "uuddd", "....O"),
    ("a service that was never seen well opens too", "ddd", "..O"),
    ("one failure less opens nothing", "uudduu", "......"),
    ("a success in between starts the count anew", "dduddd", ".....O"),
    ("failures for different reasons count together", "dtd", "..O"),
    ("failures of different weight count together", "gpd", "..O"),
    ("unknown neither counts nor breaks a count", "d?d??d", ".....O"),
    ("unknown alone opens nothing", "????????", "........"),
    ("unknown resolves nothing", "ddd????", "..O...."),
    ("as many successes in a row as up_after resolve", "ddduu", "..O.R"),
    ("one success resolves nothing", "dddudu", "..O..."),
    ("unknown does not break a recovery", "dddu??u", "..O...R"),
    ("maintenance is no failure, and ends one", "dddmm", "..O.R"),
    ("more of the same changes nothing", "dddddddd", "..O....."),
    ("another reason for the same weight changes nothing", "dddttt", "..O..."),
    ("worse for as long as down_after worsens", "gggddd", "..O..W"),
    ("worse and worse again", "gggpppddd", "..O..W..W"),
    ("worse every other time worsens too", "gggdgdgdg", "..O....W."),
    ("worse only now and then does not worsen", "gggdggdggd", "..O......."),
    ("better in every look, though not well in every one, eases", "dddugugug", "..O.E...."),
    ("easier and well by turns eases, and well ends it", "dddguguu", "..O.E..R"),
    ("better, but not well, for as long as up_after eases", "dddgg", "..O.E"),
    ("eased, then worse again", "dddggddd", "..O.E..W"),
    ("eased, then well", "dddgguu", "..O.E.R"),
    ("a success breaks a worsening", "gggddudd", "..O....."),
    ("after a resolve it takes down_after again", "ddduuddd", "..O.R..O"),
    ("an acknowledgement changes no count", "dddAuu", "..OA.R"),
    ("acknowledged incidents worsen still", "gggAddd", "..OA..W"),
    ("a note changes no count", "dddNuNuu", "..ON.NR."),
    ("closed by hand, it stays closed while the same cause lasts", "dddFdddddd", "..OX......"),
    ("unknown does not end a pardon", "dddF????ddd", "..OX......."),
    ("closed by hand, another cause opens another", "dddFttt", "..OX..O"),
    ("closed by hand, another cause now and then opens nothing", "dddFtdtdtd", "..OX......"),
    ("closed by hand, then well, then the same cause again: another", "dddFuuddd", "..OX....O"),
    ("closed by hand, one success does not end the pardon", "dddFudddd", "..OX....."),
    ("every cause seen while it was open is pardoned", "dddttFdtdtdt", "..O..X......"),
    ("a cause seen after the pardon is new although it looked alike before", "dddFtttdd", "..OX..O.."),
    ("a second incident, when over, leaves no pardon of the first", "dddFtttuuddd", "..OX..O.R..O"),
    ("the second incident can be closed by hand too, and both are pardoned", "dddFtttFdtdt", "..OX..OX...."),
    ("a success does not resolve what was closed by hand", "dddFuuuu", "..OX...."),
]


@pytest.mark.parametrize(("sentence", "seen", "comes"), STORIES, ids=[story[0] for story in STORIES])
def test_what_comes_of_what_is_seen(sentence: str, seen: str, comes: str):
    assert told(seen) == comes


FLAPS = [
    ("three openings within the hour are three incidents", "dududu", "OROROR"),
    ("the fourth is recognised as flapping", "dudududu", "OROROR" + "F."),
    ("while it flaps nothing is said", "dududu" + "dududu", "OROROR" + "F....."),
    ("well for a quarter of an hour: resolved", "dudududu" + "_u", "ORORORF." + "_R"),
    ("ill for a quarter of an hour: calmed, and goes on", "dududud" + "_d" + "u", "ORORORF" + "_C" + "R"),
    ("turned well in the meantime, calm later", "dududu" + "dudu_u", "OROROR" + "F..._R"),
    ("afterwards one failure is an incident like any other", "dudududu_udu", "ORORORF._ROR"),
    ("openings spread over hours are not flapping", "du____" * 5, "OR____" * 5),
    ("flapping can be acknowledged", "dudududAu_u", "ORORORFA._R"),
    ("flapping can be closed by hand", "dudududFddd", "ORORORFX..."),
    ("unknown does not calm", "dudududu_??u", "ORORORF._..R"),
    ("what turns just when it would be calm is not calm yet", "dudududu_d", "ORORORF._."),
]


@pytest.mark.parametrize(("sentence", "seen", "comes"), FLAPS, ids=[story[0] for story in FLAPS])
def test_what_comes_of_turning_to_and_fro(sentence: str, seen: str, comes: str):
    assert told(seen, down_after=1, up_after=1, flap_after=4, flap_within=3600, flap_calm=900) == comes


def test_flapping_that_calms_down_is_left_with_the_current_truth():
    """It became worse while nobody was told: that is what people read when they are told again."""
    said, life = play("gugugug" + "ddd" + "_d", down_after=1, up_after=1, flap_after=4)
    assert said == "ORORORF..." + "_C"
    assert life.belief.incident is not None
    assert life.belief.incident.status is life.belief.status is Status.MAJOR
    assert life.belief.incident.severity is Status.MAJOR
    assert not life.belief.incident.flapping


def test_flapping_with_doubts_is_not_calm_yet():
    """Well for a quarter of an hour by the clock, but the one look there was says down."""
    assert told("ddu" * 4 + "_d" + "u", down_after=2, up_after=1, flap_after=4) == ".OR.OR.OR.F._.R"


def test_a_flap_is_shown_while_it_lasts_with_the_truth_of_the_moment():
    _, life = play("dudududu", down_after=1, up_after=1, flap_after=4)
    assert life.belief.incident is not None
    assert life.belief.incident.flapping
    assert life.belief.status is Status.OPERATIONAL
    life.see("d")
    assert life.belief.status is Status.MAJOR


@pytest.mark.parametrize("patience", [Patience(flap_after=0), Patience(flap_after=1)])
def test_flapping_can_be_switched_off(patience: Patience):
    life = Life(Patience(1, 1, patience.flap_after))
    assert "".join(map(life.step, "du" * 12)) == "OR" * 12


# -- who, when, what ------------------------------------------------------------------------------------------------


def test_an_incident_starts_with_the_first_failure_and_ends_with_the_first_success():
    _, life = play("uuddduu")
    (incident,) = life.incidents.values()
    assert incident.started_at == NOON + timedelta(minutes=2)
    assert incident.resolved_at == NOON + timedelta(minutes=5)
    assert incident.duration(life.now) == 180


def test_an_incident_takes_its_words_from_the_look_that_opened_it():
    _, life = play("gpd")
    (incident,) = life.incidents.values()
    assert (incident.title, incident.status, incident.severity) == ("refused", Status.MAJOR, Status.MAJOR)


def test_severity_remembers_the_worst_while_status_is_the_truth():
    _, life = play("dddgg")
    (incident,) = life.incidents.values()
    assert (incident.status, incident.severity) == (Status.DEGRADED, Status.MAJOR)


def test_a_resolved_incident_says_who_and_is_operational():
    _, life = play("ddduu")
    (incident,) = life.incidents.values()
    assert (incident.state, incident.resolved_by, incident.status) == (State.RESOLVED, "engine", Status.OPERATIONAL)


def test_an_acknowledgement_has_an_author_and_ends_with_the_incident():
    _, life = play("dddAuuddd")
    first, second = life.incidents.values()
    assert (first.by, first.state, first.acknowledged_at) == ("ada", State.RESOLVED, NOON + timedelta(minutes=3))
    assert (second.by, second.state, second.acknowledged_at) == ("", State.OPEN, None)


def test_nobody_acknowledges_twice():
    _, life = play("dddA")
    with pytest.raises(Rejected, match="already acknowledged by ada"):
        life.ask("A")


def test_a_person_who_closes_an_incident_is_named():
    _, life = play("dddF")
    (incident,) = life.incidents.values()
    assert (incident.state, incident.resolved_by) == (State.RESOLVED, "ada")
    assert life.events[-1].kind is Kind.FORCE_RESOLVED
    assert life.events[-1].text == "words"


def test_a_pardoned_service_is_shown_as_it_is():
    _, life = play("dddFd")
    assert phase_of(life.belief) is Phase.PARDONED
    assert life.belief.status is Status.MAJOR
    assert life.belief.incidents == ()


def test_what_is_believed_says_since_when():
    _, life = play("uuuddd")
    assert (life.belief.status, life.belief.since) == (Status.MAJOR, NOON + timedelta(minutes=5))
    life = play("ddduu")[1]
    assert (life.belief.status, life.belief.since) == (Status.OPERATIONAL, NOON + timedelta(minutes=3))


def test_a_first_failure_asks_for_another_look_soon_and_a_success_does_not():
    _, life = play("uddu")
    assert life.confirms == [False, True, True, False]


def test_what_opens_at_once_needs_no_confirmation():
    assert play("dd", down_after=1)[1].confirms == [False, False]


def test_a_pardoned_cause_needs_no_confirmation_but_a_new_one_does():
    assert play("dddFdt")[1].confirms[-2:] == [False, True]


def test_an_incident_without_words_is_named_by_its_status():
    life = Life(Patience(down_after=1))
    life.see(Reading(Status.PARTIAL))
    assert life.belief.incident is not None
    assert life.belief.incident.title == "partial"


def test_a_service_that_is_no_longer_watched_ends_its_incident():
    _, life = play("ddd")
    (incident,) = life.incidents.values()
    verdict = abandon(incident, life.now, "no longer watched")
    assert verdict.incidents[0].state is State.RESOLVED
    assert verdict.events[0].n == 2
    assert verdict.belief == Belief("api")


def test_an_end_before_the_start_is_never_recorded():
    """The clock may have been set back in the meantime."""
    _, life = play("ddd")
    (incident,) = life.incidents.values()
    (ended,) = abandon(incident, incident.started_at - timedelta(hours=1), "gone").incidents
    assert ended.resolved_at == incident.started_at
    assert ended.duration(life.now) == 0


def test_two_incidents_never_share_an_id():
    _, life = play("ddduu" * 50)
    assert len(life.incidents) == 50
    assert len({one.id for one in life.incidents.values()}) == 50


def test_the_table_knows_every_case_that_can_come_up():
    sides = {Leaning.GOOD, Leaning.BAD, Leaning.SAME, Leaning.WORSE, Leaning.EASIER}
    assert {phase for phase, _ in RULES} == set(Phase)
    assert {leaning for _, leaning in RULES} == sides


def test_acknowledging_tells_who_when_nobody_gave_a_name():
    _, life = play("ddd")
    incident = life.belief.incidents[0]
    verdict = acknowledge(life.belief, incident, "", "", life.now)
    with pytest.raises(Rejected, match="somebody"):
        acknowledge(verdict.belief, verdict.incidents[0], "", "", life.now)


def test_what_was_leaning_long_ago_proves_nothing_now() -> None:
    life = Life(Patience(down_after=3, lapse=600.0))
    for letter in "udd":
        life.step(letter)
    life.now += timedelta(days=3)
    assert [life.step(letter) for letter in "ddd"] == [".", ".", "O"]
    (incident,) = [one for one in [life.belief.incident] if one is not None]
    assert incident.duration(life.now) < 600.0


def test_getting_worse_again_and_again_is_flapping_too() -> None:
    assert told("gggpppggpppggppp", flap_after=4) == "..O..W.E..W.E..V"
