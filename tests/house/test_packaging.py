"""What people install is what the source says: versions, entry points, pins and the words of the README."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import tui_monitor
from tests.house.sources import TREE, tracked

PROJECT = tomllib.loads((TREE / "pyproject.toml").read_text("utf-8"))
LOCKS = ["run.txt", "dev.txt"]
EVERY_LOCK = [*LOCKS, "bench.txt"]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def entries(lock: str) -> list[str]:
    """Each pinned distribution with its hashes, one logical line each."""
    text = (TREE / "requirements" / lock).read_text("utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def test_the_version_is_written_in_one_place():
    assert metadata.version("tui-monitor") == tui_monitor.__version__
    assert "version" not in PROJECT["project"]
    assert PROJECT["project"]["dynamic"] == ["version"]


@pytest.mark.parametrize("group", ["checks", "destinations"])
def test_every_entry_point_resolves(group: str):
    registered = [point for point in metadata.entry_points(group=f"tui_monitor.{group}") if is_ours(point)]
    declared = PROJECT["project"]["entry-points"][f"tui_monitor.{group}"]
    assert {point.name for point in registered} == set(declared)
    for point in registered:
        assert isinstance(point.load(), type), point


def is_ours(point: metadata.EntryPoint) -> bool:
    return point.dist is not None and canonical(point.dist.name) == "tui-monitor"


def test_types_reach_whoever_writes_a_plugin():
    assert (Path(tui_monitor.__file__).parent / "py.typed").exists()


def test_the_command_resolves():
    (script,) = [point for point in metadata.entry_points(group="console_scripts") if point.name == "tui-monitor"]
    assert callable(script.load())


@pytest.mark.parametrize("lock", EVERY_LOCK)
def test_everything_is_pinned_to_one_version_and_to_hashes(lock: str):
    for entry in entries(lock):
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^\s;]+ ", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_of_the_project_is_pinned(lock: str):
    pinned = {canonical(re.split(r"[=\[]", entry)[0]) for entry in entries(lock)}
    wanted = {canonical(re.split(r"[<>=!~ ;\[]", need)[0]) for need in PROJECT["project"]["dependencies"]}
    assert wanted <= pinned


def test_what_is_pinned_for_running_is_pinned_alike_for_testing():
    run, dev = ({entry.split()[0] for entry in entries(lock)} for lock in LOCKS)
    assert run <= dev


# A class of one letter keeps these lines from finding themselves.
HOSTS = re.compile(r"pyp[i]\.org|pythonhoste[d]|registry\.npm|deb\.debian|files\.python|index-ur[l]|find-link[s]")
MACHINE = re.compile(r"(?<![\w.])/(work|root|opt/pypi|tmp/v)/|(?<![\w.])/home/[a-z]+/")


def words_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_tracked_file_names_a_registry_or_a_path_of_somebodys_machine():
    found = [
        f"{path.relative_to(TREE)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        for number, line in enumerate(words_of(path).splitlines(), 1)
        if is_private(line)
    ]
    assert not found


def is_private(line: str) -> bool:
    """`make lock` must name the options that keep hosts out of the locks."""
    line = re.sub(r"--no-emit-[a-z-]+", "", line)
    return bool(HOSTS.search(line) or MACHINE.search(line))
