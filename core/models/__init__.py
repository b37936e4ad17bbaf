"""Base models: the catalogue, what is in a model folder, and the sample model."""
