"""The page Saving."""
