"""What programs export that is neither a table nor a list of chats: each in the form of its own."""
