"""The commands by which people tell the outside on purpose: an update, a ticket, the banner."""

from __future__ import annotations

from dataclasses import replace

from tui_monitor.core import orders
from tui_monitor.core.banner import BANNER, LONGEST, Banner, Severity
from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import Kind, Owing
from tui_monitor.core.plan import Place
from tui_monitor.core.ports import Outcome
from tui_monitor.core.text import clean
from tui_monitor.engine.billboard import would_say
from tui_monitor.engine.byhand import (
    UNSURE,
    choices,
    heard_out,
    is_doubtful,
    kept_from,
    names_of,
    sign_choices,
    ticket_place,
)
from tui_monitor.engine.request import Request

LONGEST_UPDATE = 400
"""Characters of an update: a line of a message is cut at 500, and the name of the service stands before it."""

NOBODY = "nobody has been told of this incident and no route leads anywhere: say to whom"


def notify(asked: Request) -> Outcome:
    """An event of the incident that is for the places chosen, and owed to each of them now."""
    desk, now, text = asked.desk, asked.now, _line(asked, LONGEST_UPDATE, "an update")
    incident = desk.find(asked.command.target)
    if not text:
        raise Rejected("an update needs a text")
    wanted = names_of(asked.command.options.get("to", ""))
    chosen = choices(desk, incident, wanted, now)
    told = [one.name for one in heard_out(chosen, wanted, NOBODY)]
    verdict = orders.update(desk.beliefs[incident.service], incident, asked.by, text, tuple(told), now)
    desk.accept(verdict, now)
    number = verdict.incidents[0].revision
    for name in told:
        desk.ledger.push(desk.draft, name, incident.id, number, f"update by {asked.by}", now)
    names, service = ", ".join(told), desk.ledger.service_of(incident).name
    desk.tell_board(Kind.PUSHED, f"{service}: update sent to {names} by {asked.by}", now, asked.by)
    withheld = kept_from(chosen)
    besides = "".join(f"; not {one['destination']}: {one['reason']}" for one in withheld)
    data = {"incident": incident.id, "by": asked.by, "destinations": told, "withheld": withheld}
    return Outcome(f"{incident.id}: the update goes to {names}{besides}", data)


def ticket(asked: Request) -> Outcome:
    """What a place that opens tickets is told first; whoever asked twice would have two."""
    desk, now = asked.desk, asked.now
    incident = desk.find(asked.command.target)
    place = ticket_place(desk, incident, asked.command.options.get("to", "").strip())
    row = desk.ledger.rows.get((place.name, incident.id))
    number = (row.owed if row is not None else 0) or incident.revision  # in doubt, it keeps the key that it had
    words, belief = _line(asked, LONGEST_UPDATE, "what is said with a ticket"), desk.beliefs[incident.service]
    if words and row is not None and row.claim:
        desk.accept(orders.note(belief, incident, asked.by, words, now), now)
    elif words:
        verdict = orders.update(belief, incident, asked.by, words, (place.name,), now)
        desk.accept(verdict, now)
        number = verdict.incidents[0].revision
    desk.ledger.push(desk.draft, place.name, incident.id, number, f"ticket asked by {asked.by}", now)
    service = desk.ledger.service_of(incident).name
    desk.tell_board(Kind.PUSHED, f"{service}: ticket asked of {place.name} by {asked.by}", now, asked.by)
    data = {"incident": incident.id, "by": asked.by, "destination": place.name}
    return Outcome(f"{incident.id}: a ticket is asked of {place.name}", data)


def banner(asked: Request) -> Outcome:
    acts = {"push": _push, "clear": _clear}
    act = acts.get(asked.command.target)
    if act is None:
        raise Rejected(f"a banner is pushed or cleared, not {clean(asked.command.target, 40)!r}")
    return act(asked)


def _push(asked: Request) -> Outcome:
    """Takes the place of what stands; where just that stands or is on its way, nothing is sent."""
    desk, now = asked.desk, asked.now
    text, severity = _banner_of(asked)
    wanted = names_of(asked.command.options.get("to", ""))
    chosen = sign_choices(desk, wanted, lambda place: _why_not(asked, place, text, severity))
    told = [one.name for one in heard_out(chosen, wanted, "")]
    fresh = [name for name in told if not _shows(asked, name, text, severity)]
    for name in fresh:
        before = desk.banners.table.get(name)
        after = Banner(name, text, severity, asked.by, now, before.revision + 1 if before else 1)
        row = desk.ledger.rows.get((name, BANNER))
        if before and before.says(text, severity) and row is not None and row.state is Owing.GIVEN_UP:
            after = replace(after, revision=before.revision, at=before.at)  # in doubt, it keeps the key that it had
        _show(asked, after)
    withheld = kept_from(chosen)
    said = {"text": text, "severity": severity.value, "by": asked.by}
    data = {"destinations": fresh, **said, "withheld": withheld}
    if not fresh:
        return Outcome(f"nothing differs: {', '.join(told)} shows this already", data)
    desk.tell_board(Kind.PUSHED, f"banner pushed to {', '.join(fresh)} by {asked.by}: {text}", now, asked.by)
    besides = "".join(f"; not {one['destination']}: {one['reason']}" for one in withheld)
    return Outcome(f"the banner goes to {', '.join(fresh)}{besides}", data)


def _banner_of(asked: Request) -> tuple[str, Severity]:
    """The words of a person, else those that the board has for itself."""
    text, (usual, severity) = _line(asked, LONGEST, "a banner"), would_say(asked.desk, asked.now)
    if not text and not usual:
        raise Rejected("all is well, so the board has nothing to say by itself: give a text")
    word = asked.command.options.get("severity", "").strip()
    if word and word not in list(Severity):
        raise Rejected(f"{clean(word, 40)!r} is no severity of a banner: it is one of {', '.join(Severity)}")
    return text or usual, Severity(word) if word else severity


def _why_not(asked: Request, place: Place, text: str, severity: Severity) -> str:
    before = asked.desk.banners.table.get(place.name)
    shown = before or Banner(place.name, text, severity, asked.by, asked.now)
    return asked.desk.ledger.shut(place, shown) or (UNSURE if is_doubtful(asked.desk, place) else "")


def _shows(asked: Request, name: str, text: str, severity: Severity) -> bool:
    """Whether a place shows just this, or will in a moment."""
    before, row = asked.desk.banners.table.get(name), asked.desk.ledger.rows.get((name, BANNER))
    is_there = row is not None and (row.state is Owing.TOLD or row.is_owed)
    return before is not None and before.says(text, severity) and is_there


def _clear(asked: Request) -> Outcome:
    """Also where nobody knows whether it stands: nothing is wrong with taking away what is not there."""
    desk, now = asked.desk, asked.now
    wanted = names_of(asked.command.options.get("to", ""))
    standing = {name: one for name, one in desk.banners.table.items() if one.is_open}
    places = sign_choices(desk, wanted, lambda place: _why_not_clear(asked, place))
    meant = [one for one in places if one.name in standing]
    gone = [] if wanted else [name for name in standing if name not in desk.ledger.places]
    if not meant and not gone:
        return Outcome("nothing differs: no banner stands", {"destinations": [], "by": asked.by, "withheld": []})
    told = [one.name for one in heard_out(meant, wanted, "")] if meant else []
    for name in (*told, *gone):
        before = standing[name]
        cleared = replace(before, by=asked.by, at=now, revision=before.revision + 1, cleared=True)
        _show(asked, cleared)
    desk.tell_board(Kind.PUSHED, f"banner cleared at {', '.join((*told, *gone))} by {asked.by}", now, asked.by)
    withheld = kept_from(meant)
    besides = "".join(f"; not at {one['destination']}: {one['reason']}" for one in withheld)
    data = {"destinations": [*told, *gone], "by": asked.by, "withheld": withheld}
    return Outcome(f"the banner is cleared at {', '.join((*told, *gone))}{besides}", data)


def _why_not_clear(asked: Request, place: Place) -> str:
    before = asked.desk.banners.table.get(place.name)
    return asked.desk.ledger.shut(place, before) if before is not None else ""


def _show(asked: Request, after: Banner) -> None:
    """A place that is not in the config any more is told when it is back."""
    desk = asked.desk
    desk.banners.put(desk.draft, after)
    if after.destination in desk.ledger.places:
        reason = f"banner by {asked.by}"
        desk.ledger.push(desk.draft, after.destination, BANNER, after.revision, reason, asked.now)


def _line(asked: Request, longest: int, what: str) -> str:
    """One line, whole: whoever writes more must hear of it before it is sent."""
    text = clean(asked.command.text, 10 * longest)
    if len(text) > longest:
        raise Rejected(f"{what} has at most {longest} characters, and this has {len(text)}: shorten it")
    return text
