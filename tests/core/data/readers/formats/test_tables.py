import pytest

from core.data.readers.formats.tables import header_of, names_a_shape, table_record


@pytest.mark.parametrize(
    ("row", "names"),
    [
        (["question", "answer"], ["question", "answer"]),
        ([" Question ", "\ufeffAnswer"], ["Question", "Answer"]),
        (["", "instruction", "output", ""], ["column 1", "instruction", "output", "column 4"]),
        (["foo", "bar baz"], ["foo", "bar baz"]),
        (["question", "question"], None),
        (["What is it?", "answer"], None),
        (["1", "2"], None),
        (["foo", ""], None),
        (["what is a cat", "a pet"], None),
    ],
)
def test_header_of(row, names):
    found, named = header_of(row)
    assert named == (names is not None)
    assert found == (names or ["column 1", "column 2"])


def test_names_a_shape():
    assert names_a_shape(["id", "prompt", "completion"])
    assert not names_a_shape(["foo", "bar"])


def test_table_record():
    assert table_record(3, ["a", "b"], ["x"]).value == {"a": "x", "b": ""}
    assert table_record(3, ["a"], ["x", " "]).value == {"a": "x"}
    assert table_record(3, ["a"], ["x", "y"]).fault == "the row has 2 columns, but the table has 1"
