"""The page Base model."""
