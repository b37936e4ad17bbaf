from __future__ import annotations

import pytest

from core.evaluation.facts.words import SMALL, folded, hanzi_value, is_german, words_of


@pytest.mark.parametrize(
    ("text", "value"),
    [("十二", 12), ("三百二十", 320), ("千二百五十", 1250), ("二〇二三", 2023), ("三万", 30_000)],
)
def test_chinese_number_signs(text, value):
    assert hanzi_value(text) == value


def test_accents_and_capitals_do_not_count():
    assert folded("Straße") == "strasse"
    assert folded("Émile") == "emile"


def test_german_is_told_by_its_small_words():
    assert is_german("Das ist nicht die Antwort auf die Frage.")
    assert not is_german("This is not the answer to the question.")
    assert not is_german("")


def test_small_words_are_words():
    assert words_of("a b") == frozenset({"a", "b"})
    assert all(words for words in SMALL.values())
