"""A training that broke off (power cut, kill, lost card): what the next start offers to resume."""

from __future__ import annotations

from dataclasses import dataclass

from core.events import CheckpointSaved, Event, Failed, TrainStep
from core.jobs.exit_diagnosis import diagnose_exit
from core.jobs.status import RunState, recent_events, state_of
from core.project import Project, RunFolder


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A training that can go on.

    Attributes:
        step: the last step that was told, 0 for none; ``total`` of so many.
        saved: the newest checkpoint that was told, 0 if none is known.
        cause: in plain words, why it broke off; ``""`` when it was cut off without a word.
    """

    run: RunFolder
    step: int
    total: int
    saved: int
    cause: str

    def sentence(self) -> str:
        """Return one line for the person."""
        where = f" at step {self.step:,} of {self.total:,}" if self.total else ""
        why = f". {self.cause}" if self.cause else ", perhaps by a power cut or a restart."
        return f"“{self.run.name}” was interrupted{where}{why}"


def goes_on_after(saved: int) -> str:
    """Return what a resumed training begins with, in one sentence."""
    if not saved:
        return "Nothing was saved yet, so it starts again from the beginning."
    return f"It goes on after step {saved:,}, which is saved."


def interrupted_training(project: Project) -> Interrupted | None:
    """Return the project's newest training that began, if it broke off and can go on."""
    begun = (run for run in project.runs("train") if run.events_file.exists())
    run = max(begun, key=lambda run: run.name, default=None)
    if run is None:
        return None
    if state_of(run) is not RunState.INTERRUPTED:
        return None
    events = recent_events(run)
    last = events[-1] if events else None
    steps = [event for event in events if isinstance(event, TrainStep)]
    return Interrupted(
        run,
        step=steps[-1].step if steps else 0,
        total=steps[-1].total_steps if steps else 0,
        saved=max((e.step for e in events if isinstance(e, CheckpointSaved)), default=0),
        cause=_cause(run, last),
    )


def _cause(run: RunFolder, last: Event | None) -> str:
    """What is known, with what is to be done before the training goes on."""
    if isinstance(last, Failed):
        return f"{last.what} {last.todo}"
    end = diagnose_exit(run, None)
    return end.what if end.code != "job.killed" else ""
