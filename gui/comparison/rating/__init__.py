"""Blind rating on the page Comparison: who judges, by what, and the answers afterwards."""
