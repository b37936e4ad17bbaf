"""What a run has reported so far, as the numbers and the sentence that the page shows. No Qt."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

from core.events import (
    CheckpointSaved,
    Event,
    Failed,
    Finished,
    HealthVerdict,
    Notice,
    Progress,
    SampleAnswer,
    Started,
    StateChanged,
    Telemetry,
    TrainStep,
    Validation,
)
from core.hardware.system.energy import Usage
from core.jobs.exit_diagnosis import RESUME_TODO
from core.jobs.interrupted import goes_on_after
from core.jobs.spec import TrainingFacts
from core.language import N_, _
from gui.training.series import Series

if TYPE_CHECKING:
    from gui.kit.theme import Tone

_STEPS_SMOOTHED = 40  # the smoothed line follows about a fortieth of the whole run
_SPEED_WINDOW = 20
_ANSWERS_KEPT = 200
_NOTICES_KEPT = 50
_NOT_BEGUN = {
    "none": N_("No run is prepared. Choose the settings and start one."),
    "ready": N_("This run is ready to start."),
    "queued": N_("This run is waiting in the queue."),
}
_OLD_SECONDS = 10.0  # readings come once a second


class TrainingViewModel:
    """Takes the events of one run in order.

    Attributes:
        raw: loss of practice by step.
        smoothed: the same, smoothed.
        checks: loss of unseen examples by step; ``everyday`` is that of a few everyday answers.
        learning_rate, grad_norm: by step; ``speed`` in tokens per second.
        temperature: °C of the card by minute since the run began; ``memory_temperature`` is
            that of its memory, ``power`` is in watts.
        awake: the latest notice about keeping the computer awake, ``None`` before.
        best: step and loss of the best check, or ``None``.
        health: what the run's judge said last, or ``None``.
        saved: step of the newest checkpoint, 0 before the first.
        state: ``none`` (no run), ``ready`` (not started yet), ``queued``, ``waiting``, ``running``,
            ``paused`` (by you), ``held`` (waits for the card or the disk and resumes
            automatically) or ``ended``.
    """

    def __init__(self) -> None:
        self.raw, self.smoothed, self.checks = Series(), Series(), Series()
        self.everyday = Series()
        self.learning_rate, self.grad_norm, self.speed = Series(), Series(), Series()
        self.temperature, self.memory_temperature, self.power = Series(), Series(), Series()
        self.best: tuple[int, float] | None = None
        self.health: HealthVerdict | None = None
        self.step = self.total_steps = self.saved = 0
        self.epoch = 0.0
        self.state = "waiting"
        self.reason = ""
        self.phase: Progress | None = None
        self.telemetry: Telemetry | None = None
        self.answers: deque[SampleAnswer] = deque(maxlen=_ANSWERS_KEPT)
        self.notices: deque[Notice] = deque(maxlen=_NOTICES_KEPT)
        self.awake: Notice | None = None
        self.ending: Finished | Failed | None = None
        self._recent: deque[TrainStep] = deque(maxlen=_SPEED_WINDOW)
        self._at = self._minutes_before = 0.0
        self._energy_before = self._missed_before = 0.0

    def take(self, event: Event) -> None:
        """Add one event."""
        if isinstance(event, Started):
            self._restart(event)
        self._at = event.at
        match event:
            case Progress():
                self.phase = event
            case TrainStep():
                self._add_step(event)
            case Validation():
                self._add_check(event)
            case CheckpointSaved():
                self.saved = event.step
            case HealthVerdict():
                self.health = event
            case Telemetry():
                self._add_reading(event)
            case SampleAnswer():
                self.answers.append(event)
            case Notice():
                self._add_notice(event)
            case StateChanged():
                self._change_state(event)
            case Finished() | Failed():
                self.ending, self.state = event, "ended"

    def _restart(self, event: Started) -> None:
        """A new child; it reports the step it resumes from as soon as it knows it."""
        if event.resumed_from_step:
            self._forget_after(event.resumed_from_step)
        self.ending, self.state, self.phase = None, "waiting", None
        if event.at >= self._at:
            return  # the same child, which now knows where it resumes
        self._minutes_before += self._at / 60
        used = self.energy()
        self._energy_before = used.joules if used else 0.0
        self._missed_before = used.missed if used else 0.0
        self.telemetry = None
        self._recent.clear()

    def _by_step(self) -> tuple[Series, ...]:
        losses = (self.raw, self.smoothed, self.checks, self.everyday)
        return (*losses, self.learning_rate, self.grad_norm, self.speed)

    def _add_notice(self, event: Notice) -> None:
        if event.code.startswith("awake."):
            self.awake = event
        else:
            self.notices.append(event)

    def _forget_after(self, step: int) -> None:
        """What came after the checkpoint is done again."""
        for series in self._by_step():
            series.cut_after(step)
        self.best = None
        if len(self.checks):
            place = int(self.checks.y.argmin())
            self.best = (int(self.checks.x[place]), float(self.checks.y[place]))
        if self.health is not None and self.health.step > step:
            self.health = None
        kept = [answer for answer in self.answers if answer.step <= step]
        self.answers = deque(kept, maxlen=_ANSWERS_KEPT)
        self.step = step

    def _add_step(self, event: TrainStep) -> None:
        if event.step <= self.step:
            self._forget_after(event.step - 1)
        self.step, self.total_steps, self.epoch = event.step, event.total_steps, event.epoch
        self.state = "running"
        self.phase = None
        self._recent.append(event)
        self.learning_rate.add(event.step, event.learning_rate)
        if math.isfinite(event.grad_norm):
            self.grad_norm.add(event.step, event.grad_norm)
        if event.seconds > 0:
            self.speed.add(event.step, event.tokens / event.seconds)
        if math.isfinite(event.loss):
            before = float(self.smoothed.y[-1]) if len(self.smoothed) else event.loss
            self.raw.add(event.step, event.loss)
            weight = min(0.5, max(0.02, _STEPS_SMOOTHED / max(1, event.total_steps)))
            self.smoothed.add(event.step, before + weight * (event.loss - before))

    def _add_check(self, event: Validation) -> None:
        self.phase = None
        if len(self.checks) and event.step <= self.checks.x[-1]:
            self._forget_after(event.step - 1)
        if math.isfinite(event.loss):
            self.checks.add(event.step, event.loss)
            if self.best is None or event.loss < self.best[1]:
                self.best = (event.step, event.loss)
        if event.everyday is not None and math.isfinite(event.everyday):
            self.everyday.add(event.step, event.everyday)

    def _add_reading(self, event: Telemetry) -> None:
        self.telemetry = event
        minute = self._minutes_before + event.at / 60
        if event.temperature is not None:
            self.temperature.add(minute, event.temperature)
        if event.memory_temperature is not None:
            self.memory_temperature.add(minute, event.memory_temperature)
        if event.power is not None:
            self.power.add(minute, event.power)

    def _change_state(self, event: StateChanged) -> None:
        self.state, self.reason = "held" if event.by_itself else event.state, event.reason

    def reading(self) -> Telemetry | None:
        """Return the newest reading, ``None`` before the first and when they stopped coming."""
        newest = self.telemetry
        if newest is None or self.state == "ended":
            return newest
        return newest if self._at - newest.at <= _OLD_SECONDS else None

    def is_unprotected(self) -> bool:
        """Return whether a card trains whose temperature cannot be read now."""
        if self.telemetry is None or self.state == "ended" or not self.telemetry.on_card:
            return False
        reading = self.reading()
        return reading is None or reading.temperature is None

    def seconds_left(self) -> float | None:
        """Return the time to the last step, or ``None`` until enough was measured."""
        if self.state != "running" or not self._recent:
            return None
        return self._recent[-1].seconds_left

    def tokens_per_second(self) -> float | None:
        """Return the speed over the last steps."""
        seconds = sum(step.seconds for step in self._recent)
        return sum(step.tokens for step in self._recent) / seconds if seconds > 0 else None

    def energy(self) -> Usage | None:
        """Return what the card used in the whole run, or ``None`` if it cannot be read."""
        now, missed = None, self._missed_before
        if self.telemetry is not None:
            now, missed = self.telemetry.energy, missed + self.telemetry.energy_missed
        if now is None and not self._energy_before:
            return None
        seconds = 60 * self._minutes_before + (self.telemetry.at if self.telemetry else 0.0)
        return Usage(self._energy_before + (now or 0), seconds, missed)

    def seconds(self) -> float:
        """Return how long the run has taken so far, without what lay between its children.

        At the end it is what the run itself counted, as in the library.
        """
        result = self.ending.result if isinstance(self.ending, Finished) else None
        if isinstance(result, TrainingFacts) and result.seconds:
            return result.seconds
        return 60 * self._minutes_before + self._at

    def verdict(self) -> tuple[Tone, str]:
        """Return how the run is doing, in one sentence."""
        if isinstance(self.ending, Failed):
            return "problem", self._failed(self.ending)
        if isinstance(self.ending, Finished):
            return self._ended(self.ending)
        if self.state in ("paused", "held"):
            return self._paused()
        if self.state in _NOT_BEGUN:
            return "neutral", _(_NOT_BEGUN[self.state])
        if self.state == "waiting":
            return "neutral", f"{self.phase.phase} …" if self.phase else _("Getting ready …")
        return self._running()

    def _paused(self) -> tuple[Tone, str]:
        """Your own pause is no warning."""
        if self.state == "held":
            return "warning", _("{reason} The run resumes automatically.", reason=self.reason)
        return "neutral", self.reason or _("Paused.")

    def _failed(self, ending: Failed) -> str:
        """Name the step that the run would resume from, where resuming is the next step."""
        if getattr(ending.todo, "source", ending.todo) == RESUME_TODO:
            return f"{ending.what} {_('Press Resume.')} {goes_on_after(self.saved)}"
        return f"{ending.what} {ending.todo}"

    def _ended(self, ending: Finished) -> tuple[Tone, str]:
        if ending.outcome == "cancelled":
            return "warning", _("The run was cancelled, and nothing of it was kept.")
        completed = ending.outcome == "completed"
        start = _("Training is complete.") if completed else _("Training was stopped.")
        if self.best is None:
            return "good", f"{start} {_('The adapter is saved.')}"
        step, loss = self.best
        if step == 0:
            better = _("Nothing it learned was better than the base model.")
            return "warning", f"{start} {better}"
        saved = _(
            "The best version is saved: step {step:,}, loss {loss:.3f}.", step=step, loss=loss
        )
        return "good", f"{start} {saved}"

    def _running(self) -> tuple[Tone, str]:
        if self.health is not None and self.health.level != "green":
            return "warning", f"{self.health.text} {self.health.todo}".strip()
        if len(self.checks.y) >= 2 and self.best is not None:
            first, best = self.checks.y[0], self.best[1]
            if best < first:
                return "good", _(
                    "It is learning: the loss on unseen examples fell from {first:.2f} to "
                    "{best:.2f}.",
                    first=float(first),
                    best=float(best),
                )
            return "neutral", _("No gain on unseen examples yet. Give it a few more checks.")
        return "neutral", _("Training is under way. The line wobbles; that is normal.")
