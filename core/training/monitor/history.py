"""The course of a run so far, as the few numbers that a judgement needs.

Losses are in nats per trained token. A *level* is the median of the last steps: one odd batch does
not move it.
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from core.events import HealthVerdict
from core.language import Sentence

Level = Literal["green", "amber", "red"]
LEVEL_STEPS = 8
_START_STEPS = 5
_REMEMBERED_SPIKES = 20
_SPIKE_FACTOR = 1.6
_SPIKE_RISE = 0.6  # nats above the level
_SPIKE_SPREADS = 6.0  # times the usual deviation of a batch
_EXAMPLES_AROUND = 64  # the last ones, with which an example is compared
_EXAMPLES_TO_KNOW = 8
_ODD_TOKENS = 32  # of shorter answers nothing can be said
_ODD_LOSS = 4.0  # nats per token: text that makes sense is rarely as hard over this many tokens
_ODD_SPREADS = 4.0  # times the usual deviation of an example
_ODD_SURPLUS = 14.0  # nats per root of a token above the level
_SURE_TOKENS = 128  # with which an answer's mean loss says more about the example than about luck
_REMEMBERED_ODD = 200


@dataclass(frozen=True, slots=True)
class Spike:
    """One step whose loss stood far above the level before it."""

    step: int
    loss: float
    level: float
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RowLoss:
    """One example in one step: its index, its mean loss, its number of trained tokens."""

    row: int
    loss: float
    tokens: int

    def above(self, level: float) -> float:
        """Return how far the loss is above ``level`` (nats), less for short answers."""
        return (self.loss - level) * math.sqrt(self.tokens / (self.tokens + _SURE_TOKENS))

    def is_odd(self, level: float, spread: float) -> bool:
        """Return whether it stands far outside of what is usual, by length and loss."""
        return (
            self.tokens >= _ODD_TOKENS
            and self.loss >= _ODD_LOSS
            and self.above(level) >= _ODD_SPREADS * spread
            and (self.loss - level) * math.sqrt(self.tokens) >= _ODD_SURPLUS
        )


@dataclass(frozen=True, slots=True)
class ValidationPoint:
    """One validation: its loss, and the level of practice at that time (``None`` if unknown)."""

    step: int
    loss: float
    level: float | None


def _window() -> deque[float]:
    return deque(maxlen=4 * LEVEL_STEPS)


@dataclass
class LossHistory:
    """Numbers of one run, in order of its steps.

    Attributes:
        step: the newest finished step.
        level: median loss of the last steps, ``None`` before there are enough.
        start: median loss of the first steps, ``None`` before there are enough.
        lowest: the lowest level so far.
        norms: the last norms of the gradient, before clipping.
        checks: step, loss and level of practice of the validations.
        tasks: the same by kind of task.
        spikes: the last spikes.
        odd: the loss of each example that stood out from those around it, by index.
        row_losses: how many examples with known losses were seen, each as often as it came.
        example_level: median loss of the last examples, 0 before there are enough.
    """

    step: int = 0
    level: float | None = None
    start: float | None = None
    lowest: float | None = None
    norms: deque[float] = field(default_factory=_window)
    checks: list[ValidationPoint] = field(default_factory=list)
    tasks: dict[str, list[float]] = field(default_factory=dict)
    spikes: deque[Spike] = field(default_factory=lambda: deque(maxlen=_REMEMBERED_SPIKES))
    odd: dict[int, float] = field(default_factory=dict)
    row_losses: int = 0
    example_level: float = 0.0
    _losses: deque[float] = field(default_factory=_window)
    _around: deque[RowLoss] = field(default_factory=lambda: deque(maxlen=_EXAMPLES_AROUND))

    def add_step(
        self, step: int, loss: float, norm: float, examples: Sequence[RowLoss] = ()
    ) -> None:
        """Take one finished optimizer step and the examples of its effective batch."""
        if self._stands_out(loss):
            rows = tuple(example.row for example in examples)
            self.spikes.append(Spike(step, loss, statistics.median(self._losses), rows))
        self._look_at(examples)
        self.step = step
        self._losses.append(loss)
        self.norms.append(norm)
        if self.start is None and len(self._losses) == _START_STEPS:
            self.start = statistics.median(self._losses)
        if len(self._losses) >= LEVEL_STEPS:
            self.level = statistics.median(list(self._losses)[-LEVEL_STEPS:])
            self.lowest = min(self.level, self.level if self.lowest is None else self.lowest)

    def _stands_out(self, loss: float) -> bool:
        if len(self._losses) < LEVEL_STEPS:
            return False
        usual = statistics.median(self._losses)
        spread = statistics.median(abs(other - usual) for other in self._losses)
        beyond = max(_SPIKE_RISE, _SPIKE_SPREADS * spread)
        return loss > _SPIKE_FACTOR * usual and loss > usual + beyond

    def _look_at(self, examples: Sequence[RowLoss]) -> None:
        """Compare examples with those before them, then take them as what is usual.

        Those without tokens are unknown, as in runs of before their losses were told.
        """
        if len(self._around) >= _EXAMPLES_TO_KNOW:
            level = statistics.median(example.loss for example in self._around)
            spread = statistics.median(abs(example.above(level)) for example in self._around)
            self.example_level = level
            odd = {e.row: e.loss for e in examples if e.is_odd(level, spread)}
            if len(self.odd) < _REMEMBERED_ODD:
                self.odd |= odd
        known = [example for example in examples if example.tokens]
        self.row_losses += len(known)
        self._around.extend(known)

    def add_check(self, step: int, loss: float, by_task: dict[str, float]) -> None:
        """Take one validation."""
        self.checks.append(ValidationPoint(step, loss, self.level))
        for task, task_loss in by_task.items():
            self.tasks.setdefault(task, []).append(task_loss)

    @property
    def best_check(self) -> ValidationPoint | None:
        """The best validation."""
        return min(self.checks, key=lambda check: check.loss, default=None)

    @property
    def checks_since_best(self) -> int:
        """How many validations came after the best one."""
        best = self.best_check
        return len(self.checks) - 1 - self.checks.index(best) if best else 0

    @property
    def recent_spikes(self) -> list[Spike]:
        """The spikes that are not long ago."""
        return [spike for spike in self.spikes if self.step - spike.step < 4 * LEVEL_STEPS]


def rises(losses: list[float]) -> int:
    """Return for how many checks in a row the loss has become worse."""
    count = 0
    while count + 1 < len(losses) and losses[-1 - count] > losses[-2 - count]:
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class RunShape:
    """What a course is compared with.

    Attributes:
        learning_rate: peak of the schedule.
        epoch_steps: steps of one pass over the data.
        warmup_steps: in which the learning rate rises.
        base_loss: validation loss of the untouched base, ``nan`` if unknown.
    """

    learning_rate: float
    epoch_steps: float
    warmup_steps: int
    base_loss: float

    def epochs_at(self, step: int) -> float:
        """Return how many passes ``step`` steps are."""
        return step / self.epoch_steps if self.epoch_steps > 0 else 0.0

    def with_rate(self, factor: float) -> dict[str, float]:
        """Return the setting that corrects a learning rate, rounded to two digits."""
        return {"learning_rate": float(f"{self.learning_rate * factor:.2g}")}


def verdict(
    history: LossHistory, light: tuple[Level, str], text: Sentence, todo: Sentence, **more: Any
) -> HealthVerdict:
    """Return the verdict ``light`` (level and code) on a course."""
    level, code = light
    return HealthVerdict(
        level=level, code=f"training.{code}", step=history.step, text=text, todo=todo, **more
    )
