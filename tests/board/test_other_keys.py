"""The keys of the config are those that work, and no others; a config that is read anew changes them at once."""

from __future__ import annotations

import pytest

from tests.board.stage import Script, Stage, row, snapshot, stage
from tui_monitor.core.codec import encode
from tui_monitor.core.keys import BY_ID, bound
from tui_monitor.core.plan import Appearance


def script() -> Script:
    return Script(snapshot([row("Web"), row("Shop", "major")]))


def working(here: Stage) -> dict[str, set[str]]:
    """For each operation the keys that lead to it on the page in sight, as the terminal toolkit calls them."""
    found: dict[str, set[str]] = {}
    for key, one in here.app.page.active_bindings.items():
        if one.binding.id in BY_ID and key != "no-key":
            found.setdefault(one.binding.id, set()).add(key)
    return found


OTHERS = {
    "acknowledge": ("s",),
    "sort": ("a", "f5"),
    "pause": (),
    "mark": (",",),
    "silence": ("[",),
    "resolve": ("é",),
    "quit": ("ctrl+q",),
    "recheck": ("ctrl+x", "shift+up"),
}


async def test_the_board_has_the_keys_of_the_config_and_the_rest_of_its_own():
    async with stage(script()) as here:
        before = working(here)
    async with stage(script(), appearance=Appearance(keys=OTHERS)) as here:
        found = working(here)
        spelt = {",": "comma", "[": "left_square_bracket", "é": "é"}
        expected = {name: {spelt.get(key, key) for key in keys} for name, keys in OTHERS.items() if keys}
        assert {name: found[name] for name in OTHERS if name in found} == expected
        assert {name: keys for name, keys in before.items() if name not in OTHERS} == {
            name: keys for name, keys in found.items() if name not in OTHERS
        }


async def test_a_key_that_is_switched_off_does_nothing_and_its_work_is_in_the_palette():
    async with stage(script(), appearance=Appearance(keys={"pause": ()})) as here:
        await here.press("p")
        assert not here.app.is_paused
        await here.press("ctrl+p", *"pictu", "enter")
        assert here.app.is_paused


@pytest.mark.parametrize(("key", "typed"), [(",", "comma"), ("[", "left_square_bracket"), ("P", "P"), ("f8", "f8")])
async def test_another_key_works_at_once_after_a_reload(key: str, typed: str):
    said = script()
    said.answers["config"] = {"appearance": encode(Appearance(keys={"pause": (key,)})), "problems": []}
    async with stage(said) as here:
        said.change(
            events=(
                {
                    "kind": "reloaded",
                    "subject": "board",
                    "n": 1,
                    "at": "2026-11-20T12:00:00Z",
                    "by": "engine",
                    "text": "config read anew: board changed",
                    "service": "",
                    "status": "",
                },
            )
        )
        await here.until(lambda: here.app.operations["pause"].keys == (key,))
        await here.press("p")
        assert not here.app.is_paused
        await here.press(typed)
        assert here.app.is_paused
        assert here.app.operations == bound({"pause": (key,)})
