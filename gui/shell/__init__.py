"""The main window around the pages, and its dialogs."""
