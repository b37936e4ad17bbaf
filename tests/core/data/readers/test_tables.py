import io

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from core.data.readers.tables import header_of, names_a_shape, parquet_rows, table_record
from core.errors import UserFacingError


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


def parquet_bytes(**columns):
    sink = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), sink)
    return sink.getvalue()


def test_parquet():
    content = parquet_bytes(
        question=[f"q{n}" for n in range(2500)],
        answer=[None if n == 7 else f"a{n}" for n in range(2500)],
        turns=[[{"role": "user", "content": str(n)}] for n in range(2500)],
    )
    found = list(parquet_rows(io.BytesIO(content)))
    assert [r.line for r in found] == list(range(1, 2501))
    assert found[7].value["answer"] is None
    assert found[2499].value["turns"] == [{"role": "user", "content": "2499"}]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(50) + b"PAR1", b"text"])
def test_damaged_parquet(content):
    with pytest.raises(UserFacingError) as caught:
        list(parquet_rows(io.BytesIO(content)))
    assert caught.value.code == "dataset.damaged_table"


PARQUET = parquet_bytes(question=["a", "b"], answer=["c", "d"])


@given(st.integers(0, 10**9), st.binary(min_size=1, max_size=8))
def test_parquet_with_wrong_bytes_anywhere(place, wrong):
    content = bytearray(PARQUET)
    place %= len(content)
    content[place : place + len(wrong)] = wrong
    try:
        list(parquet_rows(io.BytesIO(bytes(content))))
    except UserFacingError as error:
        assert error.code == "dataset.damaged_table"
