"""What pages are made of: each draws lines that a pure function made, and only those that differ."""
