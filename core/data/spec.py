"""What the jobs about examples are asked to do and what they give."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from core.contract import JobParams, JobResult
from core.data.cleaning import Choices
from core.data.draft import Problem, ScanOptions
from core.data.mixture import MixtureOptions
from core.data.splitting import SplitOptions
from core.storage.names import Name
from core.storage.recorded import Recorded


class DataReport(JobResult):
    """What is in files; also what ``inspect`` and ``prepare`` print with ``--json``.

    Attributes:
        columns: what each column was taken for, ``""`` for nothing.
        findings: number of rows of every kind of finding.
        split: examples of each part, empty before they are accepted.
        content_hash: name of the accepted version, ``""`` before.
        unused: share of all text for each column that plays no role.
        added: training examples from elsewhere; ``None`` before they are accepted.
    """

    kind: ClassVar[str] = "scan"

    format: str = ""
    shape: str = ""
    encoding: str = ""
    confidence: float = 1.0
    columns: dict[str, str] = Field(default_factory=dict)
    rows_read: int = 0
    kept: int = 0
    dropped: int = 0
    findings: dict[str, int] = Field(default_factory=dict)
    split: dict[str, int] = Field(default_factory=dict)
    content_hash: str = ""
    notices: tuple[Recorded, ...] = ()
    unused: dict[str, float] = Field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    added: dict[str, int] | None = None

    def document(self) -> dict[str, object]:
        """Leave out what is not known yet."""
        known = super().document()
        if self.added is None:
            del known["added"]
        return known


class VersionReport(DataReport):
    """The same of an accepted version."""

    kind: ClassVar[str] = "prepare"


class ScanParams(JobParams[DataReport]):
    """Read files into the project's draft."""

    kind: ClassVar[str] = "scan"

    paths: tuple[str, ...]
    options: ScanOptions = Field(default_factory=ScanOptions)


class PrepareParams(JobParams[VersionReport]):
    """Accept the draft as it was decided."""

    kind: ClassVar[str] = "prepare"

    choices: Choices = Field(default_factory=Choices)
    split: SplitOptions = Field(default_factory=SplitOptions)
    mixture: MixtureOptions = Field(default_factory=MixtureOptions)


class LeaveOutResult(JobResult):
    """The version without what cannot be learned; ``added`` counts examples from elsewhere."""

    kind: ClassVar[str] = "leave_out"

    content_hash: Name
    left_out: int = 0
    counts: dict[str, int] = Field(default_factory=dict)
    added: dict[str, int] = Field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


class LeaveOutParams(JobParams[LeaveOutResult]):
    """Leave out what the run ``learning_run`` found to be unlearnable under this limit."""

    kind: ClassVar[str] = "leave_out"

    learning_run: Name
    max_length: int
