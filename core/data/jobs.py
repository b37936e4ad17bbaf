"""Scan and preparation as jobs of the child process; parameters and results are JSON."""

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
from core.project import RunFolder

_SECONDS_BETWEEN_REPORTS = 0.1


class ScanParameters(BaseModel):
    """What ``run_scan`` needs: the files, and the project's draft folder."""

    paths: list[str]
    draft_dir: str
    options: ScanOptions = Field(default_factory=ScanOptions)


class PrepareParameters(BaseModel):
    """What ``run_prepare`` needs: the project's folders and everything that was decided."""

    draft_dir: str
    versions_dir: str
    choices: Choices = Field(default_factory=Choices)
    split: SplitOptions = Field(default_factory=SplitOptions)
    mixture: MixtureOptions = Field(default_factory=MixtureOptions)


def run_scan(_folder: RunFolder, params: dict[str, Any], link: JobLink) -> dict[str, Any]:
    """Read files into the draft; returns the object that ``inspect --json`` prints."""
    wanted = ScanParameters.model_validate(params)
    draft_dir = Path(wanted.draft_dir)
    scan(map(Path, wanted.paths), wanted.options, draft_dir, reporter(link, "rows"))
    with Draft(draft_dir) as draft:
        return draft_report(draft)


def run_prepare(_folder: RunFolder, params: dict[str, Any], link: JobLink) -> dict[str, Any]:
    """Write the dataset version; returns the object that ``prepare --json`` prints."""
    wanted = PrepareParameters.model_validate(params)
    with Draft(Path(wanted.draft_dir)) as draft:
        version = prepare(
            draft,
            wanted.choices,
            wanted.split,
            Path(wanted.versions_dir),
            reporter(link, "examples"),
            mixture=wanted.mixture,
        )
        return version_report(draft, version)


def reporter(link: JobLink, unit: str) -> Progress:
    """Return a progress callback that tells the window now and then, and notices a cancel."""
    last_time, last_phase = 0.0, ""

    def report(phase: str, done: int, total: int) -> None:
        nonlocal last_time, last_phase
        now = time.monotonic()
        if phase != last_phase or now - last_time >= _SECONDS_BETWEEN_REPORTS:
            last_time, last_phase = now, phase
            link.progress(phase, done, total, unit)

    return report
