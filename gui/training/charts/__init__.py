"""The curves of the page Training."""
