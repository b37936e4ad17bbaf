"""From files to a dataset version: read, clean, show what will be learned, split."""
