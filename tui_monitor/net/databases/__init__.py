"""Databases, which only speak through drivers that block: asked in threads, and given up in time."""
