"""Scan and preparation as jobs of the child process.

Where they write follows from their run folder: the draft and the versions of its project.
"""

from __future__ import annotations

import time
from pathlib import Path

from core.data.draft import Draft, Progress
from core.data.preparation import prepare
from core.data.report import draft_report, version_report
from core.data.scan import scan
from core.data.spec import DataReport, PrepareParams, ScanParams, VersionReport
from core.jobs.link import JobLink
from core.language import N_, _
from core.project import Project, RunFolder

_SECONDS_BETWEEN_REPORTS = 0.1


def run_scan(folder: RunFolder, params: ScanParams, link: JobLink) -> DataReport:
    """Read files into the draft; gives what is in them."""
    draft_dir = Project.of_run(folder).draft
    scan(map(Path, params.paths), params.options, draft_dir, reporter(link, N_("rows")))
    with Draft(draft_dir) as draft:
        return draft_report(draft)


def run_prepare(folder: RunFolder, params: PrepareParams, link: JobLink) -> VersionReport:
    """Write the dataset version; gives what is in it."""
    project = Project.of_run(folder)
    with Draft(project.draft) as draft:
        version = prepare(
            draft,
            params.choices,
            params.split,
            project.versions,
            reporter(link, N_("examples")),
            mixture=params.mixture,
        )
        return version_report(draft, version)


def reporter(link: JobLink, unit: str) -> Progress:
    """Return a progress callback that reports now and then, and notices a cancel.

    Its phases and ``unit`` are marked with ``N_``.
    """
    last_time, last_phase = 0.0, ""

    def report(phase: str, done: int, total: int) -> None:
        nonlocal last_time, last_phase
        now = time.monotonic()
        if phase != last_phase or now - last_time >= _SECONDS_BETWEEN_REPORTS:
            last_time, last_phase = now, phase
            link.progress(_(phase), done, total, _(unit))

    return report
