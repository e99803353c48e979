"""What lies over a page for a moment: to choose, to write, to confirm."""
