"""Is the training going well? One sentence and one next step where it is not."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

from core.errors import UserFacingError
from core.jobs.events import Notice

_RISES_TO_WARN = 3
_DIVERGED_FACTOR = 1.5
_SPIKE_FACTOR = 2.5
_SMOOTHING = 0.9


@dataclass
class Health:
    """Watches the losses (nats per trained token) of one run.

    ``base_loss`` is the validation loss before the first step.
    """

    base_loss: float = math.nan
    _smooth: float = math.nan
    _validations: list[float] = field(default_factory=list)

    def after_step(self, loss: float, grad_norm: float, learning_rate: float) -> Notice | None:
        """Judge one optimizer step before its update is applied.

        Raises:
            UserFacingError: the loss or the gradient is no finite number; the update must not be
                applied, so that the state before it stays good.
        """
        if not (math.isfinite(loss) and math.isfinite(grad_norm)):
            raise UserFacingError(
                "training.not_finite",
                "The loss became “not a number”. We stopped and kept the last good version.",
                f"Usual cause: the learning rate. Retry with {learning_rate / 2:g}?",
            )
        before, self._smooth = self._smooth, self._smoothed(loss)
        if before > 0.3 and loss > _SPIKE_FACTOR * before:
            return Notice(
                level="info",
                code="training.spike",
                text=f"The practice loss jumped from {before:.2f} to {loss:.2f} for one step.",
                todo="One jump is harmless; if it repeats, use a lower learning rate.",
            )
        return None

    def _smoothed(self, loss: float) -> float:
        if math.isnan(self._smooth):
            return loss
        return _SMOOTHING * self._smooth + (1 - _SMOOTHING) * loss

    def after_validation(self, loss: float, learning_rate: float) -> Notice | None:
        """Judge one validation.

        Raises:
            UserFacingError: the model got clearly worse than the untouched base.
        """
        if math.isnan(self.base_loss):
            self.base_loss = loss
        self._validations.append(loss)
        if not math.isfinite(loss) or loss > max(_DIVERGED_FACTOR * self.base_loss, 1.0):
            raise UserFacingError(
                "training.diverged",
                "The training has diverged: the model is now much worse than before it began.",
                f"The best version is kept. Retry with a learning rate of {learning_rate / 4:g}?",
                f"validation loss {loss:.3f}, before the first step {self.base_loss:.3f}",
            )
        if self._has_risen():
            return Notice(
                level="warning",
                code="training.overfitting",
                text=f"Unseen-example errors have risen for {_RISES_TO_WARN} checks: "
                "it is starting to memorise.",
                todo="The best version is saved; you may stop now.",
            )
        return None

    def _has_risen(self) -> bool:
        recent = self._validations[-_RISES_TO_WARN - 1 :]
        rises = all(a < b for a, b in itertools.pairwise(recent))
        return len(recent) > _RISES_TO_WARN and rises
