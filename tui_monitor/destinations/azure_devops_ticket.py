"""Tickets in Azure DevOps: a work item for an incident, a comment for each change, and a state for its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Message, News
from tui_monitor.core.model import Kind
from tui_monitor.core.options import CertificateFile, Template
from tui_monitor.core.ports import LOUD, Outside, Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.craft import work_item
from tui_monitor.destinations.craft.azure_devops import Patch, Project
from tui_monitor.destinations.craft.filling import OURS

Grade = Literal["degraded", "partial", "major"]
GRADES: Mapping[Grade, int] = {"degraded": 3, "partial": 2, "major": 1}


@dataclass(frozen=True, slots=True)
class AzureDevopsTicket:
    """Options. `token` is a personal access token; `url` is that of a server of one's own, with its `api_version`.

    `priority` and `severity` are set once, by how bad an incident is when its ticket is opened; `extra` fills other
    fields by their reference names. Without `close_state`, the end of an incident is a comment and no more.
    """

    organization: str
    project: str
    token: Secret
    type: str = "Issue"
    title: Template = "{title}"
    area_path: str = ""
    iteration_path: str = ""
    assigned_to: str = ""
    tags: tuple[str, ...] = ()
    priority: Mapping[Grade, int] = field(default_factory=lambda: GRADES)
    severity: Mapping[Grade, str] | None = None
    extra: Mapping[str, Template] = field(default_factory=dict)
    close_state: str = ""
    url: str = "https://dev.azure.com"
    api_version: str = "7.1"
    ca: CertificateFile = ""

    fields: ClassVar[frozenset[str]] = OURS
    hears: ClassVar[frozenset[Kind]] = LOUD
    grouped: ClassVar[bool] = True
    crowd: ClassVar[int] = 5
    tickets: ClassVar[bool] = True

    def __post_init__(self) -> None:
        work_item.check(self)

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        if message.banner is not None:
            return Receipt()
        project, end = self._project(outside), work_item.ending(self, message)
        number = message.ref or await project.number_of(work_item.tags_of(message))
        if number:
            return await _write(project, number, work_item.comment(message), end)
        if message.news is News.RESOLVED:
            return Receipt(note="what is over had no ticket, and none was opened for it")
        made = await project.create(self.type, work_item.opening(self, message))
        return await _write(project, str(made["id"]), [], end) if end else project.receipt(made)

    async def find(self, message: Message, outside: Outside) -> Receipt | None:
        """A ticket is found by its incident, and a comment in it by its mark."""
        project, end = self._project(outside), work_item.ending(self, message)
        number = message.ref or (await project.number_of(work_item.tags_of(message)) if message.items else "")
        if not number:
            return None
        if message.news in (News.OPENED, News.OVER):
            item = await project.item(number)
            return project.receipt(item) if work_item.is_in(item, end) else None
        is_said = await project.has_comment(number, work_item.mark_of(message))
        return Receipt(number, message.url) if is_said else None

    async def prove(self, outside: Outside) -> str:
        project = self._project(outside)
        kind = await project.kind(self.type)
        states = [one["name"] for one in kind.get("states") or ()]
        if self.close_state and states and self.close_state not in states:
            text = f"the type {self.type} has no close_state {self.close_state}, but {', '.join(states)}"
            raise DeliveryError(text, retry=False)
        if fields := work_item.missing(self, kind):
            text = f"the type {self.type} has no field {' or '.join(fields)}: it is in priority, severity or extra"
            raise DeliveryError(text, retry=False)
        await project.create(self.type, work_item.trial(self), trial=True)
        return f"{project.host} would take a work item of the type {self.type} in {self.project}; none was made"

    def _project(self, outside: Outside) -> Project:
        client: Any = outside.client(ca=self.ca)
        return Project(self.url, self.organization, self.project, self.token, self.api_version, client, outside.now)


async def _write(project: Project, number: str, said: Patch, end: Patch) -> Receipt:
    """What is said is not lost for want of a state that cannot be reached from where people have put the ticket."""
    try:
        return project.receipt(await project.change(number, [*said, *end]))
    except DeliveryError as error:
        if error.retry or not end:
            raise
        note = f"the state of {number} is left as it was: {error}"
    return project.receipt(await (project.change(number, said) if said else project.item(number)), note)
