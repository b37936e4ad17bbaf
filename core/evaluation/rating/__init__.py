"""Blind rating: which answer is better, and what a series of such judgements proves."""
