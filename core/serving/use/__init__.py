"""Daily use: what was asked, what you said of it, and what follows from it."""
