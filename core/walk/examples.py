"""The examples as the terminal prepares them: scan, accept, leave out what cannot be learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core import sample_project
from core.data.cleaning import Choices
from core.data.draft import ScanOptions
from core.data.findings.kinds import Action, Kind
from core.data.mixture import MixtureOptions
from core.data.readers import ReadOptions
from core.data.report import check_guess, with_unlearnable
from core.project import Project
from core.terminal import run_job
from core.training.learning import Learning
from core.walk.plans import config_for
from core.walk.state import note, remember
from core.wizard import Step


def scan_params(files: list[Path], read: ReadOptions | None = None) -> dict[str, Any]:
    """Return the parameters of a scan; what ``read`` does not say is guessed."""
    options = ScanOptions(read=read or ReadOptions()).model_dump(mode="json")
    paths = [str(path.absolute()) for path in files]
    return {"paths": paths, "options": options}


def prepare(
    project: Project,
    files: list[Path],
    choices: Choices | None = None,
    mixture: MixtureOptions | None = None,
    base: Path | None = None,
    *,
    read: ReadOptions | None = None,
    accept_guess: bool = False,
) -> dict[str, Any]:
    """Scan files and accept them with the default (or given) choices; return the report.

    Args:
        base: leave out what this base model cannot learn from, with its recommended preset.
        read: how to read the files, where the guess is not wanted.
        accept_guess: go on even if it is hardly clear which columns are question and answer.

    Raises:
        UserFacingError: ``dataset.unsure``, or what the jobs say.
    """
    found = run_job(project.new_run("scan"), "scan", scan_params(files, read))
    if not accept_guess:
        check_guess(found)
    params = {
        "choices": (choices or Choices()).model_dump(mode="json"),
        "mixture": (mixture or MixtureOptions()).model_dump(mode="json"),
    }
    report = run_job(project.new_run("prepare"), "prepare", params)
    note(project, Step.BASE_MODEL, dataset_version=report["content_hash"])
    return report if base is None else _learnable(project, base, report)


def _learnable(project: Project, base: Path, report: dict[str, Any]) -> dict[str, Any]:
    """Leave out what ``base`` cannot learn from and return the report of what is left."""
    remember(project, base)
    params = {"dataset_version": report["content_hash"], "base_model": str(base)}
    learning = project.new_run("learning")
    run_job(learning, "learning", params)
    limit = config_for(project, base, "", {}).max_length
    if not len(Learning.load(learning).unlearnable(limit)):
        return report
    left = run_job(
        project.new_run("leave_out"),
        "leave_out",
        {"learning_run": learning.name, "max_length": limit},
    )
    note(project, Step.BASE_MODEL, dataset_version=left["content_hash"])
    return with_unlearnable(report, left)


def prepare_sample(project: Project) -> dict[str, Any]:
    """Accept the sample's examples with every suggestion taken."""
    choices = Choices()
    for kind in (Kind.HTML, Kind.NEAR_DUPLICATE, Kind.MIXED_FORMAT, Kind.TOO_LONG):
        choices = choices.with_action(kind, Action.FIX)
    return prepare(project, [sample_project.EXAMPLES], choices)
