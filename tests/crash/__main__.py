"""`python -m tests.crash --rounds 1000`: as many kills as you like, each world from a number that is printed."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.crash.verdict import faults
from tests.crash.world import Lived, live, script_of

LIVES = 10


def worlds(seeds: Sequence[int], folder: Path, at_once: int, number: signal.Signals) -> Iterator[Lived]:
    """Each world lived through, a few side by side, in the order of their seeds."""
    kill = number is signal.SIGKILL

    def one(seed: int) -> Lived:
        script = script_of(seed, LIVES, kill=kill)
        try:
            return live(script, folder / f"world-{seed}", number)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{script}") from error

    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(one, seeds)


def summary(lived: Lived) -> str:
    incidents, caught = len(lived.corpses[-1].incidents), lived.between_send_and_settle
    return f"{incidents} incidents, {len(lived.heard)} messages, {caught} ends between send and settle"


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000, help="lives to end, ten in each world")
    parser.add_argument("--seed", type=int, default=1, help="the number of the first world")
    parser.add_argument("--at-once", type=int, default=2, help="worlds side by side")
    parser.add_argument("--term", action="store_true", help="end lives by SIGTERM instead of SIGKILL")
    asked = parser.parse_args(words)
    number = signal.SIGTERM if asked.term else signal.SIGKILL
    seeds = range(asked.seed, asked.seed + -(-asked.rounds // LIVES))
    folder = Path(tempfile.mkdtemp(prefix="tui-monitor-crash-"))
    begun, broken, caught, said = time.monotonic(), 0, 0, partial(print, flush=True)
    for lived in worlds(seeds, folder, asked.at_once, number):
        found = faults(lived)
        caught += lived.between_send_and_settle
        broken += bool(found)
        said(f"world {lived.script.seed}: {summary(lived)}: {'BROKEN' if found else 'in order'}")
        if found:
            said("\n".join(found), lived.script, f"kept in {lived.home.folder}", sep="\n", file=sys.stderr)
        else:
            shutil.rmtree(lived.home.folder.parent)
    ended = f"{len(seeds) * LIVES} lives ended by {number.name} in {time.monotonic() - begun:.0f} s"
    said(f"{ended}, {caught} of them between send and settle; {broken} of {len(seeds)} worlds are broken")
    if not broken:
        shutil.rmtree(folder)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
