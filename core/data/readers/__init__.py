"""Reading of foreign files into examples: any common format and shape, a row at a time.

``inspect_sources`` looks at the beginning of each file and guesses; ``read`` yields every row.
"""

from core.data.readers.inspection import Inspection, SourceInspection, inspect_sources
from core.data.readers.options import ReadOptions
from core.data.readers.reading import Row, read, read_rows

__all__ = [
    "Inspection",
    "ReadOptions",
    "Row",
    "SourceInspection",
    "inspect_sources",
    "read",
    "read_rows",
]
