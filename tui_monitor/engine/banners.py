"""What each destination is to show of the banner: kept in a setting of the store, so that it outlives an engine."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tui_monitor.core.banner import Banner
from tui_monitor.core.codec import decode, encode
from tui_monitor.engine.draft import Draft

SETTING = "banners"


class Banners:
    """One table by destination, which only changes through the draft of a turn."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        kept = [decode(Banner, one) for one in json.loads(settings.get(SETTING) or "[]")]
        self.table: dict[str, Banner] = {one.destination: one for one in kept}

    def __repr__(self) -> str:
        return f"<Banners {sum(one.is_open for one in self.table.values())} standing>"

    def put(self, draft: Draft, banner: Banner) -> None:
        draft.put(self.table, banner.destination, banner)
        draft.settings.update(self.settings())

    def settings(self) -> dict[str, str]:
        """All of it as the store keeps it."""
        return {SETTING: json.dumps(encode(list(self.table.values())), separators=(",", ":"))}
