"""The course of a training so far, as the few numbers that a judgement needs.

Losses are in nats per trained token. A *level* is the median of the last steps: one odd batch does
not move it.
"""

from __future__ import annotations

import statistics
from collections import deque
from dataclasses import dataclass, field

LEVEL_STEPS = 8
_START_STEPS = 5
_REMEMBERED_SPIKES = 20
_SPIKE_FACTOR = 1.6
_SPIKE_RISE = 0.6  # nats above the level
_SPIKE_SPREADS = 6.0  # times the usual deviation of a batch
_NEIGHBOURS = 8  # steps before and after a step that it is compared with
_ODD_RISE = 0.8  # nats above its neighbours
_ODD_SPREADS = 3.5  # times the usual deviation downwards, which odd batches do not widen
_ODD_STEPS = 40
_DEVIATIONS_TO_KNOW = 4


@dataclass(frozen=True, slots=True)
class Spike:
    """One step whose loss stood far above the level before it."""

    step: int
    loss: float
    level: float
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One validation: its loss, and the level of practice at that time (``None`` if unknown)."""

    step: int
    loss: float
    level: float | None


def _window() -> deque[float]:
    return deque(maxlen=4 * LEVEL_STEPS)


@dataclass
class Course:
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
        odd_steps: the last steps that stood out from the steps before and after them; known only
            some steps later, but also where batches differ much.
    """

    step: int = 0
    level: float | None = None
    start: float | None = None
    lowest: float | None = None
    norms: deque[float] = field(default_factory=_window)
    checks: list[Check] = field(default_factory=list)
    tasks: dict[str, list[float]] = field(default_factory=dict)
    spikes: deque[Spike] = field(default_factory=lambda: deque(maxlen=_REMEMBERED_SPIKES))
    odd_steps: deque[Spike] = field(default_factory=lambda: deque(maxlen=_REMEMBERED_SPIKES))
    _losses: deque[float] = field(default_factory=_window)
    _around: deque[tuple[int, float, tuple[int, ...]]] = field(
        default_factory=lambda: deque(maxlen=2 * _NEIGHBOURS + 1)
    )
    _below: deque[float] = field(default_factory=lambda: deque(maxlen=8 * LEVEL_STEPS))

    def add_step(self, step: int, loss: float, norm: float, rows: tuple[int, ...] = ()) -> None:
        """Take one finished optimizer step."""
        if self._stands_out(loss):
            self.spikes.append(Spike(step, loss, statistics.median(self._losses), rows))
        self._around.append((step, loss, rows))
        self._compare_with_neighbours()
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

    def _compare_with_neighbours(self) -> None:
        """Judge the step whose neighbours on both sides are known now."""
        if len(self._around) <= _NEIGHBOURS:
            return
        around = list(self._around)
        step, loss, rows = around.pop(-1 - _NEIGHBOURS)
        level = statistics.median(other for _, other, _ in around)
        if loss <= level:
            self._below.append(level - loss)
        if len(self._below) < _DEVIATIONS_TO_KNOW:
            return
        if loss > level + max(_ODD_RISE, _ODD_SPREADS * statistics.median(self._below)):
            self.odd_steps.append(Spike(step, loss, level, rows))

    def add_check(self, step: int, loss: float, by_task: dict[str, float]) -> None:
        """Take one validation."""
        self.checks.append(Check(step, loss, self.level))
        for task, task_loss in by_task.items():
            self.tasks.setdefault(task, []).append(task_loss)

    @property
    def best_check(self) -> Check | None:
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

    @property
    def recent_odd_steps(self) -> list[Spike]:
        """What stood out not long ago, at once or in hindsight, each step once."""
        every = {spike.step: spike for spike in (*self.odd_steps, *self.recent_spikes)}
        return [every[step] for step in sorted(every) if self.step - step < _ODD_STEPS]

    def suspects(self) -> tuple[int, ...]:
        """The examples that were part of more than one odd step, as in a later epoch."""
        every = {spike.step: spike for spike in (*self.odd_steps, *self.spikes)}
        seen = [row for spike in every.values() for row in spike.rows]
        return tuple(sorted({row for row in seen if seen.count(row) > 1}))


def rises(losses: list[float]) -> int:
    """Return for how many checks in a row the loss has become worse."""
    count = 0
    while count + 1 < len(losses) and losses[-1 - count] > losses[-2 - count]:
        count += 1
    return count
