"""A small home whose engine is quick to believe and quick to tell, for lives that are about something else."""

from __future__ import annotations

from pathlib import Path

from tests.crash.life import Home
from tests.crash.town import Town

REST = """
defaults: {{timeout: 900ms, down_after: {down_after}, up_after: 1, retry_after: 100ms, flapping: {{after: 0}}}}
destinations:
  hook: {{timeout: 3s, webhook: {{url: 'http://127.0.0.1:{port}/'}}}}
routes:
  - {{to: [hook], group_wait: {group_wait}}}
engine: {{settle: 100ms}}
"""


def home_in(folder: Path, town: Town, *, every: float = 0.2, down_after: int = 1, group_wait: str = "50ms") -> Home:
    rest = REST.format(port=town.hook.port, down_after=down_after, group_wait=group_wait)
    return Home(folder, town.rows(lambda _: every) + rest)
