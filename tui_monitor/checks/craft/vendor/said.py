"""What a vendor says of itself, out of however many documents, and what that comes to: one status in one sentence.

No single field is trusted: a page may say that all is well above an open incident. The worst of its headline, its
incidents and its components holds.
"""

from __future__ import annotations

import difflib
import fnmatch
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from itertools import islice
from operator import le
from typing import TypeVar

from tui_monitor.core.errors import Unreadable
from tui_monitor.core.harmless import MOST_COMPONENTS
from tui_monitor.core.model import Reading, VendorComponent, VendorIncident, VendorUpdate
from tui_monitor.core.status import Status, worst
from tui_monitor.core.text import clean, spell_number


class Stage(Enum):
    """How far an incident or a maintenance is."""

    OPEN = auto()
    ANNOUNCED = auto()
    OVER = auto()


Told = tuple[Stage, VendorIncident]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """One component. `counts` is whether it weighs although nobody has chosen it."""

    name: str
    status: Status
    group: str = ""
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """What was read out of a document, or of several together.

    `headline` is what the page says of all of it (None where it has no such word), `words` how it puts it. `told` is
    None where the document has no list of incidents at all.
    """

    headline: Status | None = None
    words: str = ""
    parts: tuple[Part, ...] | None = None
    told: tuple[Told, ...] | None = None
    reach: datetime | None = None
    as_of: datetime | None = None

    def __add__(self, other: Said) -> Said:
        """Both together; an incident that both name is one."""
        return Said(
            worst(heads) if (heads := [one for one in (self.headline, other.headline) if one is not None]) else None,
            self.words or other.words,
            _joined(self.parts, other.parts),
            _joined(self.told, other.told),
            max((one for one in (self.reach, other.reach) if one is not None), default=None),
            min((one for one in (self.as_of, other.as_of) if one is not None), default=None),
        )


def _joined(one: tuple[T, ...] | None, other: tuple[T, ...] | None) -> tuple[T, ...] | None:
    return other if one is None else one if other is None else one + other


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a vendor concerns us; whatever is empty chooses all of it.

    `components` are names as the vendor writes them, `Group / Name`, the name of a group, or patterns with `*`.
    `severity` is from which weight on an incident is listed at all.
    """

    components: tuple[str, ...] = ()
    severity: str = ""

    def takes(self, incident: VendorIncident, known: Collection[str] = ()) -> bool:
        """An incident that names no component may concern any; `known` are those of a group that is chosen."""
        is_weighed = self.severity and not incident.maintenance and incident.status is not Status.UNKNOWN
        if is_weighed and incident.status.rank < Status(self.severity).rank:
            return False
        if not self.components or not incident.components:
            return True
        named = incident.components
        wanted = self.components if known else [spelt for one in self.components for spelt in (one, _last_name(one))]
        return any(one in known for one in named) or any(fits(one, name) for one in wanted for name in named)

    def has(self, part: Part) -> bool:
        return any(fits(wanted, part.name, part.group) for wanted in self.components)


def fits(wanted: str, name: str, group: str = "") -> bool:
    """Whether a name is the one that is wanted, in letters of either size: alone, with its group, or as a pattern."""
    pattern = folded(wanted)
    spelt = [folded(name)] + ([folded(group), folded(f"{group} / {name}")] if group else [])
    if "*" in pattern:
        return any(fnmatch.fnmatchcase(one, pattern.replace("[", "[[]").replace("?", "[?]")) for one in spelt)
    return pattern in spelt


def _last_name(wanted: str) -> str:
    """`Group / Name` without its group, of which a page that lists no components says nothing."""
    return wanted.rpartition(" / ")[2].strip() or wanted


def folded(text: str) -> str:
    return " ".join(text.casefold().split())


def has_words(wanted: str, name: str) -> bool:
    """Whether a name has these words one after the other: `US` is in `East US 2`, and not in `Australia`."""
    if "*" in wanted:
        return fits(wanted, name)
    words, looked_for = re.findall(r"\w+", name.casefold()), re.findall(r"\w+", wanted.casefold())
    spans = range(len(words) - len(looked_for) + 1)
    return bool(looked_for) and any(words[at : at + len(looked_for)] == looked_for for at in spans)


def conclude(said: Said, choice: Choice = Choice()) -> Reading:
    """The reading. Unreadable where what was chosen is not on the page, or the page says nothing at all."""
    if said.headline is None and said.parts is None and said.told is None:
        raise Unreadable("its page says nothing of how it is")
    parts = _chosen(said, choice)
    wanted = frozenset(part.name for part in parts) if choice.components else frozenset()
    told = [(stage, one) for stage, one in _once(said.told or ()) if choice.takes(one, wanted)]
    listed = _of(told, Stage.OPEN)
    weights = [one.status for one in listed]
    if not choice.components and said.headline is not None:
        weights.append(said.headline)
    weights += [part.status for part in parts]
    status = worst(weights)
    if choice.severity and status.is_bad and status.rank < Status(choice.severity).rank:
        status = Status.OPERATIONAL
    return Reading(
        status,
        clean(_sentence(said, listed, parts, status, choice)),
        _cause(listed, parts, status),
        incidents=None if said.told is None else listed,
        maintenances=tuple(sorted(_of(told, Stage.ANNOUNCED), key=_begins)),
        over=_of(told, Stage.OVER),
        reach=said.reach,
        as_of=said.as_of or _written_at(told),
        components=tuple([VendorComponent(one.name, one.status, one.group) for one in _shown(said, choice)]),
    )


def _begins(one: VendorIncident) -> tuple[bool, float, str]:
    return (one.started_at is None, one.started_at.timestamp() if one.started_at else 0.0, one.ref)


def _chosen(said: Said, choice: Choice) -> list[Part]:
    """The components that weigh: those that are chosen, else those that the page itself puts forward.

    All of them do where nothing else is said: a list of components alone is never better than what is in it.
    """
    known = said.parts or ()
    if not choice.components:
        is_all = said.headline is None and said.told is None
        return [part for part in known if part.counts or is_all]
    _refuse_blind_choice(said)
    for wanted in choice.components if said.parts is not None else ():
        if not any(fits(wanted, part.name, part.group) for part in known):
            near = difflib.get_close_matches(wanted, [part.name for part in known], 1)
            hint = f"; did you mean {clean(near[0], 60)!r}?" if near else ""
            raise Unreadable(f"its page has no component {clean(wanted, 60)!r}{hint}")
    return [part for part in known if choice.has(part)]


def _refuse_blind_choice(said: Said) -> None:
    """What names no components, and says only of the whole how it is, says nothing of those that are chosen."""
    is_calm = said.headline is None or said.headline.is_good
    has_open = any(stage is Stage.OPEN for stage, _ in said.told or ())
    if said.parts is None and (said.told is None or not (is_calm or has_open)):
        raise Unreadable("its page names no components, so that nobody can tell how the chosen ones are")


def _shown(said: Said, choice: Choice) -> list[Part]:
    """No more than are kept of one page."""
    shown = (part for part in said.parts or () if not choice.components or choice.has(part))
    return list(islice(shown, MOST_COMPONENTS))


def _once(told: Sequence[Told]) -> Iterable[Told]:
    """Each by its id: what two documents name is kept as the one that was changed last."""
    found: dict[str, Told] = {}
    for stage, one in told:
        before = found.get(one.ref)
        if before is None or _changed(one) > _changed(before[1]):
            found[one.ref] = (stage, one)
    return found.values()


def _written_at(told: Sequence[Told]) -> datetime | None:
    """When a list of the past was last changed, as its newest row tells; of open ones the newest may just be gone."""
    if not any(stage is Stage.OVER for stage, _ in told):
        return None
    return newest(*(one.updated_at for _, one in told))


def _changed(one: VendorIncident) -> float:
    return one.updated_at.timestamp() if one.updated_at is not None else float("-inf")


def _of(told: Iterable[Told], stage: Stage) -> tuple[VendorIncident, ...]:
    return tuple(one for at, one in told if at is stage)


def _cause(listed: Sequence[VendorIncident], parts: Sequence[Part], status: Status) -> str:
    if not status.is_bad or any(not one.maintenance for one in listed):
        return ""
    ill = sorted(part.name for part in parts if part.status.is_bad)
    return f"components: {', '.join(ill[:5])}" if ill else "headline"


def _sentence(
    said: Said, listed: Sequence[VendorIncident], parts: Sequence[Part], status: Status, choice: Choice
) -> str:
    """The heaviest thing that there is to say."""
    outages = [one for one in listed if not one.maintenance and not one.status.is_good]
    if outages:
        heaviest = max(outages, key=lambda one: one.status.rank)
        rest = f" (and {spell_number(len(outages) - 1, 'more incident')})" if len(outages) > 1 else ""
        return f"{heaviest.title}{rest}"
    ill = [part for part in parts if part.status.is_bad]
    if ill:
        return _few([f"{part.name} {part.status}" for part in ill])
    if status.is_bad or status is Status.UNKNOWN:
        return said.words or f"its page says {status}"
    planned = [one for one in listed if one.maintenance]
    if planned:
        return f"in maintenance: {planned[0].title}"
    if status is Status.MAINTENANCE and said.headline is not Status.MAINTENANCE and not choice.components:
        return "in maintenance: " + _few([part.name for part in parts if part.status is Status.MAINTENANCE])
    notices = [one for one in listed if not one.maintenance]
    if notices:
        return f"notice: {notices[0].title}"
    if choice.components:
        return f"{', '.join(choice.components)}: {status}"
    return said.words or ("no open incident" if said.told is not None else f"its page says {status}")


def _few(named: Sequence[str]) -> str:
    return ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")


def in_order(updates: Iterable[VendorUpdate]) -> tuple[VendorUpdate, ...]:
    """Oldest first, whichever way the vendor lists them; what has no time stays with the one before it."""
    given = [one for one in updates if one.text or one.state]
    if len(given) < 2:
        return tuple(given)
    times = [one.at for one in given if one.at is not None]
    if len(times) > 1 and times[0] > times[-1]:
        given.reverse()
        times.reverse()
    if len(times) == len(given) and all(map(le, times, times[1:])):  # as most are
        return tuple(given)
    last = float("-inf")
    keyed: list[tuple[float, VendorUpdate]] = []
    for one in given:
        last = one.at.timestamp() if one.at is not None else last
        keyed.append((last, one))
    return tuple(one for _, one in sorted(keyed, key=lambda pair: pair[0]))


def latest(updates: Iterable[VendorUpdate], moment: datetime | None = None) -> datetime | None:
    """When the newest of them was written, or the moment that is given, if that is later."""
    for one in updates:
        if one.at is not None and (moment is None or one.at > moment):
            moment = one.at
    return moment


def newest(*moments: datetime | None) -> datetime | None:
    return max([one for one in moments if one is not None], default=None)


def oldest(*moments: datetime | None) -> datetime | None:
    return min([one for one in moments if one is not None], default=None)


def dated(incident: VendorIncident) -> VendorIncident:
    """The incident changed when its newest update was written, if its page says no later moment itself.

    What weighs no more than maintenance is one, in whichever list of its page it stands.
    """
    moment = latest(incident.updates, incident.updated_at)
    planned = incident.maintenance or incident.status is Status.MAINTENANCE
    if moment is incident.updated_at and planned is incident.maintenance:
        return incident
    return replace(incident, updated_at=moment, maintenance=planned)
