"""Runs that wait for their turn, and the job that trains them in order."""
