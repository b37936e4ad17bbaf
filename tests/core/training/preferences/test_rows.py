"""Each judgement owns two rows; what does not fit is left out."""

import numpy as np

from core.chat.packing import IGNORED
from core.training.preferences.objective import Objective
from core.training.preferences.rows import Preferences, judged_rows, stranger
from tests.core.training.preferences.examples import judgements


def texts(tokenizer, rows):
    found = []
    for place in range(len(rows.table)):
        row = rows.table.row(place)
        found.append(tokenizer.decode([label for label in row.labels if label != IGNORED]))
    return found


def test_rows_are_answers_of_the_pair_or_of_somebody_else(tokenizer):
    made = judgements(3, ("pair", "good", "bad"))
    rows = judged_rows(tokenizer, made, 128)
    assert rows.kinds.tolist() == [0, 1, 2] and len(rows) == 3 and not rows.left_out
    pair, good, bad = made
    wanted = [pair.answer, pair.other, good.answer, bad.answer, bad.answer, pair.answer]
    found = zip(texts(tokenizer, rows), wanted, strict=True)
    assert all(text.startswith(reply.text) for text, reply in found)
    assert rows.tokens.tolist() == rows.table.trained[::2]
    first, second = rows.table.row(2), rows.table.row(3)
    cut = next(n for n, label in enumerate(first.labels) if label != IGNORED)
    assert list(first.ids[:cut]) == list(second.ids[:cut])  # the same question


def test_half_an_answer_was_never_judged(tokenizer):
    made = judgements(4)
    long = made[1].other.model_copy(update={"text": "Well, " * 200})
    made[1] = made[1].model_copy(update={"other": long})
    rows = judged_rows(tokenizer, made, 100)
    assert len(rows) == 3 and rows.left_out == 1 and len(rows.table) == 6


def test_a_question_that_is_alone_has_no_stranger(tokenizer):
    alone = judgements(1, ("good",))
    assert stranger(alone * 2, 0) is None
    rows = judged_rows(tokenizer, alone * 2, 100)
    assert len(rows) == 0 and rows.left_out == 2


def test_some_judgements_are_judged_with_their_own_start(tokenizer):
    rows = judged_rows(tokenizer, judgements(4), 128)
    start = np.arange(8.0)
    preferences = Preferences(Objective(beta=1.0, anchor=0.0), rows, rows, {"train": start})
    found = preferences.judge("train", [2, 0], np.array([4.0, 5.0, 0.0, 3.0]))
    assert found.losses.tolist() == [np.log(2), np.log1p(np.exp(-2.0))]
