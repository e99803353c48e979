"""What several checks need to judge by: shared, pure, and no plugin."""
