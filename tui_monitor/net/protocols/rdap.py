"""What registries, and lists of them, say in RDAP. All of it is from outside: what is of no use is Unreadable."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tui_monitor.core.errors import Unreadable
from tui_monitor.net.answer import Answer

_LONGEST = 500
"""Characters of an address that is remembered, and of a state."""
_MOST_STATES = 100


@dataclass(frozen=True, slots=True)
class Registration:
    """What a registry says of a name; `memo` is how its registry was found."""

    at: datetime
    is_there: bool = True
    until: datetime | None = None
    states: tuple[str, ...] = ()
    memo: str = ""


def registration_of(name: str, answer: Answer, at: datetime) -> Registration:
    """What an answer of a registry says of a name. Raises Unreadable."""
    registry = f"the registry ({answer.place.host})"
    if answer.status not in (200, 404):
        why = ": it wants to be asked less often" if answer.status == 429 else ""
        raise Unreadable(f"{registry} answered {answer.status}{why}")
    if answer.status == 404 and not answer.body.strip():
        return Registration(at, is_there=False)
    said = read_rdap(answer, f"the answer of {registry}")
    if answer.status == 404:
        return Registration(at, is_there=False)
    if not said.keys() & {"events", "status", "ldhName"} or said.get("objectClassName", "domain") != "domain":
        raise Unreadable(f"the answer of {registry} is about no domain")
    if str(said.get("ldhName", name)).lower().removesuffix(".") != name:
        raise Unreadable(f"the answer of {registry} is about another name")
    ends = [moment for event in _listed(said, "events") if (moment := _end(event)) is not None]
    states = {_plain(one) for one in _listed(said, "status")[:_MOST_STATES] if isinstance(one, str)}
    return Registration(at, until=min(ends, default=None), states=tuple(sorted(states)))


def _plain(state: str) -> str:
    """`clientHold` and `client hold` are the same state."""
    return re.sub("[^a-z]", "", state[:_LONGEST].lower())


def _listed(said: dict[str, Any], key: str) -> list[Any]:
    found = said.get(key)
    return found if isinstance(found, list) else []


def _end(event: Any) -> datetime | None:
    """When the registration ends, where an event says that."""
    if not isinstance(event, dict) or event.get("eventAction") != "expiration":
        return None
    with suppress(ValueError, TypeError, OverflowError):
        moment = datetime.fromisoformat(event["eventDate"])
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return None


def read_rdap(answer: Answer, what: str) -> dict[str, Any]:
    """The object that an answer holds. Raises Unreadable, with `what` it is."""
    document = None
    with suppress(ValueError):
        document = answer.json
    if answer.truncated:
        raise Unreadable(f"{what} is larger than is read here")
    if not isinstance(document, dict):
        raise Unreadable(f"{what} cannot be read: it is no JSON as RDAP has it")
    return document


def base_of(name: str, answer: Answer) -> str:
    """Where the registry is asked that is in charge of a name: the longest part of the tree that the list knows."""
    services = read_rdap(answer, "the list of registries").get("services")
    if not isinstance(services, list):
        raise Unreadable("the list of registries cannot be read: it names none")
    known = {top.lower(): urls for tops, urls in map(_service, services) for top in tops}
    parts = name.split(".")
    tops = (".".join(parts[number:]) for number in range(1, len(parts)))
    found = next((urls for top in tops if (urls := known.get(top))), None)
    if found is None:
        raise Unreadable(f"no registry offers RDAP for .{parts[-1]}, so that nothing can be told of {name}")
    return next((url for url in found if url.lower().startswith("https:")), found[0])


def _service(entry: Any) -> tuple[list[str], list[str]]:
    """The parts of the tree and the addresses of one entry of the list; of another shape it is empty."""
    lists = [one for one in entry if isinstance(one, list)] if isinstance(entry, list) else []
    texts = [[text for text in one if isinstance(text, str) and len(text) <= _LONGEST] for one in lists]
    return (texts[0], texts[1]) if len(texts) > 1 else ([], [])
