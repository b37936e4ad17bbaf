"""The sample project: its examples and the script that makes them."""
