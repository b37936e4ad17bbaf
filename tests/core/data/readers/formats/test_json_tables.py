import pytest

from core.data.readers.formats.json_tables import expanded, is_row_name, rows_of

ROWS = [{"question": "a", "answer": "b"}, {"question": "c", "answer": "d"}]


@pytest.mark.parametrize(
    "value",
    [
        {"question": ["a", "c"], "answer": ["b", "d"]},
        {"question": {"0": "a", "1": "c"}, "answer": {"0": "b", "1": "d"}},
        {"x": ROWS[0], "y": ROWS[1]},
        {"columns": ["question", "answer"], "index": [0, 1], "data": [["a", "b"], ["c", "d"]]},
    ],
)
def test_rows_of(value):
    assert rows_of(value) == ROWS


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        "text",
        ROWS[0],
        {"messages": [{"role": "user", "content": "a"}]},
        {"input": {"text": "a"}, "output": {"text": "b"}},
        {"question": ["a"], "answer": ["b", "c"]},
        {"columns": ["a"], "data": [["b", "c"]]},
    ],
)
def test_one_row_is_no_table(value):
    assert rows_of(value) is None


def test_paragraphs_are_expanded():
    asked = {"question": "q", "answers": [{"text": "a"}]}
    article = {"title": "t", "paragraphs": [{"context": "c", "qas": [asked, 3]}, None]}
    assert list(expanded(article)) == [{**asked, "context": "c"}]
    assert list(expanded({"paragraphs": ["plain text"]})) == [{"paragraphs": ["plain text"]}]
    assert list(expanded(7)) == [7]


def test_is_row_name():
    assert is_row_name("Question")
    assert not is_row_name("train")
