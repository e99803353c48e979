"""`python -m tui_monitor` is the same program as `tui-monitor`."""

from __future__ import annotations

import sys

from tui_monitor.cli import main

if __name__ == "__main__":
    sys.exit(main())
