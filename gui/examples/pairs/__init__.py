"""Questions and answers that a base model draws from documents: make, look through, accept."""
