"""What was accepted: its receipt, and what was left out of it later."""
