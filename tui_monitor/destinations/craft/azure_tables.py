"""Two tables of an Azure account, spoken to by its SDK in a thread: bounded, without its retries and its log.

Every write says what it stands on (an ETag, or that nothing was there). Where somebody else was quicker it is
refused, looked at again, and decided anew: so whoever is late never overwrites what is newer.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.secret import Secret, redact
from tui_monitor.core.stamp import retry_after
from tui_monitor.core.text import clean
from tui_monitor.destinations.craft.entities import Move, Verdict, batches, decide, is_settled
from tui_monitor.net.quiet import quieten

if TYPE_CHECKING:
    from azure.core.exceptions import AzureError, HttpResponseError
    from azure.data.tables import TableClient

Entity = Mapping[str, Any]
Operation = tuple[str, Entity] | tuple[str, Entity, Mapping[str, Any]]

TABLE = re.compile(r"[A-Za-z][A-Za-z0-9]{2,62}")
_ASKED_AT_ONCE = 14
"""Keys in one question: with the partition, as many comparisons as a filter may have."""
_LARGEST = 2_500_000
"""Bytes of one transaction; 4 MiB are allowed."""
_ROUNDS = 6
_LOST = frozenset({"EntityAlreadyExists", "UpdateConditionNotSatisfied", "ConditionNotMet", "ResourceNotFound"})
"""What a write is answered that stood on something which is no longer so."""
_REASONS = (
    ("certificate", "its certificate is not trusted"),
    ("refused", "connection refused"),
    ("name or service", "its name has no address"),
    ("resolve", "its name has no address"),
    ("timed out", "no answer in time"),
    ("reset", "connection reset"),
    ("proxy", "the proxy does not let us through"),
)


@dataclass(frozen=True, slots=True)
class Account:
    """Where the tables are, and what must not be shown of how we are let in."""

    host: str
    secrets: tuple[Secret, ...]

    def harmless(self, text: str) -> str:
        return clean(redact(text, self.secrets), 200)


def account_of(connection: Secret) -> Account:
    """What a connection string says. ValueError says what is wrong with it, and shows nothing of it."""
    text = connection.reveal().strip().rstrip(";")
    if text.lower() == "usedevelopmentstorage=true":
        return Account("127.0.0.1", ())
    parts = {key.strip().lower(): value for key, _, value in (one.partition("=") for one in text.split(";"))}
    key, signature, name = (parts.get(one, "") for one in ("accountkey", "sharedaccesssignature", "accountname"))
    suffix = parts.get("endpointsuffix") or "core.windows.net"
    host = urlsplit(parts.get("tableendpoint", "")).hostname or (f"{name}.table.{suffix}" if name else "")
    if not host or not ((name and key) or signature):
        raise ValueError("connection_string cannot be read: copy it whole from the access keys of the account")
    try:
        base64.b64decode(key, validate=True)
    except binascii.Error:
        raise ValueError("connection_string has a broken AccountKey: copy it whole from the account") from None
    signed = [value for one in signature.split("&") for value in one.split("=", 1)[1:]]
    return Account(host, tuple(map(Secret, (text, key, signature, *(one for one in signed if len(one) > 20)))))


class Conflict(Exception):
    """It is not as it was when it was looked at."""


class Made(Conflict):
    """The table was missing, and has been made."""


class Tables:
    """Both tables, for the length of one telling. Once it is over, nothing more is begun."""

    def __init__(self, connection: Secret, active: str, resolved: str, within: float, now: datetime) -> None:
        self.account = account_of(connection)
        self._connection, self._within, self._now = connection, within, now
        self.active, self.resolved = active, resolved
        self.is_over = False

    # -- in the thread ------------------------------------------------------------------------------------------

    def settle(self, moves: Sequence[Move]) -> None:
        """Each incident stands where it belongs, and nowhere else. DeliveryError where it may not yet."""
        with self._opened() as clients:
            for batch in batches(moves):
                self._settle(clients, batch)

    def are_settled(self, moves: Sequence[Move]) -> bool:
        """Whether all of it stands there already."""
        with self._opened() as clients:
            for batch in batches(moves):
                here, there = (self._read(clients[name], batch) for name in self._ways(batch))
                if not all(is_settled(one, here.get(one.row), there.get(one.row)) for one in batch):
                    return False
        return True

    def prove(self) -> None:
        """Read both, make what is missing, and try a transaction that cannot succeed: nothing is left of it."""
        with self._opened() as clients:
            for name in (self.active, self.resolved):
                proof = {"PartitionKey": "tui-monitor-proof", "RowKey": "written"}
                absent = {"PartitionKey": "tui-monitor-proof", "RowKey": "never written"}
                self._ask(clients[name], "PartitionKey eq 'tui-monitor-proof'")
                try:
                    self._submit(clients[name], [("create", proof), ("delete", absent)])
                except Conflict:
                    continue

    def _ways(self, batch: Sequence[Move]) -> tuple[str, str]:
        """Where these belong, and where they may stand instead."""
        return (self.active, self.resolved) if batch[0].is_open else (self.resolved, self.active)

    def _settle(self, clients: Mapping[str, TableClient], batch: Sequence[Move]) -> None:
        for _ in range(_ROUNDS):
            try:
                return self._try(clients, batch)
            except Conflict:
                continue
        raise DeliveryError(f"somebody else keeps writing the same entities of {self.account.host}", retry=True)

    def _try(self, clients: Mapping[str, TableClient], batch: Sequence[Move]) -> None:
        """First into the one, then out of the other. What came there meanwhile, a second look finds."""
        home, other = (clients[name] for name in self._ways(batch))
        here, there = self._read(home, batch), self._read(other, batch)
        verdicts = {one.row: decide(one, here.get(one.row), there.get(one.row)) for one in batch}
        writes = [_write(one, here.get(one.row), there.get(one.row)) for one in batch if verdicts[one.row].writes]
        stale = [_delete(here[row]) for row, verdict in verdicts.items() if verdict.leaves_here]
        self._submit(home, [*writes, *stale])
        ours = [one for one in batch if verdicts[one.row] not in (Verdict(), Verdict(leaves_here=True))]
        there = self._read(other, ours)
        again = {one.row: decide(one, {"revision": one.revision}, there.get(one.row)) for one in ours}
        if any(verdict.leaves_here for verdict in again.values()):
            raise Conflict
        self._submit(other, [_delete(there[row]) for row, verdict in again.items() if verdict.leaves_there])

    def _read(self, client: TableClient, batch: Sequence[Move]) -> dict[str, Entity]:
        """What stands there of these, by its row."""
        found = {}
        for n in range(0, len(batch), _ASKED_AT_ONCE):
            some = batch[n : n + _ASKED_AT_ONCE]
            rows = " or ".join(f"RowKey eq {_quoted(one.row)}" for one in some)
            question = f"PartitionKey eq {_quoted(some[0].partition)} and ({rows})"
            found.update({entity["RowKey"]: entity for entity in self._ask(client, question)})
        return found

    def _ask(self, client: TableClient, question: str) -> list[Entity]:
        try:
            with self._refusals(client):
                return list(client.query_entities(question))
        except Made:
            return []

    def _submit(self, client: TableClient, operations: Sequence[Operation]) -> None:
        """All of it in as few transactions as have room for it."""
        for load in _loads(operations):
            with self._refusals(client):
                if len(client.submit_transaction(load)) != len(load):
                    raise ValueError("not each operation was answered")

    # -- the SDK ------------------------------------------------------------------------------------------------

    @contextmanager
    def _opened(self) -> Iterator[dict[str, TableClient]]:
        from azure.data.tables import TableServiceClient

        quieten("azure", "urllib3")
        service = TableServiceClient.from_connection_string(
            self._connection.reveal(),
            retry_total=0,
            permit_redirects=False,
            logging_enable=False,
            connection_timeout=min(self._within, 10.0),
            read_timeout=self._within,
            connection_verify=ssl.get_default_verify_paths().cafile or True,
        )
        with service:
            yield {name: service.get_table_client(name) for name in (self.active, self.resolved)}

    @contextmanager
    def _refusals(self, client: TableClient) -> Iterator[None]:
        """Every way an account can fail us, as one DeliveryError. A table that is missing is made."""
        from azure.core.exceptions import AzureError, HttpResponseError

        self._check_wanted()
        try:
            yield
        except HttpResponseError as error:
            if _code_of(error) == "TableNotFound":
                self._make(client)
                raise Made from None
            if _code_of(error) in _LOST:
                raise Conflict from None
            raise self._refused(error) from None
        except AzureError as error:
            raise self._unreached(error) from None
        except _BABBLE:
            raise self._misunderstood() from None

    def _make(self, client: TableClient) -> None:
        """Unless somebody else has made it meanwhile."""
        from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError

        self._check_wanted()
        try:
            client.create_table()
        except ResourceExistsError as error:
            if _code_of(error) != "TableAlreadyExists":
                raise self._refused(error) from None
        except HttpResponseError as error:
            raise self._refused(error) from None
        except AzureError as error:
            raise self._unreached(error) from None

    def _check_wanted(self) -> None:
        if self.is_over:
            raise DeliveryError("nobody waits for it any more", retry=True)

    def _refused(self, error: HttpResponseError) -> DeliveryError:
        status, code, host = error.status_code or 0, _code_of(error), self.account.host
        if status in (401, 403):
            mend = "mend its connection_string" if code in _UNKNOWN else "it needs to read, add, update and delete"
            return DeliveryError(f"{host} does not let us in ({f'{status} {code}'.strip()}): {mend}", retry=False)
        if status < 300:
            return self._misunderstood()
        retry = status in (408, 425, 429) or status >= 500 or code == "TableBeingDeleted"
        headers: Mapping[str, str] = getattr(error.response, "headers", {})
        after = retry_after(headers.get("Retry-After") or "", self._now) if retry else None
        said = self.account.harmless(re.sub(r"^\d+:", "", str(error.message).partition("\n")[0]))
        answered = f"{status} {code}".strip()
        return DeliveryError(f"{host} answered {answered}: {said}", retry=retry, after=after)

    def _misunderstood(self) -> DeliveryError:
        """Such as a page for people, from what stands between here and there."""
        text = "gave no answer that a table gives: see whether connection_string leads to an account's tables"
        return DeliveryError(f"{self.account.host} {text}", retry=True, unsure=True)

    def _unreached(self, error: AzureError) -> DeliveryError:
        """What was asked and got no answer may have been done all the same."""
        from azure.core.exceptions import ServiceRequestError

        words = str(error).lower()
        reason = next((reason for sign, reason in _REASONS if sign in words), "the connection failed")
        unsure = not isinstance(error, ServiceRequestError)
        return DeliveryError(f"{self.account.host} cannot be reached: {reason}", retry=True, unsure=unsure)


_BABBLE = (HTTPException, ValueError)
"""What the SDK raises that cannot make sense of an answer."""
_UNKNOWN = frozenset({"AuthenticationFailed", "AuthorizationFailure", "InvalidAuthenticationInfo", ""})


def _code_of(error: AzureError) -> str:
    code = getattr(error, "error_code", None)
    return clean(str(getattr(code, "value", code) or ""), 60)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _write(move: Move, here: Entity | None, there: Entity | None) -> Operation:
    """Only where it is as it was when it was read."""
    from azure.data.tables import UpdateMode

    if here is None:
        return ("create", move.entity(there))
    return ("update", move.entity(here), {"mode": UpdateMode.REPLACE, **_standing_on(here)})


def _delete(entity: Entity) -> Operation:
    keys = {"PartitionKey": entity["PartitionKey"], "RowKey": entity["RowKey"]}
    return ("delete", keys, _standing_on(entity))


def _standing_on(entity: Any) -> dict[str, Any]:
    from azure.core import MatchConditions

    return {"etag": entity.metadata["etag"], "match_condition": MatchConditions.IfNotModified}


def _loads(operations: Sequence[Operation]) -> Iterator[list[Operation]]:
    load: list[Operation] = []
    room = _LARGEST
    for one in operations:
        room -= len(json.dumps(one[1], default=str))
        if load and room < 0:
            yield load
            load, room = [], _LARGEST
        load.append(one)
    if load:
        yield load
