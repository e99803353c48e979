"""What the laws of all readers of vendors' pages are tried with: which there are, and how one reads a body."""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.checks.vendors.recordings import NOW
from tests.checks.vendors.samples import SAMPLES
from tui_monitor import checks
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.page import Sight, VendorPage
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.harmless import harmless
from tui_monitor.core.model import Reading
from tui_monitor.core.status import Status


def is_page(kind: str) -> bool:
    return issubclass(checks.find(kind), VendorPage)


KINDS = [kind for kind in checks.kinds() if is_page(kind)]
KNOWN = [kind for kind in KINDS if kind in SAMPLES]
"""Those that a test can be run on; that there are no others is a test of its own."""


@cache
def check_of(kind: str) -> VendorPage:
    check: VendorPage = checks.find(kind)(**SAMPLES[kind].options)
    return check


def read(kind: str, body: bytes, role: str | None = None) -> Reading:
    """The body as a look would read it that fetched nothing else."""
    check: Any = check_of(kind)
    usual = SAMPLES[kind].role or check.asked[0].role
    document = Document(body, NOW, role=usual if role is None else role)
    try:
        return harmless(check.judge(Sight(check.read(document))))
    except Unreadable as error:
        return Reading(Status.UNKNOWN, str(error), "unreadable")
