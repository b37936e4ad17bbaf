"""What every page may use: looks, words, layouts and small widgets."""
