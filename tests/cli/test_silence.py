"""A config by which nobody is told of something says so before the engine runs, and when it does."""

from __future__ import annotations

from pathlib import Path

from tests.cli.program import Setting, free_port

NOBODY = "services: [{{name: A, tcp: {{host: 127.0.0.1, port: {port}}}}}]\n"
NOTE = "nobody will be told of anything: there are no destinations"


def test_validate_says_who_hears_nothing(setting: Setting, tmp_path: Path) -> None:
    quiet = Setting(tmp_path / "quiet", NOBODY.format(port=1)).here("validate")
    assert (quiet.code, quiet.err.splitlines()[0]) == (0, f"note: {NOTE}")
    assert "note" not in setting.here("validate").err
    assert Setting(tmp_path / "quiet", NOBODY.format(port=1)).ask("validate")["notes"] == [NOTE]
    assert setting.ask("validate")["notes"] == []


def test_an_engine_says_it_once_in_its_log(tmp_path: Path) -> None:
    quiet = Setting(tmp_path / "quiet", NOBODY.format(port=free_port()))
    with quiet.start() as engine:
        engine.until_open()
        engine.end()
    assert quiet.places.log.read_text().count(NOTE) == 1
