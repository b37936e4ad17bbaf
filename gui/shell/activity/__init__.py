"""What is under way, always in sight at the side: the run, the queue, downloads."""
