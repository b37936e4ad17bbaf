"""A run that was interrupted (power cut, kill, lost card): what the next start offers to resume."""

from __future__ import annotations

from dataclasses import dataclass

from core.events import CheckpointSaved, Event, Failed, TrainStep
from core.jobs.exit_diagnosis import diagnose_exit
from core.jobs.status import RunState, recent_events, state_of
from core.language import _
from core.project import Project, RunFolder


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A run that can be resumed.

    Attributes:
        step: the last step that was reported, 0 for none, of ``total`` steps.
        saved: the newest checkpoint that was reported, 0 if none is known.
        cause: in plain words, why it was interrupted; ``""`` when nothing is known.
    """

    run: RunFolder
    step: int
    total: int
    saved: int
    cause: str

    def sentence(self) -> str:
        """Return one line to show."""
        known: dict[str, str | int] = {"run": self.run.name, "cause": self.cause}
        if not self.total:
            if self.cause:
                return _("“{run}” was interrupted. {cause}", **known)
            return _("“{run}” was interrupted, perhaps by a power cut or a restart.", **known)
        known |= {"step": self.step, "total": self.total}
        if self.cause:
            return _("“{run}” was interrupted at step {step:,} of {total:,}. {cause}", **known)
        return _(
            "“{run}” was interrupted at step {step:,} of {total:,}, perhaps by a power cut or a "
            "restart.",
            **known,
        )


def goes_on_after(saved: int) -> str:
    """Return where a resumed run continues, in one sentence."""
    if not saved:
        return _("Nothing was saved yet, so it starts again from the beginning.")
    return _("It continues after step {step:,}, which is saved.", step=saved)


def interrupted_training(project: Project) -> Interrupted | None:
    """Return the project's newest run that began, if it was interrupted and can be resumed."""
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
    """What is known, and what to do before the run continues."""
    if isinstance(last, Failed):
        return _("{what} {todo}", what=last.what, todo=last.todo)
    end = diagnose_exit(run, None)
    return end.what if end.code != "job.killed" else ""
