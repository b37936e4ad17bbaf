"""What a run gave: compared with its base, and exported."""

from __future__ import annotations

from pathlib import Path

from core.actions.state import RunJob, named_run, note
from core.jobs.spec import (
    DEFAULT_PROMPTED,
    DEFAULT_QUANT,
    DEFAULT_QUESTIONS,
    EvaluateParams,
    EvaluationResult,
    ExportParams,
    ExportResult,
)
from core.project import Project
from core.wizard import Step


def evaluate(
    project: Project,
    name: str = "",
    questions: int = DEFAULT_QUESTIONS,
    prompted: int = DEFAULT_PROMPTED,
    *,
    everyday: int = 0,
    run_job: RunJob,
) -> EvaluationResult:
    """Compare a run's adapter with its base; return the scores."""
    run = named_run(project, name)
    params = EvaluateParams(run=run.name, questions=questions, prompted=prompted, everyday=everyday)
    scores = run_job(project.new_run("evaluate"), params)
    note(project, Step.COMPARISON, finished_run=run.name, evaluated=True)
    return scores


def export(
    project: Project,
    name: str,
    to: Path,
    form: str = "adapter",
    quant: str = DEFAULT_QUANT,
    *,
    run_job: RunJob,
) -> ExportResult:
    """Export a run's fine-tune in one form; return where it is and how it was proved."""
    run = named_run(project, name)
    params = ExportParams(run=run.name, to=str(to.absolute()), form=form, quant=quant)
    result = run_job(project.new_run("export"), params)
    note(project, Step.SAVING, finished_run=run.name, exported_to=result.folder)
    return result
