"""Mixtures of experts: their weights in 4 bits, and a forward pass that unpacks one at a time."""
