"""Findings on the page Examples: review, decisions and their history."""
