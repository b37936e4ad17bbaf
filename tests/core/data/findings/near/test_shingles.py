import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.findings.near.shingles import (
    BANDS,
    PERMUTATIONS,
    Shingler,
    band_keys,
    signatures,
    words_of,
)
from tests.core.data.findings.near.jaccard import similarity

WORDS = st.lists(st.sampled_from("a b c d e f".split()), max_size=12)  # noqa: SIM905


@given(st.text(st.characters(codec="ascii"), max_size=200))
def test_the_words_of_plain_letters_are_those_that_a_pattern_finds(text):
    assert words_of(text) == re.findall(r"\w+", text)
    every_sign = "".join(map(chr, range(128)))
    assert words_of(every_sign) == re.findall(r"\w+", every_sign)


def test_words_of():
    assert words_of("it's 3 o'clock") == ["it", "s", "3", "o", "clock"]
    assert words_of("größe über") == ["größe", "über"]
    assert words_of("猫は kat") == ["猫", "は", "kat"]


def pairs(words):
    return set(pairwise(words)) or ({(words[0],)} if words else set())


@given(st.lists(WORDS, min_size=1, max_size=6))
def test_rows_hold_their_own_word_pairs(rows):
    shingles = Shingler().shingles(rows)
    assert [len(shingles.row(n)) for n in range(len(rows))] == [len(pairs(row)) for row in rows]
    for n in range(len(rows)):
        assert np.array_equal(shingles.row(n), np.unique(shingles.row(n)))
        for m in range(len(rows)):
            union = pairs(rows[n]) | pairs(rows[m])
            expected = len(pairs(rows[n]) & pairs(rows[m])) / len(union) if union else 0.0
            assert similarity(shingles.row(n), shingles.row(m)) == pytest.approx(expected)


def test_the_same_text_has_the_same_shingles_in_another_chunk():
    one = Shingler().shingles([["a", "b", "c"]])
    two = Shingler().shingles([["x"], ["a", "b", "c"]])
    assert np.array_equal(one.row(0), two.row(1))


def test_no_rows():
    shingles = Shingler().shingles([])
    assert shingles.offsets.tolist() == [0]
    assert signatures(shingles).shape == (0, PERMUTATIONS)
    assert band_keys(signatures(shingles)).shape == (0, BANDS)


def test_signatures_estimate_the_similarity():
    words = [f"w{n}" for n in range(200)]
    shingles = Shingler().shingles([words, words[:160] + ["x"] * 3, words[100:] + ["y"] * 3])
    signature = signatures(shingles)
    for other in (1, 2):
        estimate = (signature[0] == signature[other]).mean()
        assert estimate == pytest.approx(similarity(shingles.row(0), shingles.row(other)), abs=0.2)


def test_near_copies_share_a_band():
    rng = np.random.default_rng(1)
    base = [[f"w{n}" for n in rng.integers(0, 5000, 60)] for _ in range(300)]
    changed = [[*row[:30], "changed", *row[31:]] for row in base]
    shingles = Shingler().shingles([*base, *changed])
    keys = band_keys(signatures(shingles))
    shared = (keys[:300] == keys[300:]).any(axis=1)
    alike = [similarity(shingles.row(n), shingles.row(300 + n)) for n in range(300)]
    assert min(alike) > 0.8
    assert shared.all()
