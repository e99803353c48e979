"""The list of mutants stays true: each still fits the source, breaks it in one place, and leaves it Python."""

from __future__ import annotations

import ast

import pytest

from tests.broken import MUTANTS
from tests.mutant import SOURCE, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_each_mutant_fits_the_source_and_changes_it(mutant: Mutant):
    text = (SOURCE / mutant.file).read_text("utf-8")
    assert text.count(mutant.old) == 1
    broken = text.replace(mutant.old, mutant.new)
    assert ast.dump(ast.parse(broken)) != ast.dump(ast.parse(text))


def test_there_are_enough_of_them_and_no_two_alike():
    assert len(MUTANTS) >= 10
    assert len({(mutant.file, mutant.old, mutant.new) for mutant in MUTANTS}) == len(MUTANTS)
