"""Ctrl+K: everything that can be reached or done, by typing a few letters of its name."""
