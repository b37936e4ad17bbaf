"""What a loaded model loses on texts and what it answers."""
