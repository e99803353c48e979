"""Somebody leans on the keyboard while everything changes below: whatever comes of it, the board stands."""

from __future__ import annotations

import random

import pytest

from tests.board.stage import Stage, incident, row, stage
from tests.board.test_pages import delivery, silence
from tests.board.test_truth import everything
from tui_monitor.core.keys import OPERATIONS

KEYS = [key for one in OPERATIONS for key in one.keys if one.id not in ("quit", "suspend")]
KEYS += ["escape", "escape", "enter", "enter", "tab", "space", "left", "right", "backspace"]
SIZES = [(80, 24), (120, 40), (30, 8), (41, 11), (200, 60), (1, 1)]


def stir(here: Stage, chance: random.Random) -> None:
    """Something of the picture goes or comes."""
    live, script = here.app.live, here.script
    news = [
        {"services": dict.fromkeys(chance.sample(sorted(live.services), len(live.services) // 2))},
        {"services": {str(one["id"]): one for one in script.board["services"]}},
        {
            "incidents": {
                f"i{n}": incident(f"i{n}", "shop", state=chance.choice(["open", "resolved"])) for n in range(5)
            }
        },
        {"incidents": dict.fromkeys(live.incidents)},
        {"deliveries": {f"d{n}": delivery("mail", id=f"d{n}") for n in range(5)}},
        {"deliveries": dict.fromkeys(live.deliveries)},
        {"silences": [silence("s1"), silence("s2")]},
        {"silences": [], "simulations": [], "maintenance": []},
    ]
    script.change(**chance.choice(news))


@pytest.mark.parametrize("seed", [1, 23, 34])
async def test_no_keys_in_any_order_break_the_board_whatever_changes_below_them(seed: int):
    chance, script = random.Random(seed), everything()
    script.board["services"] += [row(f"S{number}", group="AB"[number % 2]) for number in range(30)]
    async with stage(script, chance.choice(SIZES[:2])) as here:
        for _ in range(80):
            die = chance.random()
            if die < 0.85:
                await here.pilot.press(chance.choice(KEYS))
            elif die < 0.95:
                stir(here, chance)
            else:
                await here.pilot.resize_terminal(*chance.choice(SIZES))
            here.app.tick()
            assert here.app.fault is None
            assert here.app.is_running
