import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.readers.formats.sheets import sheet_rows
from core.errors import UserFacingError
from tests.core.data.examples import sheet_bytes, sheet_cell, sheet_of


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
