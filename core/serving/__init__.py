"""A fine-tune in daily use: a chat, a local server, a record of what was asked."""

DEFAULT_PORT = 8642
IDLE_MINUTES = 15.0
"""The model is let go when nothing was asked for this long."""
