"""The window: PySide6 on top of core; it never imports the training libraries."""
