"""How good the result is: scores, blind ratings and what they prove."""
