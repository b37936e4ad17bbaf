"""QLoRA training: config, tokens, packed micro-batches, the loop, checkpoints as transactions."""
