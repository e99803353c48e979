"""The hard lives of an engine: killed, stopped, starved of disk, started twice. See `python -m tests.crash -h`."""
