"""Temperature and power while training, and what is done about heat."""
