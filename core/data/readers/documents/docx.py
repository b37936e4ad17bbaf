"""Word documents: the text as it stands after accepted changes, with its headings and tables."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import IO

from lxml import etree

from core.data.readers.documents.paragraphs import (
    Paragraph,
    UnreadableError,
    content_of,
    part_of,
    squeezed,
    unpacked,
)

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_SECOND_FORM = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""Text boxes stand in the file twice, the second time for old programs."""
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
"""A Word document with a password is packed in such a file."""


def docx_paragraphs(stream: IO[bytes]) -> Iterator[Paragraph]:
    """Yield paragraphs and headings; a row of a table is one paragraph.

    Raises:
        UnreadableError: damaged, protected, unreasonably large, or without text.
    """
    content = content_of(stream)
    if content.startswith(_OLD_OFFICE):
        raise UnreadableError("locked")
    found = False
    with unpacked(content) as archive:
        try:
            for paragraph in _paragraphs(archive):
                found = True
                yield paragraph
        except etree.LxmlError as error:
            raise UnreadableError("damaged", str(error)) from error
    if not found:
        raise UnreadableError("empty")


def _events(archive: zipfile.ZipFile, name: str, tags: tuple[str, ...]) -> Iterator[etree._Element]:
    """Yield complete elements of a part; entities are not followed, nothing is fetched."""
    content = io.BytesIO(part_of(archive, name))
    wanted = [mark + tag for tag in tags for mark in (_W, _STRICT)]
    for _event, element in etree.iterparse(
        content, tag=wanted, resolve_entities=False, no_network=True, huge_tree=False
    ):
        yield element


def _paragraphs(archive: zipfile.ZipFile) -> Iterator[Paragraph]:
    levels = dict(_heading_levels(archive))
    cells: list[str] = []
    for element in _events(archive, "word/document.xml", ("p", "tc", "tr")):
        tag = _name_of(element)
        inside = _is_inside(element, _W + "tc", _STRICT + "tc")
        if tag == "p" and not inside:
            text = squeezed("".join(_texts(element)))
            if text and not _is_inside(element, _SECOND_FORM):
                yield Paragraph(text, 1, _level_of(element, levels))
        elif tag == "tc" and not inside:
            cells.append(squeezed("".join(_texts(element))))
        elif tag == "tr" and not inside:
            if any(cells):
                yield Paragraph(" | ".join(cells), 1)
            cells = []
        if not inside:
            element.clear(keep_tail=False)
            _forget_before(element)


def _is_inside(element: etree._Element, *tags: str) -> bool:
    return next(element.iterancestors(*tags), None) is not None


def _forget_before(element: etree._Element) -> None:
    """What was read is let go, so that the memory does not grow with the document."""
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _texts(element: etree._Element) -> Iterator[str]:
    for node in element.iter():
        name = _name_of(node)
        if name == "t":
            yield node.text or ""
        elif name in ("tab", "br", "cr", "p"):
            yield " "
        elif name == "noBreakHyphen":
            yield "-"


def _name_of(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _level_of(paragraph: etree._Element, levels: dict[str, int]) -> int:
    for mark in (_W, _STRICT):
        style = paragraph.find(f"{mark}pPr/{mark}pStyle")
        if style is not None:
            return levels.get(style.get(f"{mark}val", ""), 0)
    return 0


def _heading_levels(archive: zipfile.ZipFile) -> Iterator[tuple[str, int]]:
    """Yield the styles that are headings; their names are English in every language of Word."""
    if "word/styles.xml" not in archive.namelist():
        return
    for style in _events(archive, "word/styles.xml", ("style",)):
        for mark in (_W, _STRICT):
            name = style.find(f"{mark}name")
            if name is not None:
                said = name.get(f"{mark}val", "").lower()
                number = said.removeprefix("heading ")
                if said == "title":
                    yield style.get(f"{mark}styleId", ""), 1
                elif said.startswith("heading ") and number.isdigit():
                    yield style.get(f"{mark}styleId", ""), max(1, min(6, int(number)))
