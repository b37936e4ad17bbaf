"""Would a prompt have done? The base model with examples in its prompt."""
