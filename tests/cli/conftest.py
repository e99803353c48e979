"""A site to watch, and a setting that watches it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import Setting, Site, free_port

CONFIG = """
board: {{title: Shop board}}
engine: {{settle: 0s}}
defaults: {{every: 300ms, timeout: 2s, down_after: 2, up_after: 2, retry_after: 50ms}}
services:
  - name: Shop [/red] é
    id: shop
    http: {{url: "{site}"}}
  - name: Gone
    tcp: {{host: 127.0.0.1, port: {gone}}}
destinations:
  hook: {{webhook: {{url: "{hook}"}}}}
  nobody: {{webhook: {{url: "http://127.0.0.1:{gone}/"}}}}
routes:
  - {{when: {{service: Gone}}, to: [nobody], group_wait: 0s}}
  - {{when: {{service: shop}}, to: [hook], group_wait: 0s}}
"""


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


@pytest.fixture
def setting(tmp_path: Path, site: Site) -> Setting:
    return Setting(tmp_path / "own", CONFIG.format(site=site.url, hook=site.url, gone=free_port()))
