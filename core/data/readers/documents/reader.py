"""The parser of each kind of document, and what is said of one that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Literal, get_args

from core.data.readers.documents.paragraphs import Paragraph, Reason, Tidied, UnreadableError
from core.errors import UserFacingError
from core.language import N_, _, ngettext

DocumentFormat = Literal["pdf", "docx", "epub", "html"]
DOCUMENT_FORMATS: tuple[DocumentFormat, ...] = get_args(DocumentFormat)

_SAID: dict[Reason, tuple[str, str]] = {
    "damaged": (
        N_("“{name}” is damaged, or it is not what its name says."),
        N_("Open it in another program, save it again and choose the new file."),
    ),
    "locked": (
        N_("“{name}” is protected with a password or a licence."),
        N_("Save a copy without the protection and choose that."),
    ),
    "too_large": (
        N_("“{name}” is too large to be read."),
        N_("Divide it into several files."),
    ),
    "pictures": (
        N_("“{name}” contains pictures of pages, but no text."),
        N_("Run text recognition (OCR) on it, for example with OCRmyPDF, and choose the result."),
    ),
    "empty": (
        N_("“{name}” contains no text."),
        N_("Choose another file."),
    ),
}


def document_paragraphs(
    stream: IO[bytes], file_format: DocumentFormat, encoding: str, label: str, tidied: Tidied
) -> Iterator[Paragraph]:
    """Yield the paragraphs of a document; ``tidied`` learns what was done to it.

    Raises:
        UserFacingError: it cannot be read; says why, with its ``label``.
    """
    with explained(label):
        yield from _parsed(stream, file_format, encoding, tidied)


@contextmanager
def explained(label: str) -> Iterator[None]:
    """Say of what is read inside the block why it cannot be read.

    Raises:
        UserFacingError: in place of :class:`UnreadableError`.
    """
    try:
        yield
    except UnreadableError as error:
        what, todo = _SAID[error.reason]
        raise UserFacingError(
            f"document.{error.reason}", _(what, name=label), _(todo), error.details
        ) from error


def _parsed(
    stream: IO[bytes], file_format: DocumentFormat, encoding: str, tidied: Tidied
) -> Iterator[Paragraph]:
    if file_format == "pdf":
        from core.data.readers.documents.pdf import pdf_paragraphs

        yield from pdf_paragraphs(stream, tidied)
    elif file_format == "docx":
        from core.data.readers.documents.docx import docx_paragraphs

        yield from docx_paragraphs(stream)
    elif file_format == "epub":
        from core.data.readers.documents.epub import epub_paragraphs

        yield from epub_paragraphs(stream)
    else:
        from core.data.readers.documents.html import html_paragraphs

        yield from html_paragraphs(stream, encoding)


def said_of(tidied: Tidied) -> Iterator[tuple[str, int]]:
    """Yield a sentence and a number for each thing that was done to documents."""
    if tidied.repeated:
        text = ngettext(
            "{count:,} repeated line at the top or bottom of pages is left out.",
            "{count:,} repeated lines at the top or bottom of pages are left out.",
            tidied.repeated,
        )
        yield text, tidied.repeated
    if tidied.joined:
        text = ngettext(
            "{count:,} word divided at the end of a line is joined.",
            "{count:,} words divided at the end of a line are joined.",
            tidied.joined,
        )
        yield text, tidied.joined
    if tidied.unread:
        text = ngettext(
            "{count:,} damaged page is left out.",
            "{count:,} damaged pages are left out.",
            tidied.unread,
        )
        yield text, tidied.unread
    if tidied.textless > tidied.unread:
        count = tidied.textless - tidied.unread
        text = ngettext(
            "{count:,} page without text is left out. If it is a picture of a page, run text "
            "recognition (OCR) on the file first.",
            "{count:,} pages without text are left out. If they are pictures of pages, run "
            "text recognition (OCR) on the file first.",
            count,
        )
        yield text, count
