import io
import zipfile

import pytest

from core.data.readers import inspect_sources
from core.errors import UserFacingError


def packed():
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("content.xml", "<a>text that looks like text</a>" * 100)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "todo"),
    [
        ("deck.apkg", packed(), "Plain Text"),
        ("table.ods", packed(), ".xlsx"),
        ("letter.odt", packed(), ".docx"),
        ("box.pst", b"!BDN" + b"\0" * 99, ".mbox"),
        ("one.msg", b"\xd0\xcf\x11\xe0" + b"\0" * 99, ".mbox"),
        ("old.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 99, ".docx"),
        ("note.rtf", rb"{\rtf1\ansi text}", ".docx"),
        ("rows.yaml", b"- question: a\n  answer: b\n", "JSON"),
        ("rows.7z", b"7z\xbc\xaf\x27\x1c", "Unpack"),
        ("unknown", packed(), "Unpack"),
        ("array.npy", b"\x93NUMPY" + b"\1\0v", "JSON"),
        ("sheet.gsheet", b'{"url": "https://x"}', "Download"),
    ],
)
def test_a_file_of_another_kind_says_what_to_do(tmp_path, name, content, todo):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserFacingError) as refused:
        inspect_sources([tmp_path / name])
    assert refused.value.code == "dataset.not_a_dataset"
    assert todo in refused.value.todo
