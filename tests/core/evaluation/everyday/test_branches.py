"""Continuations that share their text are scored as if each stood alone."""

import numpy as np
import pytest

from core.chat.packing import IGNORED, Row
from core.evaluation.everyday import branches
from core.evaluation.everyday.branches import apart, laid_out, scored, seen, shared_tokens
from tests.core.generation.test_decoder import make

FAMILIES = {
    "Llama": {},
    "Mistral": {"sliding_window": 64},
    "Qwen3": {"head_dim": 16},
    "Gemma2": {"sliding_window": 64, "head_dim": 16},
    "Gemma3": {"sliding_window": 64, "head_dim": 16},
}


def row(text, answer):
    return Row([*text, *answer], [IGNORED] * len(text) + list(answer))


TEXTS = [
    [row([5, 6, 7, 8], some) for some in ([20, 21], [30], [31, 32, 33], [20, 40])],
    [row([9, 10], some) for some in ([50, 51, 52], [53, 54], [55], [56])],
    [row([11, 12, 13, 14, 15, 16], some) for some in ([60], [61], [62], [63])],
]


def test_a_text_is_laid_out_once_and_each_token_follows_its_own():
    layout = laid_out(TEXTS[:2])
    assert layout.ids.tolist() == [
        *(5, 6, 7, 8, 20, 21, 30, 31, 32, 33, 20, 40),
        *(9, 10, 50, 51, 52, 53, 54, 55, 56),
    ]
    assert layout.positions.tolist() == [
        *(0, 1, 2, 3, 4, 5, 4, 4, 5, 6, 4, 5),
        *(0, 1, 2, 3, 4, 2, 3, 2, 2),
    ]
    assert layout.targets.tolist() == [20, 21, 30, 31, 32, 33, 20, 40, 50, 51, 52, 53, 54, 55, 56]
    assert layout.owners.tolist() == [0, 0, 1, 2, 2, 2, 3, 3, 4, 4, 4, 5, 5, 6, 7]
    before = layout.ids[layout.sources].tolist()
    assert before == [8, 20, 8, 8, 31, 32, 8, 20, 10, 50, 51, 10, 53, 10, 10]
    looks = {
        place: layout.ids[np.flatnonzero(row)].tolist() for place, row in enumerate(seen(layout))
    }
    assert looks[9] == [5, 6, 7, 8, 31, 32, 33]
    assert looks[11] == [5, 6, 7, 8, 20, 40]
    assert looks[17] == [9, 10, 53], "not the text before it, and not its neighbour"


def test_only_what_all_have_before_their_answers_is_shared():
    assert shared_tokens(TEXTS[0]) == 4
    assert shared_tokens([row([1, 2, 3], [7]), row([1, 2, 4], [7])]) == 2
    assert shared_tokens([row([1, 2, 3], [7]), Row([1, 2, 3, 7], [IGNORED, 2, 3, 7])]) == 1


@pytest.mark.parametrize(
    ("family", "attention"),
    [*((family, "eager") for family in FAMILIES), ("Llama", "sdpa"), ("Mistral", "sdpa"),
     ("Qwen3", "sdpa"), ("Gemma3", "sdpa")],
)  # fmt: skip
def test_every_continuation_gets_what_it_gets_alone(family, attention):
    model = make(family, **FAMILIES[family])
    model.set_attn_implementation(attention)
    alone = [[apart(model, [[row]], "cpu")[0][0] for row in text] for text in TEXTS]
    found = branches._together(model, TEXTS, "cpu")
    for text, wanted in zip(found, alone, strict=True):
        assert text == pytest.approx(wanted, rel=0.02, abs=0.05)
    told = []
    assert np.concatenate(scored(model, TEXTS, "cpu", told.append)) == pytest.approx(
        np.concatenate(alone), rel=0.02, abs=0.05
    )
    assert told == [3]


@pytest.mark.parametrize("fault", ["refuses", "leaks"])
def test_a_model_that_the_mask_does_not_suit_computes_each_alone(fault, monkeypatch, caplog):
    model = make("Llama")
    wanted = apart(model, TEXTS, "cpu")

    def mask(_base, seen):
        if fault == "refuses":
            raise TypeError("no such mask")
        return (seen | seen.T)[None, None]

    monkeypatch.setattr(branches, "_mask", mask)
    assert scored(model, TEXTS, "cpu") == wanted
    assert "not shared" in caplog.text


def test_a_family_that_is_not_known_is_not_tried(monkeypatch):
    model = make("Llama")
    monkeypatch.setattr(branches, "SUPPORTED", {})
    monkeypatch.setattr(branches, "_together", None)
    assert scored(model, TEXTS, "cpu") == apart(model, TEXTS, "cpu")
    assert scored(model, [], "cpu") == []
