"""What the job ``doctor`` is given and gives back."""

from __future__ import annotations

from typing import ClassVar

from core.contract import JobParams, JobResult
from core.doctor.check import SelfCheck


class DoctorResult(JobResult):
    """Every finding."""

    kind: ClassVar[str] = "doctor"

    checks: tuple[SelfCheck, ...] = ()


class DoctorParams(JobParams[DoctorResult]):
    """Nothing has to be said."""

    kind: ClassVar[str] = "doctor"
