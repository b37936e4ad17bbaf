"""Scan and preparation as jobs of the child process; parameters and results are JSON.

Where they write follows from their run folder: the draft and the versions of its project.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from core.data.cleaning import Choices
from core.data.draft import Draft, Progress, ScanOptions
from core.data.mixture import MixtureOptions
from core.data.preparation import prepare
from core.data.report import draft_report, version_report
from core.data.scan import scan
from core.data.splitting import SplitOptions
from core.jobs.link import JobLink
from core.language import N_, _
from core.project import Project, RunFolder

_SECONDS_BETWEEN_REPORTS = 0.1


class ScanParameters(BaseModel):
    """What ``run_scan`` needs: the files, and how to read them."""

    paths: list[str]
    options: ScanOptions = Field(default_factory=ScanOptions)


class PrepareParameters(BaseModel):
    """What ``run_prepare`` needs: everything that was decided."""

    choices: Choices = Field(default_factory=Choices)
    split: SplitOptions = Field(default_factory=SplitOptions)
    mixture: MixtureOptions = Field(default_factory=MixtureOptions)


def run_scan(folder: RunFolder, params: dict[str, Any], link: JobLink) -> dict[str, Any]:
    """Read files into the draft; returns the object that ``inspect --json`` prints."""
    wanted = ScanParameters.model_validate(params)
    draft_dir = Project.of_run(folder).draft
    scan(map(Path, wanted.paths), wanted.options, draft_dir, reporter(link, N_("rows")))
    with Draft(draft_dir) as draft:
        return draft_report(draft)


def run_prepare(folder: RunFolder, params: dict[str, Any], link: JobLink) -> dict[str, Any]:
    """Write the dataset version; returns the object that ``prepare --json`` prints."""
    wanted = PrepareParameters.model_validate(params)
    project = Project.of_run(folder)
    with Draft(project.draft) as draft:
        version = prepare(
            draft,
            wanted.choices,
            wanted.split,
            project.versions,
            reporter(link, N_("examples")),
            mixture=wanted.mixture,
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
