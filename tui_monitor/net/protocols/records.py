"""DNS as values: questions and records as people write them, to the bytes that are sent and back.

dnspython reads and writes the bytes; it is loaded with the first question that somebody's config asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_monitor.core.extras import need
from tui_monitor.core.options import naming
from tui_monitor.core.text import clean
from tui_monitor.net.names import literal

if TYPE_CHECKING:
    import dns.rdata

_HEADER = 12
_IS_ANSWER, _KIND_OF_MESSAGE, _TRUNCATED, _FAILURE = 0x80, 0xF8, 0x02, 0x0F
"""Bits of the third byte, and of the fourth."""
_PAYLOAD = 1232
"""Bytes of an answer by UDP that no network on the way takes apart."""
_OF_NAMES = frozenset({"CNAME", "DNAME", "MX", "NS", "PTR", "SOA", "SRV"})
"""Records whose words are names and numbers, so that their case and their last dot say nothing."""
_OF_TEXTS = frozenset({"TXT", "SPF"})


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a name and a type of records; `authentic` also asks whether DNSSEC vouches for the answer."""

    name: str
    kind: str
    authentic: bool = False

    def wire(self) -> bytes:
        """The bytes of one asking, with a random number of its own."""
        import dns.flags
        import dns.message

        flags = dns.flags.RD | (dns.flags.AD if self.authentic else 0)
        return dns.message.make_query(self.name, self.kind, use_edns=0, payload=_PAYLOAD, flags=flags).to_wire()


@dataclass(frozen=True, slots=True)
class Records:
    """What a name server answered: how it went, and the records, spelt alike whoever spells them.

    `alias` is what the name stands for in the end, empty where it is no alias; `cut` is an answer too long for UDP.
    """

    rcode: str = "NOERROR"
    answers: tuple[str, ...] = ()
    ttl: int | None = None
    authentic: bool = False
    alias: str = ""
    cut: bool = False


def build_question(name: str, kind: str, *, authentic: bool = False) -> Question:
    """A question from what a person wrote; an address is asked for by its name in the tree of PTR records."""
    need("dns", "dns", "the dns check")
    import dns.exception
    import dns.message  # here, so that no look has to
    import dns.name
    import dns.rdatatype
    import dns.reversename

    with naming("type"):
        try:
            number = dns.rdatatype.from_text(kind)
        except (dns.exception.DNSException, ValueError):
            raise ValueError(f"{clean(kind, 40)!r} is not a type of records like A, MX or TXT") from None
        if dns.rdatatype.is_metatype(number):
            raise ValueError(f"{clean(kind, 40)} is no type of records of a name")
    with naming("name"):
        _check_name(name)
        if literal(name):
            if number != dns.rdatatype.PTR:
                raise ValueError(f"{name} is an address, of which there are only PTR records: say type: PTR")
            return Question(dns.reversename.from_address(name).to_text(), "PTR", authentic)
        try:
            full = dns.name.from_text(name, dns.name.root, dns.name.IDNA_2008_Practical)
        except (dns.exception.DNSException, UnicodeError) as error:
            raise ValueError(f"{clean(name, 80)!r} is not a name: {clean(str(error)).lower()}") from None
    return Question(full.to_text(), dns.rdatatype.to_text(number), authentic)


def _check_name(name: str) -> None:
    """A name may hold anything, so that a slip would be asked for, and be told as an outage."""
    if not name:
        raise ValueError("it is empty: for the root, say a dot")
    if any(char.isspace() for char in name) or "://" in name:
        raise ValueError(f"{clean(name, 80)!r} is not a name: write it like www.example.com")


def spell_expected(kind: str, texts: Sequence[str]) -> tuple[str, ...]:
    """Expected records as `Records` spells them. ValueError: one is no record of this type."""
    import dns.exception
    import dns.name
    import dns.rdata

    found = []
    for text in texts:
        if kind in _OF_TEXTS and not text.startswith('"'):
            found.append(text)
            continue
        try:
            record = dns.rdata.from_text("IN", kind, text, dns.name.root, False)
        except (dns.exception.DNSException, ValueError):
            raise ValueError(f"{clean(text, 80)!r} is not a record of the type {kind}") from None
        found.append(_spell(kind, record))
    return tuple(found)


def _spell(kind: str, record: dns.rdata.Rdata) -> str:
    if kind in _OF_TEXTS:
        return b"".join(getattr(record, "strings", ())).decode("utf-8", "replace")
    text = record.to_text()
    if kind in _OF_NAMES:
        return " ".join(_bare(word) for word in text.lower().split(" "))
    return text


def _bare(name: str) -> str:
    return name.removesuffix(".") or "."


# -- what comes back ------------------------------------------------------------------------------------------------


def read_records(question: Question, asked: bytes, data: bytes, *, whole: bool = False) -> Records | None:
    """What these bytes answer to a question as it was asked; None where they are no answer to it.

    One that says of itself that there is more is only read where it is `whole` all the same.
    """
    import dns.exception

    if not is_about(asked, data):
        return None
    if data[2] & _TRUNCATED and not whole:
        return Records(cut=True)
    try:
        return _read(question.kind, data)
    except (dns.exception.DNSException, ValueError):
        return None


def is_about(asked: bytes, data: bytes) -> bool:
    """Whether these bytes begin like the answer to the question that was asked, and not to anybody else's."""
    if len(data) < _HEADER or data[:2] != asked[:2] or (data[2] ^ asked[2]) & _KIND_OF_MESSAGE != _IS_ANSWER:
        return False
    number = int.from_bytes(data[4:6])
    if number == 0:
        return bool(data[3] & _FAILURE)  # who could not read the question need not repeat it
    end = asked.index(b"\0", _HEADER) + 5
    return number == 1 and data[_HEADER:end].lower() == asked[_HEADER:end].lower()


def _read(kind: str, data: bytes) -> Records | None:
    import dns.flags
    import dns.message
    import dns.rcode

    message = dns.message.from_wire(data)
    rcode = dns.rcode.to_text(message.rcode())
    if message.rcode() != dns.rcode.NOERROR:
        return Records(rcode)
    if not isinstance(message, dns.message.QueryMessage):
        return None
    chain = message.resolve_chaining()
    alias = _bare(chain.canonical_name.to_text().lower()) if chain.cnames else ""
    answers = tuple(sorted(_spell(kind, record) for record in chain.answer or ()))
    ttl = chain.answer.ttl if chain.answer is not None else None
    return Records(rcode, answers, ttl, bool(message.flags & dns.flags.AD), alias)
