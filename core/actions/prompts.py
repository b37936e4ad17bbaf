"""Trying a prompt on the base model before anything is trained."""

from __future__ import annotations

from pathlib import Path

from core.actions.state import RunJob, dataset_folder, ensure_base
from core.data.dataset import DatasetVersion
from core.evaluation.prompts.spec import PromptsParams, PromptsResult
from core.evaluation.prompts.text import prompt_text
from core.events import Finished
from core.jobs.spec import DEFAULT_PROMPTED, asked_of
from core.jobs.supervisor import read_events
from core.project import Project


def try_prompts(
    project: Project, base: Path, questions: int = DEFAULT_PROMPTED, *, run_job: RunJob
) -> PromptsResult:
    """Let the base answer with 0, 1, 3 and 5 examples before each question."""
    version = dataset_folder(project).name
    ensure_base(project, base, run_job=run_job)
    params = PromptsParams(
        dataset_version=version, base_model=str(base), questions=max(1, questions)
    )
    return run_job(project.new_run("prompts"), params)


def best_prompt(project: Project, version: str, result: PromptsResult) -> str:
    """Return the prompt with as many typical examples as did best.

    Raises:
        UserFacingError: the examples cannot be read.
    """
    shots = result.best.shots if result.best is not None else 0
    loaded = DatasetVersion.load(project.version_folder(version))
    return prompt_text(loaded, shots) if shots else prompt_text(loaded)


def last_prompts(project: Project, version: str, base: str) -> PromptsResult | None:
    """Return what was found last with these examples and this base, ``None`` for nothing."""
    for run in sorted(project.runs("prompts"), key=lambda run: run.name, reverse=True):
        asked = asked_of(run)
        if not isinstance(asked, PromptsParams):
            continue
        if (asked.dataset_version, asked.base_model) != (version, base):
            continue
        last = next((e for e in read_events(run) if isinstance(e, Finished)), None)
        if last is not None and isinstance(last.result, PromptsResult):
            return last.result
    return None
