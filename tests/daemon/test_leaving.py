"""The end of the program waits for no thread that nothing can end."""

from __future__ import annotations

import subprocess
import sys

HANGS = """
import threading
from tui_monitor.daemon import leave
threading.Thread(target=threading.Event().wait).start()
print("last words")
leave(7)
"""

ENDS = """
import atexit, threading
from tui_monitor.daemon import leave
atexit.register(print, "and goodbye")
threading.Thread(target=lambda: None).start()
leave(7)
"""


def test_a_thread_that_hangs_does_not_hold_the_process() -> None:
    done = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (7, "last words\n", "")


def test_where_no_thread_hangs_the_end_is_the_usual_one() -> None:
    done = subprocess.run([sys.executable, "-c", ENDS], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "and goodbye\n")
