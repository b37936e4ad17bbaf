"""Answers word by word: many at once, by the base and its fine-tunes on one loaded model."""
