"""Graphics cards: which there are, which can be used, what they report."""
