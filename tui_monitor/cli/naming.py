"""Which services are meant by what a person typed, and which may have been meant by what fits none."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from tui_monitor.core.errors import TuiMonitorError


def meant(names: Sequence[str], known: Mapping[str, str], where: str, refusal: type[TuiMonitorError]) -> list[str]:
    """The ids of these services, each once. `known` are the names by id; raises the refusal for what is not there."""
    exact = {**{name: id_ for id_, name in known.items()}, **{id_: id_ for id_ in known}}
    loose = {**{name.lower(): id_ for id_, name in known.items()}, **{id_: id_ for id_ in known}}
    found: dict[str, None] = {}
    for name in names:
        id_ = exact.get(name) or loose.get(name.lower())
        if id_ is None:
            near = difflib.get_close_matches(name.lower(), loose, 1)
            hint = f"; did you mean {known[loose[near[0]]]!r}?" if near else ""
            raise refusal(f"there is no service {name!r} {where}{hint}")
        found[id_] = None
    return list(found)
