"""What leaves the application: every export is loaded again and compared before it counts."""
