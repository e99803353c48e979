"""Strict small servers that ship with the program: for its tests, its demo, and a rehearsal of a user's own."""
