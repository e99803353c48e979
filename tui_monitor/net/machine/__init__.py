"""This machine: its files and its programs, looked at like any other place that may hang."""
