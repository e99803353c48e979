"""What is spoken over a line: the steps of each protocol, and its words taken apart."""
