"""Everyday questions: what a fine-tune may have forgotten, and how that is measured."""
