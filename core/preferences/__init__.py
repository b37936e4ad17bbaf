"""What you judged in a project - blind, in daily use, in the chat - as something to learn from."""
