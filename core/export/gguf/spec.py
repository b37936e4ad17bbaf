"""The jobs that write a GGUF file and load it again."""

from __future__ import annotations

from typing import ClassVar

from core.contract import JobParams, JobResult
from core.export.spec import LikenessResult, Questions
from core.storage.names import FolderText


class GgufResult(JobResult):
    """How large the file is."""

    kind: ClassVar[str] = "gguf"

    size: int


class GgufParams(JobParams[GgufResult]):
    """Write the model in the folder ``merged`` as the file ``file``.

    Attributes:
        adapter: if given, it alone is written, and ``merged`` is its base.
        importance: file of what :func:`core.export.importance.measure_importance` found.
    """

    kind: ClassVar[str] = "gguf"

    merged: FolderText
    file: FolderText
    quant: str
    name: str
    importance: FolderText | None = None
    adapter: FolderText | None = None


class GgufProofResult(LikenessResult):
    """What llama.cpp makes of a file; ``speed`` is that of this computer's processor."""

    kind: ClassVar[str] = "gguf_proof"


class GgufProofParams(Questions[GgufProofResult]):
    """Load a file with llama.cpp.

    Attributes:
        merged: the folder that it was made from.
        adapter: the stored adapter of which ``lora`` was made; ``merged`` is then the base alone.
    """

    kind: ClassVar[str] = "gguf_proof"

    merged: FolderText
    file: FolderText
    quant: str
    adapter: FolderText | None = None
    lora: FolderText | None = None
