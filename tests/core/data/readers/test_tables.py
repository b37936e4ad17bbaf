import io

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from core.data.readers.tables import header_of, parquet_rows, sheet_rows, table_record
from core.errors import UserFacingError
from tests.core.data.examples import sheet_bytes, sheet_cell, sheet_of


@pytest.mark.parametrize(
    ("row", "named"),
    [
        (["question", "answer"], True),
        ([" Question ", "\ufeffAnswer"], True),
        (["question", "question"], False),
        (["What is it?", "answer"], False),
        (["1", "2"], False),
        (["question", ""], False),
        (["one two three four five six", "b"], False),
    ],
)
def test_header_of(row, named):
    names = header_of(row)
    assert (not names[0].startswith("column")) is named
    assert names[0] == names[0].strip()


def test_table_record():
    assert table_record(3, ["a", "b"], ["x"]).value == {"a": "x", "b": ""}
    assert table_record(3, ["a"], ["x", " "]).value == {"a": "x"}
    assert table_record(3, ["a"], ["x", "y"]).fault == "the row has 2 columns, but the table has 1"


def test_sheets():
    content = sheet_of(
        [["question", "answer"], ["How?", "So."], ["", ""], ["Count", 3], ["x", 2.5]]
    )
    found = list(sheet_rows(io.BytesIO(content)))
    assert [(r.line, r.value["question"], r.value["answer"]) for r in found] == [
        (2, "How?", "So."),
        (4, "Count", "3"),
        (5, "x", "2.5"),
    ]


def test_formulas_in_sheets_are_not_run():
    content = sheet_of([["question", "answer"], ["sum", "=1+1"]])
    assert next(iter(sheet_rows(io.BytesIO(content)))).value["answer"] == "cached"


@pytest.mark.parametrize(
    "rows",
    [
        f'<row r="1048576">{sheet_cell("XFD1048576", "far")}</row>',
        f'<row r="1048576">{sheet_cell("Z1048576", "far")}</row>',
    ],
)
def test_a_sheet_that_explodes_is_refused(rows):
    with pytest.raises(UserFacingError) as caught:
        list(sheet_rows(io.BytesIO(sheet_bytes(rows))))
    assert caught.value.code == "dataset.archive_too_large"


def test_a_text_repeated_in_many_cells_is_refused():
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 3000))
    content = sheet_bytes(cells, "<si><t>" + "x" * 1_000_000 + "</t></si>")
    with pytest.raises(UserFacingError) as caught:
        list(sheet_rows(io.BytesIO(content)))
    assert caught.value.code == "dataset.archive_too_large"


def test_a_bomb_in_a_sheet_is_refused():
    content = sheet_bytes("<!--" + " " * (40 << 20) + "-->")
    assert len(content) < 100_000
    with pytest.raises(UserFacingError) as caught:
        list(sheet_rows(io.BytesIO(content)))
    assert caught.value.code == "dataset.archive_too_large"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"\xd0\xcf\x11\xe0 nothing"])
def test_a_damaged_sheet(content):
    with pytest.raises(UserFacingError) as caught:
        list(sheet_rows(io.BytesIO(content)))
    assert caught.value.code == "dataset.damaged_table"


@given(st.integers(0, 10**9), st.binary(min_size=1, max_size=8))
def test_a_sheet_with_wrong_bytes_anywhere(place, wrong):
    content = bytearray(SHEET)
    place %= len(content)
    content[place : place + len(wrong)] = wrong
    try:
        list(sheet_rows(io.BytesIO(bytes(content))))
    except UserFacingError as error:
        assert error.code in ("dataset.damaged_table", "dataset.archive_too_large")


SHEET = sheet_of([["question", "answer"], ["How?", "So."], ["Why?", "Thus."]])


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
