"""Families of models that are known by their layout only: what transformers loads natively."""
