"""Trainings that broke off (power cut, kill, crash): what the next start offers to resume."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserFacingError
from core.jobs.events import CheckpointSaved, Failed, Finished, TrainStep
from core.jobs.supervisor import is_alive, read_events
from core.project import Project, RunFolder

# After these the same run would only fail again: it needs other settings or data first.
_HOPELESS = frozenset(
    {"training.not_finite", "training.diverged", "training.other_run", "training.out_of_memory"}
)


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A training that can go on.

    Attributes:
        saved_step: the checkpoint that Resume goes on from, 0 for none.
        total_steps: 0 when it never took a step.
        cause: the last word of the run, ``""`` when it was cut off without one.
    """

    project: Project
    run: RunFolder
    saved_step: int
    total_steps: int
    cause: str

    def sentence(self) -> str:
        """Return one line for the person."""
        step, total = self.saved_step, self.total_steps
        how_far = f"step {step} of {total}" if total else "the start"
        cause = self.cause or "The computer or the program ended in the middle of it."
        return f"The training of “{self.project.name}” can go on from {how_far}. {cause}"


def interrupted_training(project: Project) -> Interrupted | None:
    """Return the project's newest training if it broke off and no child works on it."""
    run = project.latest_run("train")
    if run is None or run.facts_file.exists() or is_alive(run):
        return None
    events = read_events(run)
    last = events[-1] if events else None
    if last is None or isinstance(last, Finished):
        return None
    if isinstance(last, Failed) and last.code in _HOPELESS:
        return None
    return Interrupted(
        project,
        run,
        saved_step=max((e.step for e in events if isinstance(e, CheckpointSaved)), default=0),
        total_steps=max((e.total_steps for e in events if isinstance(e, TrainStep)), default=0),
        cause=last.what if isinstance(last, Failed) else "",
    )


def interrupted_trainings(projects: Iterable[Path]) -> list[Interrupted]:
    """Return what broke off in these project folders; folders that are gone are left out."""
    found = []
    for root in projects:
        try:
            project = Project.open(root)
            interrupted = interrupted_training(project)
        except UserFacingError:
            continue
        if interrupted is not None:
            found.append(interrupted)
    return found
