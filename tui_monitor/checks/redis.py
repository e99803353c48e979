"""`redis`: log in, choose a database, say PING and, where a role is expected, ask for it; all in one breath."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from tui_monitor.core.errors import Unreachable
from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.options import CertificateFile, ClientCertificate, Duration
from tui_monitor.core.ports import Outside
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean, spell_duration
from tui_monitor.net import Call, Heard, Trust
from tui_monitor.net.protocols.redis import Login, Refusal, build_redis_call, commands_of, login_of, read_replies
from tui_monitor.net.words import NoSocket

_FAULTS = (
    ("LOADING", Status.DEGRADED, "loading", "it is still loading its data into memory"),
    ("NOAUTH", Status.MAJOR, "login", "it wants a password, and none was given"),
    ("WRONGPASS", Status.MAJOR, "login", "it refuses the user or the password"),
    ("NOPERM", Status.MAJOR, "login", "the user is not allowed to say {command}"),
    ("DENIED", Status.MAJOR, "login", "it is in protected mode, which takes nobody from another machine"),
    ("MISCONF", Status.PARTIAL, "disk", "it refuses writes, for it cannot save its data to the disk"),
    ("MASTERDOWN", Status.MAJOR, "master", "it has lost its master, and serves nothing without it"),
    ("BUSY", Status.PARTIAL, "busy", "a script keeps it busy, and everybody else waits"),
    ("ERR max number of clients", Status.MAJOR, "full", "it has no room for another client"),
    ("ERR invalid password", Status.MAJOR, "login", "it refuses the password"),
    ("ERR AUTH", Status.MAJOR, "login", "a password was given, and it has none set"),
    ("ERR Client sent AUTH", Status.MAJOR, "login", "a password was given, and it has none set"),
    ("ERR invalid DB index", Status.MAJOR, "database", "it has no database of this number"),
    ("ERR DB index is out of range", Status.MAJOR, "database", "it has no database of this number"),
)
"""How a refusal begins, what it says of the service, and in which words."""

_Verdict = tuple[Status, str, str, tuple[Measure, ...]]


@dataclass(frozen=True, slots=True)
class Redis:
    vendor: ClassVar[bool] = False

    host: str = ""
    port: int = 6379
    socket: str = ""
    url: Secret | None = None
    user: str = ""
    password: Secret = field(default=Secret(""))
    database: int = 0
    tls: bool = False
    verify_tls: bool = True
    ca: CertificateFile = ""
    server_name: str = ""
    client_certificate: ClientCertificate | None = None
    role: Literal["master", "replica"] | None = None
    latency: Duration | None = None
    login: Login = field(init=False, repr=False, compare=False)
    commands: tuple[str, ...] = field(init=False, repr=False, compare=False)
    call: Call = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if [bool(self.host), bool(self.socket), self.url is not None].count(True) != 1:
            raise ValueError("give one of host, socket, and url with all of it in one")
        if self.url is not None and (self.user or self.password or self.database or self.tls or self.port != 6379):
            raise ValueError("url has port, user, password, database and tls in it: do not give them apart")
        if self.socket and (self.tls or self.port != 6379):
            raise ValueError("socket has no port, and speaks no TLS")
        if self.latency is not None and self.latency <= 0:
            raise ValueError("latency must be more than nothing")
        given = Login(self.host, self.port, self.user, self.password, self.database, self.tls, self.socket)
        login = login_of(self.url) if self.url is not None else given
        if not login.tls and (self.server_name or self.ca or self.client_certificate):
            raise ValueError("ca, server_name and client_certificate are for tls: true")
        commands = commands_of(login, "PING", *(["ROLE"] if self.role else []))
        mine = self.client_certificate or ClientCertificate("")
        trust = Trust(self.verify_tls, self.ca, mine.cert, mine.key) if login.tls else None
        call = build_redis_call(login, trust, self.server_name, commands)
        object.__setattr__(self, "login", login)
        object.__setattr__(self, "commands", tuple(command[0] for command in commands))
        object.__setattr__(self, "call", call)

    async def look(self, outside: Outside) -> Heard:
        try:
            heard: Heard = await outside.net.talk(self.call, outside.timeout)
        except NoSocket as error:  # a Redis that ends takes its socket with it
            raise Unreachable("refused", str(error)) from error
        return heard

    def judge(self, sight: Heard) -> Reading:
        status, text, cause, measures = _weigh(self, sight)
        phases, until = sight.phases, sight.certificate_until
        if self.latency is not None and phases.total > self.latency and not status.is_bad:
            text = f"it answered in {spell_duration(phases.total)}, over {spell_duration(self.latency)}"
            status, cause = Status.DEGRADED, "latency"
        return Reading(
            status, text, cause, latency=phases.total, phases=phases, certificate_until=until, measures=measures
        )


def _weigh(check: Redis, heard: Heard) -> _Verdict:
    try:
        replies = read_replies(heard.said)
    except ValueError:
        said = _quoted(check, heard, heard.said.decode("utf-8", "replace"))
        return Status.MAJOR, f"it does not speak the protocol of Redis: it said {said}", "protocol", ()
    for command, reply in zip(check.commands, replies, strict=False):
        if isinstance(reply, Refusal):
            return _refused(check, heard, command, reply)
    if len(replies) < len(check.commands):
        silent = check.commands[len(replies)]
        return Status.MAJOR, f"it closed the connection without an answer to {silent}", "protocol", ()
    pong = replies[check.commands.index("PING")]
    if pong != "PONG":
        return Status.MAJOR, f"it answered PING with {_quoted(check, heard, str(pong))}", "protocol", ()
    return _of_role(check.role, replies[-1]) if check.role else (Status.OPERATIONAL, "PONG", "", ())


def _quoted(check: Redis, heard: Heard, words: str) -> str:
    """What it said, unless it repeats the password."""
    password = check.login.password.reveal().encode()
    return "something" if password and password in heard.said else clean(words, 100) or "something"


def _refused(check: Redis, heard: Heard, command: str, refusal: Refusal) -> _Verdict:
    for begins, status, cause, text in _FAULTS:
        if refusal.startswith(begins):
            return status, text.format(command=command), cause, ()
    if command == "AUTH":  # a Redis that does not know the command repeats part of the password
        return Status.MAJOR, "it does not let us log in", "login", ()
    return Status.MAJOR, f"{command} failed: {_quoted(check, heard, refusal)}", f"refused:{command}", ()


def _of_role(wanted: str, reply: Any) -> _Verdict:
    """Whether it is the master or the replica that it should be, and a replica that hears its master."""
    parts = reply if isinstance(reply, list) and reply else [reply]
    said = "replica" if parts[0] == "slave" else clean(str(parts[0]), 20)
    if said != wanted:
        return Status.MAJOR, f"it is a {said}, expected a {wanted}", "role", ()
    if wanted == "replica":
        link = clean(str(parts[3]), 20) if len(parts) > 3 else "missing"
        if link != "connected":
            return Status.DEGRADED, f"it is a replica that does not hear its master: its link is {link}", "link", ()
        return Status.OPERATIONAL, "PONG from a replica", "", ()
    replicas = len(parts[2]) if len(parts) > 2 and isinstance(parts[2], list) else 0
    return Status.OPERATIONAL, "PONG from a master", "", (Measure("replicas", replicas),)
