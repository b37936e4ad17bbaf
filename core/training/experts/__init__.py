"""Adapters for mixtures of experts: low-rank factors for each expert, as peft stores them."""
