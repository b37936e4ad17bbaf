"""One file for each step of the wizard, and the library."""
