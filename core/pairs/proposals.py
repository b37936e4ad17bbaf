"""Proposed pairs on the disk, and what becomes of them: a file of examples that says its origin."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import UserFacingError
from core.language import _
from core.pairs.check import SAID, Fault
from core.project import RunFolder
from core.storage.files import explained_io, write_text
from core.storage.ordinary import open_to_read

TASK = "generated"
"""The task of examples that a model wrote, so that they can be weighed apart in a mixture."""
_MOST = 64 << 20  # bytes

Decision = Literal["open", "accepted", "rejected"]


class Proposal(BaseModel):
    """A pair with the passage that it was drawn from.

    Attributes:
        fault: what the check found, ``""`` for nothing.
        decision: yours.
        edited: you changed its words.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    question: str
    answer: str
    passage: str
    file: str
    line: int
    model: str = ""
    fault: Fault = ""
    decision: Decision = "open"
    edited: bool = False

    @property
    def why_not(self) -> str:
        """What the check found, in words."""
        return _(SAID[self.fault]) if self.fault else ""


def proposals_file(run: RunFolder) -> Path:
    """Return the file of a run's proposals; it grows while they are made."""
    return run.root / "proposals.jsonl"


def accepted_file(run: RunFolder) -> Path:
    """Return the file of examples that were accepted of a run's proposals."""
    return run.root / "generated-questions.jsonl"


def read_proposals(path: Path) -> list[Proposal]:
    """Return the proposals of a file; a line that was being written is left out.

    Raises:
        UserFacingError: the file cannot be read.
    """
    with explained_io(path):
        if not path.exists():
            return []
        with open_to_read(path) as stream:  # a project may come from elsewhere
            content = stream.read(_MOST + 1)
    if len(content) > _MOST:
        raise UserFacingError(
            "pairs.too_many",
            _("“{name}” is too large to be read.", name=path.name),
            _("Divide it into several files."),
        )
    found = []
    for line in content.splitlines():
        try:
            found.append(Proposal.model_validate_json(line))
        except ValidationError:
            continue
    return found


def write_proposals(path: Path, proposals: Iterable[Proposal]) -> None:
    """Write proposals with your decisions."""
    write_text(path, "".join(f"{one.model_dump_json()}\n" for one in proposals))


def write_examples(path: Path, proposals: Iterable[Proposal]) -> None:
    """Write proposals as examples; each carries its source and the passage."""
    import orjson

    rows = (
        {
            "question": one.question,
            "answer": one.answer,
            "task": TASK,
            "made_by": one.model,
            "made_from": one.file,
            "made_from_text": one.passage,
            "edited": one.edited,
        }
        for one in proposals
    )
    write_text(path, "".join(orjson.dumps(row).decode() + "\n" for row in rows))
