"""The order of the steps, what each needs and gives, and where you are. No Qt in here.

A step is *locked* until what it needs was given by an earlier step. Going back and changing a step
forgets what later steps built on the old choice; their runs stay in the project folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.errors import UserFacingError
from core.language import _
from core.project import Project
from core.storage.files import read_json, write_json
from core.storage.names import FolderText, NameOrNothing


class Step(StrEnum):
    """The seven pages, in order."""

    START = "start"
    EXAMPLES = "examples"
    BASE_MODEL = "base_model"
    SETTINGS = "settings"
    TRAINING = "training"
    COMPARISON = "comparison"
    SAVING = "saving"


class StepStatus(StrEnum):
    """How the step list shows a step."""

    DONE = "done"
    CURRENT = "current"
    OPEN = "open"
    LOCKED = "locked"


class WizardState(BaseModel):
    """Everything you have decided so far; saved after every change.

    Attributes:
        dataset_version: content hash of the accepted dataset version.
        base_model: folder of the base model.
        preset: name of the chosen preset.
        overrides: advanced values that differ from the preset.
        cards: how many cards shall train together; 0 means as many as can.
        more_of: name of the finished run whose adapter the next run continues from; ``""`` for a
            training that begins with the base model alone.
        training_run: name of the training run that was started last from the settings.
        training_done: that run ended with an adapter.
        finished_run: name of the finished run that comparison and saving are about. It stays while
            another one trains and when examples or base model change: what was made is kept.
        evaluated: scores and answers of ``finished_run`` exist.
        exported_to: folder of its last export.
        page: state of each page that is worth restoring (selection, scroll), by step name.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    current: Step = Step.START
    project_chosen: bool = False
    dataset_version: NameOrNothing = ""
    base_model: FolderText | Literal[""] = ""
    preset: str = Field(default="balanced", max_length=100)
    overrides: dict[str, Any] = Field(default_factory=dict, max_length=100)
    cards: int = Field(default=0, ge=0, le=64)
    more_of: NameOrNothing = ""
    training_run: NameOrNothing = ""
    training_done: bool = False
    finished_run: NameOrNothing = ""
    evaluated: bool = False
    exported_to: FolderText | Literal[""] = ""
    page: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _name_the_finished(cls, values: Any) -> Any:
        """Files of earlier versions had one name for the run that trains and the finished one."""
        if isinstance(values, dict) and values.get("training_done"):
            return {"finished_run": values.get("training_run", ""), **values}
        return values


@dataclass(frozen=True, slots=True)
class _Rule:
    """Fields that must be set before a step opens, and fields that make it done."""

    needs: tuple[str, ...]
    gives: tuple[str, ...]


_RULES: dict[Step, _Rule] = {
    Step.START: _Rule((), ("project_chosen",)),
    Step.EXAMPLES: _Rule(("project_chosen",), ("dataset_version",)),
    Step.BASE_MODEL: _Rule(("dataset_version",), ("base_model",)),
    Step.SETTINGS: _Rule(("dataset_version", "base_model"), ("training_run",)),
    Step.TRAINING: _Rule(("training_run",), ("training_done",)),
    Step.COMPARISON: _Rule(("finished_run",), ("evaluated",)),
    Step.SAVING: _Rule(("finished_run",), ("exported_to",)),
}


def is_open(state: WizardState, step: Step) -> bool:
    """Return whether you may enter ``step`` now."""
    return all(getattr(state, name) for name in _RULES[step].needs)


def is_done(state: WizardState, step: Step) -> bool:
    """Return whether ``step`` has given what later steps need."""
    return is_open(state, step) and all(getattr(state, name) for name in _RULES[step].gives)


def status(state: WizardState, step: Step, *, elsewhere: bool = False) -> StepStatus:
    """Return how the step list shows ``step``; ``elsewhere`` when no step is shown at all."""
    if step is state.current and not elsewhere:
        return StepStatus.CURRENT
    if not is_open(state, step):
        return StepStatus.LOCKED
    return StepStatus.DONE if is_done(state, step) else StepStatus.OPEN


def resting_step(state: WizardState) -> Step:
    """Return where to continue: the current step, or the last open one if that has been locked.

    A step is locked again when what it was about is deleted, also while the library is shown.
    """
    steps = list(Step)
    before = steps[: steps.index(state.current) + 1]
    return next(step for step in reversed(before) if is_open(state, step))


def where_left(state: WizardState) -> Step:
    """Return the step at which a project that is opened was left, or its first unfinished one."""
    if state.current is not Step.START:
        return state.current
    unfinished = (step for step in Step if is_open(state, step) and not is_done(state, step))
    return next(unfinished, Step.SAVING)


def go_to(state: WizardState, step: Step) -> WizardState:
    """Return the state with ``step`` as the current page.

    Raises:
        UserFacingError: the step is still locked.
    """
    if not is_open(state, step):
        raise UserFacingError(
            "wizard.locked",
            _("That step needs something from an earlier one."),
            _("Finish the steps above it first."),
        )
    return state.model_copy(update={"current": step})


def next_step(step: Step) -> Step | None:
    """Return the step after ``step``, or ``None`` after the last."""
    steps = list(Step)
    position = steps.index(step) + 1
    return steps[position] if position < len(steps) else None


def previous_step(step: Step) -> Step | None:
    """Return the step before ``step``, or ``None`` before the first."""
    position = list(Step).index(step)
    return list(Step)[position - 1] if position else None


def give(state: WizardState, **values: Any) -> WizardState:
    """Return the state with new results; a changed result forgets what was built on the old one.

    A training that is done becomes the finished one, unless ``finished_run`` is given too.
    """
    if values.get("training_done") and "finished_run" not in values:
        values["finished_run"] = values.get("training_run", state.training_run)
    changed = {name for name, value in values.items() if getattr(state, name) != value}
    forgotten: dict[str, Any] = {}
    if changed & {"dataset_version", "base_model"} and "training_run" not in values:
        forgotten.update(training_run="", training_done=False)
    if "base_model" in changed and "more_of" not in values:
        forgotten.update(more_of="")  # an adapter belongs to its base
    if "training_run" in changed:
        forgotten.update(training_done=False)
    if "finished_run" in changed:
        forgotten.update(evaluated=False, exported_to="")
    return state.model_copy(update={**forgotten, **values})


_KNOWN_OF_RUN = (
    ("training_run", ("training_done",)),
    ("finished_run", ("evaluated", "exported_to")),
)


def known_of_run(state: WizardState, run: str) -> dict[str, str | bool]:
    """Return what the steps know of a run, for :func:`with_run_again`."""
    about = [(name, more) for name, more in _KNOWN_OF_RUN if getattr(state, name) == run]
    return {field: getattr(state, field) for name, more in about for field in (name, *more)}


def with_run_again(state: WizardState, run: str, known: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that let the steps be about a run that came back.

    A step that is about another run by now stays with that one.

    Args:
        known: what :func:`known_of_run` gave; values that do not fit count as not known.
    """
    try:
        before = WizardState.model_validate(known)
    except ValidationError:
        before = WizardState()
    if before.training_run != run:  # deleted by an earlier version, or the steps had moved on
        before = before.model_copy(update={"training_run": run, "training_done": True})
    given: dict[str, Any] = {"finished_run": state.finished_run}
    if not state.training_run:
        given |= {"training_run": run, "training_done": before.training_done}
    if not state.finished_run:
        given["finished_run"] = run
        if before.finished_run == run:
            given |= {"evaluated": before.evaluated, "exported_to": before.exported_to}
    return given


def settings_chosen(state: WizardState) -> bool:
    """Return whether you chose a preset or a value; before that, nothing here counts."""
    return bool(state.overrides or state.page.get(Step.SETTINGS, {}).get("preset_chosen"))


def load_state(project: Project) -> WizardState:
    """Return the saved state; a damaged file gives a fresh one, the work in the project is kept."""
    try:
        state = WizardState.model_validate(read_json(project.wizard_file))
    except (UserFacingError, ValidationError):
        return WizardState(project_chosen=True, current=Step.EXAMPLES)
    return state.model_copy(update={"current": resting_step(state)})


def save_state(project: Project, state: WizardState) -> None:
    """Save the state so that reopening restores page, fields and selection."""
    write_json(project.wizard_file, state.model_dump(mode="json"))
