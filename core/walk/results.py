"""What a training gave: compared with its base, and exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.evaluation.job import DEFAULT_QUESTIONS
from core.project import Project
from core.terminal import run_job
from core.walk.state import named_run, note
from core.wizard import Step


def evaluate(
    project: Project, name: str = "", questions: int = DEFAULT_QUESTIONS
) -> dict[str, Any]:
    """Compare a run's adapter with its base; return the scores."""
    run = named_run(project, name)
    params = {
        "run": run.name,
        "questions": questions,
    }
    scores = run_job(project.new_run("evaluate"), "evaluate", params)
    note(project, Step.COMPARISON, finished_run=run.name, evaluated=True)
    return scores


def export(project: Project, name: str, to: Path, form: str = "adapter") -> dict[str, Any]:
    """Export a run's adapter; return where it is and how it was proved."""
    run = named_run(project, name)
    params = {
        "run": run.name,
        "to": str(to.absolute()),
        "form": form,
    }
    result = run_job(project.new_run("export"), "export", params)
    note(project, Step.SAVING, finished_run=run.name, exported_to=result["folder"])
    return result


def free_name(folder: Path) -> Path:
    """Return ``folder``, or the first of ``folder-2``, ``folder-3``, … that does not exist."""
    number, candidate = 1, folder
    while candidate.exists():
        number += 1
        candidate = folder.with_name(f"{folder.name}-{number}")
    return candidate
