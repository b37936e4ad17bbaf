"""Passages of documents that are long enough to ask about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.data.example import Example
from core.data.readers import ReadOptions, inspect_sources, read_rows
from core.data.readers.formats.pieces import pieces
from core.errors import UserFacingError
from core.language import _

LONGEST = 1500
"""Characters of a passage; a question about more is hardly about anything."""
_SHORTEST = 80
_FEWEST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage and where it stands."""

    text: str
    file: str
    line: int


def passages_of(paths: Iterable[Path], read: ReadOptions | None = None) -> list[Passage]:
    """Return the passages of all texts in these files, in their order, each once.

    Raises:
        UserFacingError: a file cannot be read, or there is no text without a question in them
            (code ``pairs.no_text``).
    """
    known: set[str] = set()
    found = []
    for row in read_rows(inspect_sources(paths, read)):
        if isinstance(row.item, Example):
            for passage in _of_example(row.item):
                if passage.text not in known:
                    known.add(passage.text)
                    found.append(passage)
    if not found:
        raise UserFacingError(
            "pairs.no_text",
            _("These files contain no passage that is long enough to ask about."),
            _("Choose documents such as PDF, Word or text files."),
        )
    return found


def _of_example(example: Example) -> Iterator[Passage]:
    if [message.role for message in example.messages] != ["assistant"]:
        return
    for text in pieces(example.answer, LONGEST, overlap=0):
        if len(text) >= _SHORTEST and len(text.split()) >= _FEWEST_WORDS:
            yield Passage(text, example.source.file, example.source.line)
