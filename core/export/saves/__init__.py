"""What a fine-tune can be saved as, what that takes, and what was saved of it."""
