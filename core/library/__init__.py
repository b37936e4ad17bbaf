"""What the user has made: fine-tunes, and everything that takes disk space."""
