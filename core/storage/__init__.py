"""Files that are whole or not there, nothing but ordinary files, and what is in them."""
