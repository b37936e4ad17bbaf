"""What can be wrong with a run, each as one test of its course.

A symptom takes the course and the run's plan to a verdict or ``None``. Thresholds come from
recorded runs of the sample model (``tests/core/training/monitor/curves``): sound ones stay below
them by a
margin, the accidents go beyond them in the first part of their time.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable

from core.events import HealthVerdict
from core.language import _, ngettext
from core.training.monitor.history import LEVEL_STEPS, Course, Plan, verdict
from core.training.monitor.unseen_symptoms import (
    by_heart,
    learning,
    overfitting,
    overfitting_task,
    plateau,
    wrong_rate,
)

Symptom = Callable[[Course, Plan], HealthVerdict | None]
_DIVERGED_FACTOR = 1.25
_DIVERGED_RISE = 0.5  # nats
_RISEN_FACTOR = 2.0
_RISEN_NATS = 1.5
_UNSTABLE_FACTOR = 1.4
_UNSTABLE_NATS = 0.3
_ODD_TO_WARN = 3
_ODD_SHARE = 0.01  # of all that was practised


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
    return verdict(
        course,
        ("red", "diverged"),
        _("The run has diverged: the model is now much worse than before."),
        _(
            "The best version is kept. Retry with a learning rate of {rate:g}?",
            rate=settings["learning_rate"],
        ),
        settings=settings,
    )


def unstable(course: Course, plan: Plan) -> HealthVerdict | None:
    """The level rises clearly, though not yet hopelessly."""
    if course.level is None or course.lowest is None or course.step <= plan.warmup_steps:
        return None
    if course.level <= _UNSTABLE_FACTOR * course.lowest + _UNSTABLE_NATS:
        return None
    settings = plan.with_rate(0.5)
    return verdict(
        course,
        ("amber", "unstable"),
        _(
            "The training loss has risen from {before:.2f} to {now:.2f}.",
            before=course.lowest,
            now=course.level,
        ),
        _(
            "It may recover. If not, retry with a learning rate of {rate:g}.",
            rate=settings["learning_rate"],
        ),
        settings=settings,
    )


def odd_rows(course: Course, _plan: Plan) -> HealthVerdict | None:
    """Some examples are far harder than the others: damaged, or unlike the rest."""
    count = len(course.odd)
    if count < max(_ODD_TO_WARN, _ODD_SHARE * course.practised):
        return None
    loss = statistics.median(course.odd.values())
    return verdict(
        course,
        ("amber", "odd_rows"),
        ngettext(
            "{count:,} example looks damaged or unlike the rest: its training loss is {loss:.1f}, "
            "against {others:.1f} for the others.",
            "{count:,} examples look damaged or unlike the rest: their training loss is "
            "{loss:.1f}, against {others:.1f} for the others.",
            count,
            loss=loss,
            others=course.example_level,
        ),
        _("Look at them, leave out what is damaged, and train again."),
        rows=tuple(sorted(course.odd)),
    )


def spike(course: Course, _plan: Plan) -> HealthVerdict | None:
    """One step's loss jumped."""
    if not course.recent_spikes:
        return None
    last = course.recent_spikes[-1]
    return verdict(
        course,
        ("amber", "spike"),
        _(
            "The training loss jumped from {before:.2f} to {loss:.2f} at step {step:,}.",
            before=last.level,
            loss=last.loss,
            step=last.step,
        ),
        _(
            "A single jump is harmless. If it happens again, look at these examples or lower the "
            "learning rate."
        ),
        rows=last.rows,
    )


def no_gradient(course: Course, _plan: Plan) -> HealthVerdict | None:
    """The gradient is exactly zero: nothing can change."""
    if len(course.norms) < LEVEL_STEPS or any(list(course.norms)[-LEVEL_STEPS:]):
        return None
    return verdict(
        course,
        ("amber", "no_gradient"),
        _("The model is not learning: the gradient is zero."),
        _("Stop, and check whether the examples have answers."),
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
    return verdict(
        course,
        ("amber", "rough_gradient"),
        _(
            "The gradient has grown from {before:.2g} to {now:.2g}: training may become unstable.",
            before=usual,
            now=now,
        ),
        _(
            "If the loss rises too, retry with a learning rate of {rate:g}.",
            rate=settings["learning_rate"],
        ),
        settings=settings,
    )


def norms_needed() -> int:
    """How many gradient norms must be known before they are judged."""
    return 3 * LEVEL_STEPS


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
