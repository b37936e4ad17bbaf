"""From messages to tokens and back: templates, labels, packing, generation."""
