"""The queue on the page Training."""
