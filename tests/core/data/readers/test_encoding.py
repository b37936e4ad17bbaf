import io

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.data.readers.encoding import (
    KEEP_BYTES,
    decoded,
    guess_encoding,
    is_text_encoding,
    restore_kept_bytes,
    show_kept_bytes,
    with_byte_order,
    without_surrogates,
)

GERMAN = "Größe und Maß: „schön“ – für Äpfel, Öl, Übermut und Straßen.\n" * 20
RUSSIAN = "Как называется самая длинная река в мире и куда она впадает?\n" * 20
JAPANESE = "世界で一番長い川は何ですか。それはどこに流れていますか。東京は日本の首都です。\n" * 20
CHINESE = "世界上最长的河流是哪一条？它流向哪里？北京是中国的首都。\n" * 20


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [GERMAN, "plain English text\n" * 5])
def test_unicode_is_recognised(name, text):
    content = text.encode(name)
    guess = guess_encoding(content)
    assert content.decode(guess.name).lstrip("\ufeff") == text
    assert guess.confidence >= 0.9


@pytest.mark.parametrize("text", [RUSSIAN, JAPANESE, CHINESE])
@pytest.mark.parametrize("name", ["utf-8", "utf-16", "utf-32"])
def test_other_scripts_in_unicode(name, text):
    content = text.encode(name)
    assert content.decode(guess_encoding(content).name) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cp1252", GERMAN),
        ("cp1251", RUSSIAN),
        ("shift_jis", JAPANESE),
        ("euc_jp", JAPANESE),
        ("gb18030", CHINESE),
        ("big5", "世界上最長的河流是哪一條？它流向哪裡？台北是台灣的首都。\n" * 20),
    ],
)
def test_legacy_encodings_are_recognised(name, text):
    content = text.encode(name)
    assert content.decode(guess_encoding(content).name) == text


def test_a_few_wrong_bytes_do_not_change_the_encoding():
    content = ("Straße über Köln. " * 50).encode() + b"\xff\xe9"
    assert guess_encoding(content).name == "utf-8"


def test_a_few_damaged_rows_of_many_do_not_change_the_encoding():
    rows = [b"a row of plain English text"] * 300
    assert guess_encoding(b"\n".join([*rows, b"a caf\xe9 too", b"a na\xefve one"])).name == "utf-8"
    assert guess_encoding(b"\n".join([*rows[:30], b"a caf\xe9 too"])).name == "cp1252"


def test_a_sample_cut_inside_a_letter_is_still_utf_8():
    content = ("日本" * 50).encode()[:-1]
    assert guess_encoding(content).name == "utf-8"


def test_kept_bytes_are_shown_or_restored():
    text = b"caf\xe9 \x93x\x94".decode("utf-8", KEEP_BYTES)
    assert restore_kept_bytes(text) == "café “x”"
    assert show_kept_bytes(text) == "caf\ufffd \ufffdx\ufffd"


@given(st.binary(max_size=200))
def test_no_byte_is_lost_while_decoding(content):
    assume(b"\xef\x9e" not in content and b"\xef\x9f" not in content)  # private letters themselves
    text = content.decode("utf-8", KEEP_BYTES)
    back = [bytes([ord(c) - 0xF700]) if "\uf780" <= c <= "\uf7ff" else c.encode() for c in text]
    assert b"".join(back) == content


@given(st.binary(max_size=400))
def test_every_guess_can_be_used(content):
    guess = guess_encoding(content)
    assert 0 <= guess.confidence <= 1
    assert isinstance(content.decode(guess.name, KEEP_BYTES), str)


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "cp1252", "latin-1", "shift_jis", "utf-16"])
def test_encodings_of_files(name):
    assert is_text_encoding(name)


@pytest.mark.parametrize(
    "name",
    ["hex", "zlib", "rot13", "idna", "punycode", "undefined", "utf-7", "unicode_escape", "ä"],
)
def test_codecs_that_are_no_encodings_of_files(name):
    assert not is_text_encoding(name)


def test_byte_order_where_the_mark_is_missing():
    assert with_byte_order("utf-16", "ab".encode("utf-16-le")) == "utf-16-le"
    assert with_byte_order("utf-16", "ab".encode("utf-16")) == "utf-16"
    assert with_byte_order("cp1252", b"ab") == "cp1252"


def test_decoded_leaves_the_stream_open():
    stream = io.BytesIO("a\r\nb".encode("utf-16"))
    with decoded(stream, "utf-16") as text:
        assert text.read() == "a\r\nb"
    assert not stream.closed


def test_lone_surrogates_are_replaced():
    assert without_surrogates("a\ud800b\udfffc") == "a\ufffdb\ufffdc"
    assert without_surrogates("🙂") == "🙂"
