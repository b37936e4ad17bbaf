"""What an evaluation gives, as data: scores, differences with their intervals, clauses."""

from __future__ import annotations

from typing import Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

Word = Literal["better", "worse", "none", "unknown"]
"""What a difference says: *none* is "no difference found", *unknown* "not enough to tell"."""


class Scores(BaseModel):
    """How well one model did; what was not measured is ``None``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    perplexity: float = Field(ge=0)
    loss: float | None = None
    format_share: float | None = None
    exact_match: float | None = None
    bleu: float | None = None
    chrf: float | None = None
    rouge_l: float | None = None

    @model_serializer(mode="wrap")
    def _without_what_was_not_measured(
        self, write: SerializerFunctionWrapHandler
    ) -> dict[str, object]:
        data: dict[str, object] = write(self)
        return {name: value for name, value in data.items() if value is not None}


class Forgetting(BaseModel):
    """Perplexity of everyday answers (the base's own, and right ones) under each model."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    base: float
    tuned: float


class Difference(BaseModel):
    """One score of the fine-tune beside that of another model, on the same examples.

    Attributes:
        measure: name of a field of :class:`Scores`, or ``everyday`` and ``invented`` for what is
            measured on questions of their own.
        task: kind of task or question, ``""`` for all together.
        against: ``base``, or the name of an earlier run.
        count: how many examples.
        before: score of the other model.
        after: score of the fine-tune.
        low, high: 95 % interval of the change: ``after - before``, or for a perplexity
            ``after / before - 1``.
        word: what that says, decided more strictly where much is compared at once.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    measure: str
    task: str = ""
    against: str = "base"
    count: int = Field(ge=0)
    before: float
    after: float
    low: float
    high: float
    word: Word


class FormatRule(BaseModel):
    """One thing that nearly all answers of the training examples share.

    Attributes:
        code: what it is about.
        texts: the start, the end, the keys, the language, or all answers that there are.
        low, high: how many characters an answer has.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: Literal["one_of", "json", "keys", "starts", "ends", "one_line", "length", "language"]
    texts: list[str] = Field(default_factory=list)
    low: int = 0
    high: int = 0


class Prompted(BaseModel):
    """How the base did with examples in its prompt, beside itself without and the fine-tune.

    Attributes:
        shots: how many examples.
        count: how many questions were asked.
        scores: of these answers by name; ``base`` and ``tuned``: on the same questions.
        measure: the score by which the gain is counted.
        share: of the fine-tune's gain over the base that the examples reach; ``None`` where the
            fine-tune gained nothing.
        low, high: its 95 % interval.
        word: the fine-tune beside the base with examples.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    shots: int = Field(ge=0)
    count: int = Field(ge=0)
    scores: dict[str, float]
    base: dict[str, float] = Field(default_factory=dict)
    tuned: dict[str, float] = Field(default_factory=dict)
    measure: str = ""
    share: float | None = None
    low: float | None = None
    high: float | None = None
    word: Word = "unknown"


class Clause(BaseModel):
    """One part of the sentence that sums an evaluation up: a code, and the figures in it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    values: dict[str, float] = Field(default_factory=dict)
