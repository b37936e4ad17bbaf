"""What happens when memory runs out or spills."""
