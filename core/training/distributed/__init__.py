"""Several cards that train one adapter together."""
