"""What was asked and answered, on the page Chat."""
