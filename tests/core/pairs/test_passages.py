import json

import pytest

from core.errors import UserFacingError
from core.pairs.passages import LONGEST, passages_of
from tests.core.pairs.handbook import CHAPTERS, handbook


def test_each_chapter_of_a_pdf_is_a_passage_with_its_page(tmp_path):
    path = tmp_path / "lark.pdf"
    path.write_bytes(handbook())
    found = passages_of([path])
    assert [one.text for one in found] == [f"# {t}\n\n{text}" for t, text in CHAPTERS.items()]
    assert [one.file for one in found][2] == "lark.pdf/page 3"


def test_long_texts_are_cut_at_paragraphs_and_short_ones_left_out(tmp_path):
    path = tmp_path / "long.txt"
    paragraph = "This paragraph number {} says something about the old harbour of the town. "
    text = "\n".join(paragraph.format(n) * 6 for n in range(20))
    path.write_text(f"Too short.\n\n{text}")
    found = passages_of([path])
    assert len(found) > 5
    assert all(len(one.text) <= LONGEST for one in found)
    assert all(one.text.startswith("This paragraph") for one in found)


def test_questions_and_answers_are_no_documents(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps({"question": "Why? " * 50, "answer": "Because. " * 50}))
    with pytest.raises(UserFacingError) as caught:
        passages_of([path])
    assert caught.value.code == "pairs.no_text"
