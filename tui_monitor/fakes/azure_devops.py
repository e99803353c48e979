"""The work items of one project of Azure DevOps, as strict as the real ones; they are in `items`."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tui_monitor.fakes.http import Answer, Heard, Site, answer_json

SIGN_IN = b"<!DOCTYPE html><html><head><title>Azure DevOps Services | Sign In</title></head><body></body></html>"
NEWEST = (7, 1)
GUID = "aaee31d9-14cf-48b9-a92b-3f1446c13f80"
"""By which links for people name the project."""

STATES = {
    "Bug": ("New", "Active", "Resolved", "Closed"),
    "Issue": ("To Do", "Doing", "Done"),
    "Task": ("New", "Active", "Closed", "Removed"),
    "User Story": ("New", "Active", "Resolved", "Closed", "Removed"),
}
_COMMON = (
    "System.Title", "System.Description", "System.State", "System.Reason", "System.AreaPath", "System.IterationPath",
    "System.AssignedTo", "System.Tags", "System.History", "System.TeamProject", "System.WorkItemType",
    "Microsoft.VSTS.Common.Priority",
)  # fmt: skip
FIELDS = {
    "Bug": (*_COMMON, "Microsoft.VSTS.Common.Severity", "Microsoft.VSTS.TCM.ReproSteps", "Custom.Team"),
    "Issue": (*_COMMON, "Custom.Team"),
    "Task": _COMMON,
    "User Story": _COMMON,
}
_SEVERITIES = ("1 - Critical", "2 - High", "3 - Medium", "4 - Low")
_LOCATIONS = {
    "62d3d110-0047-428c-ad3c-4fe872c91c74": ("workItems", "{resource}/${type}", 3),
    "72c7ddf8-2cdc-4f60-90cd-ab71c14a399b": ("workItems", "{resource}/{id}", 3),
    "1a9c53f7-f243-4447-b110-35ef023636e4": ("wiql", "{resource}", 2),
    "608aac0a-32e1-4493-a863-b9cf4566d257": ("comments", "workItems/{workItemId}/{resource}", 4),
    "7c8d7a76-4a09-43e8-b5df-bd792f4ac6aa": ("workItemTypes", "{resource}/{type}", 2),
}
"""Where the official client is told to find what it asks for, by the ids that it has for it."""


NO_PROJECT = (
    "TF200016: The following project does not exist: {0}. Verify that the name of the project is correct and that the"
    " project exists on the specified Azure DevOps Server."
)
NO_TYPE = "VS402323: Work item type {0} does not exist in project {1} or you do not have permission to access it."
NO_ITEM = "TF401232: Work item {0} does not exist, or you do not have permissions to read it."
NO_FIELD = "TF51535: Cannot find field {0}."
NO_TREE = "TF401347: Invalid tree name given for work item {0}, field '{1}'."
NO_RIGHT = "TF237111: The current user does not have permissions to save work items under the specified area path."
NO_PERSON = "The identity value '{0}' for field 'System.AssignedTo' is an unknown identity."
NO_QUERY = "TF51006: The query statement is missing a clause. The error is caused by «{0}»."
NO_VERSION = (
    'No api-version was supplied for the "{0}" request. The version must be supplied either as part of the Accept'
    ' header (e.g. "application/json; api-version=1.0") or as a query parameter (e.g. "?api-version=1.0").'
)
NEWER = (
    "The requested REST API version of {0} is out of range for this server. The latest REST API version this server"
    " supports is 7.1."
)
PREVIEW = (
    'The requested version "{0}" of the resource is under preview. The -preview flag must be supplied in the'
    ' api-version for such requests. For example: "{0}-preview"'
)
CONTENT = (
    'The request indicated a Content-Type of "{0}" for method type "{1}" which is not supported. Valid content types'
    " for this method are: application/json, application/json-patch+json."
)
CHANGED = (
    "TF26071: This work item has been changed by someone else since you opened it. You will need to refresh it and"
    " discard your changes."
)
RULE = "TF401320: Rule Error for field {0}. Error code: {1}."
VALUE = "The field '{0}' contains the value '{1}' that is not in the list of supported values"
METHOD = "The requested resource does not support http method '{0}'."


class Refused(Exception):
    """What is wrong, in the words of the real one, with its status and the key of its type."""

    def __init__(self, status: int, text: str, key: str, *rules: tuple[str, str]) -> None:
        super().__init__(text)
        self.status, self.key, self.rules = status, key, rules

    def answer(self) -> Answer:
        broken = [{"fieldReferenceName": name, "errorMessage": text} for name, text in self.rules]
        return answer_json(
            {
                "$id": "1",
                **({"customProperties": {"RuleValidationErrors": broken}} if broken else {}),
                "innerException": None,
                "message": str(self),
                "typeName": f"Microsoft.TeamFoundation.{self.key}, Microsoft.TeamFoundation",
                "typeKey": self.key,
                "errorCode": 0,
                "eventId": 3000,
            },
            self.status,
        )


@dataclass
class Item:
    """One work item; `comments` are what was written into its history, the oldest first."""

    id: int
    fields: dict[str, Any]
    rev: int = 1
    comments: list[str] = field(default_factory=list)

    @property
    def tags(self) -> list[str]:
        return _tags(str(self.fields.get("System.Tags", "")))


class AzureDevops(Site):
    """`async with AzureDevops() as site`, then `site.url`, `site.items`. `login` is how who has no token is met."""

    def __init__(self, pat: str = "pat", organization: str = "org", project: str = "Proj", **options: Any) -> None:
        super().__init__(**options)
        self.pat, self.organization, self.project = pat, organization, project
        self.areas = {project, f"{project}\\Ops"}
        self.people = {"ann@example.com"}
        self.may_write = True
        self.login = 203
        self.items: dict[int, Item] = {}

    def keep(self, heard: Heard) -> None:
        super().keep(heard)
        self.forget(self.items, *(one.comments for one in self.items.values()))

    def reply(self, heard: Heard) -> Answer:
        met = self._meet_at_the_door(heard)
        if met is not None:
            return met
        try:
            return self._route(heard)
        except Refused as refused:
            return refused.answer()

    def _meet_at_the_door(self, heard: Heard) -> Answer | None:
        kind, _, word = heard.headers.get("authorization", "").partition(" ")
        page = {"Content-Type": "text/html; charset=utf-8"}
        try:
            given = base64.b64decode(word, validate=True).decode() if kind == "Basic" else ""
        except ValueError:
            given = ""
        if not given.startswith(":") or len(given) < 2:
            there = {"Location": "https://spsprodeus1.vssps.visualstudio.com/_signin"} if self.login == 302 else {}
            return Answer(self.login, {**page, **there}, SIGN_IN)
        if given != f":{self.pat}":
            return Answer(401, page, b"<html><body>Access Denied</body></html>")
        if heard.path.partition("/_apis")[0].split("/")[1] != self.organization:
            return Answer(404, page, b"<html><body>The resource cannot be found.</body></html>")
        return None

    def _route(self, heard: Heard) -> Answer:
        if heard.method == "OPTIONS":
            return answer_json({"count": len(_LOCATIONS), "value": [_location(*one) for one in _LOCATIONS.items()]})
        found = re.fullmatch(r"/[^/]+/([^/]+)/_apis/wit/(\w+)(?:/([^/]+))?(?:/(comments))?", heard.path)
        if found is None:
            text = f"The controller for path '{heard.path}' was not found or does not implement IController."
            raise Refused(404, text, "HttpException")
        project, what, which, part = found.groups()
        if project.casefold() != self.project.casefold():
            raise Refused(404, NO_PROJECT.format(project), "ProjectDoesNotExistWithNameException")
        _check_version(heard, is_preview=bool(part))
        act = (heard.method, what.casefold(), part or ("one" if which else ""))
        if act == ("POST", "workitems", "one"):
            return self._create(heard, which)
        if act == ("PATCH", "workitems", "one"):
            return self._change(heard, which)
        if act == ("GET", "workitems", "one"):
            return answer_json(self._shown(self._item(which)))
        if act == ("GET", "workitems", "comments"):
            return self._comments(heard, which)
        if act == ("GET", "workitemtypes", "one"):
            return self._type(which)
        if act == ("POST", "wiql", ""):
            return self._query(heard)
        raise Refused(405, METHOD.format(heard.method), "Vss")

    def _create(self, heard: Heard, which: str) -> Answer:
        if not heard.target.partition("?")[0].rpartition("/")[2].startswith("$"):
            raise Refused(405, METHOD.format("POST"), "Vss")
        kind = _known_type(which[1:], self.project)
        ops = _ops(heard)
        made = Item(max(self.items, default=0) + 1, {"System.State": STATES[kind][0], "System.WorkItemType": kind})
        made.fields |= {"System.TeamProject": self.project, "System.AreaPath": self.project}
        self._apply(made, ops, is_new=True)
        if heard.query.get("validateOnly", "").lower() == "true":
            return answer_json({**self._shown(made), "id": -1})
        self.items[made.id] = made
        return answer_json(self._shown(made))

    def _change(self, heard: Heard, which: str) -> Answer:
        ops, item = _ops(heard), self._item(which)
        changed = deepcopy(item)
        self._apply(changed, ops, is_new=False)
        changed.rev += 1
        self.items[item.id] = changed
        return answer_json(self._shown(changed))

    def _apply(self, item: Item, ops: list[dict[str, Any]], *, is_new: bool) -> None:
        for op in ops:
            if op["op"] == "test" and op["path"] == "/rev" and op.get("value") != item.rev:
                raise Refused(412, CHANGED, "WorkItemRevisionMismatchException")
        if not self.may_write:
            raise Refused(403, NO_RIGHT, "WorkItemUnauthorizedSaveException")
        given = {op["path"].removeprefix("/fields/"): op.get("value") for op in ops if op["op"] in ("add", "replace")}
        kind = item.fields["System.WorkItemType"]
        for name in given:
            if name not in FIELDS[kind]:
                raise Refused(400, NO_FIELD.format(name), "WorkItemTrackingFieldDefinitionNotFoundException")
        history = given.pop("System.History", None)
        item.fields |= given
        self._weigh(item, is_new=is_new)
        if history:
            item.comments.append(str(history))

    def _weigh(self, item: Item, *, is_new: bool) -> None:
        """The rules of its type, and what its fields may hold at all."""
        fields, kind = item.fields, item.fields["System.WorkItemType"]
        title = fields.get("System.Title")
        if not isinstance(title, str) or not title.strip():
            raise _rule("System.Title", "Title", "Required, InvalidEmpty")
        if len(title.encode("utf-16-le")) > 510:
            raise _rule("System.Title", "Title", "InvalidTooLong")
        states = STATES[kind][:1] if is_new else STATES[kind]
        _one_of(fields, "System.State", "State", states)
        _one_of(fields, "Microsoft.VSTS.Common.Priority", "Priority", (1, 2, 3, 4))
        _one_of(fields, "Microsoft.VSTS.Common.Severity", "Severity", _SEVERITIES)
        for name in ("System.AreaPath", "System.IterationPath"):
            if fields.get(name, self.project) not in self.areas:
                text = NO_TREE.format(-1 if is_new else item.id, name)
                raise Refused(400, text, "WorkItemFieldInvalidTreeNameException")
        who = fields.get("System.AssignedTo")
        if who is not None and who not in self.people:
            text = NO_PERSON.format(who)
            raise Refused(400, text, "RuleValidationException", ("System.AssignedTo", text))
        if len(item.tags) > 100 or any(len(tag) > 400 for tag in item.tags):
            raise Refused(400, "TF401243: The work item has too many tags, or one is too long.", "WorkItemTag")

    def _query(self, heard: Heard) -> Answer:
        query = heard.json.get("query", "") if isinstance(heard.json, dict) else ""
        shape = r"SELECT \[System\.Id\] FROM WorkItems WHERE (.+?)(?: ORDER BY \[System\.Id\])?"
        found = re.fullmatch(shape, query, re.IGNORECASE)
        tags = re.findall(r"\[System\.Tags\] CONTAINS '((?:[^']|'')*)'", found[1]) if found else []
        if not tags or "[System.TeamProject] = @project" not in query:
            raise Refused(400, NO_QUERY.format(query), "SyntaxException")
        wanted = {tag.replace("''", "'").casefold() for tag in tags}
        numbers = [one.id for one in self.items.values() if wanted & {tag.casefold() for tag in one.tags}]
        top = int(heard.query.get("$top", "200"))
        rows = [{"id": number, "url": self._api(f"workItems/{number}")} for number in sorted(numbers)[:top]]
        return answer_json({"queryType": "flat", "queryResultType": "workItem", "workItems": rows})

    def _comments(self, heard: Heard, which: str) -> Answer:
        item, top = self._item(which), int(heard.query.get("$top", "200"))
        if not 1 <= top <= 200:
            raise Refused(400, "The value of $top must lie between 1 and 200.", "VssPropertyValidationException")
        rows = [{"id": n, "workItemId": item.id, "text": text} for n, text in enumerate(item.comments, 1)]
        newest = rows[::-1] if heard.query.get("order", "desc") == "desc" else rows
        return answer_json({"totalCount": len(rows), "count": len(newest[:top]), "comments": newest[:top]})

    def _type(self, which: str) -> Answer:
        kind = _known_type(which, self.project)
        fields = [{"referenceName": name, "alwaysRequired": name == "System.Title"} for name in FIELDS[kind]]
        states = [{"name": name, "category": "Proposed"} for name in STATES[kind]]
        return answer_json({"name": kind, "states": states, "fieldInstances": fields, "fields": fields})

    def _item(self, which: str) -> Item:
        item = self.items.get(int(which)) if which.isascii() and which.isdigit() else None
        if item is None:
            raise Refused(404, NO_ITEM.format(which), "WorkItemUnauthorizedAccessException")
        return item

    def _shown(self, item: Item) -> dict[str, Any]:
        links = {
            "self": {"href": self._api(f"workItems/{item.id}")},
            "html": {"href": f"{self.url}/{self.organization}/{GUID}/_workitems/edit/{item.id}"},
        }
        return {"id": item.id, "rev": item.rev, "fields": item.fields, "_links": links, "url": links["self"]["href"]}

    def _api(self, path: str) -> str:
        return f"{self.url}/{self.organization}/_apis/wit/{path}"


def _location(name: str, where: tuple[str, str, int]) -> dict[str, Any]:
    resource, template, version = where
    route = f"{{project}}/_apis/{{area}}/{template}"
    known = {"id": name, "area": "wit", "resourceName": resource, "routeTemplate": route}
    return {**known, "resourceVersion": version, "minVersion": "1.0", "maxVersion": "7.1", "releasedVersion": "7.1"}


def _check_version(heard: Heard, *, is_preview: bool) -> None:
    accepted = re.search(r"api-version=([\w.-]+)", heard.headers.get("accept", ""))
    version = heard.query.get("api-version", accepted[1] if accepted else "")
    found = re.fullmatch(r"(\d+)\.(\d+)(-preview(?:\.\d+)?)?", version)
    if found is None:
        raise Refused(400, NO_VERSION.format(heard.method), "VssVersionNotSpecifiedException")
    if (int(found[1]), int(found[2])) > NEWEST:
        raise Refused(400, NEWER.format(version), "VssVersionOutOfRangeException")
    if is_preview and not found[3]:
        raise Refused(400, PREVIEW.format(version), "VssInvalidPreviewVersionException")


def _ops(heard: Heard) -> list[dict[str, Any]]:
    """The operations of a JSON Patch, each of which must be one."""
    kind = heard.headers.get("content-type", "").partition(";")[0]
    if kind != "application/json-patch+json":
        text = CONTENT.format(kind, heard.method)
        raise Refused(400, text, "VssRequestContentTypeNotSupportedException")
    ops = heard.json if heard.body else None
    if not isinstance(ops, list) or not ops or not all(map(_is_op, ops)):
        text = "You must pass a valid patch document in the body of the request."
        raise Refused(400, text, "VssPropertyValidationException")
    return ops


def _is_op(op: Any) -> bool:
    if not isinstance(op, dict) or op.get("op") not in ("add", "replace", "test", "remove"):
        return False
    return bool(re.fullmatch(r"/fields/[\w.]+|/rev|/relations/-", str(op.get("path", ""))))


def _known_type(name: str, project: str) -> str:
    for kind in STATES:
        if kind.casefold() == name.casefold():
            return kind
    raise Refused(404, NO_TYPE.format(name, project), "WorkItemTypeNotFoundException")


def _rule(name: str, label: str, code: str) -> Refused:
    text = RULE.format(label, code)
    return Refused(400, text, "RuleValidationException", (name, text))


def _one_of(fields: Mapping[str, Any], name: str, label: str, allowed: tuple[Any, ...]) -> None:
    if name in fields and fields[name] not in allowed:
        text = VALUE.format(label, fields[name])
        raise Refused(400, text, "RuleValidationException", (name, text))


def _tags(text: str) -> list[str]:
    return [tag.strip() for tag in re.split("[;,]", text) if tag.strip()]
