"""A table from the clipboard as a file of examples, and a template to fill in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from core.data.readers.known_columns import ANSWERS, QUESTIONS
from core.errors import UserFacingError
from core.language import _
from core.project import Project
from core.storage.files import write_text

TEMPLATE = "template.csv"
_PASTED = "pasted.csv"
_HEADER = ("question", "answer")  # not shown: what the reader knows
_KNOWN = {*QUESTIONS, *ANSWERS}


def write_template(path: Path) -> None:
    """Write a table with the two columns that are needed and two rows to replace."""
    rows = (
        _HEADER,
        (_("How long do I have to return an item?"), _("You have 30 days.")),
        (_("Do you deliver on Saturdays?"), _("Yes, until noon.")),
    )
    write_text(path, _as_csv(rows))


def save_pasted(project: Project, text: str) -> Path:
    """Write what was copied from a table into the project and return the file.

    Raises:
        UserFacingError: it is no table of at least two columns.
    """
    rows = _rows_in(text)
    if not rows or min(map(len, rows)) < len(_HEADER):
        raise UserFacingError(
            "examples.no_table",
            _("The clipboard does not contain a table."),
            _("Copy at least two columns, questions and answers, then paste again."),
        )
    named = any(cell.strip().lower() in _KNOWN for cell in rows[0])
    if not named and len(rows[0]) == len(_HEADER):
        rows = [_HEADER, *rows]
    path = project.new_run("paste").root / _PASTED
    write_text(path, _as_csv(rows))
    return path


def _rows_in(text: str) -> list[tuple[str, ...]]:
    """Return the rows of a copied table: cells with tabs between them, or commas."""
    sign = "\t" if "\t" in text else ","
    read = csv.reader(io.StringIO(text.strip("\r\n")), delimiter=sign)
    return [tuple(row) for row in read if any(cell.strip() for cell in row)]


def _as_csv(rows: Iterable[Iterable[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()
