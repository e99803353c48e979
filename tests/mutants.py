"""Breaks the decisions by hand, one at a time on a copy of the tree, and tries whether the tests notice.

python -m tests.mutants                 all of them; exit 1 when one survives or no longer fits the source
python -m tests.mutants told ledger     those of these files
python -m tests.mutants --list          what would be broken, and how
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.broken import MUTANTS
from tests.mutant import SOURCE, Mutant

TREE = Path(__file__).parents[1]
NEEDED = ("tests", "pyproject.toml", "README.md", "config.example.yaml")
TESTS = ("tests/core", "tests/engine", "--ignore=tests/core/test_mutants.py")
"""Not the test that holds this list against the source: on a mutant it could only fail."""

SECONDS = 900
"""A run that takes longer hangs, which is a way of noticing too."""


def copied(into: Path) -> Path:
    """The working tree as it is, without what only caches."""
    hidden = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(SOURCE / "tui_monitor", into / "tui_monitor", ignore=hidden)
    for name in NEEDED:
        if (TREE / name).is_dir():
            shutil.copytree(TREE / name, into / name, ignore=hidden)
        elif (TREE / name).exists():
            shutil.copy2(TREE / name, into / name)
    return into


def noticed(tree: Path) -> str:
    """The first test that fails on this tree; empty when all pass."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", *TESTS]
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "CI")}
    env = {**kept, "HYPOTHESIS_PROFILE": "ci", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        run = subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"the tests did not end within {SECONDS} s"
    if run.returncode == 0:
        return ""
    lines = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return lines[0].partition(" - ")[0] if lines else f"pytest ended with {run.returncode}"


def tried(mutant: Mutant | None) -> str:
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        tree = copied(Path(folder))
        if mutant is not None:
            mutant.apply(tree)
        return noticed(tree)


def hunt(mutants: Sequence[Mutant], jobs: int) -> int:
    unfit = [mutant for mutant in mutants if not mutant.fits()]
    for mutant in unfit:
        print(f"NO LONGER FITS  {mutant}")
    if broken := tried(None):
        print(f"Nothing can be learnt: the tests fail on the tree as it is ({broken}).", file=sys.stderr)
        return 1
    survived = 0
    with ThreadPoolExecutor(jobs) as pool:
        fit = [mutant for mutant in mutants if mutant.fits()]
        for mutant, by in zip(fit, pool.map(tried, fit), strict=True):
            survived += not by
            print(f"{'caught  ' if by else 'SURVIVED'}  {mutant}" + (f"\n            {by}" if by else ""), flush=True)
    print(f"{len(mutants)} mutants: {survived} survived, {len(unfit)} no longer fit")
    return 1 if survived or unfit else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("words", nargs="*", help="only mutants whose file or harm has one of these words")
    parser.add_argument("--list", action="store_true", help="say what would be broken, and try nothing")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (default: 2)")
    asked = parser.parse_args()
    chosen = [one for one in MUTANTS if not asked.words or any(word in str(one) for word in asked.words)]
    if asked.list:
        print("\n".join(map(str, chosen)))
        return 0
    return hunt(chosen, max(1, asked.jobs))


if __name__ == "__main__":
    sys.exit(main())
