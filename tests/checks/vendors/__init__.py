"""The readers of vendors' pages."""
