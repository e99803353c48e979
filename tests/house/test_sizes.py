"""How large things may grow before they must be taken apart."""

from __future__ import annotations

import ast
from statistics import median, quantiles

from tests.house.sources import Source, package, suite

FILE = 500
FUNCTION = 60
PLUGIN_MEDIAN = 60
FUNCTION_MEDIAN = 7


def lengths(sources: tuple[Source, ...]) -> dict[str, int]:
    return {
        f"{source.where(node)} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for source in sources
        for node in source.walk()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_no_file_is_longer_than_a_person_reads_in_one_sitting():
    long = {source.name: len(source.lines) for source in (*package(), *suite()) if len(source.lines) > FILE}
    assert not long


def test_no_function_is_longer_than_a_screen():
    long = {name: lines for name, lines in lengths((*package(), *suite())).items() if lines > FUNCTION}
    assert not long


def test_most_functions_are_a_handful_of_lines():
    found = list(lengths(package()).values())
    assert median(found) <= FUNCTION_MEDIAN
    assert quantiles(found, n=20)[-1] < 50


def test_a_plugin_is_typically_one_screen():
    found = {}
    for folder in ("tui_monitor/checks/", "tui_monitor/destinations/"):
        plugins = {source.name: len(source.lines) for source in package() if is_plugin(source)}
        there = {name: lines for name, lines in plugins.items() if name.startswith(folder)}
        assert there, f"no plugin found in {folder}"
        found |= there
    assert median(found.values()) <= PLUGIN_MEDIAN, found


def is_plugin(source: Source) -> bool:
    """A file with a class, beside the folder of what plugins share."""
    has_class = any(isinstance(node, ast.ClassDef) for node in source.walk())
    return has_class and source.name.count("/") == 2
