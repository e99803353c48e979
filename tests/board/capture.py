"""What the demo says of itself at one moment, written down in `demo.json`: real views for pictures and for tests.

    python -m tests.board.capture [SECONDS]

It runs the demo for so long, waits for a moment at which enough is wrong, and asks everything that the board asks.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic
from typing import Any

from tui_monitor.control.client import Client
from tui_monitor.core.ports import Control
from tui_monitor.places import places_of

FILE = Path(__file__).with_name("demo.json")
SEED, SECONDS = "2", 298.0
"""A demo in which a vendor has an incident and another one maintenance when its second lap begins."""
SPANS = ("10m", "1h")
POINTS = "160"
WORDS = "We are looking into it."
MOST_LOOKS = 24
MOST_EVENTS = 60
MOST_PAST = 12


def main(seconds: float) -> None:
    words = [sys.executable, "-m", "tui_monitor", "--demo", "--no-tui"]
    environ = {**os.environ, "TUI_MONITOR_DEMO_SEED": SEED}
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environ) as demo:
        try:
            assert demo.stderr is not None
            found = next(match for line in demo.stderr if (match := re.search(r"HOME=(\S+) .* -c (\S+)", line)))
            next(line for line in demo.stderr if "commands are taken" in line)
            threading.Thread(target=demo.stderr.read, daemon=True).start()
            place = places_of(Path(found[2]), {"TUI_MONITOR_HOME": found[1]})
            taken = asyncio.run(captured(Client(place.socket), seconds))
            text = json.dumps(rounded(taken), ensure_ascii=False, separators=(",", ":"))
            FILE.write_text(re.sub(r"/\S*/tui-monitor-demo-\w+", "demo", text.replace('},{"', '},\n{"')) + "\n")
        finally:
            demo.terminate()


async def captured(control: Control, seconds: float) -> dict[str, Any]:
    snapshot = await moment(control, seconds)
    snapshot["events"] = snapshot["events"][-MOST_EVENTS:]
    worst = next(filter(is_chief, snapshot["incidents"]))
    service = await control.history("service", id=worst["service"])
    past = await control.history("incidents", all="1", since="30d")
    names = ",".join(one["id"] for one in snapshot["services"])
    vendors = [one["id"] for one in snapshot["services"] if one["vendor"]]
    return {
        "snapshot": snapshot,
        "incident": worst["id"],
        "service": {**service, "looks": service["looks"][-MOST_LOOKS:]},
        "vendor": {name: await control.history("vendor", id=name) for name in vendors},
        "chart": {span: await chart(control, worst["service"], span) for span in SPANS},
        "lately": await control.history("lately", services=names, count="40"),
        "stats": await control.history("stats", since="7d"),
        "explain": await control.history("explain", id=worst["id"]),
        "preview": await control.history("preview", id=worst["id"], text=WORDS),
        "banner": await control.history("banner"),
        "config": await control.history("config"),
        "incidents": [one for one in past if one["state"] == "resolved"][:MOST_PAST],
    }


async def chart(control: Control, service: str, span: str) -> Any:
    return await control.history("chart", service=service, since=span, points=POINTS)


async def moment(control: Control, seconds: float) -> dict[str, Any]:
    """The first moment after so long at which there is something of everything."""
    end = monotonic() + seconds
    snapshot = await control.snapshot()
    while True:
        changes = await control.changes(snapshot["cursor"], 2.0)
        snapshot = await control.snapshot()
        standing = snapshot["incidents"]
        has_suspect = any(one["incident"] for row in standing for one in row["suspects"])
        is_full = any(map(is_chief, standing)) and len(standing) >= 3 and snapshot["deliveries"]
        if monotonic() > end and is_full and has_suspect and changes.events:
            return dict(snapshot)


def is_chief(incident: dict[str, Any]) -> bool:
    """What the pages are about: nobody has taken it yet."""
    return incident["service"] == "checkout" and (incident["state"], incident["status"]) == ("open", "major")


def rounded(value: Any) -> Any:
    """No more digits than anybody sees."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
