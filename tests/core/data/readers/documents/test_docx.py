import io

import pytest

from core.data.readers.documents.docx import docx_paragraphs
from core.data.readers.documents.paragraphs import UnreadableError
from tests.core.data.readers.documents.made import W, docx, packed


def read(content):
    return [paragraph.marked for paragraph in docx_paragraphs(io.BytesIO(content))]


def test_headings_are_known_by_the_name_that_is_english_in_every_word():
    assert read(docx(("berschrift1", "Knots"), ("other", "A knot."))) == ["# Knots", "A knot."]


def test_text_boxes_come_once_and_deleted_text_never():
    box = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/'
        '2006"><mc:Choice><w:p><w:r><w:t>Box</w:t></w:r></w:p></mc:Choice><mc:Fallback><w:p><w:r>'
        "<w:t>Box</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>"
    )
    text = "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t>new</w:t>"
    body = f"<w:p><w:r>{box}</w:r></w:p>{text}</w:r></w:ins></w:p>"
    document = f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    assert read(packed({"word/document.xml": document})) == ["Box", "new"]


def test_entities_of_a_hostile_file_are_not_followed():
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 9}">' for n in range(12))
    document = (
        f'<!DOCTYPE x [<!ENTITY e0 "aaaaaaaa"><!ENTITY f SYSTEM "file:///etc/passwd">{entities}]>'
        f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>&e12;&f;</w:t></w:r></w:p></w:body>'
        "</w:document>"
    )
    with pytest.raises(UnreadableError):
        read(packed({"word/document.xml": document}))
