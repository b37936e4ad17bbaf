"""Whose turn is it: the ways in which files write conversations."""
