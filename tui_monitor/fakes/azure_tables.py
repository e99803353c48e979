"""Azure Table Storage as far as tables, entities, questions and transactions go, and as strict as the real one.

Whoever speaks to it signs each request with the key of the account. Keys, names, sizes and types are weighed, a write
that stands on an ETag of the past is refused, and of a transaction all is done or nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from tui_monitor.fakes.azure_filter import BadFilter, understood
from tui_monitor.fakes.azure_multipart import Part, answer_parts, parts_of
from tui_monitor.fakes.http import Answer, Heard, Site, answer_json

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Of the emulators that everybody may know."""

_TABLE = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_ENTITY = re.compile(r"([A-Za-z0-9-]+)\(PartitionKey='((?:[^']|'')*)',\s*RowKey='((?:[^']|'')*)'\)")
_NAMES = re.compile(r"([A-Za-z0-9-]+)(?:\(\))?")
_UNSAFE = re.compile(r"[/\\#?\x00-\x1f\x7f-\x9f]")
_TYPES: dict[str, Any] = dict.fromkeys(("Edm.String", "Edm.Int64", "Edm.DateTime", "Edm.Guid", "Edm.Binary"), str)
_TYPES |= {"Edm.Double": (int, float, str), "Edm.Int32": int, "Edm.Boolean": bool}
_PAGE = 1000

Key = tuple[str, str]
Entity = dict[str, Any]


class Refused(Exception):
    """What the account answers instead."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status, self.code, self.text = status, code, text


MISSING = Refused(404, "ResourceNotFound", "The specified resource does not exist.")
STALE = Refused(
    412, "UpdateConditionNotSatisfied", "The update condition specified in the request was not satisfied."
)


class AzureTables(Site):
    """`async with AzureTables() as account`, then `account.connection_string` and `account.tables`."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, name: str = ACCOUNT, key: str = KEY) -> None:
        super().__init__(host, port)
        self.name, self.key = name, key
        self.tables: dict[str, dict[Key, Entity]] = {}
        self.denied: frozenset[str] = frozenset()
        """Methods that the credentials do not allow."""
        self._changes = 0

    @property
    def connection_string(self) -> str:
        parts = {"AccountName": self.name, "AccountKey": self.key, "TableEndpoint": f"{self.url}/{self.name}"}
        return ";".join(f"{key}={value}" for key, value in {"DefaultEndpointsProtocol": "http", **parts}.items())

    def entities(self, table: str) -> list[Entity]:
        """What stands in a table, without what the account itself adds."""
        return [_own(entity) for entity in self.tables.get(table, {}).values()]

    def reply(self, heard: Heard) -> Answer:
        try:
            self._check(heard)
            path = urlsplit(heard.target).path.removeprefix(f"/{self.name}/")
            if path == "$batch":
                return self._transact(heard)
            return self._do(Part(heard.method, path, heard.headers, heard.body), heard.query)
        except Refused as refused:
            return _refusal(refused)

    # -- who asks -----------------------------------------------------------------------------------------------

    def _check(self, heard: Heard) -> None:
        path, _, query = heard.target.partition("?")
        headers = heard.headers
        kinds = [headers.get("content-md5", ""), headers.get("content-type", ""), headers.get("x-ms-date", "")]
        component = f"?comp={heard.query['comp']}" if "comp" in heard.query else ""
        signed = "\n".join([heard.method, *kinds, f"/{self.name}{path}{component}"])
        digest = hmac.new(base64.b64decode(self.key), signed.encode(), hashlib.sha256).digest()
        expected = f"SharedKey {self.name}:{base64.b64encode(digest).decode()}"
        if not path.startswith(f"/{self.name}/") or not hmac.compare_digest(
            headers.get("authorization", ""), expected
        ):
            raise Refused(403, "AuthenticationFailed", "Server failed to authenticate the request.")
        if "x-ms-version" not in headers:
            raise Refused(400, "MissingRequiredHeader", "x-ms-version is missing")
        if "%2F" in path or len(query) > 32_768:
            raise Refused(400, "InvalidUri", "The requested URI does not represent any resource on the server.")

    # -- one operation ------------------------------------------------------------------------------------------

    def _do(self, part: Part, query: Mapping[str, str]) -> Answer:
        if part.method in self.denied:
            raise Refused(403, "AuthorizationPermissionMismatch", "This request is not authorized.")
        path = unquote(part.path)
        if path == "Tables" and part.method == "POST":
            return self._create(part.json)
        if match := _ENTITY.fullmatch(path):
            key = (match[2].replace("''", "'"), match[3].replace("''", "'"))
            return self._on_entity(part, match[1], key)
        if match := _NAMES.fullmatch(path):
            table = self._table(match[1])
            if part.method == "POST":
                return self._insert(match[1], table, part)
            if part.method == "GET":
                return self._answer(match[1], table, query)
        raise Refused(405, "MethodNotAllowed", "The resource does not support the specified HTTP verb.")

    def _create(self, said: Any) -> Answer:
        name = said.get("TableName", "") if isinstance(said, dict) else ""
        if not _TABLE.fullmatch(name):
            raise Refused(400, "InvalidResourceName", "The specified resource name contains invalid characters.")
        if not 3 <= len(name) <= 63:
            raise Refused(400, "OutOfRangeInput", "The specified resource name length is not within the limits.")
        if name.lower() in map(str.lower, self.tables):
            raise Refused(409, "TableAlreadyExists", "The table specified already exists.")
        self.tables[name] = {}
        return answer_json({"TableName": name}, 201)

    def _table(self, name: str) -> dict[Key, Entity]:
        found = [table for known, table in self.tables.items() if known.lower() == name.lower()]
        if not found:
            raise Refused(404, "TableNotFound", "The table specified does not exist.")
        return found[0]

    def _insert(self, name: str, table: dict[Key, Entity], part: Part) -> Answer:
        entity = _weighed(part.json)
        key = _key_of(entity)
        if key in table:
            raise Refused(409, "EntityAlreadyExists", "The specified entity already exists.")
        self._put(table, key, entity)
        where = f"{self.url}/{self.name}/{name}(PartitionKey='{quote(key[0])}',RowKey='{quote(key[1])}')"
        return answer_json(table[key], 201, ETag=table[key]["odata.etag"], Location=where)

    def _on_entity(self, part: Part, name: str, key: Key) -> Answer:
        table = self._table(name)
        there, wanted = table.get(key), part.headers.get("if-match")
        if part.method == "GET":
            if there is None:
                raise MISSING
            return answer_json(there, ETag=there["odata.etag"])
        if part.method not in ("PUT", "PATCH", "DELETE"):
            raise Refused(405, "MethodNotAllowed", "The resource does not support the specified HTTP verb.")
        if part.method == "DELETE" and wanted is None:
            raise Refused(400, "MissingRequiredHeader", "If-Match is missing")
        if wanted is not None and there is None:
            raise MISSING
        if wanted not in (None, "*") and there is not None and there["odata.etag"] != wanted:
            raise STALE
        if part.method == "DELETE":
            del table[key]
            return Answer(204)
        kept = there if part.method == "PATCH" and there is not None else {}
        said = part.json
        entity = _weighed({**said, "PartitionKey": key[0], "RowKey": key[1]} if isinstance(said, dict) else said)
        self._put(table, key, {**_own(kept), **entity})
        return Answer(204, {"ETag": table[key]["odata.etag"]})

    def _put(self, table: dict[Key, Entity], key: Key, entity: Entity) -> None:
        self._changes += 1
        stamp = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(microseconds=self._changes)
        at = stamp.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
        etag = f"W/\"datetime'{quote(at)}'\""
        table[key] = {"odata.etag": etag, **entity, "Timestamp": at, "Timestamp@odata.type": "Edm.DateTime"}

    def _answer(self, name: str, table: dict[Key, Entity], query: Mapping[str, str]) -> Answer:
        """In the order of the keys, a page at a time."""
        try:
            is_asked = understood(query.get("$filter", ""))
        except BadFilter as error:
            raise Refused(400, "InvalidInput", str(error)) from None
        fits = [key for key in sorted(table) if is_asked(table[key])]
        start = (query.get("NextPartitionKey", ""), query.get("NextRowKey", ""))
        rest = [key for key in fits if key >= start]
        size = min(int(query.get("$top", _PAGE)), _PAGE)
        wanted = query["$select"].split(",") if "$select" in query else None
        page = [_chosen(table[key], wanted) for key in rest[:size]]
        more = {}
        if len(rest) > size:
            following = ("x-ms-continuation-NextPartitionKey", "x-ms-continuation-NextRowKey")
            more = dict(zip(following, rest[size], strict=True))
        return answer_json({"odata.metadata": f"{self.url}/$metadata#{name}", "value": page}, 200, **more)

    # -- several at once ----------------------------------------------------------------------------------------

    def _transact(self, heard: Heard) -> Answer:
        """All of them or none; the first that is refused is named."""
        before = {name: dict(table) for name, table in self.tables.items()}
        operations = parts_of(heard.headers.get("content-type", ""), heard.body)
        answers: list[Answer] = []
        root = f"/{self.name}/"
        try:
            _check_together(operations, root)
            for part in operations:
                path = urlsplit(part.path).path.removeprefix(root)
                answers.append(self._do(Part(part.method, path, part.headers, part.body), {}))
        except Refused as refused:
            self.tables = before
            answers = [_refusal(Refused(refused.status, refused.code, f"{len(answers)}:{refused.text}"))]
        return answer_parts(answers)


def _check_together(operations: list[Part], root: str) -> None:
    if not 0 < len(operations) <= 100:
        raise Refused(
            400, "InvalidInput", "The batch request operation exceeds the maximum 100 changes per change set."
        )
    keys = []
    for part in operations:
        path = unquote(urlsplit(part.path).path).removeprefix(root)
        match = _ENTITY.fullmatch(path)
        key = (match[2], match[3]) if match else _key_of(part.json)
        keys.append((path.partition("(")[0], *key))
    if len({one[:2] for one in keys}) > 1:
        raise Refused(
            400, "CommandsInBatchActOnDifferentPartitions", "All commands in a batch must be of one partition."
        )
    if len(set(keys)) < len(keys):
        raise Refused(400, "InvalidDuplicateRow", "An entity can appear only once in a batch.")


# -- what an entity may be ------------------------------------------------------------------------------------------


def _weighed(said: Any) -> Entity:
    """The entity, if it is one."""
    if not isinstance(said, dict):
        raise Refused(400, "InvalidInput", "One of the request inputs is not valid.")
    for key in ("PartitionKey", "RowKey"):
        text = said.get(key)
        if not isinstance(text, str):
            raise Refused(
                400, "PropertiesNeedValue", "The values are not specified for all properties in the entity."
            )
        if _UNSAFE.search(text) or len(text.encode("utf-16-le")) > 1024:
            raise Refused(400, "KeyValueTooLarge" if len(text) > 512 else "OutOfRangeInput", "A key is not valid.")
    names = [name for name in said if not name.endswith("@odata.type")]
    if len(names) > 252 + len(("PartitionKey", "RowKey")):
        raise Refused(400, "TooManyProperties", "The entity contains more properties than allowed.")
    for name in names:
        _weigh(name, said[name], said.get(f"{name}@odata.type"))
    if len(json.dumps(said, ensure_ascii=False).encode("utf-16-le")) > 2**20:
        raise Refused(400, "EntityTooLarge", "The entity is larger than the maximum size permitted.")
    return dict(said)


def _weigh(name: str, value: Any, kind: str | None) -> None:
    if len(name) > 255 or not re.fullmatch(r"[^\W\d]\w*", name):
        raise Refused(400, "PropertyNameInvalid", "The property name is invalid.")
    if isinstance(value, str) and len(value.encode("utf-16-le", "surrogatepass")) > 65_536:
        raise Refused(400, "PropertyValueTooLarge", "The property value exceeds the maximum allowed size (64KB).")
    expected: Any = _TYPES.get(kind, ()) if kind is not None else (str, bool, int, float)
    is_moment = kind == "Edm.DateTime"
    if not isinstance(value, expected) or (is_moment and not _is_moment(value)) or _is_too_large(value):
        raise Refused(400, "InvalidInput", f"An error occurred while reading {name} of the request.")


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).year >= 1601
    except ValueError:
        return False


def _is_too_large(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and not -(2**31) <= value < 2**31


def _key_of(entity: Any) -> Key:
    return (entity.get("PartitionKey", ""), entity.get("RowKey", "")) if isinstance(entity, dict) else ("", "")


def _own(entity: Entity) -> Entity:
    return {name: value for name, value in entity.items() if not name.startswith(("odata.", "Timestamp"))}


def _chosen(entity: Entity, names: list[str] | None) -> Entity:
    wanted = entity if names is None else {"odata.etag", *names}
    return {name: value for name, value in entity.items() if name in wanted or name.partition("@")[0] in wanted}


def _refusal(refused: Refused) -> Answer:
    said = {"code": refused.code, "message": {"lang": "en-US", "value": f"{refused.text}\nRequestId:0\nTime:0"}}
    answer = answer_json({"odata.error": said}, refused.status)
    return Answer(answer.status, {**answer.headers, "x-ms-error-code": refused.code}, answer.body)
