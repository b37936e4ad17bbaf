"""What the job that draws pairs from documents is asked to do and what it gives."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from core.contract import JobParams, JobResult
from core.data.readers import ReadOptions
from core.storage.names import FolderText

DEFAULT_PASSAGES = 100
MOST_PASSAGES = 10_000


class PairsResult(JobResult):
    """How many pairs were made; the pairs are in the run's folder.

    Attributes:
        passages: how many passages the files have.
        asked: how many of them were asked about.
        passed: pairs that the check found nothing wrong with.
        faults: how many pairs the check found each fault in.
    """

    kind: ClassVar[str] = "pairs"

    passages: int = 0
    asked: int = 0
    passed: int = 0
    faults: dict[str, int] = Field(default_factory=dict)


class PairsParams(JobParams[PairsResult]):
    """Ask a base model for a question and its answer about each passage of some files.

    Attributes:
        most: ask about at most this many passages, spread over all files.
    """

    kind: ClassVar[str] = "pairs"

    paths: tuple[str, ...]
    base_model: FolderText
    most: int = Field(default=DEFAULT_PASSAGES, ge=1, le=MOST_PASSAGES)
    read: ReadOptions = Field(default_factory=ReadOptions)
