import pytest

from core.data.findings.broken_text import has_broken_text, is_lost, repair_text, visible
from core.data.readers.encoding import KEEP_BYTES
from tests.core.data.examples import INNOCENT


def kept(content):
    return content.decode("utf-8", KEEP_BYTES)


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("GrÃ¶ÃŸe", "Größe"),
        ("donâ€™t", "don’t"),
        ("cafÃ©", "café"),
        (kept(b"caf\xe9"), "café"),
        (kept(b"\x93quoted\x94 text"), "“quoted” text"),
        (kept("Größe".encode("cp1252")), "Größe"),
    ],
)
def test_damaged_letters_are_found_and_restored(text, repaired):
    assert has_broken_text(text)
    assert repair_text(text) == repaired
    assert not is_lost(text)


@pytest.mark.parametrize(
    "text",
    [
        "lost \ufffd letter",
        kept(b"cut \xe2\x82"),
        kept(b"a \xff b"),
        kept(b"a \xc3( b"),
        kept(b"\xed\xa0\x80"),
    ],
)
def test_lost_letters_stay_lost(text):
    assert has_broken_text(text)
    assert is_lost(text)
    assert "\ufffd" in repair_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "plain", "Größe", "naïve café", "El Niño – ¿qué?", "Привет, мир", "日本語の文章", "العربية",
        "Ünïcödé", "“quotes” – dashes … ©®™", "€ 5, £ 3, ¥ 2", "x² ≤ √y ± ∞", "🙂👍🏽",
        "São João, coração, mãe", "ÄÖÜ", "Ação rápida", "NÃO, AÇÃO, SÃO",
        *(answer for _, answer in INNOCENT),
    ],
)  # fmt: skip
def test_good_letters_are_left_alone(text):
    assert not has_broken_text(text)
    assert repair_text(text) == text


def test_visible_shows_one_sign_for_each_lost_byte():
    assert visible(kept(b"caf\xe9\xe8")) == "caf\ufffd\ufffd"
    assert visible("café") == "café"
