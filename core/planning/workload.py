"""How much there is to compute: examples, tokens, steps."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.config.training import TrainingConfig
from core.models.shape import ModelShape

_CHARACTERS_PER_TOKEN = 3.6  # English prose and code with today's vocabularies
_TEMPLATE_TOKENS = 25  # role marks and the usual system line of one conversation


@dataclass(frozen=True, slots=True)
class DatasetSize:
    """The examples of a dataset version, counted in tokens of the base model (or estimated)."""

    train_examples: int
    validation_examples: int
    mean_tokens: float
    longest_tokens: int

    @classmethod
    def from_characters(
        cls, train_examples: int, validation_examples: int, mean: float, longest: int
    ) -> DatasetSize:
        """Estimate tokens from the lengths of the conversations in characters."""

        def tokens(characters: float) -> float:
            return characters / _CHARACTERS_PER_TOKEN + _TEMPLATE_TOKENS

        return cls(
            train_examples, validation_examples, tokens(mean), math.ceil(tokens(longest) * 1.3)
        )


@dataclass(frozen=True, slots=True)
class Workload:
    """What one run computes at most (it may stop early)."""

    steps: int
    steps_per_epoch: int
    train_tokens: int
    validations: int
    validation_tokens: int

    @property
    def tokens(self) -> float:
        """All tokens in units of a trained token; one that is only read costs about a third."""
        return self.train_tokens + self.validations * self.validation_tokens / 3


def workload(data: DatasetSize, config: TrainingConfig) -> Workload:
    """Count what ``config`` computes on ``data``."""
    batch = max(1, min(config.effective_batch, data.train_examples))
    per_epoch = max(1, math.ceil(data.train_examples / batch))
    steps = max(1, math.ceil(per_epoch * config.epochs))
    if config.max_steps:
        steps = min(steps, config.max_steps)
    mean = min(data.mean_tokens, config.max_length)
    epochs = steps / per_epoch
    return Workload(
        steps=steps,
        steps_per_epoch=per_epoch,
        train_tokens=round(data.train_examples * mean * epochs),
        validations=max(1, round(epochs * config.validations_per_epoch)) + 1,
        validation_tokens=round(data.validation_examples * mean),
    )


def flops_per_token(shape: ModelShape, recompute: float, mean_tokens: float) -> float:
    """Floating-point operations for one trained token.

    The frozen weights need no gradient of their own: two passes of two operations each per weight,
    and the recomputed share once more.
    """
    head = shape.head_parameters or shape.embedding_parameters
    attention = 2 * shape.layers * shape.heads * shape.head_dim * mean_tokens
    return (4 + 2 * recompute) * (shape.met_parameters + attention) + 4 * head
