"""What the unseen examples show: memorising, a wrong learning rate, or that all is well.

Each symptom takes the course and the run's plan to a verdict or ``None``; see
:mod:`core.training.monitor.symptoms`.
"""

from __future__ import annotations

from core.events import HealthVerdict
from core.language import N_, Sentence, _, ngettext
from core.training.monitor.history import LEVEL_STEPS, LossHistory, RunShape, rises, verdict

USUAL_RATE = 5e-5
_LOW_RATE, _HIGH_RATE = 1.5e-5, 5e-4
_RISES_TO_WARN = 3
_CLEAR_RISES = 2
_RISE_SHARE = 0.05
_PRACTICE_GAIN = 0.15
_TASK_RISE_SHARE = 0.03
_BY_HEART = 0.15  # nats per token: nearly every token is foreseen
_GAP_FACTOR = 3.0
_GAP_NATS = 0.3
_LITTLE_GAIN = 0.02
_SOME_GAIN = 0.01  # less is not called learning
_PATIENT_STEPS = 40
_PLATEAU_CHECKS = 5
_PLATEAU_GAIN = 0.003


def by_heart(history: LossHistory, plan: RunShape) -> HealthVerdict | None:
    """Practice is nearly without errors while unseen examples are far from it."""
    if history.level is None or not history.checks or history.level > _BY_HEART:
        return None
    unseen = history.checks[-1].loss
    if unseen < max(_GAP_FACTOR * history.level, history.level + _GAP_NATS):
        return None
    return verdict(
        history,
        ("amber", "memorising"),
        _(
            "The training loss is down to {seen:.2f}, but {unseen:.2f} on unseen examples: the "
            "model is learning the examples by heart.",
            seen=history.level,
            unseen=unseen,
        ),
        _("The best version is saved; you can stop now. Fewer epochs or more examples would help."),
        settings={"epochs": max(1.0, round(_epochs_to_best(history, plan), 1))},
    )


def _epochs_to_best(history: LossHistory, plan: RunShape) -> float:
    best = history.best_check
    return plan.epochs_at(best.step) if best else 1.0


def overfitting(history: LossHistory, plan: RunShape) -> HealthVerdict | None:
    """Unseen examples get worse, or no longer improve while the training loss does."""
    best = history.best_check
    if best is None or not history.checks_since_best:
        return None
    losses = [check.loss for check in history.checks]
    count = rises(losses)
    clearly = count >= _CLEAR_RISES and losses[-1] > (1 + _RISE_SHARE) * best.loss
    if not (count >= _RISES_TO_WARN or clearly or _only_practice_gains(history)):
        return None
    return verdict(
        history,
        ("amber", "overfitting"),
        _overfitting_text(history, count),
        _("The best version is saved; you can stop now."),
        settings={"epochs": max(0.5, round(_epochs_to_best(history, plan), 1))},
    )


def _overfitting_text(history: LossHistory, count: int) -> Sentence:
    if count >= _CLEAR_RISES:
        return ngettext(
            "The loss on unseen examples has risen for {count} check: the model is starting to "
            "memorise.",
            "The loss on unseen examples has risen for {count} checks: the model is starting to "
            "memorise.",
            count,
        )
    return ngettext(
        "The training loss keeps falling, but unseen examples have not improved for {count} check: "
        "the model is starting to memorise.",
        "The training loss keeps falling, but unseen examples have not improved for {count} "
        "checks: the model is starting to memorise.",
        history.checks_since_best,
    )


def _only_practice_gains(history: LossHistory) -> bool:
    best = history.best_check
    if best is None or best.level is None or history.level is None:
        return False
    stale = history.checks_since_best >= _RISES_TO_WARN and history.checks[-1].loss > best.loss
    return stale and history.level < (1 - _PRACTICE_GAIN) * best.level


def overfitting_task(history: LossHistory, _plan: RunShape) -> HealthVerdict | None:
    """Some kinds of task get worse while the whole does not."""
    worse = {
        task: rises(losses)
        for task, losses in history.tasks.items()
        if rises(losses) >= _RISES_TO_WARN and losses[-1] > (1 + _TASK_RISE_SHARE) * min(losses)
    }
    if not worse:
        return None
    return verdict(
        history,
        ("amber", "overfitting_task"),
        _worse_tasks(sorted(worse), min(worse.values()), len(history.tasks)),
        _("Add examples of this kind, or use fewer of the others."),
    )


def _worse_tasks(tasks: list[str], checks: int, of: int) -> Sentence:
    names = ", ".join(f"“{task}”" for task in tasks)
    if len(tasks) == of:
        return ngettext(
            "Every kind of task has got worse for {count} check: {names}.",
            "Every kind of task has got worse for {count} checks: {names}.",
            checks,
            names=names,
        )
    return ngettext(
        "Some kinds of task have got worse for {count} check while the others have not: {names}.",
        "Some kinds of task have got worse for {count} checks while the others have not: {names}.",
        checks,
        names=names,
    )


_OTHER_RATE = {
    "rate_too_high": N_("The learning rate of {rate:g} is too high. Retry with {better:g}?"),
    "rate_too_low": N_("The learning rate of {rate:g} is too low. Retry with {better:g}?"),
}


def wrong_rate(history: LossHistory, plan: RunShape) -> HealthVerdict | None:
    """Next to nothing was learned: by a rate far below or above the usual, or for long."""
    if not _gains_little(history, plan):
        return None
    if plan.learning_rate > _HIGH_RATE:
        light, rate = "rate_too_high", plan.with_rate(0.25)["learning_rate"]
    elif plan.learning_rate < _LOW_RATE:
        light, rate = "rate_too_low", USUAL_RATE
    elif history.step >= plan.warmup_steps + _PATIENT_STEPS:
        light, rate = "rate_too_low", plan.with_rate(3)["learning_rate"]
    else:
        return None
    return verdict(
        history,
        ("amber", light),
        _(
            "The model is hardly learning: the loss on unseen examples is {now:.2f}, and was "
            "{before:.2f} before.",
            now=history.checks[-1].loss,
            before=plan.base_loss,
        ),
        _(_OTHER_RATE[light], rate=plan.learning_rate, better=rate),
        settings={"learning_rate": rate},
    )


def _gains_little(history: LossHistory, plan: RunShape) -> bool:
    best = history.best_check
    if best is None or len(history.checks) < 2 or history.step < plan.warmup_steps + LEVEL_STEPS:
        return False
    return best.loss > (1 - _LITTLE_GAIN) * plan.base_loss


def plateau(history: LossHistory, _plan: RunShape) -> HealthVerdict | None:
    """The last checks brought nothing."""
    if len(history.checks) <= _PLATEAU_CHECKS + 1:
        return None
    losses = [check.loss for check in history.checks]
    before, lately = min(losses[:-_PLATEAU_CHECKS]), min(losses[-_PLATEAU_CHECKS:])
    if lately < (1 - _PLATEAU_GAIN) * before:
        return None
    return verdict(
        history,
        ("amber", "plateau"),
        _(
            "Unseen examples have not improved for {checks} checks: the model has learned what it "
            "can.",
            checks=_PLATEAU_CHECKS,
        ),
        _("The best version is saved; you can stop now."),
    )


def learning(history: LossHistory, plan: RunShape) -> HealthVerdict | None:
    """All is well."""
    best = history.best_check
    if best is None or len(history.checks) < 2 or best.loss > (1 - _SOME_GAIN) * plan.base_loss:
        return None
    return HealthVerdict(
        level="green",
        code="training.learning",
        step=history.step,
        text=_(
            "The model is learning: the loss on unseen examples fell from {before:.2f} to "
            "{best:.2f}.",
            before=plan.base_loss,
            best=best.loss,
        ),
    )
