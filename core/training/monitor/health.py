"""Is the run going well? A light, one sentence and one action, told when they change."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence

from core.errors import UserFacingError
from core.events import Event, HealthVerdict, TrainStep, Validation
from core.language import _
from core.training.monitor.history import LEVEL_STEPS, LossHistory, RowLoss, RunShape
from core.training.monitor.symptoms import SYMPTOMS, Symptom


class Health:
    """Watches the losses (nats per trained token) of one run.

    Args:
        learning_rate: peak of the schedule.
        warmup_steps: in which the learning rate rises.
        epoch_steps: optimizer steps of one pass over the data.
        symptoms: what is looked for.

    Attributes:
        verdict: what was told last; ``None`` before there is anything to tell.
    """

    def __init__(
        self,
        learning_rate: float = 5e-5,
        warmup_steps: int = 0,
        epoch_steps: float = 1.0,
        symptoms: Sequence[Symptom] = SYMPTOMS,
    ) -> None:
        self.verdict: HealthVerdict | None = None
        self._history = LossHistory()
        self._symptoms = symptoms
        self._urgency, self._found_at = len(symptoms), 0
        self._plan = RunShape(learning_rate, epoch_steps, warmup_steps, math.nan)

    @property
    def base_loss(self) -> float:
        """Validation loss of the untouched base, ``nan`` before it is known."""
        return self._plan.base_loss

    @base_loss.setter
    def base_loss(self, loss: float) -> None:
        self._plan = dataclasses.replace(self._plan, base_loss=loss)

    def after_step(
        self, step: int, loss: float, grad_norm: float, examples: Sequence[RowLoss] = ()
    ) -> HealthVerdict | None:
        """Judge one optimizer step before its update is applied; return a verdict that is new.

        A red one asks to end the run: the update must not be applied.
        """
        if not (math.isfinite(loss) and math.isfinite(grad_norm)):
            rows = tuple(example.row for example in examples)
            return self._told(_not_finite(step, self._plan, rows))
        self._history.add_step(step, loss, grad_norm, examples)
        return self._judge()

    def after_validation(
        self, step: int, loss: float, by_task: Mapping[str, float] | None = None
    ) -> HealthVerdict | None:
        """Judge one validation; return a verdict that is new. A red one asks to end the run."""
        if math.isnan(self.base_loss):
            self.base_loss = loss
        if not math.isfinite(loss):
            return self._told(_not_finite(step, self._plan, ()))
        self._history.add_check(step, loss, dict(by_task or {}))
        return self._judge()

    def recall(self, events: Iterable[Event], upto: int) -> None:
        """Take what an earlier child of this run told of the steps up to ``upto``.

        Steps that were done again after a resume are told twice; the last telling counts.
        """
        steps: dict[int, TrainStep] = {}
        checks: dict[int, Validation] = {}
        for event in events:
            if isinstance(event, TrainStep) and event.step <= upto:
                steps[event.step] = event
            elif isinstance(event, Validation) and event.step <= upto:
                checks[event.step] = event
        for step in sorted({*steps, *checks}):
            if step in steps:
                done = steps[step]
                examples = row_losses(done.rows, done.row_losses, done.row_tokens)
                self.after_step(step, done.loss, done.grad_norm, examples)
            if step in checks:
                self.after_validation(step, checks[step].loss, checks[step].by_task)

    def _judge(self) -> HealthVerdict | None:
        """Find the most urgent symptom; a calmer one waits until the last has been gone a while.

        Otherwise two symptoms near their thresholds would take turns. The same symptom is reported
        again when it is about many more examples.
        """
        shown = self._history, self._plan
        found = ((n, symptom(*shown)) for n, symptom in enumerate(self._symptoms))
        urgency, verdict = next(((n, v) for n, v in found if v), (len(self._symptoms), None))
        if verdict is None:
            return None
        step = self._history.step
        if self.verdict and verdict.code == self.verdict.code and verdict.level != "red":
            self._urgency, self._found_at = urgency, step
            if len(verdict.rows) < 2 * max(1, len(self.verdict.rows)):
                return None
        if urgency > self._urgency and step - self._found_at < LEVEL_STEPS:
            return None
        self._urgency, self._found_at = urgency, step
        return self._told(verdict)

    def _told(self, verdict: HealthVerdict) -> HealthVerdict:
        self.verdict = verdict
        return verdict


def row_losses(
    rows: Sequence[int], losses: Sequence[float], tokens: Sequence[int]
) -> list[RowLoss]:
    """Return the examples of a step; ``losses`` and ``tokens`` may be unknown (empty)."""
    if len(losses) != len(rows):
        losses, tokens = [0.0] * len(rows), [0] * len(rows)
    return [RowLoss(*values) for values in zip(rows, losses, tokens, strict=True)]


def _not_finite(step: int, plan: RunShape, rows: tuple[int, ...]) -> HealthVerdict:
    settings = plan.with_rate(0.5)
    return HealthVerdict(
        level="red",
        code="training.not_finite",
        step=step,
        text=_("The loss became “not a number”. The run stopped and kept the last good version."),
        todo=_(
            "Usual cause: the learning rate. Retry at half, with {rate:g}?",
            rate=settings["learning_rate"],
        ),
        settings=settings,
        rows=rows,
    )


def stopping(verdict: HealthVerdict) -> UserFacingError:
    """Return the error that ends a run after a red verdict."""
    details = f"step {verdict.step}"  # not shown: technical
    return UserFacingError(verdict.code, verdict.text, verdict.todo, details)
