"""What every form of export is made from."""

from __future__ import annotations

from dataclasses import dataclass

from core.evaluation.job import Tuned
from core.export.proof import Probe
from core.jobs.link import JobLink
from core.project import RunFolder


@dataclass(frozen=True)
class Work:
    """One saving of a fine-tune.

    Attributes:
        folder: of the job.
        ends: the tokens that end an answer.
        probe: what the fine-tune makes of a few questions.
    """

    folder: RunFolder
    tuned: Tuned
    ends: list[int]
    probe: Probe
    link: JobLink
