"""The process that reads a PDF: what it cannot read is known, and it never outlives its use."""

import pytest

from core.data.readers.documents import pdf_pages
from core.data.readers.documents.paragraphs import UnreadableError
from core.data.readers.documents.pdf_pages import PdfPages
from tests.core.data.readers.documents.made import pdf


def test_lines_have_places():
    with PdfPages(pdf(["One", None, ("Two", 20)], ["Three"])) as pages:
        assert pages.count == 2
        one, two = pages.page(0)
        assert (one.text, two.text) == ("One", "Two")
        assert one.bottom > two.bottom and two.height > 1.5 * one.height
        assert [line.text for line in pages.page(1)] == ["Three"]


def test_a_page_that_ends_the_process_is_left_out_and_the_others_are_read():
    with PdfPages(pdf(["One"], ["Two"])) as pages:
        pages._process.kill()
        assert pages.page(0) == []
        assert pages.unread == {0}
        assert [line.text for line in pages.page(1)] == ["Two"]
        assert pages.page(0) == []


def test_a_page_that_takes_too_long_is_left_out(monkeypatch):
    monkeypatch.setattr(pdf_pages, "_MOST_UNREAD", 0)
    with PdfPages(pdf(["One"]), seconds=0.0) as pages, pytest.raises(UnreadableError):
        pages.page(0)


def test_the_process_ends_with_its_use():
    with PdfPages(pdf(["One"])) as pages:
        process = pages._process
    assert not process.is_alive()
