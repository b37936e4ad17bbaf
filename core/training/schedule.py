"""What happens at which step: order of the examples, learning rate, validations. Pure functions.

Nothing here keeps state: the batch of a step follows from the seed and the step alone, so that a
resumed run sees exactly the examples that the uninterrupted one would have seen.

Sources: the cosine is from Loshchilov & Hutter, 2016, *SGDR: Stochastic Gradient Descent with Warm
Restarts*, here without restarts and down to a tenth of the peak; linear warm-up from Goyal et al.,
2017, *Accurate, Large Minibatch SGD*.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from core.config.training import TrainingConfig


@dataclass(frozen=True, slots=True)
class Schedule:
    """The plan of one run over ``examples`` training examples."""

    config: TrainingConfig
    examples: int

    @property
    def effective_batch(self) -> int:
        """Examples per optimizer step: never more than there are, so that none counts twice."""
        return max(1, min(self.config.effective_batch, self.examples))

    @property
    def total_steps(self) -> int:
        """Optimizer steps of the whole run (at least one)."""
        wanted = self.config.epochs * self.examples / self.effective_batch
        steps = max(1, round(wanted))
        return min(steps, self.config.max_steps) if self.config.max_steps else steps

    @property
    def warmup_steps(self) -> int:
        """Optimizer steps in which the learning rate rises."""
        return math.ceil(self.config.warmup_fraction * self.total_steps)

    @property
    def validation_interval(self) -> int:
        """Optimizer steps between two validations."""
        steps_per_epoch = self.examples / self.effective_batch
        return max(1, round(steps_per_epoch / self.config.validations_per_epoch))

    def epoch_at(self, step: int) -> float:
        """Return how many passes over the data ``step`` finished steps are."""
        return step * self.effective_batch / self.examples

    def validates_after(self, step: int) -> bool:
        """Return whether a validation follows after ``step`` finished steps."""
        return step % self.validation_interval == 0 or step == self.total_steps

    def validations_between(self, after: int, upto: int) -> int:
        """Return how many validations follow after step ``after`` up to and with ``upto``."""
        regular = upto // self.validation_interval - after // self.validation_interval
        last = upto == self.total_steps and upto % self.validation_interval and upto > after
        return max(0, regular) + int(bool(last))

    def batch(self, step: int) -> list[int]:
        """Return the indices of the training examples of step ``step`` (counted from 0).

        The epochs' permutations follow each other without a gap, so a batch may span two epochs.
        """
        first = step * self.effective_batch
        return [self._example_at(i) for i in range(first, first + self.effective_batch)]

    def _example_at(self, position: int) -> int:
        epoch, offset = divmod(position, self.examples)
        return int(_permutation(self.config.seed, epoch, self.examples)[offset])

    def learning_rate(self, step: int) -> float:
        """Return the learning rate of step ``step`` (counted from 0).

        Linear warm-up over the first ``warmup_fraction`` of the steps, then a cosine or a line
        down to a tenth of the peak, or no fall at all.
        """
        peak, total = self.config.learning_rate, self.total_steps
        warmup = self.warmup_steps
        if step < warmup:
            return peak * (step + 1) / (warmup + 1)
        done = (step - warmup) / max(1, total - warmup)
        return peak * _decay(self.config.schedule, done)


_FLOOR = 0.1


def _decay(kind: str, done: float) -> float:
    if kind == "cosine":
        return _FLOOR + (1 - _FLOOR) * 0.5 * (1 + math.cos(math.pi * done))
    if kind == "linear":
        return 1 - (1 - _FLOOR) * done
    return 1.0


@lru_cache(maxsize=4)
def _permutation(seed: int, epoch: int, count: int) -> npt.NDArray[np.int64]:
    return np.random.Generator(np.random.PCG64([seed, epoch])).permutation(count)
