"""Fused operations, in Triton where the card can run them."""
