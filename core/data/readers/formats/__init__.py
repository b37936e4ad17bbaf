"""One parser for each file format, all streaming."""
