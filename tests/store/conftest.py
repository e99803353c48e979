"""What the tests of the store share: how to start a program of ours that may be killed."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture
def python() -> list[str]:
    """A command that runs Python with warnings as errors, as the suite itself does."""
    return [sys.executable, "-W", "error"]
