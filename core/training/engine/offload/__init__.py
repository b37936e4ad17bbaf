"""Weights and activations that wait in the computer's memory."""
