"""A reading with every text from outside cleaned: this is where it enters the model."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b

from tui_monitor.core.model import Reading, VendorComponent, VendorIncident, VendorUpdate
from tui_monitor.core.text import clean, clean_lines

MOST_INCIDENTS, MOST_COMPONENTS, MOST_NAMES, MOST_UPDATES = 500, 2000, 100, 30
"""What is kept of one page: more is read by nobody, and a page is as long as a stranger likes."""

LONGEST_UPDATE, LONGEST_REF = 2000, 200


def harmless(reading: Reading) -> Reading:
    """No control, escape or bidi character, and no more of anything than people read."""
    message, cause = clean(reading.message), clean(reading.cause)
    if (message, cause) != (reading.message, reading.cause):
        reading = replace(reading, message=message, cause=cause)
    if not (reading.incidents or reading.maintenances or reading.over or reading.components):
        return reading
    return replace(
        reading,
        incidents=reading.incidents and _listed(reading.incidents),
        maintenances=_listed(reading.maintenances),
        over=_listed(reading.over),
        components=tuple(map(_component, reading.components[:MOST_COMPONENTS])),
    )


def _listed(incidents: tuple[VendorIncident, ...]) -> tuple[VendorIncident, ...]:
    return tuple(map(_incident, incidents[:MOST_INCIDENTS]))


def _incident(said: VendorIncident) -> VendorIncident:
    """Most are harmless as they came, and stay the very same."""
    ref, title, url = _ref(said.ref), clean(said.title), clean(said.url, 2000)
    components = tuple([clean(one, 200) for one in said.components[:MOST_NAMES]])
    updates = tuple([_update(one) for one in said.updates[-MOST_UPDATES:]])
    state, impact = clean(said.state, 60), clean(said.impact, 60)
    given = (said.ref, said.title, said.url, said.components, said.updates, said.state, said.impact)
    if given == (ref, title, url, components, updates, state, impact):
        return said
    return replace(
        said, ref=ref, title=title, url=url, components=components, updates=updates, state=state, impact=impact
    )


def _ref(given: str) -> str:
    """Two that differ stay two, however alike they are once they are harmless; what is harmless stays as it is."""
    kept = clean(given, LONGEST_REF)
    if kept == given:
        return kept
    mark = blake2b(given.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return f"{kept[: LONGEST_REF - len(mark) - 1]}~{mark}"


def _update(said: VendorUpdate) -> VendorUpdate:
    text, state = clean_lines(said.text, LONGEST_UPDATE), clean(said.state, 60)
    return said if (text, state) == (said.text, said.state) else VendorUpdate(text, said.at, state)


def _component(said: VendorComponent) -> VendorComponent:
    name, group = clean(said.name, 200), clean(said.group, 200)
    return said if (name, group) == (said.name, said.group) else VendorComponent(name, said.status, group)
