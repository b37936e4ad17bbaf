"""Watches a run: loss history, health, time left, hanging steps."""
