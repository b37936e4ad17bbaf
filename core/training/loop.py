"""The training loop: steps, checks and checkpoints in turn, and what you ask for."""

from __future__ import annotations

import time
from contextlib import nullcontext
from functools import partial

from core.jobs.link import Ended, Request
from core.jobs.supervisor import read_events
from core.language import _
from core.training.run import Run
from core.training.saving import save, save_in_between
from core.training.step import one_step
from core.training.validation import patience_is_over, validate


def train_steps(run: Run) -> Request:
    """Train until the last step, early stopping or a request; return what ended it.

    Returns:
        ``RUN`` when the run is complete (also by early stopping), ``STOP`` when you stopped it.

    Raises:
        UserFacingError: the loss is no number or the run diverged; best adapter and checkpoint
            are kept.
        Cancelled: you cancelled.
        Ended: the system ends this process; a checkpoint of the last step is saved.
    """
    run.model.train()
    _recall(run)
    if run.position.best_step < 0:  # the first check, or the best adapter was found damaged
        validate(run)
    while run.position.step < run.schedule.total_steps and not patience_is_over(run):
        if _obey(run) is Request.STOP:
            _judge_what_was_learned(run)
            return Request.STOP
        with run.watching("step"):
            one_step(run)
        if run.schedule.validates_after(run.position.step):
            validate(run)
        elif time.monotonic() - run.saved_at > 60 * run.config.checkpoint_minutes:
            save_in_between(run)
    return Request.RUN


def _judge_what_was_learned(run: Run) -> None:
    """Check before the first regular check, or the best kept would still be the untrained one."""
    position, schedule = run.position, run.schedule
    if not schedule.validations_between(0, position.step) and position.step:
        validate(run)


def _recall(run: Run) -> None:
    """A resumed run judges by what was told before, and knows its pace."""
    if run.position.step and not run.steps_here:
        run.health.recall(read_events(run.link.folder), run.position.step)
        run.set_pace(run.position.pace.on_another_day())


def _obey(run: Run) -> Request:
    run.link.check_cancelled()
    _let_cool_down(run)
    request = run.link.request()
    if request in (Request.PAUSE, Request.END):
        save(run)
    if request is Request.PAUSE:
        with run.awake.let_sleep(partial(_goes_on, run)) if run.awake else nullcontext():
            request = run.link.wait_while_paused(_("You paused the run."))
        run.link.check_cancelled()
    if request is Request.END:
        raise Ended
    return request


def _goes_on(run: Run) -> bool:
    return run.link.request() is Request.RUN


def _let_cool_down(run: Run) -> None:
    """Wait while the card is too hot, everything saved, until it is cool or you intervene."""
    if run.guard is not None and run.guard.must_wait:
        save(run)
        run.guard.before_step(lambda: run.link.request() is not Request.RUN)
        run.link.check_cancelled()
