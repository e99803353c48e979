"""Commands by their name, themes by their look, help from the live keys."""

from __future__ import annotations

from tests.board.stage import Script, row, snapshot, stage


async def test_a_theme_is_worn_while_it_is_looked_at_and_taken_off_again():
    async with stage(Script(snapshot([row("Web")]))) as here:
        await here.press("T", "down")
        assert here.app.palette.theme.name != "dark"
        await here.press("escape")
        assert here.app.palette.theme.name == "dark"
