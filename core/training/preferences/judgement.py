"""What you judged, as a run learns it; ``judgements.jsonl`` of its folder, one a line.

The file is written once, before the run starts, and known by its hash. A run may come from
elsewhere, so it is read as data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.data.example import Example, Message, Source
from core.errors import UserFacingError
from core.language import _
from core.project import RunFolder
from core.storage.files import explained_io, write_bytes
from core.storage.ordinary import read_ordinary
from core.training.preferences.objective import BAD, GOOD, PAIR

MOST = 20_000
"""More judgements than these are never learned from at once."""
_LIMIT = 1 << 28  # bytes of the file
_LONGEST = 1 << 20  # characters of one text
_MOST_TURNS = 400

Text = Annotated[str, Field(max_length=_LONGEST)]
Kind = Literal["pair", "good", "bad"]
NUMBERS: dict[Kind, int] = {"pair": PAIR, "good": GOOD, "bad": BAD}


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Turn(_Kept):
    """One turn before the answer."""

    role: Literal["system", "user", "assistant"]
    content: Text


class Reply(_Kept):
    """An answer, with the reasoning that the model wrote before it."""

    text: Text
    reasoning: Text = ""


class Judgement(_Kept):
    """One judgement.

    Attributes:
        turns: the conversation before the answer.
        answer: the preferred answer of a pair; else the one that was called good or bad.
        other: the other answer of a pair.
        held_out: it is not learned from; the best step is chosen by it.
    """

    turns: Annotated[tuple[Turn, ...], Field(min_length=1, max_length=_MOST_TURNS)]
    kind: Kind
    answer: Reply
    other: Reply | None = None
    held_out: bool = False

    def example(self, reply: Reply) -> Example:
        """Return the conversation with this answer as an example of which only it is learned."""
        before = (Message(turn.role, turn.content, trained=False) for turn in self.turns)
        last = Message("assistant", reply.text, reasoning=reply.reasoning)
        return Example((*before, last), Source("judgements", 0))  # not shown: a source in data

    @property
    def question(self) -> str:
        """Everything before the answer, as :attr:`core.data.example.Example.question` has it."""
        return "\n\n".join(turn.content for turn in self.turns)


def as_bytes(judgements: Sequence[Judgement]) -> bytes:
    """Return the file's content."""
    lines = (orjson.dumps(one.model_dump(mode="json", exclude_defaults=True)) for one in judgements)
    return b"".join(line + b"\n" for line in lines)


def write_judgements(run: RunFolder, judgements: Sequence[Judgement]) -> str:
    """Write what a run learns from; return the SHA-256 of the file.

    Raises:
        UserFacingError: the disk refuses.
    """
    content = as_bytes(judgements)
    write_bytes(run.judgements_file, content, private=True)
    return hashlib.sha256(content).hexdigest()


def copy_judgements(before: RunFolder, run: RunFolder, wanted: str) -> None:
    """Let ``run`` learn from what ``before`` learned from.

    Args:
        wanted: the SHA-256 of the file.

    Raises:
        UserFacingError: see :func:`read_judgements`; or the disk refuses.
    """
    read_judgements(before, wanted)
    with explained_io(before.judgements_file):
        content = read_ordinary(before.judgements_file, _LIMIT)
    write_bytes(run.judgements_file, content, private=True)


def read_judgements(run: RunFolder, wanted: str) -> list[Judgement]:
    """Return what a run learns from.

    Args:
        wanted: the SHA-256 of the file.

    Raises:
        UserFacingError: it is missing, or not what it was (code ``preferences.damaged``).
    """
    with explained_io(run.judgements_file):
        content = read_ordinary(run.judgements_file, _LIMIT)
    try:
        if hashlib.sha256(content).hexdigest() != wanted:
            raise ValueError("another hash")
        lines = content.splitlines()[: MOST + 1]
        found = [Judgement.model_validate(orjson.loads(line)) for line in lines]
        if len(found) > MOST or any((one.other is None) == (one.kind == "pair") for one in found):
            raise ValueError("too many, or a pair without a partner")
    except (ValueError, ValidationError) as error:
        raise UserFacingError(
            "preferences.damaged",
            _("The ratings that the run “{run}” learns from are damaged.", run=run.name),
            _("Start a new run from your ratings."),
            str(error)[:2000],
        ) from error
    return found
