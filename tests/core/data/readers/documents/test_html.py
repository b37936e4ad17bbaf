import pytest

from core.data.readers.documents.html import paragraphs_in
from core.data.readers.documents.paragraphs import UnreadableError


def read(markup):
    return [paragraph.marked for paragraph in paragraphs_in(markup, 1)]


def test_blocks_are_paragraphs_and_menus_are_none():
    page = "<nav>Menu</nav><h2>Tea</h2><div>Hot <b>and</b> sweet<ul><li>one<li>two</ul>rest</div>"
    assert read(page) == ["## Tea", "Hot and sweet", "one", "two", "rest"]


def test_code_keeps_its_lines():
    assert read("<p>Do:</p><pre>if x:\n    y()\n</pre>") == ["Do:", "if x:\n    y()"]


def test_elements_inside_each_other_without_end_are_refused():
    for tags in ("<div></x>", "<made-up>"):
        with pytest.raises(UnreadableError):
            read(tags * 5000)


def test_tags_that_nobody_closes_are_no_reason():
    assert len(read("<p>text<br>" * 5000)) == 5000
