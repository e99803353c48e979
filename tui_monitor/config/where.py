"""Where the config is, when nobody says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def find(flag: str | Path | None, environ: Mapping[str, str], cwd: Path) -> Path | None:
    """`-c`, else $TUI_MONITOR_CONFIG, else ./config.yaml, else the user's config folder; None where there is none.

    The first two are taken at their word: a file that is named and missing is an error to tell, not a reason to run
    another one.
    """
    named = flag or environ.get("TUI_MONITOR_CONFIG")
    if named:
        return cwd / Path(named).expanduser()
    here = cwd / "config.yaml"
    if here.is_file():
        return here
    from platformdirs import user_config_path

    theirs = user_config_path("tui-monitor", appauthor=False) / "config.yaml"
    return theirs if theirs.is_file() else None
