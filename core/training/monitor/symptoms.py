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
from core.training.monitor.history import LEVEL_STEPS, LossHistory, RunShape, verdict
from core.training.monitor.unseen_symptoms import (
    by_heart,
    learning,
    overfitting,
    overfitting_task,
    plateau,
    wrong_rate,
)

Symptom = Callable[[LossHistory, RunShape], HealthVerdict | None]
_DIVERGED_FACTOR = 1.25
_DIVERGED_RISE = 0.5  # nats
_RISEN_FACTOR = 2.0
_RISEN_NATS = 1.5
_UNSTABLE_FACTOR = 1.4
_UNSTABLE_NATS = 0.3
_ODD_TO_WARN = 3
_ODD_SHARE = 0.01  # of all that was practised


def diverged(history: LossHistory, plan: RunShape) -> HealthVerdict | None:
    """The loss is far above where it began, or far above where it had been."""
    known = [history.start, plan.base_loss if plan.base_loss == plan.base_loss else None]
    before = max((value for value in known if value is not None), default=None)
    if before is None:
        return None
    limit = _DIVERGED_FACTOR * before + _DIVERGED_RISE
    worse = history.level is not None and history.level > limit
    if history.level is not None and history.lowest is not None:
        worse |= history.level > max(_RISEN_FACTOR * history.lowest, history.lowest + _RISEN_NATS)
    worse |= bool(history.checks) and history.checks[-1].loss > limit
    if not worse:
        return None
    settings = plan.with_rate(0.25)
    return verdict(
        history,
        ("red", "diverged"),
        _("The run has diverged: the model is now much worse than before."),
        _(
            "The best version is kept. Retry with a learning rate of {rate:g}?",
            rate=settings["learning_rate"],
        ),
        settings=settings,
    )


def unstable(history: LossHistory, plan: RunShape) -> HealthVerdict | None:
    """The level rises clearly, though not yet hopelessly."""
    if history.level is None or history.lowest is None or history.step <= plan.warmup_steps:
        return None
    if history.level <= _UNSTABLE_FACTOR * history.lowest + _UNSTABLE_NATS:
        return None
    settings = plan.with_rate(0.5)
    return verdict(
        history,
        ("amber", "unstable"),
        _(
            "The training loss has risen from {before:.2f} to {now:.2f}.",
            before=history.lowest,
            now=history.level,
        ),
        _(
            "It may recover. If not, retry with a learning rate of {rate:g}.",
            rate=settings["learning_rate"],
        ),
        settings=settings,
    )


def odd_rows(history: LossHistory, _plan: RunShape) -> HealthVerdict | None:
    """Some examples are far harder than the others: damaged, or unlike the rest."""
    count = len(history.odd)
    if count < max(_ODD_TO_WARN, _ODD_SHARE * history.row_losses):
        return None
    loss = statistics.median(history.odd.values())
    return verdict(
        history,
        ("amber", "odd_rows"),
        ngettext(
            "{count:,} example looks damaged or unlike the rest: its training loss is {loss:.1f}, "
            "against {others:.1f} for the others.",
            "{count:,} examples look damaged or unlike the rest: their training loss is "
            "{loss:.1f}, against {others:.1f} for the others.",
            count,
            loss=loss,
            others=history.example_level,
        ),
        _("Look at them, leave out what is damaged, and train again."),
        rows=tuple(sorted(history.odd)),
    )


def spike(history: LossHistory, _plan: RunShape) -> HealthVerdict | None:
    """One step's loss jumped."""
    if not history.recent_spikes:
        return None
    last = history.recent_spikes[-1]
    return verdict(
        history,
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


def no_gradient(history: LossHistory, _plan: RunShape) -> HealthVerdict | None:
    """The gradient is exactly zero: nothing can change."""
    if len(history.norms) < LEVEL_STEPS or any(list(history.norms)[-LEVEL_STEPS:]):
        return None
    return verdict(
        history,
        ("amber", "no_gradient"),
        _("The model is not learning: the gradient is zero."),
        _("Stop, and check whether the examples have answers."),
    )


def rough_gradient(history: LossHistory, plan: RunShape) -> HealthVerdict | None:
    """The gradient has grown far beyond what it was: the step before divergence."""
    norms = list(history.norms)
    if len(norms) < norms_needed() or history.step <= plan.warmup_steps + LEVEL_STEPS:
        return None
    usual = statistics.median(norms[:-LEVEL_STEPS])
    now = statistics.median(norms[-LEVEL_STEPS:])
    if usual <= 0 or now < 10 * usual or now < 5:
        return None
    settings = plan.with_rate(0.5)
    return verdict(
        history,
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
OF_PREFERENCES = tuple(symptom for symptom in SYMPTOMS if symptom is not wrong_rate)
"""Those of a run that learns from judgements: its usual rate is lower."""
