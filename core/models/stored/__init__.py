"""Bases that are published with fewer than 16 bits a weight, read as if they were not."""
