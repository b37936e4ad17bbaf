"""F1: keys and words, what this application is made of, and a tour of five hints."""
