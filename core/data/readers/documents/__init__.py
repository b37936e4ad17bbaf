"""Documents as numbered paragraphs: PDF, DOCX, EPUB, HTML; headings begin with ``#``."""
