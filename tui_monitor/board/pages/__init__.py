"""One module for each page of the board: what it asks for, and what its keys do."""
