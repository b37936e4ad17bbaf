import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.readers.formats.delimited import delimited_rows, guess_delimiter
from core.data.readers.options import LINE_LIMIT


def table(text, file_format="csv", encoding="utf-8"):
    content = text if isinstance(text, bytes) else text.encode(encoding)
    return list(delimited_rows(io.BytesIO(content), encoding, file_format))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter):
    rows = ["question,answer", "How?,So.", "Why?,Thus."]
    found = table("\n".join(rows).replace(",", delimiter))
    assert [r.value for r in found] == [
        {"question": "How?", "answer": "So."},
        {"question": "Why?", "answer": "Thus."},
    ]
    assert [r.line for r in found] == [2, 3]


def test_semicolons_with_commas_in_the_text():
    found = table("question;answer\nHow, when, why?;So, so, so.\nWho, where?;You, here.\n")
    assert found[0].value == {"question": "How, when, why?", "answer": "So, so, so."}


def test_tsv_keeps_quotes_commas_and_semicolons():
    found = table('question\tanswer\na,b;c\t"x ""y"""\n', "tsv")
    assert found[0].value == {"question": "a,b;c", "answer": 'x "y"'}


def test_quotes_and_line_breaks_in_a_cell():
    found = table('question,answer\n"a, ""b""","line 1\nline 2"\nc,d\n')
    assert found[0].value == {"question": 'a, "b"', "answer": "line 1\nline 2"}
    assert [r.line for r in found] == [2, 4]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end):
    found = table(end.join(["question,answer", "a,b", "", "c,d", ""]))
    assert [list(r.value.values()) for r in found] == [["a", "b"], ["c", "d"]]
    assert [r.line for r in found] == [2, 4]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_and_marks(encoding):
    found = table("question,answer\nGröße,Maß\n", encoding=encoding)
    assert found[0].value == {"question": "Größe", "answer": "Maß"}


def test_wrong_bytes_mark_the_row():
    found = table(b"question,answer\ncaf\xe9,x\ny,z\n")
    assert [r.broken for r in found] == [True, False]
    assert found[0].value["question"] == "caf\uf7e9"


def test_too_many_columns_are_a_fault_too_few_are_empty():
    found = table("question,answer\na,b,c\nd\ne,f,,\n")
    assert found[0].fault == "the row has 3 columns, but the table has 2"
    assert found[0].raw == "a,b,c"
    assert found[1].value == {"question": "d", "answer": ""}
    assert found[2].value == {"question": "e", "answer": "f"}


def test_without_a_header_columns_get_numbers():
    found = table("How does it work here?,It works like this.\nWhy is that so?,Because.\n")
    assert found[0].value == {
        "column 1": "How does it work here?",
        "column 2": "It works like this.",
    }
    assert len(found) == 2


def test_a_line_over_the_limit_is_a_fault_and_the_rest_loads():
    found = table("question,answer\na," + "x" * (LINE_LIMIT + 100) + "\nc,d\n")
    assert [(r.line, bool(r.fault)) for r in found] == [(2, True), (3, False)]
    assert "longer than 16 MB" in found[0].fault
    assert found[1].value == {"question": "c", "answer": "d"}
    assert csv.field_size_limit() < LINE_LIMIT, "the limit of others is restored"


def test_an_open_quote_does_not_swallow_the_rest():
    found = table('question,answer\na,b\n"c,d\ne,f\ng,h\n')
    assert [(r.line, bool(r.fault)) for r in found] == [
        (2, False),
        (3, True),
        (4, False),
        (5, False),
    ]
    assert found[1].fault == "a quotation mark is opened but never closed"
    assert found[3].value == {"question": "g", "answer": "h"}


def test_an_open_quote_before_more_than_the_limit():
    found = table('question,answer\n"c,d\n' + "e,f\n" * 20 + "g," + "h" * LINE_LIMIT + "\ni,j\n")
    assert [r.line for r in found] == list(range(2, 25))
    assert [r.line for r in found if r.fault] == [2, 23]


def test_nul_is_text():
    assert table(b"question,answer\na\x00b,c\n")[0].value["question"] == "a\x00b"


def test_formulas_are_text():
    found = table("question,answer\n=cmd|' /C calc'!A0,@SUM(1+1)\n")
    assert found[0].value == {"question": "=cmd|' /C calc'!A0", "answer": "@SUM(1+1)"}


@given(st.text(max_size=300), st.sampled_from(["csv", "tsv"]))
def test_any_text_is_a_table_or_faults(text, file_format):
    content = text.encode("utf-8", "replace")
    for record in delimited_rows(io.BytesIO(content), "utf-8", file_format):
        assert record.line >= 1
        assert record.fault or isinstance(record.value, dict)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00\ufeff"), max_size=20)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=20))
def test_what_the_csv_module_writes_comes_back(rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([("question", "answer"), *rows])
    found = table(text.getvalue())
    expected = [list(row) for row in rows if any(cell.strip() for cell in row)]
    if guess_delimiter(text.getvalue()) == ",":
        assert [list(r.value.values()) for r in found] == expected
