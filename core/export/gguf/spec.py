"""The jobs that write a GGUF file and load it again."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from core.contract import JobParams, JobResult
from core.export.spec import Questions
from core.jobs.likeness import Likeness
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


class GgufProofResult(JobResult):
    """What llama.cpp makes of a file.

    Attributes:
        likeness: on unseen answers, against the fine-tune.
        answer: what it answered to the first probe.
        ended: the answer ended before the limit.
        speed: tokens a second on this computer's processor.
        answers: to every probe that was to be answered, the first one included, and whether each
            ended before its limit.
        text: what its template, tokens or tensors do or hold otherwise, ``""`` for nothing.
    """

    kind: ClassVar[str] = "gguf_proof"

    likeness: Likeness
    answer: str = ""
    ended: bool = False
    speed: float = 0.0
    answers: list[tuple[str, bool]] = Field(default_factory=list)
    text: str = ""


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
