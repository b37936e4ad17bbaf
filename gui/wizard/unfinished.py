"""What an earlier session left unfinished in a project, found when the project opens. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from core.jobs.interrupted import Interrupted, goes_on_after, interrupted_training
from core.jobs.status import RunState
from core.language import ngettext
from core.project import Project, RunFolder
from core.queue.entries import is_at_work, read_queue


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A run that was interrupted, and runs that wait.

    Attributes:
        run: the run that can resume, ``None`` if there is none.
        queued: how many runs the queue would start.
        sentence: both, for the user; ``""`` when nothing is unfinished.
        kept: what a resumed run begins with; ``""`` without such a run.
    """

    run: RunFolder | None = None
    queued: int = 0
    sentence: str = ""
    kept: str = ""


def unfinished(project: Project) -> Unfinished:
    """Look at the newest run that began, and at the queue; nothing while either works."""
    if is_at_work(project):
        return Unfinished()
    entries = read_queue(project)
    may_run = [e for e in entries if e.state in (RunState.WAITING, RunState.INTERRUPTED)]
    interrupted = interrupted_training(project)
    run = interrupted.run if interrupted is not None else None
    parts = [interrupted.sentence()] if interrupted is not None else []
    if may_run:
        parts.append(
            ngettext(
                "{count:,} run is waiting in the queue.",
                "{count:,} runs are waiting in the queue.",
                len(may_run),
            )
        )
    return Unfinished(run, len(may_run), " ".join(parts), _kept(interrupted))


def _kept(interrupted: Interrupted | None) -> str:
    return goes_on_after(interrupted.saved) if interrupted is not None else ""
