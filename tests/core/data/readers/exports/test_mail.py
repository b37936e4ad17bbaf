import io

import pytest

from core.data.readers.exports.mail import is_mail, mail_rows
from tests.core.data.readers.exports.kinds import KINDS

BOX = KINDS["mail box"][1].encode()


def test_quoted_text_and_signatures_are_left_out_and_threads_come_together():
    rows = [record.value for record in mail_rows(io.BytesIO(BOX))]
    assert [row["said"] for row in rows[:2]] == ["How does 0 work?", "Like this: 0."]
    assert [row["day"] for row in rows] == [str(n) for n in range(4) for _ in range(2)]
    assert not any("CEO" in row["said"] or ">" in row["said"] for row in rows)


def test_parts_and_encodings():
    mail = (
        b"From: =?utf-8?q?J=C3=B6rg?= <j@x>\r\nSubject: S\r\nMessage-ID: <1@x>\r\n"
        b"Date: Mon, 01 Jan 2024 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Gr\xc3\xbc\xc3\x9fe <b>Ann</b></p>\r\n"
        b"--b--\r\n"
    )
    assert is_mail(mail)
    (record,) = mail_rows(io.BytesIO(mail))
    assert record.value == {"text": "S\n\nGrüße Ann"}


@pytest.mark.parametrize("damage", range(40))
def test_damaged_boxes_never_raise(damage):
    content = bytearray(BOX)
    for step in range(25):
        content[(damage * 97 + step * 131) % len(content)] = (damage * 31 + step * 7) % 256
    assert isinstance(list(mail_rows(io.BytesIO(bytes(content)))), list)


def test_other_texts_are_no_mail():
    assert not is_mail(b"From here on it is easy.\nSubject: none\n")
    assert not is_mail(b"Question: a\nAnswer: b\n") and not is_mail(b"")
