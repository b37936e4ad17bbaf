"""The job that loads a model of 4 bits in a process of its own and compares it."""

from __future__ import annotations

from typing import ClassVar

from core.export.spec import LikenessResult, Questions
from core.storage.names import FolderText


class FourBitsProofResult(LikenessResult):
    """What transformers computes with it."""

    kind: ClassVar[str] = "four_bits_proof"


class FourBitsProofParams(Questions[FourBitsProofResult]):
    """Load a model of 4 bits; ``merged``: the folder that it was made from."""

    kind: ClassVar[str] = "four_bits_proof"

    export: FolderText
    merged: FolderText
