"""What may be wrong with examples: each kind of finding, how it is recognised and repaired."""
