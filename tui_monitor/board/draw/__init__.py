"""From views to lines: pure functions, one module for each thing that is drawn."""
