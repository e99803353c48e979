"""The layers once more, at run time and in annotations, where the import linter does not look."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

import pytest

from tests.house.sources import Source, package

FLOORS = [
    "core",
    "net places",
    "checks destinations",
    "store config",
    "control engine board",
    "cli daemon fakes __main__",
]
FLOOR = {name: height for height, names in enumerate(FLOORS) for name in names.split()}
COMPOSES = {"cli", "daemon", "fakes", "__main__"}

HEADLESS = ["core", "net", "places", "checks", "destinations", "store", "config", "engine", "daemon"]
FOR_FACES = {"textual", "starlette", "uvicorn"}
"""rich is left to the import contract: httpx itself loads it wherever it is installed."""


def part(module: str) -> str:
    """`tui_monitor.core.model` → `core`; empty for what is not ours or is the package itself."""
    head, _, rest = module.partition(".")
    return rest.partition(".")[0] if head == "tui_monitor" else ""


def modules(source: Source) -> list[tuple[ast.AST, str]]:
    """Every module that this file names in an import, wherever the import stands."""
    found: list[tuple[ast.AST, str]] = []
    for node in source.walk():
        if isinstance(node, ast.Import):
            found += [(node, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(node, f"{node.module}.{alias.name}") for alias in node.names]
    return found


def may_name(own: str, other: str) -> bool:
    return own == other or FLOOR[other] < FLOOR[own] or {own, other} <= COMPOSES


def test_annotations_obey_the_layers_too():
    wrong = []
    for source in package():
        own = source.name.removeprefix("tui_monitor/").partition("/")[0].removesuffix(".py")
        for node, module in modules(source):
            other = part(module)
            if own in FLOOR and other in FLOOR and not may_name(own, other):
                wrong.append(f"{source.where(node)} names {module}")
    assert not wrong


def test_every_import_inside_the_package_is_written_in_full():
    relative = [
        source.where(node)
        for source in package()
        for node in source.walk()
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not relative


def loaded_by(names: list[str]) -> set[str]:
    """The top-level modules that a fresh interpreter holds after importing these."""
    script = f"import importlib, json, sys\nfor name in {names!r}: importlib.import_module(name)\n"
    script += "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    out = subprocess.run(  # a fresh interpreter, for this one holds pytest's modules
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )
    assert out.returncode == 0, out.stderr
    return set(json.loads(out.stdout))


def names_of(folder: str) -> list[str]:
    names = [source.name.removesuffix(".py").replace("/", ".").removesuffix(".__init__") for source in package()]
    return [name for name in names if part(name) == folder]


@pytest.fixture(scope="module")
def headless() -> set[str]:
    return loaded_by([name for folder in HEADLESS for name in names_of(folder)])


def test_watching_without_a_terminal_loads_no_terminal_toolkit_and_no_web_server(headless: set[str]):
    assert "asyncio" in headless
    assert not headless & FOR_FACES


def test_extras_are_loaded_only_where_somebody_uses_them(headless: set[str]):
    assert not headless & {"boto3", "botocore", "uvloop", "h2", "hpack", "websockets"}


def test_the_core_loads_nothing_that_is_not_pythons_own():
    built = [
        "json",
        "importlib",
        "zoneinfo",
    ]  # which looks up how Python was built, in a module named after the machine
    strangers = loaded_by(names_of("core")) - loaded_by(built) - sys.stdlib_module_names
    assert strangers <= {"tui_monitor", "pydantic_core", "typing_extensions"}
