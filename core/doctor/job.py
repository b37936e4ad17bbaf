"""The job ``doctor``: every check, in a process that may load PyTorch and may die of it."""

from __future__ import annotations

from core.doctor.examination import examine
from core.doctor.spec import DoctorParams, DoctorResult
from core.jobs.link import JobLink
from core.project import RunFolder
from core.settings import application_folder


def job_folder() -> RunFolder:
    """Return the run folder of this job; one at a time."""
    return RunFolder(application_folder() / "doctor")


def run_doctor(folder: RunFolder, params: DoctorParams, link: JobLink) -> DoctorResult:
    """Examine this machine and this installation."""
    del folder, params, link
    return DoctorResult(checks=tuple(examine()))
