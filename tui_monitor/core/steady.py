"""Which vendor's incidents have come and gone so often lately that a list is believed only once it says so steadily.

What is believed of each turns at once, until its list has begun to name it as often as makes a service flap. From
then on the list must contradict what is believed for as long as makes a service calm, without a look that agrees.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tui_monitor.core.model import Comings, Patience

MOST = 500
"""Of how many incidents this is kept: a page may name others at each look."""


@dataclass(frozen=True, slots=True)
class Steadiness:
    """Of which incidents a list is not believed yet, since when the others are gone, and what is to be remembered."""

    held: frozenset[str] = frozenset()
    gone_since: Mapping[str, datetime] = field(default_factory=dict)
    comings: tuple[Comings, ...] = ()


def steadiness(
    before: Collection[Comings],
    believed: Collection[str],
    listed: Collection[str],
    gone: Collection[str],
    at: datetime,
    patience: Patience,
) -> Steadiness:
    """What one list, in which some are `listed` and some that were `believed` are `gone`, adds to those before it."""
    if patience.flap_after <= 1:
        return Steadiness()
    known = {one.ref: one for one in before}
    held: set[str] = set()
    gone_since: dict[str, datetime] = {}
    comings: list[Comings] = []
    for ref in dict.fromkeys((*known, *listed, *gone)):
        was = known.get(ref, Comings(ref))
        lately = tuple(one for one in was.at if (at - one).total_seconds() < patience.flap_within)
        is_believed, is_listed, doubted = ref in believed, ref in listed, None
        if ref in gone or (is_listed and not is_believed):
            since = was.doubted or at
            if len(lately) >= patience.flap_after and (at - since).total_seconds() < patience.flap_calm:
                held.add(ref)
                doubted = since
            elif ref in gone:
                gone_since[ref] = since
        if is_listed and is_believed is (was.doubted is not None):
            lately = (*lately, at)[-patience.flap_after :]
        if lately or doubted is not None:
            comings.append(Comings(ref, lately, doubted))
    return Steadiness(frozenset(held), gone_since, tuple(comings[-MOST:]))
