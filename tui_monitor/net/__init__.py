"""The way to the outside: our own transport with its names, trust and deadlines, and the HTTP client over it."""

from tui_monitor.net.answer import Answer
from tui_monitor.net.machine.process import Ended
from tui_monitor.net.machine.program import Program, build_program
from tui_monitor.net.outside import Way
from tui_monitor.net.protocols.echo import Echo, Echoed, build_echo
from tui_monitor.net.protocols.inquiry import Found, Inquiry, build_inquiry
from tui_monitor.net.protocols.records import Question, Records, build_question, spell_expected
from tui_monitor.net.request import MAX_BODY, Request, build_request
from tui_monitor.net.talk import Call, Heard, build_call
from tui_monitor.net.transport import Net
from tui_monitor.net.trust import Trust

__all__ = [
    "MAX_BODY",
    "Answer",
    "Call",
    "Echo",
    "Echoed",
    "Ended",
    "Found",
    "Heard",
    "Inquiry",
    "Net",
    "Program",
    "Question",
    "Records",
    "Request",
    "Trust",
    "Way",
    "build_call",
    "build_echo",
    "build_inquiry",
    "build_program",
    "build_question",
    "build_request",
    "spell_expected",
]
