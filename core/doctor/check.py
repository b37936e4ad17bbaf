"""One finding of the examination."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Remedy(StrEnum):
    """What a button beside a finding does."""

    NONE = ""
    ENGINE = "engine"
    """Opens the dialog that installs PyTorch."""


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """One line of the examination.

    Attributes:
        todo: what to do; empty where all is well.
        line: the exact command that does it on this installation, to be copied; ``""`` for none.
    """

    name: str
    ok: bool
    seen: str
    todo: str = ""
    line: str = ""
    remedy: Remedy = Remedy.NONE
