"""How fast a run goes, and from that how long it still takes.

Steps, validations and checkpoints are timed apart, since they come in different numbers in the rest
of a run. Steps count by their tokens: batches differ, and what is left of the data is known. The
pace is stored with each checkpoint, so that a resumed run knows it from its first step.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

_STEPS_TO_KNOW = 5
_REMEMBERED_STEPS = 40
_REMEMBERED_CHECKS = 4


class Eta(BaseModel):
    """Times that were measured; ``None`` before the first measurement.

    Attributes:
        seconds_per_token: of optimizer steps, rests included.
        check_seconds: one validation with what belongs to it: saves and a sample answer.
        save_seconds: one checkpoint between two validations.
        steps: how many steps it is known from.
        checks: how many validations it is known from.
    """

    model_config = ConfigDict(frozen=True)

    seconds_per_token: float | None = None
    check_seconds: float | None = None
    save_seconds: float | None = None
    steps: int = 0
    checks: int = 0

    def after_step(self, seconds: float, tokens: int) -> Eta:
        """Return the pace with one more step; the last forty count most."""
        known = self.seconds_per_token
        share = 1 / min(self.steps + 1, _REMEMBERED_STEPS)
        rate = _towards(known, seconds / max(1, tokens), share)
        return self.model_copy(update={"seconds_per_token": rate, "steps": self.steps + 1})

    def after_check(self, seconds: float) -> Eta:
        """Return the pace with one more validation; the first one, which is slow, is forgotten.

        Libraries and memory are made ready in it.
        """
        share = 1 / min(max(self.checks, 1), _REMEMBERED_CHECKS)
        known = _towards(self.check_seconds, seconds, share)
        return self.model_copy(update={"check_seconds": known, "checks": self.checks + 1})

    def after_save(self, seconds: float) -> Eta:
        """Return the pace with one more checkpoint."""
        known = _towards(self.save_seconds, seconds, 0.5)
        return self.model_copy(update={"save_seconds": known})

    def on_another_day(self) -> Eta:
        """Return the pace for a resumed run: the best guess, until new times replace it."""
        steps = min(self.steps, _STEPS_TO_KNOW)
        return self.model_copy(update={"steps": steps, "checks": min(self.checks, 1)})

    def seconds_left(self, tokens: float, checks: int, save_every: float) -> float | None:
        """Return the time for what is left, ``None`` until enough was measured.

        Args:
            tokens: to be computed in steps.
            checks: validations to come.
            save_every: seconds between two checkpoints.
        """
        if self.seconds_per_token is None or self.steps < _STEPS_TO_KNOW:
            return None
        if checks and self.check_seconds is None:
            return None
        training = tokens * self.seconds_per_token
        saving = training / save_every * (self.save_seconds or 0.0)
        return training + checks * (self.check_seconds or 0.0) + saving


def _towards(known: float | None, measured: float, share: float) -> float:
    return measured if known is None else known + share * (measured - known)
