"""Where things are: every path of the program's state is made here and nowhere else."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tui_monitor.core.errors import TuiMonitorError
from tui_monitor.core.text import slug

SOCKET_PATH_LIMIT = 103
"""Bytes of a Unix socket's path that every system takes (Linux has 107, others 103)."""


class PlaceUnusable(TuiMonitorError):
    """A folder of the program's state cannot be used: give another with $TUI_MONITOR_HOME."""


@dataclass(frozen=True, slots=True)
class Places:
    """The state of one config file."""

    home: Path
    logs: Path
    socket: Path

    @property
    def store(self) -> Path:
        return self.home / "store.db"

    @property
    def lock(self) -> Path:
        return self.home / "engine.lock"

    @property
    def log(self) -> Path:
        return self.logs / "tui-monitor.log"

    def make(self) -> None:
        """Make the folders, for their owner alone. Raises PlaceUnusable."""
        for folder in (self.home, self.logs, self.socket.parent):
            make_private(folder)


def places_of(config: Path, environ: Mapping[str, str] = os.environ) -> Places:
    """Where the state of this config file is; each file has a state of its own, wherever it is called from.

    The folder is resolved and the file is not: where a config is a link that each release points elsewhere, the
    incidents must not be left behind at every change.
    """
    named = config.parent.resolve() / config.name
    digest = hashlib.blake2b(os.fsencode(named), digest_size=5).hexdigest()
    name = f"{slug(named.stem)[:20]}-{digest}"
    home, logs = _folders(name, environ)
    return Places(home, logs, _socket(home, digest, environ))


def _folders(name: str, environ: Mapping[str, str]) -> tuple[Path, Path]:
    given = environ.get("TUI_MONITOR_HOME")
    if given:
        home = Path(given).expanduser().absolute() / name
        return home, home
    import platformdirs

    dirs = platformdirs.PlatformDirs("tui-monitor", appauthor=False)
    return dirs.user_state_path / name, dirs.user_log_path / name


def themes_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where a user puts themes of their own; it need not be there."""
    given = environ.get("TUI_MONITOR_HOME")
    if given:
        return Path(given).expanduser().absolute() / "themes"
    import platformdirs

    return platformdirs.user_config_path("tui-monitor", appauthor=False) / "themes"


def _socket(home: Path, digest: str, environ: Mapping[str, str]) -> Path:
    """In the home where its path is short enough, else under a short name in a folder that is ours alone."""
    beside = home / "engine.sock"
    if len(os.fsencode(beside)) <= SOCKET_PATH_LIMIT:
        return beside
    runtime = environ.get("XDG_RUNTIME_DIR")
    if runtime:
        short = Path(runtime) / "tui-monitor" / f"{digest}.sock"
        if len(os.fsencode(short)) <= SOCKET_PATH_LIMIT:
            return short
    return Path("/tmp") / f"tui-monitor-{os.getuid()}" / f"{digest}.sock"  # noqa: S108 - owner and mode are checked


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may enter, or make sure that it is one. Raises PlaceUnusable."""
    try:
        for missing in reversed([folder, *folder.parents]):
            if not missing.exists():
                missing.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) and not folder.is_dir():
            raise PlaceUnusable(f"{folder} is not a folder")
        if found.st_uid != os.getuid():
            raise PlaceUnusable(f"{folder} belongs to somebody else, so the state cannot be kept in it")
        if stat.S_IMODE(found.st_mode) & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise PlaceUnusable(f"the folder {folder} cannot be used: {error.strerror}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PlaceUnusable(f"the folder {folder} cannot be written to")
