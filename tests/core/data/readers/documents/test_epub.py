import io

import pytest

from core.data.readers.documents.epub import epub_paragraphs
from core.data.readers.documents.paragraphs import UnreadableError
from tests.core.data.readers.documents.made import epub


def test_chapters_come_in_the_order_of_the_book_with_their_numbers():
    found = list(epub_paragraphs(io.BytesIO(epub("<p>One <a id='x'/>a</p>", "<p>Two</p>"))))
    assert [(one.text, one.place) for one in found] == [("One a", 1), ("Two", 2)]


def test_an_empty_title_does_not_hold_the_whole_chapter():
    book = epub("<html><head><title/><script src='x'/></head><body><p>Text</p></body></html>")
    assert [one.text for one in epub_paragraphs(io.BytesIO(book))] == ["Text"]


def test_scrambled_fonts_lock_nothing_but_a_chapter_does():
    font = {"META-INF/encryption.xml": "<e><CipherReference URI='OPS/font.otf'/></e>"}
    assert list(epub_paragraphs(io.BytesIO(epub("<p>x</p>", **font))))
    chapter = {"META-INF/encryption.xml": "<e><CipherReference URI='OPS/c0.xhtml'/></e>"}
    with pytest.raises(UnreadableError, match="locked"):
        list(epub_paragraphs(io.BytesIO(epub("<p>x</p>", **chapter))))
