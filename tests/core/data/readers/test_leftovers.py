import pytest

from core.data.example import Message
from core.data.readers.ledger import Ledger
from core.data.readers.leftovers import Leftovers, needs_picture
from core.data.readers.shapes import Guess


@pytest.mark.parametrize(
    ("row", "text", "needs"),
    [
        ({"images": ["a.png"]}, "<image>What is it?", True),
        ({"image": "a.png"}, "<|image_1|> What is it?", True),
        ({"images": []}, "<image>What is it?", False),
        ({"image": "https://example.org"}, "Bake a cake.", False),
        ({}, "What does <image> mean?", False),
        ("text", "<image>", False),
    ],
)
def test_rows_that_need_a_picture(row, text, needs):
    assert bool(needs_picture(row, [Message("user", text)])) == needs


def left(guess, row):
    ledger = Ledger()
    Leftovers(guess, ledger).note(row)
    return dict(ledger.unused)


def test_columns_without_a_role():
    guess = Guess("question_answer", {"q": "question", "a": "answer"})
    assert left(guess, {"q": "x", "a": "y", "notes": "abc"}) == {"notes": 3}
    assert left(guess, {"q": "x", "a": "y"}) == left(guess, "x") == {}


def test_columns_inside_objects():
    guess = Guess("question_answer", {"in.q": "question", "out.deep.a": "answer"})
    row = {"in": {"q": "x", "more": "abc"}, "out": {"deep": {"a": "y", "b": "cd"}}, "id": "1"}
    assert left(guess, row) == {"in.more": 3, "out.deep.b": 2, "id": 1}


def test_plain_text_is_said():
    ledger = Ledger()
    Leftovers(Guess("text", {"body": "text"}), ledger)
    assert "“body”" in ledger.notices()[0].text
