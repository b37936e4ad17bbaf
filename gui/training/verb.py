"""Which one thing can be done next with the run that is shown. No Qt."""

from __future__ import annotations

from enum import StrEnum

from core.events import Failed
from core.language import N_, _
from core.project import RunFolder
from core.training.result import is_fine_tune
from core.wizard import WizardState
from gui.training.view_model import TrainingViewModel

# Resuming would only repeat these; other settings are needed.
_NEEDS_OTHER_SETTINGS = frozenset({"training.diverged", "training.not_finite"})


class Verb(StrEnum):
    """What the main button does; while there is nothing to press, it is not there."""

    NOTHING = ""
    COMPARE = "compare"
    START = "start"
    RESUME = "resume"
    START_QUEUE = "start_queue"
    SETTINGS = "settings"

    @property
    def words(self) -> str:
        """What the button says."""
        return _(_WORDS[self]) if self in _WORDS else ""


_WORDS = {
    Verb.COMPARE: N_("Compare with the base model"),
    Verb.START: N_("Start this run"),
    Verb.RESUME: N_("Resume the run"),
    Verb.START_QUEUE: N_("Start the queue"),
    Verb.SETTINGS: N_("Change the settings"),
}


def verb_of(
    view_model: TrainingViewModel, *, busy: bool, has_adapter: bool, queue_works: bool
) -> Verb:
    """Return the next thing to do.

    Args:
        busy: its child process is followed.
        has_adapter: it has finished and left an adapter.
        queue_works: the queue's job runs and will start what waits.
    """
    if busy:
        return Verb.NOTHING
    if has_adapter:
        return Verb.COMPARE
    if can_resume(view_model):
        return Verb.RESUME
    if view_model.state == "ready":
        return Verb.START
    if view_model.state == "queued":
        return Verb.NOTHING if queue_works else Verb.START_QUEUE
    nothing_runs = view_model.ending is not None or view_model.state == "none"
    return Verb.SETTINGS if nothing_runs else Verb.NOTHING


def has_adapter(run: RunFolder, state: WizardState) -> bool:
    """Return whether a run has left a fine-tune, by its facts or by what the wizard notes."""
    if run.facts_file.is_file():
        return is_fine_tune(run)
    return run.name == state.training_run and state.training_done


def hint_for(verb: Verb, view_model: TrainingViewModel) -> str:
    """Return what stands beside the button, or where it will appear."""
    if verb is not Verb.NOTHING:
        return ""
    if view_model.state == "queued":
        return _("The queue starts this run when its turn comes.")
    return _("You can compare as soon as training is done.")


def can_resume(view_model: TrainingViewModel) -> bool:
    """Return whether the run broke off and could resume with the same settings."""
    ending = view_model.ending
    return isinstance(ending, Failed) and ending.code not in _NEEDS_OTHER_SETTINGS
