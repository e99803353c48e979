"""What the tests of the house read: the installed package, the tests, and, in a checkout, every tracked file."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import tui_monitor

PACKAGE = Path(tui_monitor.__file__).parent
TREE = Path(__file__).parents[2]
TESTS = TREE / "tests"


@dataclass(frozen=True)
class Source:
    """One Python file. `name` is how people call it: `tui_monitor/core/model.py`."""

    name: str
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def tree(self) -> ast.Module:
        return parse(self.text)

    def walk(self) -> Iterator[ast.AST]:
        return ast.walk(self.tree)

    def where(self, node: ast.AST) -> str:
        return f"{self.name}:{getattr(node, 'lineno', 0)}"


@cache
def parse(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def under(folder: Path) -> tuple[Source, ...]:
    paths = sorted(path for path in folder.rglob("*.py") if ".venv" not in path.parts)
    return tuple(Source(path.relative_to(folder.parent).as_posix(), path.read_text("utf-8")) for path in paths)


def package() -> tuple[Source, ...]:
    return under(PACKAGE)


def suite() -> tuple[Source, ...]:
    return under(TESTS)


def tracked() -> list[Path]:
    """Every file that git knows; skips where the tests run from an unpacked archive."""
    if not (TREE / ".git").exists():
        pytest.skip("not a checkout: git's list of files is not here")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=TREE, capture_output=True, check=True, text=True)
    return [TREE / name for name in listed.stdout.split("\0") if name and (TREE / name).is_file()]


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an attribute or a name; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return ""
