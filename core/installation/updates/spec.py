"""What the job ``update`` is given and gives back."""

from __future__ import annotations

from typing import ClassVar

from core.contract import JobParams, JobResult
from core.installation.updates.feed import ReleaseFile
from core.models.hub.connection import Patience


class UpdateResult(JobResult):
    """The package that lies ready; of a stopped job only what it has collected.

    Attributes:
        path: of the package, ``""`` when the job was stopped.
        kept: bytes that a stopped job has collected.
    """

    kind: ClassVar[str] = "update"

    version: str = ""
    path: str = ""
    kept: int = 0


class UpdateParams(JobParams[UpdateResult]):
    """Fetch the package of a version that was agreed to."""

    kind: ClassVar[str] = "update"

    version: str
    file: ReleaseFile
    proxy: str = ""
    patience: Patience = Patience()
