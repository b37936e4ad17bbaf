"""How near a saved form of a fine-tune is to the fine-tune itself, and what to call that."""

from __future__ import annotations

import math
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Verdict(StrEnum):
    """What is said of a saved form; the last one is never saved."""

    SAME = "same"
    SIMILAR = "similar"
    DIFFERENT = "different"


_SAME = 0.01, 0.02  # change of the loss, divergence: nats a token
_SIMILAR = 0.25, 0.25


class Answered(BaseModel):
    """One question that nobody learned from, and what both made of it.

    Attributes:
        wanted: the fine-tune's answer.
        wanted_ended: it ended before the limit, as ``ended`` says of the other one.
        answer: that of the saved form.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    question: str
    wanted: str
    wanted_ended: bool
    answer: str
    ended: bool

    @property
    def same(self) -> bool:
        """Whether both used the same words."""
        return self.wanted.split() == self.answer.split()


class Likeness(BaseModel):
    """What a saved form and the fine-tune make of the same unseen answers.

    Attributes:
        tokens: so many tokens of the answers were compared.
        loss: of the saved form, in nats a token.
        wanted: the same of the fine-tune.
        divergence: Kullback–Leibler, from the fine-tune to the saved form, in nats a token.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="strings")

    tokens: int
    loss: float
    wanted: float
    divergence: float

    @property
    def perplexity(self) -> float:
        """Perplexity of the saved form."""
        return math.exp(min(self.loss, 700.0))

    @property
    def wanted_perplexity(self) -> float:
        """Perplexity of the fine-tune."""
        return math.exp(min(self.wanted, 700.0))

    @property
    def verdict(self) -> Verdict:
        """Whether it answers like the fine-tune."""
        for verdict, (loss, divergence) in ((Verdict.SAME, _SAME), (Verdict.SIMILAR, _SIMILAR)):
            if abs(self.loss - self.wanted) <= loss and self.divergence <= divergence:
                return verdict
        return Verdict.DIFFERENT  # also for what is no number
