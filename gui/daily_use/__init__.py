"""The page Daily use: the local server, and the record of what was asked."""
