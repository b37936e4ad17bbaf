"""The form ``four_bits``: a whole model of 4 bits that vLLM and transformers load."""
