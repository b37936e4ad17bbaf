"""Files that ship with the application: icons, glossary, catalogue, sample project."""
