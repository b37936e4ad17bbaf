"""How-tos, for the help and for the palette: a step names controls as the window calls them."""
