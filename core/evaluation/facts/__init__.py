"""Invented facts: what an answer names and neither question nor expected answer does."""
