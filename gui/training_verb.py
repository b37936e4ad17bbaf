"""Which one thing can be done next with the training that is shown. No Qt."""

from __future__ import annotations

from enum import StrEnum

from core.jobs.events import Failed
from core.project import RunFolder
from core.training.result import is_fine_tune
from core.wizard import WizardState
from gui.training_story import TrainingStory

# Resuming would only repeat these; other settings are needed.
_NEEDS_OTHER_SETTINGS = frozenset({"training.diverged", "training.not_finite"})


class Verb(StrEnum):
    """What the main button says; while there is nothing to press, it is not there."""

    NOTHING = ""
    COMPARE = "Compare with the base model"
    START = "Start this training"
    RESUME = "Resume the training"
    START_QUEUE = "Start the queue"
    SETTINGS = "Change the settings"


def verb_of(story: TrainingStory, *, busy: bool, has_adapter: bool, queue_works: bool) -> Verb:
    """Return the next thing to do.

    Args:
        busy: its child is followed.
        has_adapter: it has finished and left an adapter.
        queue_works: the queue's job runs and will start what waits.
    """
    if busy:
        return Verb.NOTHING
    if has_adapter:
        return Verb.COMPARE
    if can_resume(story):
        return Verb.RESUME
    if story.state == "ready":
        return Verb.START
    if story.state == "queued":
        return Verb.NOTHING if queue_works else Verb.START_QUEUE
    nothing_runs = story.ending is not None or story.state == "none"
    return Verb.SETTINGS if nothing_runs else Verb.NOTHING


def has_adapter(run: RunFolder, state: WizardState) -> bool:
    """Return whether a training has left a fine-tune, by its facts or by what the wizard notes."""
    if run.facts_file.is_file():
        return is_fine_tune(run)
    return run.name == state.training_run and state.training_done


def hint_for(verb: Verb, story: TrainingStory) -> str:
    """Return what stands beside the button, or where it will be."""
    if verb is not Verb.NOTHING:
        return ""
    if story.state == "queued":
        return "The queue starts this training when it is its turn."
    return "You can compare as soon as the training is done."


def can_resume(story: TrainingStory) -> bool:
    """Return whether the training broke off and could go on with the same settings."""
    ending = story.ending
    return isinstance(ending, Failed) and ending.code not in _NEEDS_OTHER_SETTINGS
