"""Runs one bench by its name, or says which there are."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

from tests.bench.ground import Unready

BENCHES = Path(__file__).parent


def names() -> list[str]:
    """Every module here that has a `main` and says on its first line what it measures."""
    found = [info.name for info in pkgutil.iter_modules([str(BENCHES)])]
    return [name for name in found if "\ndef main(" in (BENCHES / f"{name}.py").read_text("utf-8")]


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] not in names():
        print("Say which bench: make bench ARGS=NAME")
        for name in names():
            module = importlib.import_module(f"tests.bench.{name}")
            print(f"  {name:<10} {(module.__doc__ or '').strip().splitlines()[0]}")
        return 2
    module = importlib.import_module(f"tests.bench.{sys.argv[1]}")
    try:
        return int(module.main(sys.argv[2:]) or 0)
    except Unready as missing:
        print(missing, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
