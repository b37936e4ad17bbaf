"""The terminal commands with which a fine-tune is judged by people, and what they judge."""
