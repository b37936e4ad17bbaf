import io

import pytest

from core.data.readers.documents import paragraphs
from core.data.readers.documents.paragraphs import Paragraph, Tidied, UnreadableError
from tests.core.data.readers.documents.made import packed


def test_a_heading_is_marked_and_a_rule_is_nothing():
    assert Paragraph("Tea", 1, 2).marked == "## Tea"
    assert Paragraph("-----", 1).marked == ""


def test_what_was_done_is_added_up():
    all_of_them = Tidied(repeated=1)
    all_of_them.add(Tidied(2, 3, 4, 5))
    assert all_of_them == Tidied(3, 3, 4, 5)
    all_of_them.clear()
    assert all_of_them == Tidied()


def test_sizes_are_limited(monkeypatch):
    monkeypatch.setattr(paragraphs, "DOCUMENT_LIMIT", 10)
    with pytest.raises(UnreadableError, match="too_large"):
        paragraphs.content_of(io.BytesIO(bytes(11)))
    monkeypatch.setattr(paragraphs, "PART_LIMIT", 10)
    with (
        pytest.raises(UnreadableError, match="too_large"),
        paragraphs.unpacked(packed({"x": "y" * 11})) as archive,
    ):
        paragraphs.part_of(archive, "x")
