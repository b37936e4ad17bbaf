"""Electronic books (EPUB): their chapters in reading order."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import IO
from urllib.parse import unquote

from lxml import etree

from core.data.readers.documents.html import paragraphs_in
from core.data.readers.documents.paragraphs import (
    Paragraph,
    UnreadableError,
    content_of,
    part_of,
    unpacked,
)

_CONTAINER = "META-INF/container.xml"
_EMPTY = re.compile(r"<(title|script|style|iframe|textarea|a|span|div|p|i|b|em)\b([^<>]*?)/>", re.I)
_ENCRYPTION = "META-INF/encryption.xml"


def epub_paragraphs(stream: IO[bytes]) -> Iterator[Paragraph]:
    """Yield the paragraphs of all chapters; the place is the number of the chapter.

    Raises:
        UnreadableError: damaged, protected, unreasonably large, or without text.
    """
    found = False
    with unpacked(content_of(stream)) as archive:
        try:
            chapters = _chapters(archive)
        except etree.LxmlError as error:
            raise UnreadableError("damaged", str(error)) from error
        if _is_protected(archive, chapters):
            raise UnreadableError("locked")
        for number, name in enumerate(chapters, 1):
            markup = _as_html(part_of(archive, name).decode("utf-8", "replace"))
            for paragraph in paragraphs_in(markup, number):
                found = True
                yield paragraph
    if not found:
        raise UnreadableError("empty")


def _as_html(markup: str) -> str:
    """Close what XML lets be empty: in HTML, ``<title/>`` or ``<script/>`` would hold the rest."""
    return _EMPTY.sub(r"<\1\2></\1>", markup)


def _parsed(archive: zipfile.ZipFile, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(part_of(archive, name), parser)


def _chapters(archive: zipfile.ZipFile) -> list[str]:
    """Return the names of the chapters' parts, in reading order."""
    rootfile = _parsed(archive, _CONTAINER).find(".//{*}rootfile")
    book = rootfile.get("full-path", "") if rootfile is not None else ""
    package = _parsed(archive, book)
    folder = posixpath.dirname(book)
    parts = {item.get("id"): item.get("href", "") for item in package.iterfind(".//{*}item")}
    spine = (parts.get(item.get("idref"), "") for item in package.iterfind(".//{*}itemref"))
    present = set(archive.namelist())
    paths = (posixpath.normpath(posixpath.join(folder, unquote(href))) for href in spine if href)
    return [path for path in paths if path in present]


def _is_protected(archive: zipfile.ZipFile, chapters: list[str]) -> bool:
    """Fonts are often scrambled, which does not matter; locked chapters do."""
    if _ENCRYPTION not in archive.namelist():
        return False
    text = part_of(archive, _ENCRYPTION).decode("utf-8", "replace").lower()
    return any(posixpath.basename(name).lower() in text for name in chapters)
