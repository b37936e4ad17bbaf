"""The examples that an export is fitted to: those that the fine-tune learned from."""

from __future__ import annotations

from collections.abc import Iterator

from core.chat.tokens import tokenise
from core.evaluation.job import Tuned


def calibration_rows(tuned: Tuned) -> Iterator[list[int]]:
    """Give the token numbers of training examples, as the fine-tune reads them."""
    for example in tuned.version.examples("train"):
        row = tokenise(tuned.tokenizer, example, tuned.config.max_length)
        if not row.problem:
            yield [int(token) for token in row.ids]
