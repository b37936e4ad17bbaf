"""Rows and texts that are nearly the same: pairs of words as hashes, candidates, groups."""
