"""Files of other kinds: what they are, and what to do to get their content in here."""

from __future__ import annotations

from core.data.readers.sources import DataSource
from core.errors import UserFacingError
from core.language import N_, _

_PICTURE = N_("“{name}” is a picture ({format}), not a file of examples.")
_PACKED = N_("“{name}” is a packed file ({format}), not a file of examples.")
_PROGRAM = N_("“{name}” is a program, not a file of examples.")
_NOT_TEXT = N_("“{name}” is not text, so it is not a file of examples.")
_NUMBERS = N_("“{name}” contains numbers of a program, not a file of examples.")
_KIND = N_("“{name}” is a file of {format}, which cannot be read here.")
_CHOOSE = N_("Choose a JSON, JSONL, CSV, spreadsheet, Parquet, text, PDF or Word file.")
_UNPACK = N_("Unpack it with another program and choose the file inside.")
_AS_TABLE = N_("Open it in its program, save it as .xlsx or .csv and choose that.")
_AS_DOCUMENT = N_("Open it in its program, save it as .docx or PDF and choose that.")
_AS_MAIL = N_("Open it in a mail program, export the mails as .mbox or .eml and choose those.")
_AS_JSON = N_("Convert it to JSON or CSV and choose the result.")
_AS_NOTES = N_("In Anki, choose File › Export › “Notes in Plain Text” and choose that file.")
_DOWNLOAD = N_("It only holds a link. Download the document as .xlsx or .docx and choose that.")
_AS_BOOK = N_("Convert it to EPUB, for example with Calibre, and choose the result.")

_MAGIC = (
    (b"\x89PNG\r\n", _PICTURE, "PNG", _CHOOSE), (b"\xff\xd8\xff", _PICTURE, "JPEG", _CHOOSE),
    (b"GIF8", _PICTURE, "GIF", _CHOOSE), (b"\x7fELF", _PROGRAM, "", _CHOOSE),
    (b"MZ\x90", _PROGRAM, "", _CHOOSE),
    (b"SQLite format 3", N_("“{name}” is a database, not a file of examples."), "", _AS_JSON),
    (b"GGUF", N_("“{name}” is a model, not a file of examples."), "", _CHOOSE),
    (b"RIFF", N_("“{name}” is a sound or video, not a file of examples."), "", _CHOOSE),
    (b"ID3", N_("“{name}” is a sound, not a file of examples."), "", _CHOOSE),
    (b"\xd0\xcf\x11\xe0", N_("“{name}” is an old Office document, not a file of examples."), "",
     _AS_DOCUMENT),
    (b"7z\xbc\xaf", _PACKED, "7z", _UNPACK), (b"Rar!", _PACKED, "RAR", _UNPACK),
    (b"\x1f\x8b", _PACKED, "gzip", _UNPACK), (b"\x28\xb5\x2f\xfd", _PACKED, "zstd", _UNPACK),
    (b"BZh", _PACKED, "bzip2", _UNPACK), (b"\xfd7zXZ", _PACKED, "xz", _UNPACK),
    (b"\x93NUMPY", _NUMBERS, "", _AS_JSON), (b"\x80\x04", _NUMBERS, "", _AS_JSON),
    (b"\x80\x05", _NUMBERS, "", _AS_JSON), (b"!BDN", _KIND, "Outlook", _AS_MAIL),
    (b"{\\rtf", _KIND, "RTF", _AS_DOCUMENT), (b"\x89HDF", _NUMBERS, "", _AS_JSON),
)  # fmt: skip
"""How a file of another kind begins, the sentence about it, its format, and what to do."""

_BY_NAME = {
    ".apkg": ("Anki", _AS_NOTES), ".colpkg": ("Anki", _AS_NOTES),
    ".ods": ("LibreOffice", _AS_TABLE), ".numbers": ("Numbers", _AS_TABLE),
    ".xlsb": ("Excel", _AS_TABLE),
    ".odt": ("LibreOffice", _AS_DOCUMENT), ".pages": ("Pages", _AS_DOCUMENT),
    ".pptx": ("PowerPoint", _AS_DOCUMENT), ".odp": ("LibreOffice", _AS_DOCUMENT),
    ".key": ("Keynote", _AS_DOCUMENT), ".one": ("OneNote", _AS_DOCUMENT),
    ".msg": ("Outlook", _AS_MAIL), ".olm": ("Outlook", _AS_MAIL), ".ost": ("Outlook", _AS_MAIL),
    ".mobi": ("Kindle", _AS_BOOK), ".azw3": ("Kindle", _AS_BOOK), ".azw": ("Kindle", _AS_BOOK),
    ".fb2": ("FictionBook", _AS_BOOK), ".djvu": ("DjVu", _AS_DOCUMENT),
    ".gsheet": ("Google", _DOWNLOAD), ".gdoc": ("Google", _DOWNLOAD),
    ".yaml": ("YAML", _AS_JSON), ".yml": ("YAML", _AS_JSON), ".toml": ("TOML", _AS_JSON),
    ".ipynb": ("Jupyter", _AS_DOCUMENT), ".xml": ("XML", _AS_JSON),
}  # fmt: skip


def refuse_other_kinds(source: DataSource, sample: bytes, encoding: str) -> None:
    """Return if the file may be text.

    Raises:
        UserFacingError: ``dataset.not_a_dataset``, with what it is and what to do.
    """
    if source.suffix in _BY_NAME:
        form, todo = _BY_NAME[source.suffix]
        raise _refusal(source, _KIND, form, todo)
    if source.suffix in (".tar", ".tgz"):
        raise _refusal(source, _PACKED, "tar", _UNPACK)
    if sample.startswith(b"PK\x03\x04"):
        raise _refusal(source, _PACKED, "zip", _UNPACK)
    for magic, what, form, todo in _MAGIC:
        if sample.startswith(magic):
            raise _refusal(source, what, form, todo)
    if not encoding.startswith(("utf-16", "utf-32")):
        odd = sum(sample.count(bytes([code])) for code in range(9))
        if odd > 0.02 * len(sample):
            raise _refusal(source, _NOT_TEXT, "", _CHOOSE)


def _refusal(source: DataSource, what: str, form: str, todo: str) -> UserFacingError:
    return UserFacingError(
        "dataset.not_a_dataset", _(what, name=source.label, format=form), _(todo)
    )
