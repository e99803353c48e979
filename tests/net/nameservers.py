"""Name servers on the loopback: a real one with zones of its own, and small ones that say what they are told to.

Run with a folder and a command, it is a name server on the usual port for as long as the command takes.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

ZONE = """$TTL 300
@       IN SOA   ns1 hostmaster ( 2026030100 3600 600 86400 60 )
        IN NS    ns1
        IN NS    NS2.Example.TEST.
        IN MX    10 Mail
        IN MX    20 mail2.example.test.
        IN TXT   "v=spf1 -all"
        IN CAA   0 issue "ca.example"
ns1     IN A     192.0.2.53
ns2     IN A     192.0.2.54
www     IN A     192.0.2.1
        IN A     192.0.2.2
        IN AAAA  2001:DB8:0:0::1
alias   IN CNAME WWW
far     IN CNAME alias
lonely  IN CNAME text
text    IN TXT   "one " "and two"
_sip._tcp IN SRV 5 10 5060 sip
child   IN NS    ns.child
        IN DS    12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
ns.child IN A    192.0.2.55
"""
BIG = "".join(f'big IN TXT "{number} {"x" * 200}"\n' for number in range(30))
REVERSE = """$TTL 300
@ IN SOA ns1.example.test. hostmaster.example.test. ( 1 3600 600 86400 60 )
  IN NS  ns1.example.test.
1 IN PTR WWW.example.test.
"""
CONFIG = """
options {{
  directory "{folder}"; pid-file none; session-keyfile none; recursion no; dnssec-validation no; querylog no;
  listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 port {port} {{ ::1; }}; allow-transfer {{ none; }};
}};
controls {{ }};
zone "example.test" {{ type primary; file "example.zone"; }};
zone "2.0.192.in-addr.arpa" {{ type primary; file "reverse.zone"; }};
zone "broken.test" {{ type primary; file "absent.zone"; }};
"""


def free_port() -> int:
    """A port on which nobody listens, by TCP or UDP."""
    while True:
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            stream.bind(("127.0.0.1", 0))
            port = int(stream.getsockname()[1])
            try:
                datagrams.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def write_zones(folder: Path, port: int) -> Path:
    """The config of a real name server, with its zones beside it."""
    (folder / "example.zone").write_text(ZONE + BIG)
    (folder / "reverse.zone").write_text(REVERSE)
    config = folder / "named.conf"
    config.write_text(CONFIG.format(folder=folder, port=port))
    return config


@contextmanager
def named(folder: Path, port: int = 0) -> Iterator[int]:
    """BIND with the zones above, ready; its port."""
    port = port or free_port()
    words = ["named", "-g", "-n", "1", "-c", str(write_zones(folder, port))]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = []
        try:
            for line in process.stderr:
                said.append(line)
                if line.rstrip().endswith(" running"):
                    break
            else:
                raise AssertionError(f"named did not start: {''.join(said)}")
            yield port
        finally:
            process.kill()


# -- small ones -----------------------------------------------------------------------------------------------------

Answering = Callable[[bytes], Sequence[bytes]]


@dataclass
class Asked(asyncio.DatagramProtocol):
    """A server by UDP that says to each question what `answers` makes of it."""

    answers: Answering
    port: int = 0
    heard: list[bytes] = field(default_factory=list)

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # of datagrams
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.heard.append(data)
        for one in self.answers(data):
            self.transport.sendto(one, address)


@asynccontextmanager
async def asking(answers: Answering, port: int = 0) -> AsyncIterator[Asked]:
    loop = asyncio.get_running_loop()
    made = Asked(answers)
    transport, _ = await loop.create_datagram_endpoint(lambda: made, local_addr=("127.0.0.1", port))
    made.port = transport.get_extra_info("sockname")[1]
    try:
        yield made
    finally:
        transport.close()


def answer(
    asked: bytes, *texts: str, rcode: str = "NOERROR", kind: str = "A", flags: int = 0, ident: int = 0
) -> bytes:
    """A proper answer to a question, but for what is changed."""
    question = dns.message.from_wire(asked)
    said = dns.message.make_response(question)
    said.flags |= flags
    said.set_rcode(dns.rcode.from_text(rcode))
    if texts:
        said.answer.append(dns.rrset.from_text(question.question[0].name, 300, "IN", kind, *texts))
    said.id ^= ident
    return said.to_wire()


def another_question(asked: bytes) -> bytes:
    """The answer to somebody else's question, under the number of this one."""
    other = dns.message.make_query("other.test", "A", id=int.from_bytes(asked[:2]))
    return answer(other.to_wire(), "192.0.2.66")


AUTHENTIC = int(dns.flags.AD)
CUT = int(dns.flags.TC)


if __name__ == "__main__":
    with named(Path(sys.argv[1]), 53):
        sys.exit(subprocess.run(sys.argv[2:]).returncode)
