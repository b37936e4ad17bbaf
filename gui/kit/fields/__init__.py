"""Fields of forms: a choice out of a list, a number."""
