"""How long the comparison took the last time, from its run folder alone."""

from __future__ import annotations

from core.events import Finished
from core.jobs.spec import EvaluateParams, asked_of
from core.jobs.status import last_event
from core.project import Project


def last_comparison(project: Project) -> tuple[int, float] | None:
    """Return how many questions it asked and the seconds it took; ``None`` where it did not end."""
    run = project.latest_run("evaluate")
    asked, ended = (asked_of(run), last_event(run)) if run is not None else (None, None)
    if run is None or not isinstance(asked, EvaluateParams):
        return None
    if not isinstance(ended, Finished) or ended.outcome != "completed":
        return None
    try:
        took = ended.at - run.job_file.stat().st_mtime
    except OSError:
        return None
    return (asked.questions, took) if took > 0 else None
