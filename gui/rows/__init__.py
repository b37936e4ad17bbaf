"""Single examples, shown by more than one page."""
