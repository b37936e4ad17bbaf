"""What the job ``engine`` is given and gives back."""

from __future__ import annotations

from typing import ClassVar

from core.contract import JobParams, JobResult
from core.installation.lock import EngineLock
from core.models.hub.connection import Patience

DIED = ("job.killed", "job.signal", "job.ended", "job.killed_for_memory")
"""Codes of a job that was ended from outside: it only has to be started again."""


class EngineResult(JobResult):
    """The version that is in use now; of a job that was stopped only what it has collected.

    Attributes:
        version: its name, ``""`` when the job was stopped.
        seen: what PyTorch said of itself when it was tried.
        kept: bytes of wheels that a stopped job has collected.
    """

    kind: ClassVar[str] = "engine"

    version: str = ""
    torch: str = ""
    seen: str = ""
    kept: int = 0


class EngineParams(JobParams[EngineResult]):
    """Fetch and install the wheels that were agreed to.

    Attributes:
        source: as ``core.installation.source.parse_source`` reads it.
        proxy: between this computer and the source; ``""`` for what the environment says.
    """

    kind: ClassVar[str] = "engine"

    lock: EngineLock
    source: str = ""
    proxy: str = ""
    patience: Patience = Patience()
