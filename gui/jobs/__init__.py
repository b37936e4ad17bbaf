"""Work off the window: threads, child processes and their progress."""
