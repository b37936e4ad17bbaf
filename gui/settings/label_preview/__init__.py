"""What the model will learn from, shown before the run starts."""
