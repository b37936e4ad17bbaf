"""What the steps read from a project and note in it: its owner, examples, base, runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from core import wizard
from core.contract import JobParams, Result
from core.errors import UserFacingError
from core.jobs.spec import SampleModelParams
from core.language import _
from core.models.inspection import ModelFacts, inspect_model
from core.models.sample import sample_model_folder
from core.models.whereabouts import remember_base
from core.project import Project, RunFolder
from core.wizard import Step


class RunJob(Protocol):
    """Runs a job to its end and returns its result."""

    def __call__(
        self, folder: RunFolder, params: JobParams[Result], /, *, new: bool = True
    ) -> Result:
        """Run it in ``folder``; a run that is there already is taken up unless ``new``."""


@contextmanager
def owned(project: Project) -> Iterator[None]:
    """Hold the project for writing.

    Raises:
        UserFacingError: a window or another command works in it.
    """
    lock = project.lock()
    try:
        yield
    finally:
        lock.release()


def note(project: Project, step: Step, **values: Any) -> None:
    """Save a result, so that the window opens at the right place."""
    state = wizard.load_state(project)
    state = wizard.give(state, project_chosen=True, **values)
    wizard.save_state(project, state.model_copy(update={"current": step}))


def dataset_folder(project: Project) -> Path:
    """Return the dataset version in use.

    Raises:
        UserFacingError: none was accepted yet.
    """
    version = wizard.load_state(project).dataset_version
    if not version:
        raise UserFacingError(
            "project.no_dataset",
            _("This project has no examples yet."),
            _("Add some with: homelab-tuner prepare FILE --project DIR"),
        )
    return project.version_folder(version)


def ensure_base(project: Project, base: Path, *, run_job: RunJob) -> None:
    """Make the sample model if it is the base and not there yet; refuse an unusable folder."""
    if base == sample_model_folder() and not base.exists():
        run_job(project.new_run("sample_model"), SampleModelParams())
    inspect_model(base)


def remember(project: Project, base: Path, facts: ModelFacts) -> None:
    """Note what the project's base model is, so that it is found where the project is carried."""
    remember_base(project, str(base), facts.fingerprint)


def named_run(project: Project, name: str) -> RunFolder:
    """Return the training run of this name, or the newest without one.

    Raises:
        UserFacingError: there is none (code ``project.no_run``), or none of this name.
    """
    if name:
        return project.run(name)
    newest = project.latest_run("train")
    if newest is None:
        raise UserFacingError(
            "project.no_run",
            _("This project has no run yet."),
            _("Train first with: homelab-tuner train --project DIR --base MODEL"),
        )
    return newest
