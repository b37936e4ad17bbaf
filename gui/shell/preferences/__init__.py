"""What belongs to the application and not to one fine-tune."""
