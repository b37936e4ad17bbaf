"""Questions and answers that a base model draws from documents, each checked against its text."""
