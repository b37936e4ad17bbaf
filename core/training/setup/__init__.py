"""Before the first step: fit into memory, precision, warm start."""
