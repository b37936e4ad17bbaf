"""Installing PyTorch from the window: the offer above the pages, and the dialog behind it."""
