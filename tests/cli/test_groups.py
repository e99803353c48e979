"""`check` of services that are made of others: those are looked at first, once each, and shown only if asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Setting, Site, free_port
from tui_monitor.cli import main

CONFIG = """
services:
  - {{name: Everything, group: {{all: [Shops, Gone]}}}}
  - {{name: Shops, group: {{at_least: 2, of: [Shop one, shop-two, Gone], otherwise: partial}}}}
  - {{name: Some, group: {{any: [Gone, Shop one]}}}}
  - {{name: None, group: {{any: [Gone, Waiting]}}}}
  - {{name: Shop one, http: {{url: "{site}?1"}}}}
  - {{name: Shop two, http: {{url: "{site}?2"}}}}
  - {{name: Gone, tcp: {{host: 127.0.0.1, port: {gone}}}}}
  - {{name: Waiting, heartbeat: {{period: 1h}}}}
"""


@pytest.fixture
def groups(tmp_path: Path, site: Site) -> Setting:
    return Setting(tmp_path / "groups", CONFIG.format(site=site.url, gone=free_port()))


def checked(setting: Setting, capsys: pytest.CaptureFixture[str], *names: str) -> tuple[int, dict[str, Any]]:
    code = main(["check", *names, "-c", str(setting.config), "--json"])
    rows = json.loads(capsys.readouterr().out)
    return code, {row["name"]: (row["status"], row["message"]) for row in rows}


def test_a_group_knows_how_its_members_are_and_groups_of_groups_do_too(
    groups: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    code, rows = checked(groups, capsys)
    assert code == 1
    assert rows["Everything"] == ("major", "1 of 2 well; not well: Gone (major)")
    assert rows["Shops"] == ("operational", "2 of 3 well; not well: Gone (major)")
    assert rows["Some"] == ("operational", "1 of 2 well; not well: Gone (major)")
    assert rows["None"] == ("unknown", "0 of 2 well, expected 1; not well: Gone (major), Waiting (unknown)")


def test_a_group_alone_is_shown_alone_and_is_what_the_exit_code_goes_by(
    groups: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checked(groups, capsys, "Some") == (
        0,
        {"Some": ("operational", "1 of 2 well; not well: Gone (major)")},
    )
    code, rows = checked(groups, capsys, "Everything")
    assert (code, list(rows)) == (1, ["Everything"])


def test_each_member_is_looked_at_once_whoever_is_made_of_it(
    tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = f"services:\n  - {{name: Shop, http: {{url: '{site.url}', method: POST, body: '{{}}'}}}}\n"
    groups = "".join(f"  - {{name: G{n}, group: {{all: [Shop]}}}}\n" for n in range(5))
    code, rows = checked(Setting(tmp_path / "own", shop + groups), capsys)
    assert (code, len(rows), len(site.bodies)) == (0, 6, 1)
