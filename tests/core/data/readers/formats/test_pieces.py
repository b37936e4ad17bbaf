"""Long texts in pieces: nothing lost, cut where it hurts least, never longer than the limit."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.readers.formats.pieces import pieces


def paragraphs(count, sentences=4, seed=0):
    dice = random.Random(seed)
    words = ["river", "Stein", "lamp", "evening", "carried", "über", "slowly", "seven"]
    return [
        " ".join(
            f"{' '.join(dice.choices(words, k=9)).capitalize()} {n}-{m}." for m in range(sentences)
        )
        for n in range(count)
    ]


def test_a_short_text_stays_whole():
    assert pieces("One.\n\nTwo.") == ["One.\n\nTwo."]


def test_pieces_begin_and_end_with_paragraphs_and_overlap():
    told = paragraphs(60)
    found = pieces("\n\n".join(told), 1500, 400)
    assert len(found) > 8
    for piece in found:
        assert len(piece) <= 1500
        assert piece.split("\n\n") == [part for part in told if part in piece]
    for one, two in itertools.pairwise(found):
        assert one.split("\n\n")[-1] == two.split("\n\n")[0]
    assert {part for piece in found for part in piece.split("\n\n")} == set(told)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        (" ".join(paragraphs(1, sentences=200)), "."),
        ("\n".join(paragraphs(100)), "."),
        ("。".join(["水は静かに流れる"] * 900), "。"),
    ],
)
def test_one_long_paragraph_is_cut_after_lines_or_sentences(text, end):
    found = pieces(text, 1000, 150)
    assert all(len(piece) <= 1000 for piece in found)
    assert all(piece.endswith(end) for piece in found[:-1])


def test_a_text_without_any_end_is_cut_all_the_same():
    found = pieces("x" * 5000, 1000, 100)
    assert all(len(piece) <= 1000 for piece in found)
    assert sum(map(len, found)) >= 5000


@given(st.text(alphabet="ab. \n\u3002", max_size=400), st.integers(20, 90))
def test_every_sign_is_in_a_piece_in_its_order(text, limit):
    found = pieces(text, limit, limit // 4)
    assert all(0 < len(piece) <= limit for piece in found)
    at = 0
    for piece in found:
        at = text.index(piece, max(0, at - limit // 4 - 3)) + len(piece)
    assert text.rstrip()[at:].strip() == ""
