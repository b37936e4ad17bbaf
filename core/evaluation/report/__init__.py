"""The report of an evaluation: one page to keep, print and pass on."""
