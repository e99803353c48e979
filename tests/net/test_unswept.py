"""Nobody searches for dead cycles while a large page is read, and everybody may again afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tui_monitor.net.unswept import UNSWEPT


@pytest.fixture(autouse=True)
def searching() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


def test_the_search_rests_until_the_last_is_done():
    with UNSWEPT:
        with UNSWEPT:
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_search_goes_on_after_an_error():
    with pytest.raises(ValueError), UNSWEPT:
        raise ValueError("a damaged page")
    assert gc.isenabled()


def test_a_search_that_rested_before_rests_on():
    gc.disable()
    with UNSWEPT:
        pass
    assert not gc.isenabled()
