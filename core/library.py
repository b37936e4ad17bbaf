"""Every fine-tune of the person's projects, with the facts that make it worth keeping."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import UserFacingError
from core.files import explained_io, read_json
from core.hardware.energy import Usage
from core.jobs.supervisor import is_alive
from core.project import Project, RunFolder


@dataclass(frozen=True, slots=True)
class FineTune:
    """One finished training.

    ``perplexity`` is (base, tuned) on unseen examples, ``None`` before an evaluation; ``seconds``
    the training time; ``energy`` is ``None`` where power could not be read.
    """

    project: Project
    run: RunFolder
    base_model: Path
    dataset_version: str
    seconds: float
    steps: int
    best_loss: float
    energy: Usage | None
    perplexity: tuple[float, float] | None


def list_fine_tunes(projects: Iterable[Path]) -> list[FineTune]:
    """Return the finished trainings of all projects that still exist, newest run first."""
    found = []
    for root in projects:
        try:
            project = Project.open(root)
        except UserFacingError:
            continue
        runs = sorted(project.runs("train"), key=lambda run: run.name, reverse=True)
        found += [tune for run in runs if (tune := _read(project, run))]
    return found


def _read(project: Project, run: RunFolder) -> FineTune | None:
    try:
        facts = read_json(run.facts_file)
        return FineTune(
            project=project,
            run=run,
            base_model=Path(facts["base_model"]),
            dataset_version=facts["dataset_version"],
            seconds=facts["seconds"],
            steps=facts["steps"],
            best_loss=facts["best_loss"],
            energy=_usage(facts),
            perplexity=_perplexity(run),
        )
    except (UserFacingError, KeyError, TypeError):
        return None  # unfinished, or not ours


def _usage(facts: dict[str, Any]) -> Usage | None:
    joules = facts.get("energy_joules")
    seconds, missed = (facts.get(f"energy_{name}") or 0.0 for name in ("seconds", "missed"))
    return None if joules is None else Usage(joules, seconds, missed)


def _perplexity(run: RunFolder) -> tuple[float, float] | None:
    if not run.evaluation_file.is_file():
        return None
    scores: dict[str, Any] = read_json(run.evaluation_file)
    return scores["base"]["perplexity"], scores["tuned"]["perplexity"]


def delete(tune: FineTune) -> None:
    """Delete one run with its adapter and checkpoints; exports elsewhere stay.

    Raises:
        UserFacingError: a job still works in it, or the disk refuses.
    """
    if is_alive(tune.run):
        raise UserFacingError(
            "run.busy",
            f"“{tune.run.name}” is still running.",
            "Stop it first, then delete it.",
        )
    with explained_io(tune.run.root):
        shutil.rmtree(tune.run.root)


def adapters_on(base_model: Path, projects: Iterable[Path]) -> list[FineTune]:
    """Return the fine-tunes that stop working when ``base_model`` is deleted."""
    return [tune for tune in list_fine_tunes(projects) if tune.base_model == base_model]
