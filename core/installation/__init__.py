"""PyTorch fetched for the card of this computer: chosen, planned, fetched, tried, switched to."""
