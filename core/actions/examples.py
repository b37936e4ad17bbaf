"""Examples: scan, accept, leave out what cannot be learned."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from core import sample_project
from core.actions.plans import choose, look
from core.actions.state import RunJob, note, remember
from core.chat.label_preview import LabelPreview
from core.data.cleaning import Choices
from core.data.draft import ScanOptions
from core.data.findings.kinds import Action, Kind
from core.data.readers import ReadOptions
from core.data.report import check_guess, with_unlearnable
from core.data.spec import LeaveOutParams, PrepareParams, ScanParams, VersionReport
from core.jobs.spec import LabelPreviewParams
from core.project import Project
from core.wizard import Step


def scan_params(files: Iterable[Path], read: ReadOptions | None = None) -> ScanParams:
    """Return what a scan of these files is asked; what ``read`` does not say is guessed."""
    options = ScanOptions(read=read or ReadOptions())
    return ScanParams(paths=tuple(str(path.absolute()) for path in files), options=options)


def prepare(
    project: Project,
    files: list[Path],
    wanted: PrepareParams | None = None,
    base: Path | None = None,
    *,
    run_job: RunJob,
    read: ReadOptions | None = None,
    accept_guess: bool = False,
) -> VersionReport:
    """Scan files and accept them; return the report.

    Args:
        wanted: choices and mixture, where they are not the default ones.
        base: leave out what this base model cannot learn from, with its recommended preset.
        read: how to read the files, where the guess is not wanted.
        accept_guess: continue even if it is hardly clear which columns are question and answer.

    Raises:
        UserFacingError: ``dataset.unsure``, or what the jobs say.
    """
    found = run_job(project.new_run("scan"), scan_params(files, read))
    if not accept_guess:
        check_guess(found)
    report = run_job(project.new_run("prepare"), wanted or PrepareParams())
    note(project, Step.BASE_MODEL, dataset_version=report.content_hash)
    return report if base is None else _learnable(project, base, report, run_job)


def _learnable(
    project: Project, base: Path, report: VersionReport, run_job: RunJob
) -> VersionReport:
    """Leave out what ``base`` cannot learn from and return the report of what is left."""
    here = look(project, base)
    remember(project, base, here.facts)
    preview = project.new_run("learning")
    run_job(preview, LabelPreviewParams(dataset_version=report.content_hash, base_model=str(base)))
    limit = choose(here).config.max_length
    if not len(LabelPreview.load(preview).unlearnable(limit)):
        return report
    left = run_job(
        project.new_run("leave_out"),
        LeaveOutParams(learning_run=preview.name, max_length=limit),
    )
    note(project, Step.BASE_MODEL, dataset_version=left.content_hash)
    return with_unlearnable(report, left)


def prepare_sample(project: Project, *, run_job: RunJob) -> VersionReport:
    """Accept the sample's examples with every suggestion taken."""
    choices = Choices()
    for kind in (Kind.HTML, Kind.NEAR_DUPLICATE, Kind.MIXED_FORMAT, Kind.TOO_LONG):
        choices = choices.with_action(kind, Action.FIX)
    wanted = PrepareParams(choices=choices)
    return prepare(project, [sample_project.EXAMPLES], wanted, run_job=run_job)
