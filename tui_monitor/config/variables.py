"""`${VAR}` in the values of a config, and the `.env` beside it.

Variables are replaced after the text has been parsed, so that no value can add a key or a line to the config.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from tui_monitor.core.errors import Problem

_VARIABLE = re.compile(r"\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\})?")
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(.*?)\s*")
_QUOTED = re.compile(r"""(?:'([^']*)'|"((?:[^"\\]|\\.)*)")\s*(?:#.*)?""")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
MAX_ENV_BYTES = 1024 * 1024


def replace(text: str, environ: Mapping[str, str]) -> tuple[str, list[str]]:
    """`text` with its variables replaced, and what is wrong, one sentence each. `$${` means a plain `${`."""
    faults: list[str] = []

    def value_of(match: re.Match[str]) -> str:
        if match.group(0) == "$${":
            return "${"
        name = match.group(1)
        if name is None:
            faults.append("a ${ that is not ${NAME} or ${NAME:-default}: write $${ to mean the characters")
            return ""
        value = environ.get(name)
        if value is None and match.group(2) is None:
            faults.append(f"the environment variable {name} is not set: set it, or write ${{{name}:-default}}")
        return str(match.group(3) or "") if not value and match.group(2) is not None else value or ""

    return _VARIABLE.sub(value_of, text), faults


def with_env_file(folder: Path, environ: Mapping[str, str]) -> tuple[Mapping[str, str], list[Problem]]:
    """The environment with what `.env` in the folder adds to it; what is set for real wins."""
    path = folder / ".env"
    try:
        with path.open("rb") as file:
            text = file.read(MAX_ENV_BYTES + 1).decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return environ, []
    except OSError as error:
        return environ, [Problem(f"cannot be read: {(error.strerror or 'unknown reason').lower()}", file=str(path))]
    except UnicodeDecodeError:
        return environ, [Problem("is not UTF-8 text", file=str(path))]
    values, problems = parse_env(text, str(path))
    return {**values, **environ}, problems


def parse_env(text: str, file: str) -> tuple[dict[str, str], list[Problem]]:
    """NAME=value lines; problems never show a value, since most of them are secrets."""
    values: dict[str, str] = {}
    problems = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        value = _env_value(match.group(2)) if match else None
        if match is None or value is None:
            reason = "must read NAME=value" if match is None else "the quote is not closed"
            problems.append(Problem(reason, line=number, column=1, file=file))
        else:
            values[match.group(1)] = value
    return values, problems


def _env_value(text: str) -> str | None:
    if text[:1] in ("'", '"'):
        match = _QUOTED.fullmatch(text)
        if match is None:
            return None
        if match.group(1) is not None:
            return match.group(1)
        return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found.group(1), found.group(1)), match.group(2))
    return re.split(r"(?:^|\s)#", text, maxsplit=1)[0].strip()
