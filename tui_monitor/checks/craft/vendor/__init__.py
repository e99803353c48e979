"""What the readers of vendors' status pages share: fetching, taking apart, and what it all comes to."""
