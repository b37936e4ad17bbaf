"""What can be wrong with a training, each as one test of its course.

A symptom takes the course and the run's plan to a verdict or ``None``. Thresholds come from
recorded runs of the sample model (``tests/core/training/curves``): sound ones stay below them by a
margin, the accidents go beyond them in the first part of their time.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from core.jobs.events import HealthVerdict
from core.training.course import LEVEL_STEPS, Course, rises

Level = Literal["green", "amber", "red"]
USUAL_RATE = 5e-5
_LOW_RATE, _HIGH_RATE = 1.5e-5, 5e-4
_DIVERGED_FACTOR = 1.25
_DIVERGED_RISE = 0.5  # nats
_RISEN_FACTOR = 2.0
_RISEN_NATS = 1.5
_UNSTABLE_FACTOR = 1.4
_UNSTABLE_NATS = 0.3
_RISES_TO_WARN = 3
_CLEAR_RISES = 2
_RISE_SHARE = 0.05
_PRACTICE_GAIN = 0.15
_TASK_RISE_SHARE = 0.03
_BY_HEART = 0.15  # nats per token: nearly every token is foreseen
_GAP_FACTOR = 3.0
_GAP_NATS = 0.3
_ODD_TO_WARN = 3
_ODD_SHARE = 0.01  # of all that was practised
_LITTLE_GAIN = 0.02
_SOME_GAIN = 0.01  # less is not called learning
_PATIENT_STEPS = 40
_PLATEAU_CHECKS = 5
_PLATEAU_GAIN = 0.003


@dataclass(frozen=True, slots=True)
class Plan:
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
        """Return the setting that mends a learning rate, rounded to two digits."""
        return {"learning_rate": float(f"{self.learning_rate * factor:.2g}")}


Symptom = Callable[[Course, Plan], HealthVerdict | None]


def diverged(course: Course, plan: Plan) -> HealthVerdict | None:
    """The loss is far above where it began, or far above where it had been."""
    known = [course.start, plan.base_loss if plan.base_loss == plan.base_loss else None]
    before = max((value for value in known if value is not None), default=None)
    if before is None:
        return None
    limit = _DIVERGED_FACTOR * before + _DIVERGED_RISE
    worse = course.level is not None and course.level > limit
    if course.level is not None and course.lowest is not None:
        worse |= course.level > max(_RISEN_FACTOR * course.lowest, course.lowest + _RISEN_NATS)
    worse |= bool(course.checks) and course.checks[-1].loss > limit
    if not worse:
        return None
    settings = plan.with_rate(0.25)
    return _verdict(
        course,
        ("red", "diverged"),
        "The training has diverged: the model is now much worse than before.",
        f"The best version is kept. Retry with a learning rate of {settings['learning_rate']:g}?",
        settings=settings,
    )


def unstable(course: Course, plan: Plan) -> HealthVerdict | None:
    """The level rises clearly, though not yet hopelessly."""
    if course.level is None or course.lowest is None or course.step <= plan.warmup_steps:
        return None
    if course.level <= _UNSTABLE_FACTOR * course.lowest + _UNSTABLE_NATS:
        return None
    settings = plan.with_rate(0.5)
    return _verdict(
        course,
        ("amber", "unstable"),
        f"The practice loss has risen from {course.lowest:.2f} to {course.level:.2f}.",
        f"It may recover. If not, retry with a learning rate of {settings['learning_rate']:g}.",
        settings=settings,
    )


def by_heart(course: Course, plan: Plan) -> HealthVerdict | None:
    """Practice is nearly without errors while unseen examples are far from it."""
    if course.level is None or not course.checks or course.level > _BY_HEART:
        return None
    unseen = course.checks[-1].loss
    if unseen < max(_GAP_FACTOR * course.level, course.level + _GAP_NATS):
        return None
    return _verdict(
        course,
        ("amber", "memorising"),
        f"The practice loss is down to {course.level:.2f}, on unseen examples it is {unseen:.2f}: "
        "the model learns the examples by heart.",
        "The best version is saved; you may stop now. Fewer epochs or more examples would help.",
        settings={"epochs": max(1.0, round(_epochs_to_best(course, plan), 1))},
    )


def _epochs_to_best(course: Course, plan: Plan) -> float:
    best = course.best_check
    return plan.epochs_at(best.step) if best else 1.0


def overfitting(course: Course, plan: Plan) -> HealthVerdict | None:
    """Unseen examples get worse, or better no more while practice goes on to."""
    best = course.best_check
    if best is None or not course.checks_since_best:
        return None
    losses = [check.loss for check in course.checks]
    count = rises(losses)
    clearly = count >= _CLEAR_RISES and losses[-1] > (1 + _RISE_SHARE) * best.loss
    if not (count >= _RISES_TO_WARN or clearly or _only_practice_gains(course)):
        return None
    return _verdict(
        course,
        ("amber", "overfitting"),
        _overfitting_text(course, count),
        "The best version is saved; you may stop now.",
        settings={"epochs": max(0.5, round(_epochs_to_best(course, plan), 1))},
    )


def _overfitting_text(course: Course, count: int) -> str:
    if count >= _CLEAR_RISES:
        return f"Unseen-example errors have risen for {count} checks: it is starting to memorise."
    return (
        f"Unseen examples have not improved for {course.checks_since_best} checks while practice "
        "has: it is starting to memorise."
    )


def _only_practice_gains(course: Course) -> bool:
    best = course.best_check
    if best is None or best.level is None or course.level is None:
        return False
    stale = course.checks_since_best >= _RISES_TO_WARN and course.checks[-1].loss > best.loss
    return stale and course.level < (1 - _PRACTICE_GAIN) * best.level


def overfitting_task(course: Course, _plan: Plan) -> HealthVerdict | None:
    """Some kinds of task get worse while the whole does not."""
    worse = {
        task: rises(losses)
        for task, losses in course.tasks.items()
        if rises(losses) >= _RISES_TO_WARN and losses[-1] > (1 + _TASK_RISE_SHARE) * min(losses)
    }
    if not worse:
        return None
    names = " and ".join(f"“{task}”" for task in sorted(worse))
    have = f"task {names} has" if len(worse) == 1 else f"tasks {names} have"
    others = " while the others have not" if len(worse) < len(course.tasks) else ""
    return _verdict(
        course,
        ("amber", "overfitting_task"),
        f"The {have} become worse for {min(worse.values())} checks{others}.",
        "Add examples of this kind, or take fewer of the others.",
    )


def odd_rows(course: Course, _plan: Plan) -> HealthVerdict | None:
    """Some examples are far harder than the others: damaged, or unlike the rest."""
    count = len(course.odd)
    if count < max(_ODD_TO_WARN, _ODD_SHARE * course.practised):
        return None
    loss = statistics.median(course.odd.values())
    return _verdict(
        course,
        ("amber", "odd_rows"),
        f"{count} examples look damaged or unlike the rest: the practice loss is {loss:.1f} on "
        f"them, {course.example_level:.1f} on the others.",
        "Look at them, leave out what is damaged, and train again.",
        rows=tuple(sorted(course.odd)),
    )


def spike(course: Course, _plan: Plan) -> HealthVerdict | None:
    """One step's loss jumped."""
    if not course.recent_spikes:
        return None
    last = course.recent_spikes[-1]
    return _verdict(
        course,
        ("amber", "spike"),
        f"The practice loss jumped from {last.level:.2f} to {last.loss:.2f} at step {last.step}.",
        "One jump is harmless; if it repeats, look at these examples or lower the learning rate.",
        rows=last.rows,
    )


def wrong_rate(course: Course, plan: Plan) -> HealthVerdict | None:
    """Next to nothing was learned: by a rate far below or above the usual, or for long."""
    if not _gains_little(course, plan):
        return None
    if plan.learning_rate > _HIGH_RATE:
        light, rate = "rate_too_high", plan.with_rate(0.25)["learning_rate"]
    elif plan.learning_rate < _LOW_RATE:
        light, rate = "rate_too_low", USUAL_RATE
    elif course.step >= plan.warmup_steps + _PATIENT_STEPS:
        light, rate = "rate_too_low", plan.with_rate(3)["learning_rate"]
    else:
        return None
    return _verdict(
        course,
        ("amber", light),
        f"Hardly anything is learned: the loss on unseen examples is {course.checks[-1].loss:.2f}, "
        f"and was {plan.base_loss:.2f} before.",
        f"The learning rate of {plan.learning_rate:g} is too {light.rpartition('_')[2]}. "
        f"Retry with {rate:g}?",
        settings={"learning_rate": rate},
    )


def _gains_little(course: Course, plan: Plan) -> bool:
    best = course.best_check
    if best is None or len(course.checks) < 2 or course.step < plan.warmup_steps + LEVEL_STEPS:
        return False
    return best.loss > (1 - _LITTLE_GAIN) * plan.base_loss


def no_gradient(course: Course, _plan: Plan) -> HealthVerdict | None:
    """The gradient is exactly zero: nothing can change."""
    if len(course.norms) < LEVEL_STEPS or any(list(course.norms)[-LEVEL_STEPS:]):
        return None
    return _verdict(
        course,
        ("amber", "no_gradient"),
        "Nothing is being learned: the gradient is zero.",
        "Stop, and look whether the examples have answers.",
    )


def rough_gradient(course: Course, plan: Plan) -> HealthVerdict | None:
    """The gradient has grown far beyond what it was: the step before divergence."""
    norms = list(course.norms)
    if len(norms) < norms_needed() or course.step <= plan.warmup_steps + LEVEL_STEPS:
        return None
    usual = statistics.median(norms[:-LEVEL_STEPS])
    now = statistics.median(norms[-LEVEL_STEPS:])
    if usual <= 0 or now < 10 * usual or now < 5:
        return None
    settings = plan.with_rate(0.5)
    return _verdict(
        course,
        ("amber", "rough_gradient"),
        f"The gradient has grown from {usual:.2g} to {now:.2g}: the training is about to shake.",
        f"If the loss rises too, retry with a learning rate of {settings['learning_rate']:g}.",
        settings=settings,
    )


def norms_needed() -> int:
    """How many gradient norms must be known before they are judged."""
    return 3 * LEVEL_STEPS


def plateau(course: Course, _plan: Plan) -> HealthVerdict | None:
    """The last checks brought nothing."""
    if len(course.checks) <= _PLATEAU_CHECKS + 1:
        return None
    losses = [check.loss for check in course.checks]
    before, lately = min(losses[:-_PLATEAU_CHECKS]), min(losses[-_PLATEAU_CHECKS:])
    if lately < (1 - _PLATEAU_GAIN) * before:
        return None
    return _verdict(
        course,
        ("amber", "plateau"),
        f"Unseen examples have not improved for {_PLATEAU_CHECKS} checks: it has learned what it "
        "can.",
        "The best version is saved; you may stop now.",
    )


def learning(course: Course, plan: Plan) -> HealthVerdict | None:
    """All is well."""
    best = course.best_check
    if best is None or len(course.checks) < 2 or best.loss > (1 - _SOME_GAIN) * plan.base_loss:
        return None
    fell = f"fell from {plan.base_loss:.2f} to {best.loss:.2f}"
    return HealthVerdict(
        level="green",
        code="training.learning",
        step=course.step,
        text=f"It is learning: the loss on unseen examples {fell}.",
    )


SYMPTOMS: tuple[Symptom, ...] = (
    diverged,
    no_gradient,
    unstable,
    rough_gradient,
    by_heart,
    overfitting,
    overfitting_task,
    odd_rows,
    wrong_rate,
    spike,
    plateau,
    learning,
)
"""The most urgent first; the first that is found is what is said."""


def _verdict(
    course: Course, light: tuple[Level, str], text: str, todo: str, **more: Any
) -> HealthVerdict:
    level, code = light
    return HealthVerdict(
        level=level, code=f"training.{code}", step=course.step, text=text, todo=todo, **more
    )
