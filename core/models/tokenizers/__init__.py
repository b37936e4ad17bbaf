"""Tokenizers that are published in other forms than “tokenizer.json”, turned into that form."""
