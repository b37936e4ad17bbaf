"""Resuming a run: the newest state that is whole, and the truth about what was lost."""

from __future__ import annotations

from functools import partial

from core.errors import UserFacingError
from core.events import Notice, Started
from core.language import _
from core.storage.transaction import verify_folder
from core.training.checkpoints.checkpoint import Position, load_checkpoint, read_position
from core.training.run import Run


def resume(run: Run) -> None:
    """Restore the newest checkpoint that verifies; without any, the run starts from the beginning.

    Raises:
        UserFacingError: the checkpoint belongs to other data, settings or base (code
            ``training.other_run``).
    """
    damage = take_up(run)
    run.checkpoints.keep_only({s for s in run.checkpoints.steps() if s <= run.position.step})
    run.best.keep_only({run.position.best_step})
    run.link.emit(Started(job="train", resumed_from_step=run.position.step))
    if damage:
        run.link.emit(_fallback(damage, run.position.step))


def take_up(run: Run) -> UserFacingError | None:
    """Restore the newest checkpoint that verifies, if any; the run folder stays as it is.

    Returns:
        What is wrong with the newest checkpoint if an older one, or none, had to be taken.

    Raises:
        UserFacingError: see :func:`resume`.
    """
    damage = None
    for step in reversed(run.checkpoints.steps()):
        path = run.checkpoints.path(step)
        try:
            verify_folder(path)
        except UserFacingError as error:
            damage = damage or error
            continue
        _require_same_run(run, read_position(path))
        load = partial(load_checkpoint, path, run.model, run.optimizer)
        run.position = run.fallback.fall_back_until_it_fits(load, lambda: None, run.link)
        break
    _check_best(run)
    run.health.base_loss = run.position.base_loss
    return damage


def _require_same_run(run: Run, saved: Position) -> None:
    now = run.position
    other_weights = saved.contents and now.contents and saved.contents != now.contents
    if saved.fingerprint != now.fingerprint or other_weights:
        raise UserFacingError(
            "training.other_run",
            _(
                "The checkpoint in this run's folder was made with different examples, different "
                "settings or another base model."
            ),
            _("Start a new run instead of resuming this one."),
        )


def _check_best(run: Run) -> None:
    """A best adapter that is damaged or gone is forgotten: the next check chooses a new one."""
    if run.position.best_step < 0:
        return
    try:
        verify_folder(run.best.path(run.position.best_step))
    except UserFacingError as error:
        lost = {"best_step": -1, "best_loss": float("inf")}
        run.position = run.position.model_copy(update=lost)
        run.link.emit(
            Notice(
                level="warning",
                code="training.best_lost",
                text=_("The best version so far is damaged. {what}", what=error.what),
                todo=_("A check runs now, and a new best version is chosen from here on."),
            )
        )


def _fallback(damage: UserFacingError, step: int) -> Notice:
    return Notice(
        level="warning",
        code="training.checkpoint_damaged",
        text=_("{what} The run continues from step {step:,} instead.", what=damage.what, step=step),
        todo=_("Check the disk if this happens again."),
    )
