"""Judgements as rows of tokens: each owns two, one after the other.

A single mark's second row is its question with the answer to another one. What does not fit below
the length limit is left out: half an answer was never judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from core.chat.packing import Floats
from core.chat.tokens import TokenisedExample, TokenTable, tokenise
from core.data.example import Message
from core.training.preferences.judgement import NUMBERS, Judgement, Reply
from core.training.preferences.objective import Judged, Kinds, Objective, judge

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class JudgedRows:
    """One part of the judgements, tokenised.

    Attributes:
        table: 2 n rows; those of judgement i are 2 i and 2 i + 1.
        kinds: [n].
        left_out: how many judgements do not fit.
    """

    table: TokenTable
    kinds: Kinds
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.kinds)

    @property
    def tokens(self) -> Floats:
        """Trained tokens of each judgement's first row: [n]."""
        return np.asarray(self.table.trained[::2], np.float64)


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a run learns instead of examples.

    Attributes:
        train: its rows are those of ``run.train``.
        validation: its rows are those of ``run.validation``.
        start: [2 n] and [2 m], the losses of the rows where the run began.
        question: a held-out question, to be answered now and then.
    """

    objective: Objective
    train: JudgedRows
    validation: JudgedRows
    start: dict[str, Floats] = field(default_factory=dict)
    question: tuple[Message, ...] = ()

    def judge(self, part: str, judgements: Sequence[int], now: Floats) -> Judged:
        """Return losses and weights of some judgements with the present losses [2 n] of rows."""
        rows = self.train if part == "train" else self.validation
        some = list(judgements)
        before = self.start[part].reshape(-1, 2)[some]
        return judge(
            self.objective, rows.kinds[some], now.reshape(-1, 2), before, rows.tokens[some]
        )


def judged_rows(
    tokenizer: PreTrainedTokenizerBase, judgements: Sequence[Judgement], max_length: int
) -> JudgedRows:
    """Tokenise judgements, in their order."""
    texts: list[TokenisedExample] = []
    kinds: list[int] = []
    for place, judgement in enumerate(judgements):
        other = judgement.other or stranger(judgements, place)
        if other is None:
            continue
        both = [
            tokenise(tokenizer, judgement.example(reply), max_length)
            for reply in (judgement.answer, other)
        ]
        if any(text.problem or text.cut for text in both):
            continue
        texts += both
        kinds.append(NUMBERS[judgement.kind])
    return JudgedRows(_table(texts), np.array(kinds, np.int8), len(judgements) - len(kinds))


def stranger(judgements: Sequence[Judgement], place: int) -> Reply | None:
    """Return the answer to another question that stands next in the list, ``None`` without any."""
    turns = judgements[place].turns
    around = (*judgements[place + 1 :], *judgements[:place])
    return next((one.answer for one in around if one.turns != turns), None)


def _table(texts: Sequence[TokenisedExample]) -> TokenTable:
    from datasets import Dataset, Features, List, Value

    integers, number = List(Value("int32")), Value("int32")
    columns: dict[str, Any] = {"ids": integers, "labels": integers, "cut": number}
    values = {
        "ids": [list(text.ids) for text in texts],
        "labels": [list(text.labels) for text in texts],
        "cut": [text.cut for text in texts],
    }
    return TokenTable(
        rows=Dataset.from_dict(values, features=Features(columns)),
        lengths=[len(text.ids) for text in texts],
        trained=[text.trained for text in texts],
        examples=list(range(len(texts))),
    )
