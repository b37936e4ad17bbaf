"""What the window is made of: colours, fonts, motion, and the column that holds a page."""
