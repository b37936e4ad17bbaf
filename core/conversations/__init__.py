"""Conversations with the base model and its fine-tunes, kept in the project."""
