"""Keyboard and wheel: the same in the whole window."""
