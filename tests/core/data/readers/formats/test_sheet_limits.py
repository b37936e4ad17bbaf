import io
import zipfile

import pytest

from core.data.readers.formats.sheet_limits import size_of
from tests.core.data.examples import sheet_bytes, sheet_of


def size(content):
    found = size_of(io.BytesIO(content))
    return found.cells, found.letters


def test_a_small_sheet():
    assert size(sheet_of([["question", "answer"], ["a", "b"], ["c", "d"]])) == (6, 0)


def test_a_far_cell_counts_all_cells_before_it():
    assert size(sheet_bytes('<row r="1"><c r="B1"/></row>'))[0] == 2
    far = '<row r="1048576"><c  r = \'XFD1048576\' s="1"/></row>'
    assert size(sheet_bytes(far))[0] == 16384 * 1048576


def test_a_shared_text_counts_for_every_cell():
    cells = "".join(f'<c r="A{n}" t="s"><v>1</v></c>' for n in range(1, 501))
    found = size(sheet_bytes(cells, "<si><t>x</t></si><si><t>" + "y" * 100_000 + "</t></si>"))
    assert 500 * 100_000 <= found[1] < 500 * 100_100


def test_nothing_is_missed_at_the_border_of_blocks():
    cells = "".join(f'<c r="A{n}" t="s"><v>0</v></c>' for n in range(1, 100_001))
    assert len(cells) > 3 << 20
    found = size(sheet_bytes(cells, "<si><t>1234</t></si>"))
    assert found == (100_000, 100_000 * len("<si><t>1234</t>") + 100_000 * found_offset())


def found_offset() -> int:
    """Bytes before the first text: the declaration and the opening tag."""
    with zipfile.ZipFile(io.BytesIO(sheet_bytes("", "<si>"))) as archive:
        return archive.read("xl/sharedStrings.xml").index(b"<si>")


def test_an_index_beyond_the_texts_is_no_text():
    assert size(sheet_bytes('<c r="A1" t="s"><v>7</v></c>')) == (1, 0)


def test_a_damaged_archive_is_told():
    content = bytearray(sheet_of([["a", "b"]] * 50))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        place = archive.getinfo("xl/worksheets/sheet2.xml").header_offset + 60
    content[place : place + 30] = bytes(30)
    with pytest.raises((zipfile.BadZipFile, Exception)):
        size_of(io.BytesIO(bytes(content)))
