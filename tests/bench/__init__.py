"""Measured figures, each a command that anyone can repeat: `python -m tests.bench NAME`."""
