"""A fine-tune in daily use: a chat, a local server, a record of what was asked."""
