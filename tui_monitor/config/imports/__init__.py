"""The configs of other monitors as configs of ours: from a text to a text, and all that could not be carried over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tui_monitor.config.imports.asl import read_asl
from tui_monitor.config.imports.cachet import fetch_cachet, read_cachet
from tui_monitor.config.imports.cachet_url_monitor import read_cachet_url_monitor
from tui_monitor.config.imports.gatus import read_gatus
from tui_monitor.config.imports.server_status_check import mended, read_server_status_check
from tui_monitor.config.imports.settle import needed, secretive, settled
from tui_monitor.config.imports.sheet import Sheet
from tui_monitor.config.imports.source import Branch, Left, Source
from tui_monitor.core.ports import Outside


@dataclass(frozen=True, slots=True)
class Format:
    """The configs of one program: how they are read, whether that program fills in variables before it reads, and
    what to make of a text that is no YAML as it stands. One with `fetch` is asked for at an address."""

    read: Callable[[Branch], Sheet]
    fills: bool = False
    mend: Callable[[str], str] | None = None
    fetch: Callable[[str, Outside, Mapping[str, str]], Awaitable[bytes]] | None = None


FORMATS: Mapping[str, Format] = {
    "cachet-url-monitor": Format(read_cachet_url_monitor),
    "asl": Format(read_asl),
    "server-status-check": Format(read_server_status_check, mend=mended),
    "gatus": Format(read_gatus, fills=True),
    "cachet": Format(read_cachet, fetch=fetch_cachet),
}


@dataclass(frozen=True, slots=True)
class Imported:
    """A config that our reader takes, what is missing in it, the variables that must be set, and how big it is."""

    text: str
    left: tuple[Left, ...]
    needs: tuple[str, ...]
    is_secret: bool
    services: int
    destinations: int


def carry_over(form: str, raw: bytes, file: str, environ: Mapping[str, str], folder: Path) -> Imported:
    """What `raw`, the config of the program that `form` names, is as one of ours.

    `folder` is where it will stand. ConfigError where the source cannot be read, or nothing in it can be looked at.
    """
    found = FORMATS[form]
    source = Source(raw, file, fills=found.fills, mend=found.mend, lined=found.fetch is None)
    sheet = found.read(source.branch())
    text = settled(sheet, environ, folder)
    return Imported(
        text,
        tuple(sheet.all_left()),
        tuple(needed(text, sheet, environ)),
        secretive(sheet),
        len(sheet.services),
        len(sheet.destinations),
    )
