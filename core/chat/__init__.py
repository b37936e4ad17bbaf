"""From messages to tokens: templates, labels, packing."""
