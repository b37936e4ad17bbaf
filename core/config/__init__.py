"""Every value of a run: what is trained, and how the engine divides the work."""
